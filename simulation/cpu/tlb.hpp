// The translation-lookaside buffer of the simulated machine, and the host's access cache that mirrors part of
// it.
//
// Goal: the TLB is architecture and timing (a miss costs a table walk of simulated time; entries stay until
// purged); the access cache is speed (a hit is one compare and a host pointer). An access-cache entry made
// through a TLB entry lives at most as long as that TLB entry, so the simulated time of a program never
// depends on the host's cache.
//
// Terms: a *space* is a small number that stands for one setting of CR0's translation format and one
// segment-table designation (of CR1, or of CR7 for the secondary space); the CPU keeps the last kSpaces
// settings, like the segment-table-origin stack of large System/370 models. Space 0 is "no translation".
// Pages of a *common segment* (the bit in its segment-table entry) are one for all spaces of a translation
// format: their entries carry the format instead of the space, and outlive a change of CR1. GA22-7000 chapter
// 3, "Translation-Lookaside Buffer".
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "isa/dat.hpp"

namespace simulation {

inline constexpr unsigned kSpaces = 31;  // translated spaces; 5 bits of context with 0 for "untranslated"

/// The tag of common pages, unlike that of any space: below 2048, above kSpaces. `format`: as CR0 holds it.
constexpr uint32_t common_tag(uint32_t format) { return 0x20 | (format >> 19 & 0x1F) << 6; }
constexpr uint32_t kNothingCommon = 0x3F;  // no entry's tag
static_assert(common_tag(isa::kCr0PageSizeMask | isa::kCr0SegmentSizeMask) < 2048);

struct TlbEntry {
    static constexpr uint32_t kInvalid = 0xFFFFFFFF;
    uint32_t page = kInvalid;  // logical address of the page (at least 2048-aligned), | space or common_tag()
    uint32_t frame = 0;        // real address
};

class Tlb {
  public:
    /// `entries`: a power of two; direct-mapped by page number.
    explicit Tlb(unsigned entries) : entries_(entries), mask_(entries - 1) {}

    TlbEntry& slot(uint32_t logical, unsigned page_shift) {
        return entries_[(logical >> page_shift) & mask_];
    }

    void purge() {
        for (TlbEntry& e : entries_) e = TlbEntry{};
    }

  private:
    std::vector<TlbEntry> entries_;
    uint32_t mask_;
};

/// One 2K block of logical storage as the running program may access it.
struct AccessEntry {
    static constexpr uint32_t kNone = 0xFFFFFFFF;
    uint32_t read_tag = kNone;   // logical block address | context
    uint32_t write_tag = kNone;  // the same, where stores need no further check
    uint8_t* host = nullptr;
};

class AccessCache {
  public:
    static constexpr unsigned kEntries = 512;

    AccessEntry& slot(uint32_t logical) { return entries_[(logical >> 11) & (kEntries - 1)]; }

    void flush() {
        for (AccessEntry& e : entries_) e = AccessEntry{};
    }

  private:
    std::array<AccessEntry, kEntries> entries_{};
};

}  // namespace simulation
