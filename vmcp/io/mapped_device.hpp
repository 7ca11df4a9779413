// What a virtual machine is to have of a real device: all of it (dedicated), a minidisk on it, or space on
// one that the control program has for temporary disks.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "vmcp/io/relayed_subchannel.hpp"

namespace vmcp {

/// How a minidisk may be used beside others who have it, or cylinders of it (CP's LINK, GC20-1820): read,
/// write, multiple; the second letter is what is given where the first cannot be. The R alone is refused
/// where somebody may write.
enum class LinkMode : uint8_t { r, rr, w, wr, m, mr, mw };
/// "R", "RR", "W", "WR", "M", "MR", "MW"
std::string_view name_of(LinkMode mode);

/// Some cylinders of a real disk.
struct MinidiskPiece {
    uint16_t real = 0;
    uint32_t first = 0, count = 0;

    bool operator==(const MinidiskPiece&) const = default;
};

struct MappedDevice {
    uint16_t address = 0;    // of the virtual device
    uint16_t real = 0;       // of the real one; of a temporary disk: chosen when it is attached
    bool dedicated = false;  // all of it, for nobody else
    /// Of a temporary disk: the type of disk that it is to be on, such as "3330"; `count` of its cylinders or
    /// blocks are taken, wherever they are free. Empty for all others.
    std::string temporary = {};
    uint32_t first = 0;  // of a minidisk: cylinder, or block of a fixed-block disk
    uint32_t count = 0;
    std::vector<MinidiskPiece> further = {};  // of a minidisk: what comes behind that, on this or other disks
    LinkMode mode = LinkMode::mw;
    WayOfIo way = WayOfIo::translation;
    unsigned kept_programs = kKeptPrograms;  // of way `fast`
    // Of a dedicated or temporary fixed-block disk: the control program looks at all data; and enciphers
    // them, if there is a key (disk_watch.hpp).
    bool watched = false;
    std::string block_key = {};
    IoMappingStrategy mapping{};           // of way `translating_channel`
    unsigned mapped_pages = kMappedPages;  // with it, of strategy `per_program_cached`
    bool unsafe = false;                   // of way `direct`: with neither translation nor bounds, for tests
    std::optional<WayOfIo> instead_of = {};  // the way that was asked for, where the machine model lacks it
    bool interpretive = false;  // the machine starts it and presents its interruptions (interpretive I/O)
    std::string_view not_interpretive = {};  // why it does not, where it was asked for

    std::vector<MinidiskPiece> pieces() const {
        std::vector<MinidiskPiece> all{{real, first, count}};
        all.insert(all.end(), further.begin(), further.end());
        return all;
    }

    bool operator==(const MappedDevice&) const = default;
};

}  // namespace vmcp
