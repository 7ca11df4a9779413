// What a channel program for a disk of blocks has said so far of where it reads and writes. Of a minidisk in
// several pieces the control program must know it, so that the program can go on on another disk.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>

namespace vmcp {

/// The argument of a define extent.
struct BlockExtent {
    static constexpr unsigned kSize = 16;

    std::array<uint8_t, 4> mask{};
    uint32_t offset = 0, first = 0, last = 0;

    static BlockExtent of(std::span<const uint8_t> argument);
    std::array<uint8_t, kSize> argument() const;
    /// Whether it lies on a disk of so many blocks.
    bool fits(uint32_t blocks) const { return last >= first && uint64_t{offset} + (last - first) < blocks; }
    /// What of it lies on `count` blocks from `begin` on, which are at `real` of another disk; the blocks are
    /// named as before. Empty: nothing. It must fit on some disk.
    std::optional<BlockExtent> part(uint32_t begin, uint32_t count, uint32_t real) const;
};

/// Blocks, and what is to be done with them: the operation of a locate.
struct Blocks {
    uint8_t operation = 0;
    uint32_t begin = 0, count = 0;
};

struct BlockChain {
    static constexpr unsigned kLocateSize = 8;
    enum class Extent : uint8_t { none, whole_disk, defined };

    Extent state = Extent::none;
    BlockExtent extent;

    /// A read IPL makes the whole disk the extent.
    void take_whole_disk(uint32_t blocks) {
        state = Extent::whole_disk;
        extent = {{}, 0, 0, blocks - 1};
    }
    /// What a locate with this argument asks for; a replicated read is one of the first copy. Empty: the disk
    /// rejects it, unless for what it is itself.
    std::optional<Blocks> located(std::span<const uint8_t> argument) const;
    /// The argument of a locate that asks for these blocks of the extent.
    std::array<uint8_t, kLocateSize> locate(const Blocks& blocks) const;
};

}  // namespace vmcp
