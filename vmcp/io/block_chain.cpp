#include "vmcp/io/block_chain.hpp"

#include <algorithm>

#include "simulation/devices/fba_codes.hpp"
#include "simulation/images/byte_order.hpp"

namespace vmcp {
namespace {

namespace fba = simulation::fba;
using simulation::images::big16, simulation::images::big32, simulation::images::put_big16,
    simulation::images::put_big32;

}  // namespace

BlockExtent BlockExtent::of(std::span<const uint8_t> argument) {
    BlockExtent extent;
    std::copy_n(argument.begin(), extent.mask.size(), extent.mask.begin());
    extent.offset = big32(&argument[4]);
    extent.first = big32(&argument[8]);
    extent.last = big32(&argument[12]);
    return extent;
}

std::array<uint8_t, BlockExtent::kSize> BlockExtent::argument() const {
    std::array<uint8_t, kSize> bytes{};
    std::copy(mask.begin(), mask.end(), bytes.begin());
    put_big32(&bytes[4], offset);
    put_big32(&bytes[8], first);
    put_big32(&bytes[12], last);
    return bytes;
}

std::optional<BlockExtent> BlockExtent::part(uint32_t begin, uint32_t count, uint32_t real) const {
    const uint64_t from = std::max(offset, begin);
    const uint64_t end = std::min(uint64_t{offset} + (last - first) + 1, uint64_t{begin} + count);
    if (from >= end) return std::nullopt;
    BlockExtent part = *this;
    part.offset = static_cast<uint32_t>(real + (from - begin));
    part.first = static_cast<uint32_t>(first + (from - offset));
    part.last = static_cast<uint32_t>(first + (end - 1 - offset));
    return part;
}

std::optional<Blocks> BlockChain::located(std::span<const uint8_t> argument) const {
    if (state == Extent::none || argument.size() < kLocateSize) return std::nullopt;
    const uint8_t operation = argument[0];
    const bool replicated = operation == fba::kLocateReplicated;
    const uint32_t count = big16(&argument[2]), span = replicated ? argument[1] : count;
    const uint32_t displacement = big32(&argument[4]);
    const bool known = replicated || operation == fba::kLocateRead || operation == fba::kLocateWrite ||
                       operation == fba::kLocateWriteVerify;
    if (!known || count == 0 || span == 0 || span % count != 0) return std::nullopt;
    if (displacement < extent.first || displacement > extent.last || span - 1 > extent.last - displacement)
        return std::nullopt;
    return Blocks{replicated ? fba::kLocateRead : operation, extent.offset + (displacement - extent.first),
                  count};
}

std::array<uint8_t, BlockChain::kLocateSize> BlockChain::locate(const Blocks& blocks) const {
    std::array<uint8_t, kLocateSize> bytes{blocks.operation};
    put_big16(&bytes[2], blocks.count);
    put_big32(&bytes[4], extent.first + (blocks.begin - extent.offset));
    return bytes;
}

}  // namespace vmcp
