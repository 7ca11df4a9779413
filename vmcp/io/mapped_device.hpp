// What a virtual machine is to have of a real device: all of it (dedicated), or a minidisk on it.
#pragma once

#include <cstdint>
#include <string_view>

#include "vmcp/io/relayed_subchannel.hpp"

namespace vmcp {

/// How a minidisk may be used beside others who have it, or cylinders of it (CP's LINK, GC20-1820): read,
/// write, multiple; the second letter is what is given where the first cannot be. The R alone is refused
/// where somebody may write.
enum class LinkMode : uint8_t { r, rr, w, wr, m, mr, mw };
/// "R", "RR", "W", "WR", "M", "MR", "MW"
std::string_view name_of(LinkMode mode);

struct MappedDevice {
    uint16_t address = 0;    // of the virtual device
    uint16_t real = 0;       // of the real one
    bool dedicated = false;  // all of it, for nobody else
    uint32_t first = 0;      // of a minidisk: cylinder, or block of a fixed-block disk
    uint32_t count = 0;
    LinkMode mode = LinkMode::mw;
    WayOfIo way = WayOfIo::translation;

    bool operator==(const MappedDevice&) const = default;
};

}  // namespace vmcp
