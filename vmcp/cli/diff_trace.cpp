// vmcp diff-trace: whether a guest executes the same natively and under the control program.
#include "vmcp/experiment/diff_trace.hpp"

#include <fmt/format.h>

#include <memory>

#include "vmcp/cli/commands.hpp"
#include "vmcp/cli/executor_option.hpp"
#include "vmcp/cli/numbers.hpp"
#include "vmcp/cli/output_files.hpp"
#include "vmcp/cli/scenario_options.hpp"
#include "vmcp/cli/standard_streams.hpp"
#include "vmcp/cli/terminal.hpp"

namespace vmcp::cli {
namespace {

struct DiffTraceOptions {
    ScenarioOptions scenario;
    std::string vm, json;
    uint64_t instructions = ~uint64_t{0};
    bool align = false;
};

size_t machine_to_compare(const experiment::Scenario& scenario, const std::string& name) {
    if (name.empty() && scenario.vms.size() != 1)
        throw InputError(fmt::format("{}: there are {} virtual machines: expected --vm NAME to choose one",
                                     scenario.file, scenario.vms.size()));
    for (size_t i = 0; i < scenario.vms.size(); ++i)
        if (name.empty() || scenario.vms[i].options.name == name) return i;
    throw InputError(fmt::format("{}: there is no virtual machine \"{}\"", scenario.file, name));
}

void run_diff_trace(const DiffTraceOptions& options) {
    std::vector<Output> outputs = {{"--json", options.json}};
    std::vector<std::string> inputs = options.scenario.files();
    check_outputs(outputs, inputs);
    experiment::Scenario scenario = options.scenario.read();
    prepare_for_many_runs(scenario, outputs, inputs);
    const size_t vm = machine_to_compare(scenario, options.vm);
    const EndingSignals signals;
    const experiment::StreamComparison comparison =
        options.align
            ? experiment::diff_trace_aligned(scenario, vm, options.instructions, &EndingSignals::asked)
            : experiment::diff_trace(scenario, vm, options.instructions, &EndingSignals::asked);
    if (!options.json.empty()) write_json(options.json, to_json(scenario, vm, comparison), false);
    if (!takes_standard_output(outputs))
        put(stdout, for_reader(stdout, report(scenario, vm, comparison, report_width(stdout))));
    const bool interrupted = comparison.end == experiment::ComparisonEnd::interrupted;
    if (!interrupted && !comparison.good()) throw CLI::RuntimeError(kInputAtFault);
    conclude(interrupted, true);
}

}  // namespace

void add_diff_trace(CLI::App& app) {
    auto options = std::make_shared<DiffTraceOptions>();
    CLI::App* sub = app.add_subcommand(
        "diff-trace", "Compare what a guest executes natively and under the control program, step by step");
    options->scenario.add_to(*sub);
    sub->add_option("--vm", options->vm, "The virtual machine, if there are several")->type_name("NAME");
    sub->add_option("--instructions", options->instructions, "Compare so many instructions at most")
        ->check(whole_number(1, ~uint64_t{0}))
        ->type_name("N");
    sub->add_flag("--align", options->align,
                  "Keep the bare machine in step: it gets interruptions, and answers of clocks and devices, "
                  "when and as the guest got them; nothing else may differ");
    sub->add_option("--json", options->json, "Write everything as JSON to a file, or - for standard output")
        ->type_name("FILE");
    sub->footer(
        "Example:\n  vmcp diff-trace examples/scenarios/timesharing.toml --vm tasks\n"
        "The exit code is 1 where they differ and time does not explain it.");
    set_machine_command(*sub, [options] { run_diff_trace(*options); });
}

}  // namespace vmcp::cli
