// Storage as a channel sees it. The real channels work on real storage; the virtual channels of a virtual
// machine work on that machine's second-level storage through the same interface. GA22-7000 chapter 13.
#pragma once

#include <cstdint>

namespace simulation {

enum class ChannelAccess : uint8_t { ok, addressing, protection };

class ChannelStorage {
  public:
    virtual ~ChannelStorage() = default;

    /// Whether a program that uses this storage may be started on that unit: a channel with tables of its own
    /// knows which units they are for (simulation/machine/io_table.hpp).
    virtual bool permits_unit(uint16_t /*address*/) const { return true; }

    /// Size in bytes; addresses at or above it are invalid (program check).
    virtual uint32_t size() const = 0;

    /// Copies `length` bytes (at most 2048, not crossing a 2K block) out of / into storage at an absolute
    /// address, under the subchannel key (0 matches every storage key); sets reference and change bits.
    /// Nothing is copied unless the answer is ok.
    virtual ChannelAccess fetch(uint32_t address, uint8_t* out, uint32_t length, uint8_t key) = 0;
    /// The eight bytes of a channel-command word, which the channel is about to carry out.
    virtual ChannelAccess fetch_ccw(uint32_t address, uint8_t* out, uint8_t key) {
        return fetch(address, out, 8, key);
    }
    virtual ChannelAccess store(uint32_t address, const uint8_t* in, uint32_t length, uint8_t key) = 0;
};

}  // namespace simulation
