// vmcp conform: this machine and Debian's hercules run the same generated instructions; what differs is
// shown.
#include <fmt/format.h>

#include <cstdio>
#include <memory>

#include "vmcp/cli/commands.hpp"
#include "vmcp/cli/executor_option.hpp"
#include "vmcp/cli/numbers.hpp"
#include "vmcp/cli/output_files.hpp"
#include "vmcp/cli/standard_streams.hpp"
#include "vmcp/cli/terminal.hpp"
#include "vmcp/conformance/channels/channel_conformance.hpp"
#include "vmcp/conformance/conformance.hpp"
#include "vmcp/conformance/hercules.hpp"
#include "vmcp/conformance/simulated_machine.hpp"
#include "vmcp/experiment/json_report.hpp"
#include "vmcp/experiment/text_figures.hpp"

namespace vmcp::cli {
namespace {

struct ConformOptions {
    conformance::ConformanceOptions run;
    std::string keep, json, unit;
    bool channel = false, list = false;
};

void show_cases(uint64_t done, uint64_t all) {
    if (done >= all) return clear_progress();
    show_progress(static_cast<double>(done) / static_cast<double>(all),
                  fmt::format("{} of {}", done, experiment::counted(all, "case")));
}

/// Shows the result, or writes it where it was asked for; ends with status 1 if it is not good.
template <class Report>
void finish(const Report& report, const std::string& json) {
    if (report.interrupted && progress_wanted()) clear_progress();
    if (json != "-") put(stdout, report.text());
    if (!json.empty()) {
        nlohmann::ordered_json result = {{"vmcp", experiment::maker_to_json("conform")}};
        result.update(nlohmann::ordered_json::parse(report.json()));
        write_json(json, std::move(result), false);
    }
    if (report.interrupted) throw CLI::RuntimeError(kInterrupted);
    if (!report.good()) throw CLI::RuntimeError(kInputAtFault);
}

void conform_channels(const ConformOptions& options, conformance::Hercules& judge, bool cases_given) {
    conformance::ChannelConformanceOptions run;
    if (cases_given) run.cases = options.run.cases;
    run.seed = options.run.seed;
    run.unit = options.unit;
    run.most_examples = options.run.most_examples;
    run.interrupted = &EndingSignals::asked;
    if (progress_wanted()) run.progress = &show_cases;
    finish(
        conformance::run_channel_conformance(run, judge, conformance::AcceptedChannelDifferences::built_in()),
        options.json);
}

void conform(const ConformOptions& options, bool cases_given) {
    if (options.list) {
        put(stdout, conformance::AcceptedChannelDifferences::built_in().markdown());
        return;
    }
    check_outputs({{"--json", options.json}});
    const EndingSignals signals;
    const auto program = conformance::Hercules::find();
    if (!program) throw InputError(conformance::Hercules::missing_message());
    if (options.channel) {
        conformance::Hercules judge(*program);
        return conform_channels(options, judge, cases_given);
    }
    conformance::ConformanceOptions run = options.run;
    run.keep = options.keep;
    run.interrupted = &EndingSignals::asked;
    if (progress_wanted()) run.progress = [all = run.cases](uint64_t done) { show_cases(done, all); };
    conformance::Hercules judge(*program);
    conformance::SimulatedMachine ours;
    const conformance::ConformanceReport report =
        conformance::run_conformance(run, ours, judge, conformance::AcceptedDifferences::built_in());
    finish(report, options.json);
}

}  // namespace

void add_conform(CLI::App& app) {
    auto options = std::make_shared<ConformOptions>();
    CLI::App* sub =
        app.add_subcommand("conform", "Judge the machine by Debian's hercules, with generated cases");
    CLI::Option* cases =
        sub->add_option("--cases", options->run.cases, "How many cases; with --channel, of each unit (400)")
            ->capture_default_str()
            ->check(whole_number(1, 1'000'000'000));
    sub->add_option("--seed", options->run.seed, "Other seeds give other cases")
        ->check(whole_number(0, ~uint64_t{0}))
        ->capture_default_str();
    CLI::Option* group = sub->add_option("--group", options->run.group,
                                         "Only general, decimal, float, control, io, gcc or undefined");
    CLI::Option* instruction =
        sub->add_option("--instruction", options->run.instruction, "Only this mnemonic");
    sub->add_option("--show", options->run.most_examples, "Give an example of so many kinds of differences")
        ->check(whole_number(0, 1'000'000))
        ->capture_default_str();
    CLI::Option* keep = sub->add_option("--keep", options->keep,
                                        "Folder for the core images and final storage of images that differ");
    sub->add_option("--json", options->json, "Write the result as JSON to a file, or - for standard output");
    CLI::Option* channel =
        sub->add_flag("--channel", options->channel, "Random channel programs on devices, not instructions");
    for (CLI::Option* other : {group, instruction, keep}) channel->excludes(other);
    sub->add_option("--unit", options->unit, "With --channel, only " + conformance::channel_unit_names())
        ->needs(channel);
    sub->add_flag("--list", options->list, "With --channel, only show the accepted differences")
        ->needs(channel);
    set_machine_command(*sub, [options, cases] { conform(*options, cases->count() != 0); });
}

}  // namespace vmcp::cli
