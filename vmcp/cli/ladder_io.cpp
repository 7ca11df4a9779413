// vmcp ladder io: the same input and output in every way, from the bare machine to a service machine.
#include "vmcp/cli/ladder_io.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <memory>

#include "vmcp/cli/chosen.hpp"
#include "vmcp/cli/commands.hpp"
#include "vmcp/cli/ending.hpp"
#include "vmcp/cli/executor_option.hpp"
#include "vmcp/cli/output_files.hpp"
#include "vmcp/cli/scenario_options.hpp"
#include "vmcp/cli/standard_streams.hpp"
#include "vmcp/cli/terminal.hpp"
#include "vmcp/experiment/io_ladder.hpp"

namespace vmcp::cli {
namespace {

struct LadderIoOptions {
    ScenarioOptions models;
    std::vector<std::string> loads, ways;
    unsigned requests = 32;
    std::string json, csv;
    bool no_host = false, band = false;
};

/// Names of ways, each once: several loads have ways of the same name.
std::vector<std::string> way_names() {
    std::vector<std::string> names;
    for (const experiment::IoWay& way : experiment::io_ways())
        if (std::find(names.begin(), names.end(), way.name) == names.end()) names.emplace_back(way.name);
    return names;
}

experiment::IoLadder climb(const LadderIoOptions& options,
                           const std::vector<const experiment::IoLoad*>& loads,
                           const std::vector<const experiment::IoWay*>& ways, double scale) {
    const EndingSignals signals;
    const bool show = progress_wanted();
    experiment::IoLadderHooks hooks;
    hooks.interrupted = &EndingSignals::asked;
    hooks.read = [&options](const std::string& file) {
        ScenarioOptions one = options.models;
        one.file = file_that_comes_with_it("examples/scenarios/" + file);
        return one.read();
    };
    if (show)
        hooks.progress = [](size_t done, size_t all, const std::string& what) {
            show_progress(static_cast<double>(done) / static_cast<double>(all), what);
        };
    experiment::IoLadder ladder = experiment::climb_io(loads, ways, options.requests, scale, hooks);
    if (show) clear_progress();
    return ladder;
}

void run_ladder_io(const LadderIoOptions& options) {
    const auto loads = chosen(experiment::io_loads(), options.loads, "load");
    const auto ways = chosen(experiment::io_ways(), options.ways, "way");
    const std::vector<Output> outputs = {{"--json", options.json}, {"--csv", options.csv}};
    check_outputs(outputs, options.models.files());
    const experiment::IoLadder ladder = climb(options, loads, ways, 1);
    std::vector<experiment::ScaledIoLadder> scaled;
    for (const double scale : {0.5, 1.0, 2.0}) {
        if (!options.band || ladder.interrupted || EndingSignals::asked()) break;
        scaled.push_back({scale, scale == 1 ? ladder : climb(options, loads, ways, scale)});
    }
    const bool band = scaled.size() == 3 && !scaled.back().ladder.interrupted;
    auto json = to_json(ladder);
    if (band) json["band"] = io_band_to_json(scaled);
    if (!options.json.empty()) write_json(options.json, json, options.no_host);
    if (!options.csv.empty()) write_file(options.csv, to_csv(ladder));
    if (!takes_standard_output(outputs))
        put(stdout,
            for_reader(stdout, report(ladder, report_width(stdout)) +
                                   (band ? "\n" + io_band_report(scaled, report_width(stdout)) : "")));
    conclude(ladder.interrupted, ladder.all_same());
}

}  // namespace

void add_ladder_io(CLI::App& ladder) {
    auto options = std::make_shared<LadderIoOptions>();
    CLI::App* sub = ladder.add_subcommand(
        "io", "Do the same input and output in every way, from the bare machine to a service machine");
    options->models.add_models_to(*sub);
    sub->add_option("--loads", options->loads,
                    fmt::format("Only these: some of {}", fmt::join(names_of(experiment::io_loads()), ", ")))
        ->delimiter(',')
        ->type_name("NAME,NAME,...");
    sub->add_option("--ways", options->ways,
                    fmt::format("Only these, of all loads: some of {}", fmt::join(way_names(), ", ")))
        ->delimiter(',')
        ->type_name("NAME,NAME,...");
    sub->add_option(
           "--requests", options->requests,
           "Requests of the shorter run of two: 4 to 512, a multiple of 4 (32). A disk's are as many "
           "writes, and as many reads")
        ->check(whole_number(4, 512))
        ->check(CLI::Validator(
            [](const std::string& text) {
                return std::stoul(text) % 4 == 0 ? std::string()
                                                 : fmt::format("'{}': expected a multiple of 4", text);
            },
            ""))
        ->type_name("N");
    sub->add_option("--json", options->json, "Write everything as JSON to a file, or - for standard output")
        ->type_name("FILE");
    sub->add_option("--csv", options->csv, "Write a line for every load and way")->type_name("FILE");
    sub->add_flag("--band", options->band,
                  "Also at half and twice the prices of the control program: which conclusions hold");
    sub->add_flag("--no-host", options->no_host, kNoHostHelp);
    sub->footer(
        "Examples:\n"
        "  vmcp ladder io                              all loads, all ways\n"
        "  vmcp ladder io --loads disk --band          one load, and what hangs on prices\n"
        "  vmcp ladder io --ways native,direct,service --csv io.csv");
    // A scenario on the line is taken by `vmcp ladder`, whose it would be.
    set_machine_command(*sub, [options, &ladder] {
        if (ladder.get_option("scenario")->count() != 0)
            throw InputError("vmcp ladder io takes no scenario: expected --loads, --ways");
        run_ladder_io(*options);
    });
}

}  // namespace vmcp::cli
