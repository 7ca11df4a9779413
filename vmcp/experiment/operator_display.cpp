#include "vmcp/experiment/operator_display.hpp"

#include <fmt/format.h>

namespace vmcp::experiment {
namespace {

/// The screen without the empty lines at its end.
std::string screen(const simulation::Display3277& display) {
    std::string text = display.buffer().text();
    text.erase(text.find_last_not_of('\n') + 1);
    return text;
}

}  // namespace

simulation::Display3277& display_of(const OperatorStep& step, const simulation::ChannelSubsystem& channels) {
    auto* display = dynamic_cast<simulation::Display3277*>(channels.device(*step.display));
    if (display == nullptr)
        throw OperatorError(fmt::format("{}: device {:03X}: expected a display of the configuration",
                                        step.where, *step.display));
    return *display;
}

bool shows(const OperatorStep& step, const simulation::Display3277& display) {
    return std::regex_search(display.buffer().text(), step.wait->expression);
}

bool is_inhibited(const OperatorStep& step, const simulation::Display3277& display) {
    return (step.type || !step.key.empty()) && step.key != "RESET" && display.keyboard().inhibited();
}

void key(const OperatorStep& step, simulation::Display3277& display) {
    simulation::DisplayKeyboard& keyboard = display.keyboard();
    if ((!step.type || keyboard.type(*step.type)) && (step.key.empty() || keyboard.press(step.key))) return;
    const unsigned cursor = display.buffer().cursor(), columns = display.buffer().columns();
    throw OperatorError(
        fmt::format("{}: the keyboard of display {:03X} took no more of \"{}\" with the cursor in row {}, "
                    "column {}, where "
                    "nothing may be keyed; the screen:\n{}",
                    step.where, *step.display, step.type.value_or(step.key), cursor / columns + 1,
                    cursor % columns + 1, screen(display)));
}

std::string expectation(const OperatorStep& step, const simulation::Display3277& display) {
    const std::string what =
        step.wait && !shows(step, display)
            ? fmt::format("expected a text on display {:03X} that matches \"{}\"", *step.display,
                          step.wait->text)
            : fmt::format("expected the keyboard of display {:03X} to be restored", *step.display);
    return fmt::format("{}; the screen:\n{}", what, screen(display));
}

}  // namespace vmcp::experiment
