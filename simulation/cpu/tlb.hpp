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

    /// Whether it is of one of these two, of which one page has two tags. Nearly all are of another page.
    bool holds(uint32_t tagged, uint32_t or_tagged) const {
        constexpr uint32_t kTags = 2048;
        return (page ^ tagged) < kTags && (page == tagged || page == or_tagged);
    }
};

/// Set-associative: a page may be held in any entry of the set that its number chooses. The entry that was
/// filled first makes room for a new one ("fifo"). That order does not depend on which translations were used
/// since, so that it does not depend on the access cache, which keeps uses from the TLB.
class Tlb {
  public:
    /// `entries`: a power of two, divided by `ways`, which divides it, into sets.
    Tlb(unsigned entries, unsigned ways)
        : entries_(entries / ways * (ways + 1)), none_(entries_), ways_(ways), mask_(entries / ways - 1) {}

    /// The set that a page may be held in, to be looked through and to be put into. Behind its entries is one
    /// more, which holds no page: its frame is the number of the entry that was filled first.
    struct Set {
        TlbEntry* entries;
        unsigned ways;

        /// The entry that holds one of these two pages (page | space and page | common tag); null if there is
        /// none. Where both are held, that of the lower number.
        const TlbEntry* find(uint32_t page, uint32_t or_page) const {
            if (ways == 2) {  // without a loop
                if (entries[0].holds(page, or_page)) return entries;
                return entries[1].holds(page, or_page) ? entries + 1 : nullptr;
            }
            for (const TlbEntry* entry = entries; entry != entries + ways; ++entry)
                if (entry->holds(page, or_page)) return entry;
            return nullptr;
        }
        /// What makes room for a new one: its page, or TlbEntry::kInvalid.
        uint32_t oldest_page() const { return entries[entries[ways].frame].page; }
        void replace_oldest(const TlbEntry& by) const {
            uint32_t& oldest = entries[ways].frame;
            const uint32_t way = oldest;
            oldest = way + 1 == ways ? 0 : way + 1;
            entries[way] = by;
        }
    };
    Set set_of(uint32_t logical, unsigned page_shift) {
        const uint32_t set = logical >> page_shift & mask_;
        return {&entries_[set * (ways_ + 1)], ways_};
    }
    const TlbEntry* find(uint32_t logical, unsigned page_shift, uint32_t page, uint32_t or_page) {
        return set_of(logical, page_shift).find(page, or_page);
    }

    void purge() {
        static_assert(std::is_trivially_copyable_v<TlbEntry>);
        // Copying is what hosts do fastest.
        std::memcpy(static_cast<void*>(entries_.data()), none_.data(), none_.size() * sizeof(TlbEntry));
    }

  private:
    std::vector<TlbEntry> entries_;
    const std::vector<TlbEntry> none_;  // the same when nothing is held
    uint32_t ways_, mask_;
};

/// One 2K block of logical storage as the running program may access it.
struct AccessEntry {
    static constexpr uint32_t kNone = 0xFFFFFFFF;
    uint32_t read_tag = kNone;   // logical block address | context
    uint32_t write_tag = kNone;  // the same, where stores need no further check
    uint8_t* host = nullptr;     // that of the last time, where there are no tags

    void forget_tags() { read_tag = write_tag = kNone; }
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
        first[0].forget_tags();
        first[1].forget_tags();
    }

    /// The slot, which is about to lead to this block of real storage.
    AccessEntry& slot_to_fill(uint32_t logical, uint32_t block) {
        const auto index = static_cast<uint16_t>(index_of(logical));
        const auto one = static_cast<uint16_t>(index + 1);
        uint16_t& slots = slots_of_[block];
        if (slots != one) slots = slots == kNowhere ? one : kAnywhere;
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
    void add(uint32_t logical) { of_page(logical) |= bit_of(logical); }
    /// Whether one of the page of 4K that this is in is among them.
    bool any_of_page(uint32_t logical) const { return known_[logical >> 12 & (kPages - 1)] != 0; }
    /// Whether it was among them.
    bool remove(uint32_t logical) {
        uint8_t& known = of_page(logical);
        const uint8_t bit = bit_of(logical);
        if ((known & bit) == 0) return false;
        known = static_cast<uint8_t>(known & ~bit);
        return true;
    }

  private:
    static constexpr uint32_t kPages = 4096;  // of 16 MiB

    uint8_t& of_page(uint32_t logical) { return known_[logical >> 12 & (kPages - 1)]; }
    static uint8_t bit_of(uint32_t logical) { return logical & 2048 ? 2 : 1; }

    std::array<uint8_t, kPages> known_{};  // by page: a bit for either of its blocks
};

}  // namespace simulation
