// What an operator's script does at a display: look for a text on its screen, key characters, press a key.
#pragma once

#include <string>

#include "simulation/channel/channel_subsystem.hpp"
#include "simulation/devices/display_3277.hpp"
#include "vmcp/experiment/operator_script.hpp"

namespace vmcp::experiment {

/// The display that a step names. Throws OperatorError where there is none at that address.
simulation::Display3277& display_of(const OperatorStep& step, const simulation::ChannelSubsystem& channels);

/// Whether the text that a step waits for stands on the screen.
bool shows(const OperatorStep& step, const simulation::Display3277& display);

/// Whether the step has to wait until the program restores the keyboard.
bool is_inhibited(const OperatorStep& step, const simulation::Display3277& display);

/// Keys what the step says. Throws OperatorError where a character may not go where the cursor is.
void key(const OperatorStep& step, simulation::Display3277& display);

/// For messages: what the step expected of the display, and the lines on the screen.
std::string expectation(const OperatorStep& step, const simulation::Display3277& display);

}  // namespace vmcp::experiment
