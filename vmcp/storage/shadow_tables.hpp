// Shadow tables: how a guest that translates addresses itself runs on a machine that translates only once.
//
// Goal: the guest's tables lead from third-level to second-level addresses, the control program's from
// second-level to first-level ones. The hardware knows one set of tables, so the control program keeps shadow
// tables, third-level to first-level, and lets the real CPU use those while the guest has translation on.
// Terms: a *set* shadows one of the guest's address spaces, named by the translation format in its CR0 and
// the segment-table designation in its CR1. An *entry* stands for one page. Life cycle: a set begins with
// every entry invalid. The real CPU takes a translation exception; the control program walks the guest's
// tables; if they have the page, its frame is filled into the shadow, otherwise the guest gets the exception.
// Entries stay until the architecture lets the guest expect a change: PTLB and SET PREFIX empty every set,
// IPTE takes what was formed from the entry that it marks, in every set (segments whose entries were formed
// from several page tables are not told apart); a page frame that is taken away takes the entries along that
// lead to it. LCTL of CR0 or CR1 chooses another set; up to `capacity` are kept, so that going back to an
// address space does not start from nothing. The least recently used set makes room for a new one. A shadow
// is a TLB that the control program keeps in storage: like a TLB it may hold on to what the guest's tables
// said until the guest purges it. GA22-7000 chapter 3, "Translation-Lookaside Buffer".
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "isa/dat.hpp"
#include "vmcp/storage/address.hpp"
#include "vmcp/storage/frame_table.hpp"

namespace vmcp {

class ShadowTables {
  public:
    /// `capacity`: sets kept, at least 1.
    ShadowTables(FrameTable& frames, unsigned capacity) : frames_(frames), capacity_(capacity) {}
    ~ShadowTables();
    ShadowTables(const ShadowTables&) = delete;
    ShadowTables& operator=(const ShadowTables&) = delete;

    /// What the real CPU must hold in CR0 (translation format) and CR1 while the guest runs in this address
    /// space.
    struct Designation {
        uint32_t cr0_format;
        uint32_t cr1;
        bool reused = false;  // these tables shadowed another address space until now: purge the TLB
        bool operator==(const Designation& other) const {
            return cr0_format == other.cr0_format && cr1 == other.cr1;
        }
    };

    /// Chooses the set for the guest's control registers; `format` is that of its CR0, `guest_cr1` the
    /// segment-table designation in its CR1, or in its CR7 for the set of the secondary space, which is
    /// active beside the primary one (so that the capacity must be 2 at least). Throws RealStorageExhausted.
    Designation activate(isa::TranslationFormat format, uint32_t guest_cr1, bool secondary = false);

    /// Fills the entry of an active set: the page of `a` is at `frame` (first level, on a page boundary of
    /// the guest's page size). `guest_entry`: of the guest's page table, which said so. Throws
    /// RealStorageExhausted.
    void fill(ThirdLevel a, FirstLevel frame, SecondLevel guest_entry, bool secondary = false);

    /// Where the active set leads, as the hardware finds it; empty where its entry is invalid.
    std::optional<FirstLevel> find(ThirdLevel a) const;

    /// Whether fill() for this address finds the table that the entry belongs into.
    bool has_table(ThirdLevel a, bool secondary) const;

    /// Invalidates every entry of every set. Returns how many were valid.
    uint64_t purge();
    /// Invalidates, in every set of this format, what this entry of a guest's page table may have said of the
    /// page with the page index of `a`.
    void purge_page(isa::TranslationFormat format, ThirdLevel a, SecondLevel guest_entry);
    /// Invalidates every entry that leads to this frame. Returns how many there were.
    uint64_t purge_frame(FirstLevel frame);

    uint64_t entries() const { return entries_; }  // valid now
    size_t sets() const { return sets_.size(); }

  private:
    // Shadow tables always have 64K segments, whatever the guest's have; the page size is the guest's.
    struct Segment {
        uint8_t index;
        uint32_t guest_page_table;  // that its entries were formed from, second level; or kSeveral
    };
    static constexpr uint32_t kSeveral = 0xFFFFFFFF;
    struct Set {
        isa::TranslationFormat format;
        uint32_t guest_cr1 = 0;
        uint32_t segment_table = 0;          // real address, 256 entries
        std::vector<Segment> used_segments;  // that have a page table, in the order of their first use
        uint64_t entries = 0;
        uint64_t last_use = 0;
    };

    void empty(Set& set);
    uint32_t take(uint32_t bytes, uint32_t alignment, std::vector<uint32_t>& pool);

    FrameTable& frames_;
    unsigned capacity_;
    std::vector<Set> sets_;
    std::array<size_t, 2> active_{};  // of the primary and the secondary space
    uint64_t uses_ = 0;
    uint64_t entries_ = 0;
    std::vector<uint32_t> free_page_tables_;  // 64 bytes each: enough for 32 pages of 2K
};

}  // namespace vmcp
