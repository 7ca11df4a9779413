// vmcp ladder: the same guests on every rung of what hardware did for control programs.
#include "vmcp/experiment/ladder.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <memory>

#include "vmcp/cli/chosen.hpp"
#include "vmcp/cli/climb.hpp"
#include "vmcp/cli/commands.hpp"
#include "vmcp/cli/executor_option.hpp"
#include "vmcp/cli/ladder_io.hpp"
#include "vmcp/cli/output_files.hpp"
#include "vmcp/cli/scenario_options.hpp"
#include "vmcp/cli/standard_streams.hpp"
#include "vmcp/cli/terminal.hpp"
#include "vmcp/experiment/ladder_html.hpp"

namespace vmcp::cli {
namespace {

struct LadderOptions {
    ScenarioOptions scenario;
    std::vector<std::string> rungs;
    std::string json, csv, html;
    bool no_host = false, band = false;
};

void run_ladder(LadderOptions options) {
    const auto rungs = chosen(experiment::rungs(), options.rungs, "rung");
    if (options.scenario.file.empty())
        options.scenario.file = file_that_comes_with_it("examples/scenarios/ladder.toml");
    std::vector<Output> outputs = {
        {"--json", options.json}, {"--csv", options.csv}, {"--html", options.html}};
    std::vector<std::string> inputs = options.scenario.files();
    check_outputs(outputs, inputs);
    experiment::Scenario scenario = options.scenario.read();
    prepare_for_many_runs(scenario, outputs, inputs);
    const Climber climber;
    const experiment::Ladder ladder = climber.climb(scenario, rungs);
    std::vector<experiment::ScaledLadder> scaled;
    for (const double scale : {0.5, 1.0, 2.0}) {
        if (!options.band || ladder.interrupted || EndingSignals::asked()) break;
        if (scale == 1) {
            scaled.push_back({scale, ladder});
            continue;
        }
        experiment::Scenario other = scenario;
        other.control_program = other.control_program.scaled(scale);
        scaled.push_back({scale, climber.climb(other, rungs)});
    }
    const bool band = scaled.size() == 3 && !scaled.back().ladder.interrupted;
    auto json = to_json(scenario, ladder);
    if (band) json["band"] = band_to_json(scaled);
    if (!options.json.empty()) write_json(options.json, json, options.no_host);
    if (!options.csv.empty()) write_file(options.csv, to_csv(ladder));
    if (!options.html.empty()) write_file(options.html, experiment::ladder_html(json));
    if (!takes_standard_output(outputs))
        put(stdout, for_reader(stdout, report(scenario, ladder, report_width(stdout)) +
                                           (band ? "\n" + band_report(scaled, report_width(stdout)) : "")));
    conclude(ladder.interrupted, ended_well(ladder));
}

}  // namespace

void add_ladder(CLI::App& app) {
    auto options = std::make_shared<LadderOptions>();
    CLI::App* sub = app.add_subcommand(
        "ladder", "Run the same guests on every rung of what hardware did for control programs");
    options->scenario.add_to(*sub, false);
    sub->add_option("--rungs", options->rungs,
                    fmt::format("Only these: some of {}", fmt::join(names_of(experiment::rungs()), ", ")))
        ->delimiter(',')
        ->type_name("NAME,NAME,...");
    sub->add_option("--json", options->json, "Write everything as JSON to a file, or - for standard output")
        ->type_name("FILE");
    sub->add_option("--csv", options->csv, "Write a line for every rung and guest")->type_name("FILE");
    sub->add_option("--html", options->html,
                    "Write the ladder as one page for a browser, which needs no network")
        ->type_name("FILE");
    sub->add_flag("--band", options->band,
                  "Also at half and twice the prices of the control program: which conclusions hold");
    sub->add_flag("--no-host", options->no_host, kNoHostHelp);
    sub->footer(
        "Examples:\n"
        "  vmcp ladder                                 the guests that come with VMCP\n"
        "  vmcp ladder --html ladder.html --band       the same as a page for a browser\n"
        "  vmcp ladder examples/scenarios/assists.toml --rungs software,vma,ecps\n"
        "  vmcp ladder io                              ways of input and output: vmcp ladder io --help");
    add_ladder_io(*sub);
    set_machine_command(*sub, [options, sub] {
        if (!sub->got_subcommand("io")) run_ladder(*options);
    });
}

}  // namespace vmcp::cli
