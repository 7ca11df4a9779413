// vmcp native: one program alone on the bare machine.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <deque>
#include <exception>
#include <filesystem>
#include <iostream>
#include <memory>

#include "simulation/devices/device_address.hpp"
#include "vmcp/cli/attended_run.hpp"
#include "vmcp/cli/commands.hpp"
#include "vmcp/cli/core_image.hpp"
#include "vmcp/cli/executor_option.hpp"
#include "vmcp/cli/explain_option.hpp"
#include "vmcp/cli/limits.hpp"
#include "vmcp/cli/numbers.hpp"
#include "vmcp/cli/output_files.hpp"
#include "vmcp/cli/scenario_options.hpp"
#include "vmcp/cli/standard_streams.hpp"
#include "vmcp/cli/terminal.hpp"
#include "vmcp/experiment/assembled_source.hpp"
#include "vmcp/experiment/bare_machine.hpp"
#include "vmcp/experiment/cpu_trace.hpp"
#include "vmcp/experiment/ending.hpp"
#include "vmcp/experiment/explain_native.hpp"
#include "vmcp/experiment/function_profile.hpp"
#include "vmcp/experiment/io_trace.hpp"
#include "vmcp/experiment/native.hpp"
#include "vmcp/experiment/report.hpp"
#include "vmcp/experiment/text_figures.hpp"
#include "vmcp/experiment/text_page.hpp"
#include "vmcp/experiment/time_order.hpp"

namespace vmcp::cli {
namespace {

using simulation::UnitRecordRole;

// So that a program that nobody looks at cannot go on for ever.
constexpr uint64_t kDefaultInstructions = 10'000'000'000;
constexpr simulation::SimTime kDefaultTime = 24 * 3600 * simulation::kSecond;

struct NativeOptions {
    ScenarioOptions scenario;
    std::string vm;
    std::string source;  // of a program: the scenario's place, where it ends in .asm
    std::vector<std::string> copy_directories;
    std::string core, ipl, storage, json, printer, punch;
    std::string console, reader_address, punch_address, printer_address, script, trace_io, trace,
        carriage_tape, functions;
    std::string trace_limit = "1G";
    bool panel = false, no_host = false;
    std::vector<std::string> console_input, cards, dumps, devices, explain;
    LimitOptions limits;
};

/// Lines for the console, each entered when the program has nothing else to do.
class ScriptedInput {
  public:
    /// Each argument is a file of lines, or, if there is no such file, a line itself, unless it looks like
    /// the name of a file; "-" reads standard input.
    explicit ScriptedInput(const std::vector<std::string>& arguments) {
        for (const std::string& argument : arguments) {
            std::error_code ignored;
            if (argument == "-") {
                standard_input_ = true;
            } else if (std::filesystem::is_regular_file(argument, ignored)) {
                const std::vector<uint8_t> bytes = read_file(argument);
                add_lines({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
            } else if (argument.ends_with(".txt") || argument.find('/') != std::string::npos) {
                read_file(argument);  // says why not
            } else {
                lines_.push_back(argument);
            }
        }
    }

    std::optional<std::string> next() {
        if (!lines_.empty()) {
            std::string line = std::move(lines_.front());
            lines_.pop_front();
            return line;
        }
        std::string line;
        if (!standard_input_ || !std::getline(std::cin, line)) return std::nullopt;
        if (line.ends_with('\r')) line.pop_back();
        return line;
    }
    bool interactive() const { return standard_input_ && lines_.empty(); }

  private:
    void add_lines(std::string_view text) {
        while (!text.empty()) {
            const size_t end = text.find('\n');
            std::string_view line = text.substr(0, end);
            if (line.ends_with('\r')) line.remove_suffix(1);
            lines_.emplace_back(line);
            text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        }
    }
    std::deque<std::string> lines_;
    bool standard_input_ = false;
};

uint16_t device_address(const std::string& text, const char* what) {
    const auto address = simulation::parse_device_address(text);
    if (!address)
        throw InputError(
            fmt::format("{} '{}': expected a device address of three hexadecimal digits", what, text));
    return *address;
}

/// --ipl reader:DECK, or the address of a disk or tape.
void set_ipl(const std::string& argument, experiment::VmDescription& vm) {
    constexpr std::string_view kReader = "reader:";
    if (argument.starts_with(kReader) && argument.size() != kReader.size()) {
        vm.guest = experiment::deck_guest(argument.substr(kReader.size()));
        vm.ipl.reset();
        return;
    }
    vm.ipl = simulation::parse_device_address(argument);
    if (!vm.ipl)
        throw InputError(
            fmt::format("--ipl '{}': expected reader:DECK or a device address of three hexadecimal "
                        "digits",
                        argument));
    experiment::GuestImage none;
    none.file = "device " + argument;
    vm.guest = std::make_shared<const experiment::GuestImage>(std::move(none));
}

uint16_t port(const std::string& text) {
    uint32_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || value == 0 || value > 0xFFFF)
        throw InputError(fmt::format("--device: listen='{}': expected a TCP port from 1 to 65535", text));
    return static_cast<uint16_t>(value);
}

/// --device CUU:TYPE[:FILE[,OPTION...]]
simulation::DeviceDescription parse_device(const std::string& argument) {
    const auto fail = [&](const std::string& why) {
        throw InputError(fmt::format("--device '{}': {}", argument, why));
    };
    simulation::DeviceDescription device;
    const size_t first = argument.find(':');
    if (first == std::string::npos) fail("expected CUU:TYPE[:FILE[,OPTION...]]");
    const size_t second = argument.find(':', first + 1);
    device.address = device_address(argument.substr(0, first), "--device");
    device.type = argument.substr(first + 1, second == std::string::npos ? second : second - first - 1);
    if (!simulation::is_device_type(device.type))
        fail(fmt::format("expected one of the types {}", simulation::device_types()));
    if (second == std::string::npos) return device;
    std::string rest = argument.substr(second + 1);
    for (bool file = true; !rest.empty(); file = false) {
        const size_t comma = rest.find(',');
        const std::string part = rest.substr(0, comma);
        rest = comma == std::string::npos ? "" : rest.substr(comma + 1);
        constexpr std::string_view kOverlay = "overlay=", kCouple = "couple=", kListen = "listen=";
        if (part.starts_with(kCouple))
            device.couple = device_address(part.substr(kCouple.size()), "--device");
        else if (part.starts_with(kListen))
            device.listen = port(part.substr(kListen.size()));
        else if (file)
            device.file = part;
        else if (part == "ro")
            device.read_only = true;
        else if (part.starts_with(kOverlay))
            device.overlay = part.substr(kOverlay.size());
        else
            fail(fmt::format("option '{}': expected ro, overlay=FILE, couple=CUU or listen=PORT", part));
    }
    return device;
}

struct Task {
    simulation::MachineModel machine;
    experiment::VmDescription vm;
    simulation::SimTime time_limit = simulation::kNever;
    std::shared_ptr<experiment::BareDisks> disks = {};  // which the machine has
};

Task task_from_options(const NativeOptions& options) {
    Task task;
    task.machine =
        simulation::MachineModel::load(options.scenario.model.empty() ? "s370-158" : options.scenario.model);
    if (options.scenario.machine_scale != 0)
        task.machine = task.machine.scaled(options.scenario.machine_scale);
    if (options.scenario.time_limit_ms != 0)
        task.time_limit = static_cast<simulation::SimTime>(options.scenario.time_limit_ms *
                                                           static_cast<double>(simulation::kMillisecond));
    if (!options.source.empty()) {
        task.vm.guest = experiment::assemble_guest(options.source, options.copy_directories);
        print_error("{}", task.vm.guest->source->warnings);
    } else if (options.core.empty()) {
        set_ipl(options.ipl, task.vm);
    } else {
        task.vm.guest = experiment::core_guest(options.core);
    }
    task.vm.options.storage = options.storage.empty() ? 0 : parse_storage_size(options.storage);
    const auto address = [&](UnitRecordRole role, const std::string& text, const char* option) {
        if (!text.empty()) first_unit(task.vm.options.devices, role).address = device_address(text, option);
    };
    address(UnitRecordRole::console, options.console, "--console");
    address(UnitRecordRole::card_reader, options.reader_address, "--reader");
    address(UnitRecordRole::card_punch, options.punch_address, "--punch-address");
    address(UnitRecordRole::printer, options.printer_address, "--printer-address");
    if (!options.cards.empty()) {
        simulation::Deck cards;
        for (const std::string& file : options.cards) {
            const simulation::Deck more = experiment::read_cards(file);
            cards.insert(cards.end(), more.begin(), more.end());
        }
        task.vm.cards = std::make_shared<const simulation::Deck>(std::move(cards));
    }
    return task;
}

Task task_from_scenario(const NativeOptions& options) {
    const experiment::Scenario scenario = options.scenario.read();
    if (options.vm.empty() && scenario.vms.size() != 1)
        throw InputError(fmt::format("{}: there are {} virtual machines: expected --vm NAME to choose one",
                                     scenario.file, scenario.vms.size()));
    for (const experiment::VmDescription& vm : scenario.vms)
        if (options.vm.empty() || vm.options.name == options.vm) {
            const auto disks = std::make_shared<experiment::BareDisks>();
            return {scenario.machine, experiment::bare_machine(scenario, vm, *disks), scenario.time_limit,
                    disks};
        }
    throw InputError(fmt::format("{}: there is no virtual machine \"{}\"", scenario.file, options.vm));
}

std::pair<uint32_t, uint32_t> parse_dump(const std::string& dump, uint32_t storage) {
    const size_t colon = dump.find(':');
    if (colon == std::string::npos) throw InputError(fmt::format("dump '{}': expected HEXADDR:HEXLEN", dump));
    const uint32_t address = parse_hex(dump.substr(0, colon), "dump address");
    const uint32_t length = parse_hex(dump.substr(colon + 1), "dump length");
    if (length > storage || address > storage - length)
        throw InputError(fmt::format("dump '{}': beyond the end of storage", dump));
    return {address, length};
}

/// `executor`: what has executed it, which the host time depends on.
std::string summary(const simulation::MachineModel& machine, const experiment::NativeResult& result,
                    std::string_view executor, size_t width) {
    experiment::TextPage page(width);
    page.line(fmt::format("{} after {} of simulated time ({} busy)", stop_word(result),
                          experiment::duration_text(result.elapsed), experiment::duration_text(result.busy)));
    page.line(fmt::format("  {}, {}; machine model {}; host time {:.3f} s ({})",
                          experiment::counted(result.instructions, "instruction"),
                          experiment::counted(result.interruptions, "interruption"), machine.name,
                          result.host_seconds, executor));
    page.add(experiment::state_text(result.cpu, width));
    const experiment::Ending& ending = result.ending;
    if (!ending.well || !ending.hints.empty() || result.interrupted)
        page.add(experiment::ending_text(ending, width));
    return page.take();
}

/// What --trace and --trace-io ask for.
class Traces {
  public:
    Traces(experiment::NativeMachine& native, const NativeOptions& options)
        : limit_(options.trace_limit), most_(parse_size(options.trace_limit, kMostTrace, "--trace-limit")) {
        if (!options.trace.empty()) {
            file_.emplace(options.trace);
            order_.emplace(native.machine(), [this](const std::string& line) { write(*file_, line); });
            const auto add = [this](simulation::SimTime at, const std::string& line) {
                order_->add(at, line);
            };
            cpu_.emplace(native.machine(), add);
            cpu_->watch(true, true);
            if (options.trace_io.empty())
                io_.emplace(native.machine(), [this, add](simulation::SimTime at, const std::string& line) {
                    cpu_->flush_so_far();
                    add(at, line);
                });
        }
        if (!options.trace_io.empty()) {
            io_file_.emplace(options.trace_io);
            io_.emplace(native.machine(),
                        [this](simulation::SimTime, const std::string& line) { write(*io_file_, line); });
        }
    }
    Traces(const Traces&) = delete;
    Traces& operator=(const Traces&) = delete;

    /// Whether something could not be written: there is no use in going on.
    bool failed() const { return (file_ && file_->failed()) || (io_file_ && io_file_->failed()); }
    /// Ends the files. Throws OutputError.
    void finish() {
        if (cpu_) cpu_->flush();
        if (order_) order_->finish();
        io_.reset();
        cpu_.reset();
        for (auto* file : {&file_, &io_file_})
            if (*file) (*file)->finish();
    }
    /// Whether a trace has ended before the run.
    bool full() const { return full_; }

  private:
    void write(experiment::OutputFile& file, const std::string& line) {
        if (file.size() < most_) {
            file.write(line + '\n');
            if (file.size() < most_) return;
            full_ = true;
            file.write(fmt::format("The trace ends here, at {} (--trace-limit).\n", limit_));
        }
    }
    std::string limit_;
    uint64_t most_;
    bool full_ = false;
    std::optional<experiment::OutputFile> file_, io_file_;
    std::optional<experiment::TimeOrder> order_;
    std::optional<experiment::CpuTrace> cpu_;
    std::optional<experiment::IoTrace> io_;
};

/// Lets terminals connect to the displays whose description says so.
void serve_native_displays(experiment::NativeMachine& native, terminal::DisplayTerminals& terminals) {
    for (const simulation::DeviceDescription& device : native.description().options.devices) {
        if (device.listen == 0) continue;
        auto& display =
            dynamic_cast<simulation::Display3277&>(*native.machine().channels().device(device.address));
        try {
            terminals.serve(display, device.listen);
        } catch (const std::runtime_error& error) {
            throw InputError(fmt::format("display {:03X}: {}", device.address, error.what()));
        }
        print_error("display {:03X}: a terminal may connect: x3270 127.0.0.1:{}; Ctrl-C ends the run\n",
                    device.address, device.listen);
    }
}

/// What stands on the screens in the end.
void show_displays(const experiment::NativeResult& result) {
    for (const auto& [address, text] : result.displays)
        if (const size_t last = text.find_last_not_of(" \n"); last != std::string::npos)
            print("display {:03X}:\n{}\n", address, text.substr(0, last + 1));
    flush(stdout);
}

/// Whether the file is a program's source, not a scenario.
/// The real machine has no control program, and what is not of a scenario has no virtual machines.
void refuse_what_does_not_apply(const NativeOptions& options, const CLI::App& sub) {
    const auto refuse = [&sub](std::initializer_list<const char*> names, const char* why) {
        for (const char* name : names)
            if (sub.count(name) != 0) throw CLI::ValidationError(name, why);
    };
    refuse({"--policy", "--cp-model", "--cp-scale", "--slice-ms"},
           "a native run has no control program: expected vmcp run");
    if (options.scenario.file.empty())
        refuse({"--vm", "--seed"}, "expected a scenario, which this is for");
    else
        refuse({"--storage", "--console", "--reader", "--punch-address", "--printer-address", "--cards"},
               "the scenario says this: expected --core or --ipl and no scenario");
    if (options.source.empty()) refuse({"--copy"}, "expected a program's source, such as hello.asm");
    if (options.trace.empty() && options.trace_io.empty())
        refuse({"--trace-limit"}, "expected --trace or --trace-io");
}

void run_native(const NativeOptions& options) {
    const bool scenario = !options.scenario.file.empty();
    const int sources = !options.source.empty() + !options.core.empty() + !options.ipl.empty() + scenario;
    if (sources != 1 && !(scenario && options.core.empty()))
        throw CLI::ValidationError(
            "native",
            "expected one of --core, --ipl or a scenario, or a scenario with --ipl, or a source that ends in "
            ".asm");
    std::vector<Output> outputs = {{"--json", options.json},
                                   {"--printer", options.printer},
                                   {"--punch", options.punch},
                                   {"--trace-io", options.trace_io},
                                   {"--trace", options.trace}};
    std::vector<std::string> inputs = options.scenario.files();
    inputs.push_back(options.source);
    inputs.push_back(options.script);
    inputs.push_back(options.functions);
    for (const auto* files : {&options.cards, &options.console_input})
        inputs.insert(inputs.end(), files->begin(), files->end());
    check_outputs(outputs, inputs);
    const bool typed = std::find(options.console_input.begin(), options.console_input.end(), "-") !=
                       options.console_input.end();
    if (options.panel && (!options.console_input.empty() || !options.trace.empty()))
        throw CLI::ValidationError("native",
                                   "--panel cannot go with --console-input or --trace: TRACE is a command");
    // Somebody types while the machine runs.
    const bool attended =
        typed && options.console_input.size() == 1 && options.script.empty() && is_terminal(stdin);
    Task task = scenario ? task_from_scenario(options) : task_from_options(options);
    if (scenario && !options.ipl.empty()) set_ipl(options.ipl, task.vm);
    options.limits.apply(task.vm);
    if (const auto most = options.limits.max_time()) task.time_limit = *most;
    for (const std::string& device : options.devices) {
        try {
            add_device(task.vm, parse_device(device));
        } catch (const std::invalid_argument& error) {
            throw InputError(fmt::format("--device '{}': {}", device, error.what()));
        }
    }
    experiment::use_carriage_tape(task.vm.options.devices, options.carriage_tape);
    if (!options.script.empty()) task.vm.operator_script = experiment::read_operator_script(options.script);
    add_files_of(task.vm, outputs, inputs);
    check_outputs(outputs, inputs);
    ScriptedInput input(options.console_input);
    const bool show = !takes_standard_output(outputs);
    std::optional<Traces> traces;
    std::optional<EndingSignals> signals;
    if (!options.panel) signals.emplace();
    ProgressBar progress(task.time_limit);
    experiment::NativeHooks hooks;
    // There is no use in going on for a result that nobody will see.
    hooks.interrupted = [&traces] {
        return EndingSignals::asked() || standard_output_failed() || (traces && traces->failed());
    };
    if (progress.wanted()) hooks.progress = [&](simulation::SimTime now) { progress.show(now); };
    ConsolePaper paper(!is_terminal(stdin));
    const auto& devices = task.vm.options.devices;
    const bool watched =
        std::any_of(devices.begin(), devices.end(), [](const auto& d) { return d.listen != 0; });
    // Somebody sees what has been typed of a line, and what a terminal echoes not twice.
    if (show && (options.panel || typed || watched))
        hooks.console_text = [&, by_hand = options.panel || attended](std::string_view text, bool keyed) {
            paper.text(text, keyed && (by_hand || input.interactive()));
        };
    else if (show)
        hooks.console_line = [&progress](std::string_view line) {
            progress.clear();
            print("{}\n", line);
        };
    if (!options.console_input.empty() && !attended)
        hooks.read_line = [&input, &progress](std::string_view) {
            progress.clear();
            flush(stdout);
            return input.next();
        };
    experiment::NativeMachine native(task.machine, task.vm, std::move(hooks));
    std::vector<std::pair<uint32_t, uint32_t>> dumps;
    for (const std::string& dump : options.dumps)
        dumps.push_back(parse_dump(dump, native.machine().storage().size()));

    simulation::RunLimits limits{options.limits.instructions.value_or(~uint64_t{0}), task.time_limit,
                                 experiment::kEndlessWait};
    experiment::NativeResult result;
    std::exception_ptr failure;
    bool interrupted = false, by_default = false;
    std::optional<experiment::FunctionProfiler> profiler;
    if (!options.functions.empty()) profiler.emplace(native.machine(), options.functions);
    std::FILE* const story = show ? stdout : stderr;
    std::optional<experiment::NativeExplainer> explainer;
    if (!options.explain.empty())
        explainer.emplace(
            native.machine(), *task.vm.guest,
            chosen_events(options.explain, experiment::NativeExplainer::names()),
            [&](std::string_view text) {
                progress.clear();
                paper.fresh_line();
                put(story, for_reader(story, text));
            },
            report_width(story));
    try {
        traces.emplace(native, options);
        terminal::DisplayTerminals terminals;
        serve_native_displays(native, terminals);
        if (options.panel || attended || !terminals.empty()) {
            native.start();
            simulation::Stop stop;
            if (options.panel) {
                stop = run_panel(native, paper, terminals.empty() ? nullptr : &terminals);
            } else if (!terminals.empty()) {
                // Somebody sits at the displays when the script, or the console input, has come to its end.
                const bool prepared =
                    !attended && (!task.vm.operator_script.empty() || !options.console_input.empty());
                stop = prepared ? native.operate(limits) : simulation::Stop::idle;
                InterruptKey interrupt;
                Keyboard keyboard;
                if (stop == simulation::Stop::idle) {
                    const AttendedEnd end =
                        run_attended(native, limits, attended ? &keyboard : nullptr, interrupt, &terminals);
                    stop = end.stop;
                    interrupted = end.interrupted;
                }
            } else {
                InterruptKey interrupt;
                Keyboard keyboard;
                const AttendedEnd end = run_attended(native, limits, &keyboard, interrupt);
                stop = end.stop;
                interrupted = end.interrupted;
            }
            result = native.conclude(stop);
        } else {
            if (!options.limits.instructions) limits.instructions = kDefaultInstructions;
            if (limits.time == simulation::kNever) limits.time = kDefaultTime;
            by_default = !options.limits.instructions && task.time_limit == simulation::kNever;
            result = native.run({limits.instructions, limits.time});
        }
        result.interrupted = result.interrupted || interrupted;
    } catch (...) {
        // What was written until then is kept.
        failure = std::current_exception();
        result = native.conclude(simulation::Stop::stopped);
    }
    progress.clear();
    paper.fresh_line();
    flush(stdout);
    if (traces) traces->finish();
    if (!options.printer.empty()) write_file(options.printer, result.output.printer);
    if (!options.punch.empty()) write_file(options.punch, deck_bytes(result.output.cards));
    if (failure) std::rethrow_exception(failure);
    if (show) show_displays(result);
    if (explainer) tell_unmet(explainer->selection(), "interruption");
    if (by_default && result.stop == simulation::Stop::limit && result.output_full.empty() &&
        !result.interrupted)
        print_error(
            "vmcp: the run ends at the default limit, {} instructions or {} of simulated time "
            "(--max-instructions, --max-time)\n",
            experiment::count_text(kDefaultInstructions), experiment::duration_text(kDefaultTime));
    if (!result.output_full.empty())
        print_error("vmcp: the run ends at the limit of output: {}\n", result.output_full);
    if (traces && traces->full())
        tell_full_trace(options.trace.empty() ? options.trace_io : options.trace, options.trace_limit);
    const bool cut_short = !result.output_full.empty() || (traces && traces->full());
    const bool well = (experiment::ended_well(result) || options.panel) && !cut_short;
    if (options.json.empty()) {
        print_error("{}",
                    summary(task.machine, result, native.machine().executor().name(), report_width(stderr)));
        if (profiler) print_error("\n{}", profile_text(profiler->profile(), report_width(stderr)));
        return conclude(result.interrupted, well);
    }
    std::vector<experiment::Dump> bytes;
    for (const auto& [address, length] : dumps) {
        const uint8_t* from = native.machine().storage().at(address);
        bytes.emplace_back(address, std::vector<uint8_t>(from, from + length));
    }
    nlohmann::ordered_json json = to_json(task.machine, result, bytes);
    if (profiler) json["profile"] = to_json(profiler->profile());
    write_json(options.json, std::move(json), options.no_host);
    conclude(result.interrupted, well);
}

}  // namespace

bool is_source(const std::string& file) { return file.ends_with(".asm") || file.ends_with(".ASM"); }

void add_native(CLI::App& app) {
    auto options = std::make_shared<NativeOptions>();
    CLI::App* sub = app.add_subcommand("native", "Run a program alone on the bare simulated machine");
    options->scenario.add_to(*sub, false);
    sub->get_option("scenario")
        ->description("A program in assembler, which is assembled and run; or a scenario, whose guest to run")
        ->type_name("PROGRAM.asm|SCENARIO.toml");
    // Of an option that may be repeated each word is a value as it stands: a list in brackets is none.
    const auto repeated = [](CLI::Option* option) { return option->allow_extra_args(false); };
    sub->add_option("--vm", options->vm, "Of a scenario: the virtual machine whose guest to run")
        ->type_name("NAME");
    repeated(
        sub->add_option("--copy", options->copy_directories,
                        "Of a source: where COPY looks for members, behind the source's folder and before "
                        "those that are built in (equates, lowcore, console, timer, ...); may be repeated"))
        ->type_name("DIR");
    sub->add_option("--core", options->core, "Raw core image; starts with the restart PSW at location 0")
        ->type_name("FILE[@HEXADDR]");
    sub->add_option("--ipl", options->ipl,
                    "What to IPL from: a card deck in the reader (80-byte EBCDIC records), or a disk or tape")
        ->type_name("reader:DECK|CUU");
    repeated(sub->add_option(
                 "--device", options->devices,
                 "A device, such as 150:3330:work.ckd, 00E:3211:list.txt or 01F:1052; options of disks and "
                 "tapes: ro, overlay=FILE (the file itself stays as it is); of a display listen=PORT, of a "
                 "channel-to-channel adapter couple=CUU; may be repeated"))
        ->type_name("CUU:TYPE[:FILE[,OPTION]]");
    sub->add_option("--operator", options->script,
                    "A script of what the operator does (TOML); the run ends with it, except at the panel")
        ->type_name("FILE");
    repeated(
        sub->add_option("--cards", options->cards, "Cards in the reader behind the deck; may be repeated"))
        ->type_name("FILE");
    sub->add_option("--storage", options->storage, "Real storage, such as 256K or 16M (default: the model's)")
        ->type_name("SIZE");
    sub->add_option("--console", options->console, "Address of the console (default 009)")->type_name("HEX");
    sub->add_option("--reader", options->reader_address, "Address of the reader (default 00C)")
        ->type_name("HEX");
    sub->add_option("--punch-address", options->punch_address, "Address of the punch (default 00D)")
        ->type_name("HEX");
    sub->add_option("--printer-address", options->printer_address, "Address of the printer (default 00E)")
        ->type_name("HEX");
    repeated(sub->add_option(
                 "--console-input", options->console_input,
                 "A line for the console, or a file of lines, or - for standard input; a line is entered "
                 "when the program can do nothing without it; may be repeated. A terminal as standard input "
                 "is the operator's console: Ctrl-C ends the run"))
        ->type_name("FILE|TEXT");
    sub->add_option("--printer", options->printer, "Write what is printed there")->type_name("FILE");
    sub->add_option(
           "--carriage-tape", options->carriage_tape,
           "The carriage tape of the printers (TOML; docs/real-systems.md); default: the standard one")
        ->type_name("FILE");
    sub->add_option("--punch", options->punch, "Write what is punched there: 80-byte EBCDIC records")
        ->type_name("FILE");
    sub->add_flag("--panel", options->panel,
                  "Stop before the first instruction and take commands: display, alter, step, trace, run");
    sub->add_option("--trace", options->trace,
                    "Write every instruction, interruption and channel program there, in readable form")
        ->type_name("FILE");
    repeated(sub->add_option("--explain", options->explain,
                             "Tell interruptions as a story: the first 3, the first of a kind (svc, io, "
                             "data), from the 1234th on (@1234), from a simulated time on (20ms), or so with "
                             "colons (svc:3:20ms); may be repeated"))
        ->type_name("WHICH");
    sub->add_option("--functions", options->functions,
                    "Tell instructions and time by function of the program, whose ELF file this is, and by "
                    "the programs that it runs")
        ->type_name("ELF");
    sub->add_option("--trace-io", options->trace_io,
                    "Write every channel program there: its CCWs, decoded, and the CSW")
        ->type_name("FILE");
    sub->add_option("--trace-limit", options->trace_limit, "A trace ends at this size (K, M or G)")
        ->type_name("SIZE")
        ->capture_default_str();
    options->limits.add_to(*sub);
    sub->get_option("--max-instructions")
        ->description(
            "End the program when it has executed so many instructions (default 10,000,000,000, unless "
            "somebody attends the run)");
    sub->get_option("--max-time")
        ->description(
            "End the run at this simulated time, such as 200ms, 10s or 1h (default: the scenario's limit, or "
            "24h, unless somebody attends the run)");
    repeated(sub->add_option("--dump", options->dumps,
                             "HEXADDR:HEXLEN of storage to put into the JSON; may be repeated"));
    sub->add_option("--json", options->json, "Write the result as JSON to a file, or - for standard output")
        ->type_name("FILE");
    sub->add_flag("--no-host", options->no_host, kNoHostHelp);
    sub->footer(
        "Examples:\n"
        "  vmcp native hello.asm                       assemble and run\n"
        "  vmcp native hello.asm --max-time 10s --max-output 1M\n"
        "  vmcp native --core kernel.core --json -\n"
        "  vmcp native --ipl reader:a.deck --console 01F --console-input input=2540,00c\n"
        "  vmcp native examples/scenarios/timesharing.toml --vm HELLO\n"
        "  vmcp native --ipl 180 --device 180:3420:a.aws,ro --device 150:3330:b.cckd\n"
        "  vmcp native hello.asm --explain io:2        the first two I/O interruptions, as a story\n"
        "  vmcp native --core kernel.core --panel     display, alter, step, trace\n"
        "  vmcp native vs1.toml --console-input -     the terminal is the console");
    set_machine_command(*sub, [options, sub] {
        if (is_source(options->scenario.file)) options->source = std::exchange(options->scenario.file, {});
        refuse_what_does_not_apply(*options, *sub);
        run_native(*options);
    });
}

}  // namespace vmcp::cli
