// vmcp compare: every guest natively and under the control program, side by side.
#include "vmcp/experiment/compare.hpp"

#include <fmt/format.h>

#include <memory>

#include "vmcp/cli/climb.hpp"
#include "vmcp/cli/commands.hpp"
#include "vmcp/cli/executor_option.hpp"
#include "vmcp/cli/output_files.hpp"
#include "vmcp/cli/scenario_options.hpp"
#include "vmcp/cli/standard_streams.hpp"
#include "vmcp/cli/terminal.hpp"
#include "vmcp/experiment/ending.hpp"

namespace vmcp::cli {
namespace {

struct CompareOptions {
    ScenarioOptions scenario;
    std::string json, csv;
    std::vector<std::string> vary;
    bool no_host = false;
};

/// Every combination of what is varied: each guest alone, beside what it takes natively.
void compare_variants(const CompareOptions& options, const std::vector<experiment::Rung>& variants,
                      const experiment::Scenario& scenario, const std::vector<Output>& outputs) {
    std::vector<const experiment::Rung*> chosen;
    for (const experiment::Rung& one : variants) chosen.push_back(&one);
    const experiment::Ladder ladder = Climber().climb(scenario, chosen);
    if (!options.json.empty())
        write_json(options.json, to_json(scenario, ladder, "compare"), options.no_host);
    if (!options.csv.empty()) write_file(options.csv, to_csv(ladder));
    if (!takes_standard_output(outputs))
        put(stdout, for_reader(stdout, report(scenario, ladder, report_width(stdout), "Variant")));
    conclude(ladder.interrupted, ended_well(ladder));
}

void run_compare(const CompareOptions& options) {
    std::vector<Output> outputs = {{"--json", options.json}, {"--csv", options.csv}};
    std::vector<std::string> inputs = options.scenario.files();
    check_outputs(outputs, inputs);
    std::vector<experiment::Rung> variants;
    try {
        std::vector<experiment::Varied> varied;
        for (const std::string& one : options.vary) varied.push_back(experiment::parse_varied(one));
        if (!varied.empty()) variants = combinations(varied);
    } catch (const std::invalid_argument& error) {
        throw InputError(fmt::format("--vary: {}", error.what()));
    }
    experiment::Scenario scenario = options.scenario.read();
    prepare_for_many_runs(scenario, outputs, inputs);
    if (!variants.empty()) return compare_variants(options, variants, scenario, outputs);
    const EndingSignals signals;
    const bool show = progress_wanted();
    const experiment::Comparison comparison = experiment::compare(
        scenario,
        [show](const std::string& what) {
            if (show) show_progress(what + " ...");
        },
        &EndingSignals::asked);
    if (show) clear_progress();
    if (!options.json.empty()) write_json(options.json, to_json(scenario, comparison), options.no_host);
    if (!options.csv.empty()) write_file(options.csv, to_csv(scenario, comparison));
    if (!takes_standard_output(outputs))
        put(stdout, for_reader(stdout, report(scenario, comparison, report_width(stdout))));
    conclude(comparison.interrupted, experiment::ended_well(comparison));
}

}  // namespace

void add_compare(CLI::App& app) {
    auto options = std::make_shared<CompareOptions>();
    CLI::App* sub =
        app.add_subcommand("compare", "Run every guest natively and under the control program, side by side");
    options->scenario.add_to(*sub);
    sub->add_option("--json", options->json, "Write everything as JSON to a file, or - for standard output")
        ->type_name("FILE");
    sub->add_option("--csv", options->csv, "Write a line for every virtual machine")->type_name("FILE");
    sub->add_flag("--no-host", options->no_host, kNoHostHelp);
    sub->add_option(
           "--vary", options->vary,
           "Every machine in each way that is named, and every combination: of translation, assists, "
           "exits, storage-kind, io, policy")
        ->type_name("WHAT=A,B,...");
    sub->footer(
        "Examples:\n"
        "  vmcp compare examples/scenarios/privileged-rate.toml\n"
        "  vmcp compare ladder.toml --vary assists=none,vma,vma+ecps");
    set_machine_command(*sub, [options] { run_compare(*options); });
}

}  // namespace vmcp::cli
