// A native machine with a person before it: the terminal is the operator's console, and may be the panel.
//
// What the person does comes from the host at any time, so a run that somebody attends is not reproducible.
// While the machine only waits for its timers, simulated time goes no faster than the person's.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "vmcp/cli/keyboard.hpp"
#include "vmcp/experiment/native.hpp"
#include "vmcp/terminal/display_terminals.hpp"

namespace vmcp::cli {

/// The console's paper on standard output.
class ConsolePaper {
  public:
    /// `show_keyed`: also what the operator types, which a terminal echoes by itself.
    explicit ConsolePaper(bool show_keyed) : show_keyed_(show_keyed) {}
    void text(std::string_view text, bool keyed);
    /// Ends the present line if something stands on it.
    void fresh_line();
    /// Told before the console writes or reads something: what belongs above it can still be put there.
    std::function<void()> before_text;

  private:
    bool show_keyed_;
    bool in_line_ = false;
};

struct AttendedEnd {
    simulation::Stop stop{};
    bool by_person = false;    // Ctrl-C, or the end of the input
    bool interrupted = false;  // Ctrl-C, or a TERM signal
};

/// Runs the machine until it stops or the person stops it. Lines from `keyboard` (null: nobody types) are
/// entered at the console; an empty one with no read waiting is the request key. `terminals` are those of
/// displays, null where there are none.
AttendedEnd run_attended(experiment::NativeMachine& native, const simulation::RunLimits& limits,
                         Keyboard* keyboard, InterruptKey& interrupt,
                         terminal::DisplayTerminals* terminals = nullptr);

/// The panel: commands from a terminal, with a prompt, or from a file. Answers why the machine stopped last.
/// Throws InputError, "standard input:LINE: ...", for a command in a file that cannot be done.
simulation::Stop run_panel(experiment::NativeMachine& native, ConsolePaper& paper,
                           terminal::DisplayTerminals* terminals = nullptr);

}  // namespace vmcp::cli
