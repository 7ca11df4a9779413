// Who types on a machine's console what a script or a file says, and sees when the program can take it.
//
// A line that comes before the program is ready for it would be an attention that nobody expects: a program
// that does everything by START I/O and TEST I/O, with interruptions disabled, finds its next operation
// refused for it, and is not prepared for that. So a line waits until a read is outstanding, or the program
// would be interrupted by the request key, or looks for attention itself by testing the idle console again
// and again.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <string>

#include "simulation/channel/channel_subsystem.hpp"
#include "simulation/devices/console.hpp"

namespace vmcp::experiment {

class ConsoleTypist final : private simulation::ChannelObserver {
  public:
    /// How often he looks, in simulated time.
    static constexpr simulation::SimTime kLook = 100 * simulation::kMillisecond;

    /// All must outlive it. `enabled`: whether an interruption by the console's channel would be taken now.
    ConsoleTypist(simulation::ChannelSubsystem& channels, simulation::Console& console,
                  std::function<bool()> enabled);
    ~ConsoleTypist() override;
    ConsoleTypist(const ConsoleTypist&) = delete;
    ConsoleTypist& operator=(const ConsoleTypist&) = delete;

    /// A line to type, as soon as the program can take it.
    void type(std::string line);
    /// Whether lines wait for that: somebody must look.
    bool holds_lines() const { return !held_.empty(); }

    /// To be called every kLook: types what waits, if the program can take it now. `busy`: the program has
    /// not been in the wait state since the look before. Answers whether the program asks for a line that is
    /// not there: its read was outstanding all the time while it was busy, or it looks for attention.
    bool look(bool busy);
    /// The machine waits, and nothing will happen: types what waits in any case. Answers whether there was
    /// something.
    bool type_all();

  private:
    void on_test(uint16_t address, uint8_t condition_code) override;
    bool can_take() const { return console_.read_waiting() || enabled_(); }
    void type_next();

    simulation::ChannelSubsystem& channels_;
    simulation::Console& console_;
    std::function<bool()> enabled_;
    std::deque<std::string> held_;
    uint32_t tests_ = 0;        // of the idle console by TEST I/O, since the look before
    bool read_waited_ = false;  // at the look before
};

}  // namespace vmcp::experiment
