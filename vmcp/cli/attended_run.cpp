#include "vmcp/cli/attended_run.hpp"

#include <editline/readline.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iostream>

#include "simulation/model/capitals.hpp"
#include "vmcp/cli/commands.hpp"
#include "vmcp/cli/standard_streams.hpp"
#include "vmcp/cli/terminal.hpp"
#include "vmcp/panel/panel.hpp"

namespace vmcp::cli {
namespace {

using simulation::RunLimits;
using simulation::SimTime;
using simulation::Stop;

// How long the machine runs before somebody looks at the keyboard again.
constexpr uint64_t kLookInstructions = 2'000'000;
constexpr SimTime kLookTime = 50 * simulation::kMillisecond;

char* complete_word(const char* text, int again) {
    static size_t next;
    static const std::vector<std::string> words = panel::Panel::words();
    if (again == 0) next = 0;
    const std::string begun = simulation::capitals(text);
    while (next < words.size())
        if (const std::string& word = words[next++]; word.starts_with(begun)) return ::strdup(word.c_str());
    return nullptr;
}

/// Commands, from a terminal with a line editor or from a file.
class CommandLines {
  public:
    explicit CommandLines(bool terminal) : terminal_(terminal) {
        if (terminal_) rl_completion_entry_function = complete_word;
    }
    std::optional<std::string> next() {
        ++number_;
        if (terminal_) {
            char* text = ::readline("VMCP> ");
            if (text == nullptr) return std::nullopt;
            std::string line(text);
            std::free(text);  // what readline() gives is from malloc
            if (!line.empty()) ::add_history(line.c_str());
            return line;
        }
        std::string line;
        if (!std::getline(std::cin, line)) return std::nullopt;
        if (line.ends_with('\r')) line.pop_back();
        return line;
    }
    size_t number() const { return number_; }

  private:
    bool terminal_;
    size_t number_ = 0;
};

/// Waits for the keyboard and for the terminals of displays, at most so many milliseconds (-1: without end).
/// Answers the line that was typed; empty if something else ended it.
std::optional<std::string> await(Keyboard* keyboard, terminal::DisplayTerminals* terminals, int patience,
                                 const InterruptKey& interrupt) {
    if (terminals == nullptr) return keyboard->poll(patience);
    constexpr int kTurn = 10;  // so long nobody looks at the other
    while (true) {
        const int turn = patience < 0 ? kTurn : std::min(patience, kTurn);
        if (terminals->wait(std::chrono::milliseconds(turn))) return std::nullopt;
        if (interrupt.is_pressed() || EndingSignals::asked()) return std::nullopt;
        if (keyboard != nullptr)
            if (auto line = keyboard->poll(0); line || keyboard->ended()) return line;
        if (patience >= 0 && (patience -= turn) <= 0) return std::nullopt;
    }
}

/// While it lives, what the console writes stands below what the panel's trace has of the time before.
class PaperBelowTrace {
  public:
    PaperBelowTrace(ConsolePaper& paper, panel::Panel& panel) : paper_(paper) {
        paper.before_text = [&panel] { panel.flush_trace(); };
    }
    ~PaperBelowTrace() { paper_.before_text = {}; }
    PaperBelowTrace(const PaperBelowTrace&) = delete;
    PaperBelowTrace& operator=(const PaperBelowTrace&) = delete;

  private:
    ConsolePaper& paper_;
};

}  // namespace

void ConsolePaper::text(std::string_view text, bool keyed) {
    if (before_text) before_text();
    if (!keyed || show_keyed_) print("{}", text);
    if (!text.empty()) in_line_ = text.back() != '\n';
    flush(stdout);
}

void ConsolePaper::fresh_line() {
    if (std::exchange(in_line_, false)) print("\n");
    flush(stdout);
}

AttendedEnd run_attended(experiment::NativeMachine& native, const RunLimits& limits, Keyboard* keyboard,
                         InterruptKey& interrupt, terminal::DisplayTerminals* terminals) {
    simulation::Machine& machine = native.machine();
    uint64_t left = limits.instructions;
    while (true) {
        const SimTime began = machine.cpu().now(), waited = machine.waited();
        const uint64_t before = machine.instructions();
        RunLimits piece = limits;
        piece.instructions = std::min(left, kLookInstructions);
        piece.time = std::min(limits.time, began + kLookTime);
        const Stop stop = native.advance(piece);
        left -= std::min(left, machine.instructions() - before);
        if (!native.output_full().empty()) return {stop};
        if (interrupt.pressed() || EndingSignals::asked()) return {stop, true, true};
        const bool idle = stop == Stop::idle;
        if (stop != Stop::limit && !(idle && (keyboard != nullptr || terminals != nullptr))) return {stop};
        if (!idle && (left == 0 || machine.cpu().now() >= limits.time)) return {stop};
        if (keyboard == nullptr && terminals == nullptr) continue;
        // Nothing but a timer is awaited: not faster than the person's clock.
        const SimTime passed = machine.cpu().now() - began;
        const bool only_timers = machine.waited() - waited == passed && machine.events().empty();
        const int patience = idle          ? -1
                             : only_timers ? static_cast<int>(passed / simulation::kMillisecond)
                                           : 0;
        const std::optional<std::string> line = await(keyboard, terminals, patience, interrupt);
        if (interrupt.pressed() || EndingSignals::asked()) return {stop, true, true};
        if (keyboard != nullptr && keyboard->ended() && !line) return {stop, true};
        if (!line) continue;
        const std::string& name = native.description().options.name;
        if (line->empty() && !native.devices().console->read_waiting())
            native.act(name, experiment::action::Attention{});
        else
            native.act(name, experiment::action::ConsoleLine{*line});
    }
}

Stop run_panel(experiment::NativeMachine& native, ConsolePaper& paper,
               terminal::DisplayTerminals* terminals) {
    const bool terminal = is_terminal(stdin);
    InterruptKey interrupt;
    Keyboard keyboard;
    CommandLines lines(terminal);
    panel::Panel panel(native, [&paper](std::string_view text) {
        paper.fresh_line();
        print("{}", text);
    });
    const PaperBelowTrace below(paper, panel);
    Stop last = Stop::breakpoint;
    if (terminal) print("The machine is ready. HELP shows the commands, BEGIN lets it run.\n");
    while (true) {
        paper.fresh_line();
        const std::optional<std::string> line = lines.next();
        if (!line) return last;
        try {
            switch (panel.command(*line)) {
                case panel::Panel::Next::ask: break;
                case panel::Panel::Next::leave: return last;
                case panel::Panel::Next::run: {
                    interrupt.pressed();  // at the prompt it meant nothing
                    const AttendedEnd end = run_attended(
                        native, panel.limits(), terminal ? &keyboard : nullptr, interrupt, terminals);
                    last = end.stop;
                    if (!native.output_full().empty()) return last;
                    if (end.by_person)
                        panel.stopped_by_operator();
                    else
                        panel.stopped(end.stop);
                }
            }
        } catch (const std::runtime_error& error) {
            if (!terminal)
                throw InputError(fmt::format("standard input:{}: {}", lines.number(), error.what()));
            print("{}\n", error.what());
        }
    }
}

}  // namespace vmcp::cli
