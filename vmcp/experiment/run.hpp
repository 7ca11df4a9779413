// Runs a scenario under the control program.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "vmcp/control_program/control_program.hpp"
#include "vmcp/experiment/result.hpp"

namespace vmcp::experiment {

/// What happens while a run goes on. Nothing of it changes the results, but for what `terminal` enters.
struct RunHooks {
    std::vector<Observer*> observers;
    std::vector<LedgerObserver*> ledger_observers;
    std::vector<RealIoObserver*> io_observers;
    /// Told of each instruction that the real CPU executes.
    std::vector<simulation::InstructionObserver*> instruction_observers;
    /// A line of a virtual machine's console is complete.
    std::function<void(size_t vm, std::string_view line)> console_line;
    /// A virtual machine was stopped.
    std::function<void(size_t vm, const VirtualMachine&)> stopped;
    /// Called now and then with the simulated time reached.
    std::function<void(SimTime now)> progress;
    /// The result tells how the run went on in time (RunResult::timeline).
    bool timeline = false;
    /// Whoever runs it lets terminals connect to the displays that listen; they are refused otherwise.
    bool serves_displays = false;
    /// Asked now and then; the run ends in order when the answer is yes.
    std::function<bool()> interrupted;

    /// The virtual machine (index) whose console is the terminal; asked for a line when nothing else will
    /// happen, with what the guest has typed on the present line. Nothing: no more lines.
    std::optional<size_t> terminal;
    std::function<std::optional<std::string>(std::string_view prompt)> read_line;
};

/// Throws std::runtime_error where the virtual machines do not fit into the real machine.
RunResult run(const Scenario& scenario, const RunHooks& hooks = {});
/// The same on copies of what the machines write on (PrivateMedia): one of several runs, which must find what
/// the first one found.
RunResult run_on_copies(Scenario scenario, const RunHooks& hooks = {});

}  // namespace vmcp::experiment
