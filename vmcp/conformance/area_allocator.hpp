// Gives parts of a core image to its cases; see image_layout.hpp. Nothing is given twice.
#pragma once

#include <array>
#include <cstdint>

#include "vmcp/conformance/identity_tables.hpp"
#include "vmcp/conformance/image_layout.hpp"

namespace vmcp::conformance {

/// Thrown where an image has no room left for a case: the case goes into the next image.
struct ImageFull {};

class AreaAllocator {
  public:
    /// `length` bytes (at most 1536) within one 2K block, on a doubleword boundary plus `skew`.
    uint32_t small(uint32_t length, uint32_t skew);

    /// A 2K boundary with kEdge bytes of the case's own on either side. `kind` tells the keys of the two
    /// blocks.
    enum class Edge : uint8_t { same_key, into_other_key, into_fetch_protected, out_of_fetch_protected };
    uint32_t edge(Edge kind);
    static constexpr uint32_t kEdge = 256;

    /// The first of two virtual pages, next to each other, that stand for nothing yet (identity_tables.hpp).
    uint32_t alias(unsigned format);

    /// `length` bytes in blocks of key 0.
    uint32_t large(uint32_t length);

  private:
    uint32_t next_small_ = kAreas + kEdge;
    std::array<uint32_t, 4> next_edge_{0, 0, 0, 0};
    uint32_t next_large_ = kLarge;
    std::array<uint32_t, kTableFormats> next_alias_{kAliases, kAliases, kAliases, kAliases};
};

}  // namespace vmcp::conformance
