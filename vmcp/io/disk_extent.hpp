// Where on a real device a virtual one lies: all of it, or some of its cylinders or blocks (a minidisk). What
// names a place on the disk is moved to where the minidisk is, and what would lead out of it is made to be
// refused by the device, as a smaller disk would.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "simulation/channel/channel_words.hpp"

namespace vmcp {

enum class DeviceClass : uint8_t {
    other,  // dedicated as it is: what a command means is not looked at
    count_key_data,
    fixed_block,
};

struct DiskExtent {
    DeviceClass device = DeviceClass::other;
    bool whole = true;  // the whole device: nothing is moved
    bool read_only = false;
    uint32_t first = 0;  // cylinder or block
    uint32_t count = 0;
    // Of one piece of a minidisk that lies on several disks: the minidisk's cylinder, or block, that `first`
    // is, and how many it has in all pieces together; 0: this is all of it.
    uint32_t base = 0, all = 0;

    uint32_t size() const { return all != 0 ? all : count; }
    bool has(uint32_t place) const { return place >= base && place - base < count; }
    /// Whether it is a piece of a minidisk of blocks, where one read may go over the end of a piece.
    bool divides_blocks() const { return all != 0 && device == DeviceClass::fixed_block; }
    /// Whether a program with this define extent, of blocks in several pieces, stays here whatever comes
    /// behind it. `argument`: as for leads_to.
    bool holds(std::span<const uint8_t> argument) const;
    /// The cylinder or block of another piece that the command leads to; empty: it stays, or leads to
    /// nowhere. `argument`: of a command that has one, if it could be read.
    std::optional<uint32_t> leads_to(uint8_t command, std::span<const uint8_t> argument) const;

    bool operator==(const DiskExtent&) const = default;

    /// A command that every disk rejects.
    static constexpr uint8_t kNoCommand = 0xFF;

    /// Bytes of the argument that names a place, which the command takes from storage; 0: it has none.
    unsigned argument(uint8_t command) const;
    /// Moves that; a place outside of the extent becomes one that no device has. What a define extent says
    /// ends where the piece does.
    void relocate(uint8_t command, std::span<uint8_t> argument) const;
    /// What the device is to get in the place of a command that it would carry out wherever the extent ends:
    /// one that it rejects. Most commands are answered unchanged.
    uint8_t allowed(uint8_t command) const;
    /// Whether the command moves the arm to the beginning of the disk, without an argument (recalibrate).
    bool returns_to_start(uint8_t command) const;
    /// Whether it reads the first record of the disk wherever the arm is (read IPL).
    bool reads_start(uint8_t command) const;
    /// Whether it sets the file mask, behind which a read IPL is rejected.
    bool sets_mask(uint8_t command) const;
    /// Whether its data tell how large the disk is (read device characteristics of a fixed-block disk).
    bool tells_size(uint8_t command) const;
    /// Puts the size of the extent into such data, of which these bytes begin at `at`.
    void tell_size(uint32_t at, std::span<uint8_t> data) const;
    /// Whether the CCW behind it may be passed over, by status modifier.
    bool may_skip(uint8_t command) const;
    /// Whether it, or what is chained to it, may go by where arm and head are, so that they must be there
    /// before: whatever does not bring them somewhere itself.
    bool needs_position(uint8_t command) const;
    /// The six bytes of a seek to a cylinder of the extent.
    std::array<uint8_t, 6> seek_argument(uint32_t cylinder, uint32_t head) const;
};

/// Whether the command is one that takes nothing from storage and gives nothing: what its CCW says of data is
/// not looked at by any device that has it.
bool moves_no_data(DeviceClass device, uint8_t command);
/// Whether it stores: read, read backward, sense.
constexpr bool is_input(uint8_t command) {
    return (command & 0x03) == 0x02 || (command & 0x0F) == 0x0C || (command & 0x0F) == 0x04;
}

}  // namespace vmcp
