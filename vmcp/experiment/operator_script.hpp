// What the operator of a native machine does, written down before: wait for a text on the console, then type
// an answer, press keys, put cards into the reader, mount a disk or tape, load another program.
//
// A script is a TOML file of steps, done in their order. A step with `wait` begins when a text that matches
// has come since the step before, or stands on the display's screen; one without it, at once; both after
// their `pause_s`. A line for the console is typed when the program can take it (ConsoleTypist). The run ends
// with the last step.
#pragma once

#include <optional>
#include <regex>
#include <string>
#include <vector>

#include "simulation/devices/card.hpp"
#include "simulation/devices/device_configuration.hpp"
#include "vmcp/experiment/guest_image.hpp"

namespace vmcp::experiment {

inline constexpr simulation::SimTime kStepLimit = 600 * simulation::kSecond;

/// A regular expression (ECMAScript).
struct Pattern {
    /// Throws std::regex_error.
    explicit Pattern(std::string of) : text(std::move(of)), expression(text) {}

    std::string text;
    std::regex expression;

    bool operator==(const Pattern& other) const { return text == other.text; }
};

struct OperatorStep {
    std::string where;  // "FILE:LINE:COLUMN" of the step
    std::optional<Pattern> wait;
    simulation::SimTime limit = kStepLimit;  // how long to wait at most, simulated ns
    simulation::SimTime pause = 0;  // from then on, before acting; none where the machine stands still

    bool attention = false;           // the request key
    std::optional<uint16_t> display;  // what `wait`, `type` and `key` are about instead of the console
    std::optional<std::string> type;  // a line for the console; characters keyed on the display
    std::string key;                  // of the display's keyboard, pressed after that; may be empty
    simulation::SharedDeck cards;     // into the reader
    std::optional<uint16_t> reader;   // into this one; empty: the first
    std::optional<simulation::DeviceDescription> mount;
    std::optional<uint16_t> ipl;
    std::string command;  // of the control program's (CP), entered before all the others; may be empty

    bool operator==(const OperatorStep&) const = default;
};

using OperatorScript = std::vector<OperatorStep>;

/// The script did not go as written. what() says which step, what was expected, and what the console said.
struct OperatorError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// Reads a script; files that it names are looked for beside it. Throws simulation::TomlError, GuestError.
OperatorScript read_operator_script(const std::string& path);

}  // namespace vmcp::experiment
