// What may be done to a machine from outside: by an operator's script, by a person before the machine, by a
// program that holds a session.
#pragma once

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <variant>

#include "simulation/devices/card.hpp"
#include "simulation/devices/device_configuration.hpp"
#include "vmcp/experiment/vm_description.hpp"

namespace vmcp::experiment {

namespace action {

/// The restart key.
struct Restart {};
/// The load key: initial program loading.
struct LoadProgram {
    uint16_t device = 0;
};
/// The interrupt key: an external interruption.
struct InterruptKey {};
/// The request key of the console.
struct Attention {};
/// A line, typed on the console.
struct ConsoleLine {
    std::string text;
};
/// Characters and a key of a display's keyboard.
struct Keys {
    uint16_t display = 0;
    std::optional<std::string> text;
    std::string key;  // after the text; may be empty
};
/// Cards, into the hopper of a reader.
struct LoadCards {
    simulation::SharedDeck deck;
    std::optional<uint16_t> reader = {};  // empty: the first
};
/// A disk or tape on its unit, or (without a file) none.
struct Mount {
    simulation::DeviceDescription device;
};
/// A command to the control program, as the machine's user enters it.
struct CpCommand {
    std::string text;
};
/// A machine more, which starts at once.
struct LogOn {
    VmDescription machine;
};
/// The machine ends; everything that it held is free. What it has written and used stays in the result.
struct LogOff {};

}  // namespace action

using Action = std::variant<action::Restart, action::LoadProgram, action::InterruptKey, action::Attention,
                            action::ConsoleLine, action::Keys, action::LoadCards, action::Mount,
                            action::CpCommand, action::LogOn, action::LogOff>;

/// An action that cannot be done to this machine. what(): one line, with what was expected. Nothing has
/// changed.
struct ActionError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

}  // namespace vmcp::experiment
