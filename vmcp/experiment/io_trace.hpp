// A trace of channel programs: every CCW as the channel fetches it, with the command's name and the bytes it
// sends, and the CSW at the end.
#pragma once

#include <functional>
#include <string>

#include "simulation/machine/machine.hpp"

namespace vmcp::experiment {

class IoTrace final : public simulation::ChannelObserver {
  public:
    /// `at`: the simulated time that the line is of.
    using Output = std::function<void(simulation::SimTime at, const std::string& line)>;

    /// Begins to observe the machine, which must outlive it.
    IoTrace(simulation::Machine& machine, Output output);
    ~IoTrace() override;

    void on_ccw(uint16_t address, const simulation::Ccw& ccw) override;
    void on_status(uint16_t address, const simulation::Csw& csw) override;

  private:
    std::string begin_line(uint16_t address) const;

    simulation::Machine& machine_;
    Output output_;
};

/// "search id equal (multitrack)"; for a device type such as "3330-1". What is not known is "command".
std::string command_name(std::string_view device_type, uint8_t command);

/// "channel end, device end, unit check"; empty for no bit.
std::string status_text(uint8_t unit_status, uint8_t channel_status);

}  // namespace vmcp::experiment
