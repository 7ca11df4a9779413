#include "vmcp/experiment/console_typist.hpp"

#include <utility>

namespace vmcp::experiment {

namespace {

/// So many tests of the idle console between two looks are a loop; fewer belong to single operations.
constexpr uint32_t kPolling = 50;

}  // namespace

ConsoleTypist::ConsoleTypist(simulation::ChannelSubsystem& channels, simulation::Console& console,
                             std::function<bool()> enabled)
    : channels_(channels), console_(console), enabled_(std::move(enabled)) {
    channels_.observers.add(*this);
}

ConsoleTypist::~ConsoleTypist() { channels_.observers.remove(*this); }

void ConsoleTypist::on_test(uint16_t address, uint8_t condition_code) {
    if (condition_code == 0 && channels_.device(address) == &console_) ++tests_;
}

void ConsoleTypist::type(std::string line) {
    held_.push_back(std::move(line));
    if (held_.size() == 1 && can_take()) type_next();
}

void ConsoleTypist::type_next() {
    const std::string line = std::move(held_.front());
    held_.pop_front();
    console_.enter(line);
}

bool ConsoleTypist::look(bool busy) {
    const bool polls = std::exchange(tests_, 0) >= kPolling;
    const bool read_waits = console_.read_waiting();
    const bool asks = polls || (read_waits && read_waited_ && busy);
    read_waited_ = read_waits;
    if (held_.empty()) return asks;
    if (polls || can_take()) type_next();
    return false;
}

bool ConsoleTypist::type_all() {
    const bool any = holds_lines();
    while (holds_lines()) type_next();
    return any;
}

}  // namespace vmcp::experiment
