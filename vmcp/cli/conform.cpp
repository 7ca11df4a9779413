// vmcp conform: this machine and Debian's hercules run the same generated instructions; what differs is
// shown.
#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <iostream>
#include <memory>

#include "vmcp/cli/commands.hpp"
#include "vmcp/conformance/conformance.hpp"
#include "vmcp/conformance/hercules.hpp"
#include "vmcp/conformance/simulated_machine.hpp"

namespace vmcp::cli {
namespace {

struct ConformOptions {
    conformance::ConformanceOptions run;
    std::string keep, json;
};

/// A line on the terminal that is written over as the run goes on.
void show_progress(uint64_t done, uint64_t all) {
    constexpr unsigned kWidth = 40;
    const auto filled = static_cast<unsigned>(done * kWidth / all);
    fmt::print(stderr, "\r[{:#<{}}{:.<{}}] {} of {} cases", "", filled, "", kWidth - filled, done, all);
    if (done >= all) fmt::print(stderr, "\r{:80}\r", "");
    std::fflush(stderr);
}

void conform(const ConformOptions& options) {
    const auto program = conformance::Hercules::find();
    if (!program) throw InputError(conformance::Hercules::missing_message());
    conformance::ConformanceOptions run = options.run;
    run.keep = options.keep;
    if (isatty(STDERR_FILENO)) run.progress = [all = run.cases](uint64_t done) { show_progress(done, all); };
    conformance::Hercules judge(*program);
    conformance::SimulatedMachine ours;
    const conformance::ConformanceReport report =
        conformance::run_conformance(run, ours, judge, conformance::AcceptedDifferences::built_in());
    if (options.json == "-") {
        std::cout << report.json();
    } else {
        std::cout << report.text();
        if (!options.json.empty()) {
            std::ofstream file(options.json, std::ios::binary);
            if (!(file << report.json()))
                throw InputError(fmt::format("{}: cannot be written", options.json));
        }
    }
    std::cout.flush();
    if (!report.good()) throw CLI::RuntimeError(1);
}

}  // namespace

void add_conform(CLI::App& app) {
    auto options = std::make_shared<ConformOptions>();
    CLI::App* sub = app.add_subcommand(
        "conform", "Judge the machine by Debian's hercules, with generated cases of every instruction");
    sub->add_option("--cases", options->run.cases, "How many cases")
        ->capture_default_str()
        ->check(CLI::Range(uint64_t{1}, uint64_t{1'000'000'000}));
    sub->add_option("--seed", options->run.seed, "Other seeds give other cases")->capture_default_str();
    sub->add_option("--group", options->run.group,
                    "Only general, decimal, float, control, io, gcc or undefined");
    sub->add_option("--instruction", options->run.instruction, "Only this mnemonic");
    sub->add_option("--show", options->run.most_examples, "Give an example of so many kinds of differences")
        ->capture_default_str();
    sub->add_option("--keep", options->keep,
                    "Folder for the core images and final storage of images that differ");
    sub->add_option("--json", options->json, "Write the result as JSON to a file, or - for standard output");
    sub->callback([options] { conform(*options); });
}

}  // namespace vmcp::cli
