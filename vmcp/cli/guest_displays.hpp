// Terminals as the screens of guests' displays, while `vmcp run` runs them.
#pragma once

#include "vmcp/experiment/virtual_session.hpp"
#include "vmcp/terminal/display_terminals.hpp"

namespace vmcp::cli {

/// Lets terminals connect to the displays of the scenario that listen, and says where. Throws InputError
/// where that cannot be.
void serve_displays(const experiment::Scenario& scenario, experiment::VirtualSession& session,
                    terminal::DisplayTerminals& terminals);

/// Runs the machines until all of them have ended, or somebody ends the run. What is entered at a terminal
/// comes when it comes, so two such runs are not the same. Where nothing but timers is awaited, the machines
/// do not go faster than the clock of whoever sits there.
void run_attended(experiment::VirtualSession& session, terminal::DisplayTerminals& terminals);

}  // namespace vmcp::cli
