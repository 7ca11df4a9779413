// vmcp run: a scenario under the control program.
#include <fmt/format.h>

#include <deque>
#include <fstream>
#include <iostream>
#include <memory>

#include "vmcp/cli/commands.hpp"
#include "vmcp/cli/output_files.hpp"
#include "vmcp/cli/scenario_options.hpp"
#include "vmcp/cli/terminal.hpp"
#include "vmcp/experiment/explain.hpp"
#include "vmcp/experiment/json_report.hpp"
#include "vmcp/experiment/report.hpp"
#include "vmcp/experiment/run.hpp"
#include "vmcp/experiment/trace.hpp"

namespace vmcp::cli {
namespace {

struct RunOptions {
    ScenarioOptions scenario;
    std::string json, trace, output_directory, terminal;
    uint64_t explain = 0;
    bool quiet = false;
};

/// The console of one virtual machine is the terminal.
class Terminal {
  public:
    Terminal(const ConsoleLabels& labels, size_t vm) : labels_(labels), vm_(vm) {}

    std::optional<std::string> read_line(std::string_view prompt) {
        labels_.prompt(vm_, prompt);
        std::string line;
        if (!std::getline(std::cin, line)) {
            fmt::print("\n");
            return std::nullopt;
        }
        if (line.ends_with('\r')) line.pop_back();
        if (is_terminal(stdin)) echoes_.push_back(std::string(prompt) + line);
        return line;
    }

    /// Whether a line of the console is but the echo of what the user has just typed, and sees already.
    bool is_echo(std::string_view line) {
        if (echoes_.empty() || echoes_.front() != line) return false;
        echoes_.pop_front();
        return true;
    }

  private:
    const ConsoleLabels& labels_;
    size_t vm_;
    std::deque<std::string> echoes_;
};

size_t index_of(const experiment::Scenario& scenario, const std::string& name) {
    for (size_t i = 0; i < scenario.vms.size(); ++i)
        if (scenario.vms[i].name == name) return i;
    throw InputError(fmt::format("{}: there is no virtual machine \"{}\"", scenario.file, name));
}

void run_scenario(const RunOptions& options) {
    check_writable(options.json);
    const experiment::Scenario scenario = options.scenario.read();
    const bool silent = options.quiet || options.json == "-";
    std::vector<std::string> names;
    for (const auto& vm : scenario.vms) names.push_back(vm.name);
    const ConsoleLabels labels(std::move(names));
    ProgressBar progress(scenario.time_limit);
    experiment::RunHooks hooks;
    std::optional<Terminal> terminal;
    if (!options.terminal.empty()) {
        hooks.terminal = index_of(scenario, options.terminal);
        terminal.emplace(labels, *hooks.terminal);
        hooks.read_line = [&](std::string_view prompt) {
            progress.clear();
            return terminal->read_line(prompt);
        };
    }
    if (!silent)
        hooks.console_line = [&](size_t vm, std::string_view line) {
            if (terminal && vm == *hooks.terminal && terminal->is_echo(line)) return;
            progress.clear();
            labels.line(vm, line);
        };
    std::optional<experiment::TraceWriter> trace;
    if (!options.trace.empty()) {
        std::vector<std::string> rows;
        for (const auto& vm : scenario.vms) rows.push_back(vm.name);
        hooks.observers.push_back(&trace.emplace(options.trace, rows));
    }
    experiment::Explainer explainer(options.explain, [&](std::string_view text) {
        progress.clear();
        fmt::print("{}", text);
    });
    if (options.explain != 0 && !silent) hooks.observers.push_back(&explainer);
    if (progress.wanted()) hooks.progress = [&](experiment::SimTime now) { progress.show(now); };

    const experiment::RunResult result = experiment::run(scenario, hooks);
    progress.clear();
    if (trace) trace->close();
    if (!options.output_directory.empty())
        for (const experiment::VmResult& vm : result.vms)
            write_guest_output(options.output_directory, vm.name, vm.output);
    if (!options.json.empty()) write_file(options.json, to_json(scenario, result).dump(2) + "\n");
    if (options.json == "-" || options.quiet) return;
    fmt::print("\n{}", experiment::report(scenario, result));
}

}  // namespace

void add_run(CLI::App& app) {
    auto options = std::make_shared<RunOptions>();
    CLI::App* sub = app.add_subcommand("run", "Run a scenario under the control program and report its cost");
    options->scenario.add_to(*sub);
    sub->add_option("--json", options->json, "Write everything as JSON to a file, or - for standard output")
        ->type_name("FILE");
    sub->add_option("--trace", options->trace,
                    "Write a timeline (Chrome trace events; open it in ui.perfetto.dev)")
        ->type_name("FILE");
    sub->add_option("--explain", options->explain, "Tell the first N traps as a story")->type_name("N");
    sub->add_option("--output-dir", options->output_directory,
                    "Write console, printer and punch of every virtual machine to files there")
        ->type_name("DIR");
    sub->add_option("--terminal", options->terminal,
                    "The console of this virtual machine reads what you type")
        ->type_name("VM");
    sub->add_flag("--quiet", options->quiet, "No console lines, no report");
    sub->footer(
        "Examples:\n"
        "  vmcp run examples/scenarios/timesharing.toml\n"
        "  vmcp run timesharing.toml --json result.json --cp-scale 2\n"
        "  vmcp run timesharing.toml --explain 3\n"
        "  vmcp run timesharing.toml --trace timeline.json --quiet");
    sub->callback([options] { run_scenario(*options); });
}

}  // namespace vmcp::cli
