// The channel program by which the control program moves blocks between a buffer and a disk: define extent,
// locate and read or write on a fixed-block disk; seek, set sector, search and read or write for each record
// on a disk with count, key and data, whose tracks must be formatted with records of one length, without
// keys.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "simulation/channel/channel_storage.hpp"
#include "simulation/channel/channel_words.hpp"
#include "simulation/images/disk_geometry.hpp"
#include "simulation/model/time.hpp"

namespace vmcp {

/// A disk, or a part of one, as blocks.
struct BlockDisk {
    const simulation::images::DiskGeometry* geometry = nullptr;  // null: of fixed blocks
    simulation::SimTime rotation = 0;                            // as below, of a disk with sectors
    int64_t bytes_per_second = 0;
    uint32_t first = 0;      // cylinder, or block of the disk, where it begins
    uint32_t places = 0;     // cylinders or blocks that it has
    uint32_t per_track = 0;  // of a disk with cylinders: blocks on each track
    uint32_t block = 512;    // bytes

    uint64_t blocks() const {
        return geometry == nullptr ? places : uint64_t{places} * geometry->heads * per_track;
    }
    /// The cylinder that the arm goes to for a block.
    unsigned cylinder_of(uint32_t number) const {
        return geometry == nullptr ? 0 : first + number / (geometry->heads * per_track);
    }
    /// How many records of this length a track has room for.
    static uint32_t records_of_track(const simulation::images::DiskGeometry& geometry, uint32_t length);
};

/// What the channel sees: the program at 0, what its commands take, and a buffer.
class BlockProgram final : public simulation::ChannelStorage {
  public:
    static constexpr uint32_t kMostBytes = 32768, kMostBlocks = 64;

    /// For `data.size()` bytes, whole blocks from `number` on, which the disk has; at most kMostBytes and
    /// kMostBlocks. `data`: what is to be written.
    BlockProgram(const BlockDisk& disk, bool writes, uint32_t number, const std::vector<uint8_t>& data);

    std::span<const uint8_t> data() const { return std::span(bytes_).subspan(kDataAt); }

    uint32_t size() const override { return static_cast<uint32_t>(bytes_.size()); }
    simulation::ChannelAccess fetch(uint32_t address, uint8_t* out, uint32_t length, uint8_t key) override;
    simulation::ChannelAccess store(uint32_t address, const uint8_t* in, uint32_t length,
                                    uint8_t key) override;

  private:
    // At most five CCWs a block, with eight bytes of arguments.
    static constexpr uint32_t kArgumentsAt = 0xC00, kDataAt = 0x1000;
    void add(uint8_t command, bool last, uint32_t count, uint32_t address);
    void for_blocks(const BlockDisk& disk, bool writes, uint32_t number, uint32_t count);
    void for_records(const BlockDisk& disk, bool writes, uint32_t number, uint32_t count);

    std::vector<uint8_t> bytes_;
    uint32_t next_ = 0;  // CCW
};

}  // namespace vmcp
