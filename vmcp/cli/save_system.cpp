// vmcp saveseg: a machine of a scenario, as it stands at some moment, as the file of a saved system or
// segment.
#include <fmt/format.h>

#include <memory>

#include "vmcp/cli/commands.hpp"
#include "vmcp/cli/core_image.hpp"
#include "vmcp/cli/executor_option.hpp"
#include "vmcp/cli/numbers.hpp"
#include "vmcp/cli/output_files.hpp"
#include "vmcp/cli/scenario_options.hpp"
#include "vmcp/cli/standard_streams.hpp"
#include "vmcp/experiment/private_media.hpp"
#include "vmcp/experiment/virtual_session.hpp"

namespace vmcp::cli {
namespace {

struct SaveOptions {
    ScenarioOptions scenario;
    std::string vm, output, from = "0", length;
    double at_ms = -1;
};

const VmOptions& machine_to_save(const experiment::Scenario& scenario, const std::string& name) {
    if (name.empty() && scenario.vms.size() != 1)
        throw InputError(fmt::format("{}: there are {} virtual machines: expected --vm NAME to choose one",
                                     scenario.file, scenario.vms.size()));
    for (const experiment::VmDescription& vm : scenario.vms)
        if (name.empty() || vm.options.name == name) return vm.options;
    throw InputError(fmt::format("{}: there is no virtual machine \"{}\"", scenario.file, name));
}

void save_system(const SaveOptions& options) {
    const std::vector<Output> outputs = {{"--output", options.output}};
    check_outputs(outputs, options.scenario.files());
    experiment::Scenario scenario = options.scenario.read();
    prepare_for_many_runs(scenario, outputs, options.scenario.files());
    const VmOptions& vm = machine_to_save(scenario, options.vm);
    const uint32_t from = parse_hex(options.from, "--from");
    const uint32_t rest = from < vm.storage ? vm.storage - from : 0;
    const uint32_t length = options.length.empty() ? rest : parse_storage_size(options.length);
    // The run leaves nothing behind on disks and tapes.
    experiment::PrivateMedia media;
    media.replace_in(scenario);
    const EndingSignals signals;
    experiment::RunHooks hooks;
    hooks.interrupted = &EndingSignals::asked;
    experiment::VirtualSession session(scenario, hooks);
    session.start();
    const simulation::SimTime begin = session.now();
    session.advance(options.at_ms < 0
                        ? simulation::kNever
                        : begin + static_cast<simulation::SimTime>(options.at_ms * simulation::kMillisecond));
    conclude(EndingSignals::asked(), true);
    const std::vector<uint8_t> bytes = session.saved(vm.name, from, length);
    session.finish();
    write_file(options.output, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

}  // namespace

void add_save_system(CLI::App& app) {
    auto options = std::make_shared<SaveOptions>();
    CLI::App* sub = app.add_subcommand(
        "saveseg", "Save the storage and registers of a machine as a system or segment that others load");
    options->scenario.add_to(*sub);
    sub->add_option("-o,--output", options->output, "The file; - for standard output")
        ->required()
        ->type_name("FILE");
    sub->add_option("--vm", options->vm, "The virtual machine, if there are several")->type_name("NAME");
    sub->add_option("--at-ms", options->at_ms,
                    "Simulated time from the beginning of the run; without it, when nothing goes on any more")
        ->check(number(0, 1e9))
        ->type_name("MS");
    sub->add_option("--from", options->from, "Where in storage it begins, a page; 0 for a system")
        ->type_name("HEX")
        ->capture_default_str();
    sub->add_option("--length", options->length, "How much, whole pages, such as 64K; without it, the rest")
        ->type_name("SIZE");
    sub->footer(
        "Examples:\n"
        "  vmcp saveseg boot.toml --vm maint --at-ms 20000 -o SYS.segment\n"
        "  vmcp saveseg tables.toml --from 10000 --length 64K -o TABLES.segment\n"
        "A scenario loads them with saved = \"FILE\" of a [[system]], [[vm]] or [[segment]]. Disks and tapes "
        "of the\n"
        "scenario stay as they are.");
    set_machine_command(*sub, [options] { save_system(*options); });
}

}  // namespace vmcp::cli
