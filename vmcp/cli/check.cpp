// vmcp check: whether the guests of a scenario do what it expects of them.
#include <fmt/format.h>

#include <filesystem>
#include <memory>

#include "simulation/model/toml_reader.hpp"
#include "vmcp/cli/commands.hpp"
#include "vmcp/cli/executor_option.hpp"
#include "vmcp/cli/limits.hpp"
#include "vmcp/cli/output_files.hpp"
#include "vmcp/cli/scenario_options.hpp"
#include "vmcp/cli/standard_streams.hpp"
#include "vmcp/cli/terminal.hpp"
#include "vmcp/experiment/expectation.hpp"
#include "vmcp/experiment/json_report.hpp"
#include "vmcp/experiment/native_runs.hpp"
#include "vmcp/experiment/run.hpp"

namespace vmcp::cli {
namespace {

using experiment::Judgement;

struct CheckOptions {
    ScenarioOptions scenario;
    LimitOptions limits;
    std::string json, junit;
    bool natively = false;
};

/// The exit code where the scenario itself is at fault, so that a grader can tell that from a wrong program.
constexpr int kCannotJudge = kWrongUsage;

nlohmann::ordered_json to_json(const experiment::Scenario& scenario, const std::vector<Judgement>& verdicts,
                               bool natively, bool interrupted) {
    nlohmann::ordered_json items = nlohmann::ordered_json::array();
    for (const Judgement& one : verdicts)
        items.push_back({{"machine", one.machine},
                         {"name", one.name},
                         {"expected", one.expected},
                         {"found", one.found},
                         {"met", one.met}});
    return {{"vmcp", experiment::maker_to_json("check")},
            {"scenario", {{"file", scenario.file}, {"title", scenario.title}, {"seed", scenario.seed}}},
            {"natively", natively},
            {"interrupted", interrupted},
            {"met", all_met(verdicts)},
            {"items", std::move(items)}};
}

int run_check(const CheckOptions& options) {
    std::vector<Output> outputs = {{"--json", options.json}, {"--junit", options.junit}};
    std::vector<std::string> inputs = options.scenario.files();
    check_outputs(outputs, inputs);
    experiment::Scenario scenario = options.scenario.read();
    for (experiment::VmDescription& vm : scenario.vms) options.limits.apply(vm);
    options.limits.apply(scenario);
    add_files_of(scenario, outputs, inputs);
    check_outputs(outputs, inputs);
    if (std::all_of(scenario.vms.begin(), scenario.vms.end(),
                    [](const experiment::VmDescription& vm) { return vm.expectations.empty(); }))
        throw InputError(
            fmt::format("{}: nothing is expected: expected at least one [[vm.expect]]", scenario.file));
    const EndingSignals signals;
    std::vector<Judgement> verdicts;
    bool interrupted = false;
    if (options.natively) {
        verdicts = judge(scenario, experiment::run_natively(scenario, &EndingSignals::asked));
        interrupted = EndingSignals::asked();
    } else {
        experiment::RunHooks hooks;
        hooks.interrupted = &EndingSignals::asked;
        const experiment::RunResult result = run_on_copies(scenario, hooks);
        verdicts = judge(scenario, result);
        interrupted = result.interrupted;
    }
    if (!options.json.empty())
        write_json(options.json, to_json(scenario, verdicts, options.natively, interrupted), false);
    if (!options.junit.empty())
        write_file(options.junit, to_junit(std::filesystem::path(scenario.file).stem().string(), verdicts));
    if (!takes_standard_output(outputs))
        put(stdout, for_reader(stdout, report(verdicts, report_width(stdout))));
    if (interrupted) return kInterrupted;
    return all_met(verdicts) ? kDone : kInputAtFault;
}

/// The same; what is wrong with the scenario is told here, for its exit code is another one.
int checked(const CheckOptions& options) {
    try {
        return run_check(options);
    } catch (const simulation::TomlError& error) {
        print_error("vmcp: error: {}\n", error.what());
    } catch (const InputError& error) {
        print_error("vmcp: error: {}\n", error.what());
    }
    return kCannotJudge;
}

}  // namespace

void add_check(CLI::App& app) {
    auto options = std::make_shared<CheckOptions>();
    CLI::App* sub = app.add_subcommand(
        "check", "Run a scenario and judge whether its guests do what it expects of them ([[vm.expect]])");
    options->scenario.add_to(*sub);
    options->limits.add_to(*sub);
    sub->add_flag("--native", options->natively,
                  "Each guest alone on the bare machine, not under the control program");
    sub->add_option("--json", options->json, "Write the verdicts as JSON to a file, or - for standard output")
        ->type_name("FILE");
    sub->add_option("--junit", options->junit, "Write them as test runners read them (JUnit XML)")
        ->type_name("FILE");
    sub->footer(
        "Exit codes: 0 all as expected, 1 not all (or a guest's source has errors),\n"
        "2 wrong usage, or the scenario cannot be used.\n"
        "Examples:\n"
        "  vmcp check exercise.toml\n"
        "  vmcp check exercise.toml --native --max-instructions 1000000\n"
        "  vmcp check exercise.toml --junit verdict.xml");
    set_machine_command(*sub, [options] {
        if (const int code = checked(*options); code != kDone) throw CLI::RuntimeError(code);
    });
}

}  // namespace vmcp::cli
