// vmcp run: a scenario under the control program.
#include <fmt/format.h>

#include <deque>
#include <exception>
#include <iostream>
#include <memory>

#include "vmcp/cli/commands.hpp"
#include "vmcp/cli/executor_option.hpp"
#include "vmcp/cli/explain_option.hpp"
#include "vmcp/cli/guest_displays.hpp"
#include "vmcp/cli/limits.hpp"
#include "vmcp/cli/numbers.hpp"
#include "vmcp/cli/output_files.hpp"
#include "vmcp/cli/scenario_options.hpp"
#include "vmcp/cli/standard_streams.hpp"
#include "vmcp/cli/terminal.hpp"
#include "vmcp/experiment/csv_report.hpp"
#include "vmcp/experiment/ending.hpp"
#include "vmcp/experiment/explain.hpp"
#include "vmcp/experiment/io_trace.hpp"
#include "vmcp/experiment/json_report.hpp"
#include "vmcp/experiment/moments.hpp"
#include "vmcp/experiment/output_file.hpp"
#include "vmcp/experiment/report.hpp"
#include "vmcp/experiment/run_html.hpp"
#include "vmcp/experiment/trace.hpp"
#include "vmcp/experiment/virtual_session.hpp"

namespace vmcp::cli {
namespace {

struct RunOptions {
    ScenarioOptions scenario;
    LimitOptions limits;
    std::string exit_code_of;  // the machine
    std::string json, csv, trace, trace_io, moments, html, trace_limit = "1G", output_directory, terminal;
    std::vector<std::string> explain;
    uint64_t moments_from = 1;
    bool quiet = false, no_host = false;
};

/// What --trace-io asks for: the channel programs of the real machine and of all virtual ones.
class ChannelTrace {
  public:
    ChannelTrace(const std::string& file, uint64_t most, std::string limit)
        : file_(file), most_(most), limit_(std::move(limit)) {}
    /// Looks at the session's channels as long as the answer lives.
    std::deque<experiment::IoTrace> watch(experiment::VirtualSession& session) {
        std::deque<experiment::IoTrace> traces;
        for (experiment::ChannelSource& source : session.channels())
            traces.emplace_back(std::move(source),
                                [this](simulation::SimTime, const std::string& line) { write(line); });
        return traces;
    }
    bool failed() const { return file_.failed(); }
    bool full() const { return full_; }
    /// Throws OutputError.
    void finish() { file_.finish(); }

  private:
    void write(const std::string& line) {
        if (full_) return;
        file_.write(line + '\n');
        full_ = file_.size() >= most_;
        if (full_) file_.write(fmt::format("The trace ends here, at {} (--trace-limit).\n", limit_));
    }
    experiment::OutputFile file_;
    uint64_t most_;
    std::string limit_;
    bool full_ = false;
};

/// The console of one virtual machine is the terminal.
class Terminal {
  public:
    /// `shown`: whether the prompt goes to standard output, and what comes from elsewhere than a terminal,
    /// which shows it by itself.
    Terminal(const ConsoleLabels& labels, size_t vm, bool shown)
        : labels_(labels), vm_(vm), shown_(shown), echoes_input_(shown && !is_terminal(stdin)) {}

    std::optional<std::string> read_line(std::string_view prompt) {
        if (shown_) labels_.prompt(vm_, prompt);
        std::string line;
        if (!std::getline(std::cin, line)) {
            if (shown_) print("\n");
            return std::nullopt;
        }
        if (line.ends_with('\r')) line.pop_back();
        if (echoes_input_) print("{}\n", line);
        if (echoes_input_ || is_terminal(stdin)) echoes_.push_back(std::string(prompt) + line);
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
    bool shown_, echoes_input_;
    std::deque<std::string> echoes_;
};

size_t index_of(const experiment::Scenario& scenario, const std::string& name) {
    for (size_t i = 0; i < scenario.vms.size(); ++i)
        if (scenario.vms[i].options.name == name) return i;
    throw InputError(fmt::format("{}: there is no virtual machine \"{}\"", scenario.file, name));
}

void run_scenario(const RunOptions& options) {
    std::vector<Output> outputs = {{"--json", options.json},       {"--csv", options.csv},
                                   {"--trace", options.trace},     {"--trace-io", options.trace_io},
                                   {"--moments", options.moments}, {"--html", options.html}};
    std::vector<std::string> inputs = options.scenario.files();
    check_outputs(outputs, inputs);
    experiment::Scenario scenario = options.scenario.read();
    for (experiment::VmDescription& vm : scenario.vms) options.limits.apply(vm);
    options.limits.apply(scenario);
    std::optional<size_t> counts;  // the machine whose end it is about
    if (!options.exit_code_of.empty()) counts = index_of(scenario, options.exit_code_of);
    add_files_of(scenario, outputs, inputs);
    check_outputs(outputs, inputs);
    const bool stdout_taken = takes_standard_output(outputs);
    const bool silent = options.quiet || stdout_taken;
    const uint64_t most_trace = parse_size(options.trace_limit, kMostTrace, "--trace-limit");
    const EndingSignals signals;
    std::vector<std::string> names;
    for (const auto& vm : scenario.vms) names.push_back(vm.options.name);
    const ConsoleLabels labels(names);
    ProgressBar progress(scenario.time_limit);
    experiment::RunHooks hooks;
    std::optional<Terminal> terminal;
    if (!options.terminal.empty()) {
        hooks.terminal = index_of(scenario, options.terminal);
        terminal.emplace(labels, *hooks.terminal, !silent);
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
    if (progress.wanted()) hooks.progress = [&](experiment::SimTime now) { progress.show(now); };
    std::optional<experiment::TraceWriter> trace;
    if (!options.trace.empty()) {
        trace.emplace(options.trace, scenario.title, names, most_trace);
        hooks.observers.push_back(&*trace);
        hooks.ledger_observers.push_back(&*trace);
        hooks.io_observers.push_back(&*trace);
    }
    std::optional<experiment::MomentRecorder> moments;
    if (!options.moments.empty()) {
        moments.emplace(scenario, experiment::MomentOptions{.first_trap = options.moments_from});
        hooks.observers.push_back(&*moments);
        hooks.ledger_observers.push_back(&*moments);
        hooks.instruction_observers.push_back(&*moments);
        hooks.console_line = [&, shown = hooks.console_line](size_t vm, std::string_view line) {
            moments->console_line(vm, line);
            if (shown) shown(vm, line);
        };
    }
    std::optional<ChannelTrace> channel_trace;
    if (!options.trace_io.empty()) channel_trace.emplace(options.trace_io, most_trace, options.trace_limit);
    std::FILE* const story = stdout_taken ? stderr : stdout;
    experiment::Explainer explainer(
        chosen_events(options.explain, experiment::Explainer::names_of(names)), scenario.machine, names,
        [&](std::string_view text) {
            progress.clear();
            put(story, for_reader(story, text));
        },
        report_width(story));
    if (!options.explain.empty()) {
        hooks.observers.push_back(&explainer);
        hooks.ledger_observers.push_back(&explainer);
    }

    // There is no use in going on for a result that nobody will see.
    hooks.interrupted = [&] {
        return EndingSignals::asked() || standard_output_failed() || (trace && trace->failed()) ||
               (channel_trace && channel_trace->failed());
    };
    hooks.timeline = !options.json.empty() || !options.html.empty();
    hooks.serves_displays = !terminal;
    experiment::VirtualSession session(scenario, hooks);
    terminal::DisplayTerminals terminals;
    serve_displays(scenario, session, terminals);
    for (const std::string& line : session.other_ways()) print_error("vmcp: {}\n", line);
    for (const std::string& complaint : session.complaints()) print_error("vmcp: {}\n", complaint);
    std::deque<experiment::IoTrace> watched;
    if (channel_trace) watched = channel_trace->watch(session);
    std::exception_ptr failure;  // of an operator's script: what was written until then is kept
    try {
        session.start();
        if (terminals.empty())
            session.advance(simulation::kNever);
        else
            run_attended(session, terminals);
    } catch (...) {
        failure = std::current_exception();
    }
    session.finish();
    const experiment::RunResult result = session.result();
    progress.clear();
    if (trace) trace->finish(result.interrupted);
    watched.clear();
    if (channel_trace) channel_trace->finish();
    if (!options.output_directory.empty())
        for (const experiment::VmResult& vm : result.vms) {
            write_guest_output(options.output_directory, vm.name, vm.output);
            write_error_records(options.output_directory, vm.name, vm.errors);
        }
    if (failure) std::rethrow_exception(failure);
    if (!options.json.empty()) write_json(options.json, to_json(scenario, result), options.no_host);
    if (!options.csv.empty()) write_file(options.csv, experiment::to_csv(scenario, result));
    if (!options.html.empty()) write_file(options.html, experiment::run_html(to_json(scenario, result)));
    if (moments) write_json(options.moments, moments->to_json(), false);
    if (!silent)
        print("\n{}",
              for_reader(stdout, experiment::report(scenario, result, {.width = report_width(stdout)})));
    tell_unmet(explainer.selection(), "trap");
    const bool trace_full = trace && trace->full(), channels_full = channel_trace && channel_trace->full();
    if (trace_full) tell_full_trace(options.trace, options.trace_limit);
    if (channels_full) tell_full_trace(options.trace_io, options.trace_limit);
    const bool cut_short = trace_full || channels_full;
    const bool well = counts ? result.vms[*counts].ending.well : experiment::ended_well(result);
    conclude(result.interrupted, well && !cut_short);
}

}  // namespace

void add_run(CLI::App& app) {
    auto options = std::make_shared<RunOptions>();
    CLI::App* sub = app.add_subcommand("run", "Run a scenario under the control program and report its cost");
    options->scenario.add_to(*sub);
    sub->add_option("--json", options->json, "Write everything as JSON to a file, or - for standard output")
        ->type_name("FILE");
    sub->add_option("--csv", options->csv, "Write a line for every virtual machine")->type_name("FILE");
    sub->add_option("--html", options->html, "Write the result as a page for a browser (vmcp report)")
        ->type_name("FILE");
    sub->add_option("--trace", options->trace,
                    "Write a trace-event file, which ui.perfetto.dev and chrome://tracing show")
        ->type_name("FILE");
    sub->add_option(
           "--trace-io", options->trace_io,
           "Write the channel programs of the real machine and of the virtual machines, a line a CCW; "
           "those that are copied as they were copied")
        ->type_name("FILE");
    sub->add_option("--moments", options->moments,
                    "Write what happens moment by moment, real machine beside virtual machine, as JSON")
        ->type_name("FILE");
    sub->add_option("--moments-from", options->moments_from, "Moments begin at this trap")
        ->check(whole_number(1, ~uint64_t{0}))
        ->type_name("N")
        ->capture_default_str();
    sub->add_option("--trace-limit", options->trace_limit, "A trace ends at this size (K, M or G)")
        ->type_name("SIZE")
        ->capture_default_str();
    sub->add_option("--explain", options->explain,
                    "Tell traps step by step: the first 3, the first of a machine (hello), with a cause of "
                    "the report (SIO, page_fill), from the 1234th on (@1234), from a simulated time on "
                    "(20ms), or so with colons (hello:SIO:3); may be repeated")
        ->allow_extra_args(false)
        ->type_name("WHICH");
    sub->add_option("--output-dir", options->output_directory,
                    "Write console, printer and punch of every virtual machine to files there")
        ->type_name("DIR");
    sub->add_option("--terminal", options->terminal,
                    "The console of this virtual machine reads what you type")
        ->type_name("VM");
    sub->add_option("--spool", options->scenario.spool,
                    "Printers, punches and readers work on spool files, which are kept in this folder "
                    "(docs/spooling.md)")
        ->type_name("DIR");
    options->limits.add_to(*sub);
    sub->add_option("--exit-code-of", options->exit_code_of,
                    "The exit code tells how this virtual machine ended, not all of them")
        ->type_name("VM");
    sub->add_flag("--no-host", options->no_host, kNoHostHelp);
    sub->add_flag("--quiet", options->quiet, "No console lines, no report");
    sub->footer(
        "Examples:\n"
        "  vmcp run examples/scenarios/timesharing.toml\n"
        "  vmcp run timesharing.toml --json result.json --cp-scale 2\n"
        "  vmcp run exercise.toml --exit-code-of student --max-time 10s\n"
        "  vmcp run timesharing.toml --explain 3                     the first three traps, as a story\n"
        "  vmcp run timesharing.toml --explain tasks:SIO --explain 20ms:2\n"
        "  vmcp run examples/scenarios/spooling.toml --spool spool   spool files stay");
    set_machine_command(*sub, [options] { run_scenario(*options); });
}

}  // namespace vmcp::cli
