#include "vmcp/conformance/area_allocator.hpp"

namespace vmcp::conformance {

uint32_t AreaAllocator::small(uint32_t length, uint32_t skew) {
    uint32_t start = (next_small_ + 7) / 8 * 8 + skew;
    if (start % kBlock + length > kBlock - kEdge) start = (start / kBlock + 1) * kBlock + kEdge + skew;
    // The last block holds the bytes next to the end of storage.
    if (start / kBlock + 1 >= kBlocks) throw ImageFull{};
    next_small_ = start + length;
    return start;
}

uint32_t AreaAllocator::edge(Edge kind) {
    // Into which element of the pattern of key_of_block the boundary leads.
    static constexpr uint32_t kInto[4] = {1, 2, 3, 0};
    uint32_t& next = next_edge_[static_cast<unsigned>(kind)];
    if (next == 0) {
        next = kAreas + kBlock;
        while (((next / kBlock + 1) & 3) != kInto[static_cast<unsigned>(kind)]) next += kBlock;
    }
    const uint32_t boundary = next;
    if (boundary + kBlock >= kEnd) throw ImageFull{};
    next += 4 * kBlock;
    return boundary;
}

uint32_t AreaAllocator::alias(unsigned format) {
    uint32_t& next = next_alias_[format];
    const uint32_t page = next;
    next += 2 * page_size_of(format);
    if (next > kAliasesEnd) throw ImageFull{};
    return page;
}

uint32_t AreaAllocator::large(uint32_t length) {
    const uint32_t start = (next_large_ + 7) / 8 * 8;
    if (start + length > kLarge + kLargeSize) throw ImageFull{};
    next_large_ = start + length;
    return start;
}

}  // namespace vmcp::conformance
