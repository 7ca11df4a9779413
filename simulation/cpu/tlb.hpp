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

#include <algorithm>
#include <array>
#include <bitset>
#include <cstdint>
#include <cstring>
#include <type_traits>
#include <utility>
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

/// Set-associative: a page may be held in any entry of the set that its number chooses. The entry that was
/// filled first makes room for a new one ("fifo"). That order does not depend on which translations were used
/// since, so that it does not depend on the access cache, which keeps uses from the TLB.
class Tlb {
  public:
    /// `entries`: a power of two, divided by `ways`, which divides it, into sets.
    Tlb(unsigned entries, unsigned ways)
        : entries_(entries), oldest_(entries / ways), ways_(ways), mask_(entries / ways - 1) {}

    /// The set that a page may be held in, to be looked through and to be put into.
    struct Set {
        TlbEntry* entries;
        unsigned ways;
        uint8_t* oldest;

        /// The entry that holds one of these two pages (page | space and page | common tag); null if there is
        /// none.
        const TlbEntry* find(uint32_t page, uint32_t or_page) const {
            for (const TlbEntry* entry = entries; entry != entries + ways; ++entry)
                if (entry->page == page || entry->page == or_page) return entry;
            return nullptr;
        }
        /// What makes room for a new one: its page, or TlbEntry::kInvalid.
        uint32_t oldest_page() const { return entries[*oldest].page; }
        void replace_oldest(const TlbEntry& by) const {
            const unsigned way = *oldest;
            *oldest = static_cast<uint8_t>(way + 1 == ways ? 0 : way + 1);
            entries[way] = by;
        }
    };
    Set set_of(uint32_t logical, unsigned page_shift) {
        const uint32_t set = logical >> page_shift & mask_;
        return {&entries_[set * ways_], ways_, &oldest_[set]};
    }
    const TlbEntry* find(uint32_t logical, unsigned page_shift, uint32_t page, uint32_t or_page) {
        return set_of(logical, page_shift).find(page, or_page);
    }

    void purge() {
        // Bytes are what hosts set fastest; the frame of what is invalid has no meaning.
        static_assert(TlbEntry::kInvalid == 0xFFFFFFFF && std::is_trivially_copyable_v<TlbEntry>);
        std::memset(static_cast<void*>(entries_.data()), 0xFF, entries_.size() * sizeof(TlbEntry));
        std::memset(oldest_.data(), 0, oldest_.size());
    }

  private:
    std::vector<TlbEntry> entries_;
    std::vector<uint8_t> oldest_;  // by set: the way that was filled first
    uint32_t ways_, mask_;
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

    /// `blocks`: of real storage.
    explicit AccessCache(uint32_t blocks) : slots_of_(blocks) {}

    AccessEntry& slot(uint32_t logical) { return entries_[index_of(logical)]; }

    /// What led to the page of 4K that this is in must miss from now on.
    void forget_page(uint32_t logical) {
        AccessEntry* const first = &entries_[index_of(logical) & ~1u];
        first[0] = AccessEntry{};
        first[1] = AccessEntry{};
    }

    /// The slot, which is about to lead to this block of real storage.
    AccessEntry& slot_to_fill(uint32_t logical, uint32_t block) {
        const auto index = static_cast<uint16_t>(index_of(logical));
        const auto one = static_cast<uint16_t>(index + 1);
        uint16_t& slots = slots_of_[block];
        slots = slots == kNowhere || slots == one ? one : kAnywhere;
        AccessEntry& e = entries_[index];
        if (e.host == nullptr && filled_ <= kListed) {
            if (filled_ < kListed) list_[filled_] = index;
            ++filled_;
        }
        return e;
    }
    /// Whatever leads to this block of real storage, which is there in the host, must miss from now on.
    void forget(uint32_t block, const uint8_t* host) {
        const uint16_t slots = std::exchange(slots_of_[block], kNowhere);
        if (slots == kNowhere) return;
        if (slots != kAnywhere) return forget(entries_[slots - 1], host);
        for (AccessEntry& e : entries_) forget(e, host);
    }

    void flush() {
        if (filled_ <= kListed)
            for (unsigned i = 0; i < filled_; ++i) entries_[list_[i]] = AccessEntry{};
        else
            for (AccessEntry& e : entries_) e = AccessEntry{};
        filled_ = 0;
    }

  private:
    static constexpr uint16_t kNowhere = 0, kAnywhere = 0xFFFF;
    static constexpr unsigned kListed = 64;

    static uint32_t index_of(uint32_t logical) { return (logical >> 11) & (kEntries - 1); }
    static void forget(AccessEntry& e, const uint8_t* host) {
        if (e.host == host) e = AccessEntry{};
    }

    std::array<AccessEntry, kEntries> entries_{};
    std::vector<uint16_t> slots_of_;        // by block: one more than the slot that alone may lead there
    std::array<uint16_t, kListed> list_{};  // the first slots that were filled since all were empty
    unsigned filled_ = 0;                   // how many those are; kListed + 1: more than the list holds
};

/// The 2K blocks of logical storage, in whatever space, that executors know instructions in: only where such
/// a block leaves the TLB does that concern them.
class CodeBlocks {
  public:
    void add(uint32_t logical) { known_.set(logical >> 11 & (kBlocks - 1)); }
    /// Whether one of the page of 4K that this is in is among them.
    bool any_of_page(uint32_t logical) const {
        const uint32_t block = logical >> 11 & (kBlocks - 1);
        return known_[block & ~1u] || known_[block | 1u];
    }
    /// Whether it was among them.
    bool remove(uint32_t logical) {
        const uint32_t block = logical >> 11 & (kBlocks - 1);
        if (!known_[block]) return false;
        known_.reset(block);
        return true;
    }

  private:
    static constexpr uint32_t kBlocks = 8192;  // of 16 MiB
    std::bitset<kBlocks> known_;
};

}  // namespace simulation
