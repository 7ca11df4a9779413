// Who wants to know what the channels do: the CPU that an interruption waits, the ledger how much work a
// channel program was, a trace each command.
#pragma once

#include <cstdint>

#include "simulation/channel/channel_words.hpp"

namespace simulation {

/// The work of one channel program, or of all of them.
struct ChannelUse {
    uint64_t starts = 0;  // channel programs begun (the device was selected, or the program was refused)
    uint64_t ccws = 0;    // CCWs fetched, transfers in channel and data-chained ones included
    uint64_t idaws = 0;   // indirect-data-address words fetched
    uint64_t bytes = 0;   // moved to or from storage, skipped ones included

    bool operator==(const ChannelUse&) const = default;
};

/// Every member may be left as it is. None may start, halt or clear I/O from within the call.
class ChannelObserver {
  public:
    virtual ~ChannelObserver() = default;
    /// A CCW was fetched and found valid.
    virtual void on_ccw(uint16_t /*address*/, const Ccw& /*ccw*/) {}
    /// A channel program has ended at its subchannel; `use` is its own share.
    virtual void on_concluded(uint16_t /*address*/, const ChannelUse& /*use*/) {}
    /// The same, with what the program is told of it.
    virtual void on_status(uint16_t /*address*/, const Csw& /*csw*/) {}
    /// TEST I/O was executed, with this answer.
    virtual void on_test(uint16_t /*address*/, uint8_t /*condition_code*/) {}
    /// An interruption condition has appeared where none was pending for the device.
    virtual void on_interruption_pending(uint16_t /*address*/) {}
};

}  // namespace simulation
