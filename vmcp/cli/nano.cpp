// vmcp nano: what single operations of a guest cost, natively and under each technique.
#include "vmcp/experiment/nano.hpp"

#include <fmt/format.h>

#include <memory>

#include "vmcp/cli/chosen.hpp"
#include "vmcp/cli/commands.hpp"
#include "vmcp/cli/ending.hpp"
#include "vmcp/cli/executor_option.hpp"
#include "vmcp/cli/output_files.hpp"
#include "vmcp/cli/standard_streams.hpp"
#include "vmcp/cli/terminal.hpp"

namespace vmcp::cli {
namespace {

struct NanoOptions {
    std::string model = "s370-158", control_program = "vm370", json, csv;
    std::vector<std::string> operations, rungs;
};

void run_nano(const NanoOptions& options) {
    const std::vector<std::string> usual = {"software", "vma", "evma", "ecps", "nested"};
    const auto operations = chosen(experiment::nano_operations(), options.operations, "operation");
    const auto rungs = chosen(experiment::rungs(), options.rungs.empty() ? usual : options.rungs, "rung");
    std::vector<Output> outputs = {{"--json", options.json}, {"--csv", options.csv}};
    check_outputs(outputs, {options.model, options.control_program});
    experiment::Scenario scenario;
    scenario.machine = simulation::MachineModel::load(options.model);
    scenario.control_program = ControlProgramModel::load(options.control_program, scenario.machine);
    scenario.policy = "round-robin";
    scenario.scheduling.slice = scenario.time_limit;
    const EndingSignals signals;
    const bool show = progress_wanted();
    experiment::NanoHooks hooks;
    hooks.interrupted = &EndingSignals::asked;
    if (show)
        hooks.progress = [](size_t done, size_t all, const std::string& what) {
            show_progress(static_cast<double>(done) / static_cast<double>(all), what);
        };
    const experiment::Nano nano = measure_operations(scenario, operations, rungs, hooks);
    if (show) clear_progress();
    if (!options.json.empty()) write_json(options.json, to_json(scenario, nano), false);
    if (!options.csv.empty()) write_file(options.csv, to_csv(nano));
    if (!takes_standard_output(outputs))
        put(stdout, for_reader(stdout, report(scenario, nano, report_width(stdout))));
    conclude(nano.interrupted, true);
}

}  // namespace

void add_nano(CLI::App& app) {
    auto options = std::make_shared<NanoOptions>();
    CLI::App* sub = app.add_subcommand(
        "nano",
        "Measure single operations of a guest (SVC, SSM, SIO, page faults, ...) under each technique");
    sub->add_option("--model", options->model, "Machine model")->type_name("MODEL")->capture_default_str();
    sub->add_option("--cp-model", options->control_program, "Control-program model")
        ->type_name("MODEL")
        ->capture_default_str();
    sub->add_option("--operations", options->operations, "Only these")
        ->delimiter(',')
        ->type_name("NAME,NAME,...");
    sub->add_option("--rungs,--techniques", options->rungs,
                    "Rungs of the ladder; default: software,vma,evma,ecps,nested")
        ->delimiter(',')
        ->type_name("NAME,NAME,...");
    sub->add_option("--json", options->json, "Write everything as JSON to a file, or - for standard output")
        ->type_name("FILE");
    sub->add_option("--csv", options->csv, "Write a line for every operation and technique")
        ->type_name("FILE");
    sub->footer(
        "Examples:\n"
        "  vmcp nano\n"
        "  vmcp nano --operations svc,ssm,pgfault --rungs software,vma\n"
        "  vmcp nano --techniques binary-translation,interpretive-shadow,interpretive");
    set_machine_command(*sub, [options] { run_nano(*options); });
}

}  // namespace vmcp::cli
