// A trace of channel programs: every CCW as the channel fetches it, with the command's name and the bytes it
// sends, and the CSW at the end.
#pragma once

#include <functional>
#include <string>

#include "simulation/machine/machine.hpp"

namespace vmcp::experiment {

/// Whose channels are looked at: a real machine's, or a virtual one's.
struct ChannelSource {
    simulation::ChannelSubsystem& channels;
    std::function<simulation::SimTime()> now;
    /// Bytes of the storage that the channels' addresses are of; false where there are none.
    std::function<bool(uint32_t address, uint8_t* out, uint32_t length)> fetch;
    /// The real device at an address, or the one that a virtual one lies on; null: none.
    std::function<const simulation::Device*(uint16_t address)> device;
    std::string name = {};  // begins each line; empty: there is only one machine
    /// Whether the programs of a device have addresses of a storage of their own, of which nothing is shown.
    std::function<bool(uint16_t address)> apart = [](uint16_t) { return false; };
};
ChannelSource channels_of(simulation::Machine& machine);

class IoTrace final : public simulation::ChannelObserver {
  public:
    /// `at`: the simulated time that the line is of.
    using Output = std::function<void(simulation::SimTime at, const std::string& line)>;

    /// Begins to observe the channels, which must outlive it.
    IoTrace(ChannelSource source, Output output);
    IoTrace(simulation::Machine& machine, Output output) : IoTrace(channels_of(machine), std::move(output)) {}
    ~IoTrace() override;

    void on_ccw(uint16_t address, const simulation::Ccw& ccw) override;
    void on_status(uint16_t address, const simulation::Csw& csw) override;

  private:
    std::string begin_line(uint16_t address) const;

    ChannelSource source_;
    Output output_;
};

/// "search id equal (multitrack)"; for a device type such as "3330-1". What is not known is "command".
std::string command_name(std::string_view device_type, uint8_t command);

/// "channel end, device end, unit check"; empty for no bit.
std::string status_text(uint8_t unit_status, uint8_t channel_status);

}  // namespace vmcp::experiment
