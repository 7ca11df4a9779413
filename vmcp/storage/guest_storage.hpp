// Second-level storage of one virtual machine: a segment table and page tables in real storage that map what
// the guest believes is real storage to page frames. GA22-7000 chapter 3, "Dynamic Address Translation"; 4K
// pages, 64K segments.
//
// Three kinds, by how pages get their frames:
//   V=V         when they are touched, any frame; it may be taken away again (vmcp/storage/pager.hpp)
//   V=Resident  at log-on, all in one piece: second-level address + constant = first-level address; never
//               taken away
//   V=R         the same with the constant zero, except for page 0, whose place the real machine needs itself
//
// Reference and change bits. The hardware keeps one pair a 2K block, and both the guest and the control
// program want to reset it for purposes of their own. So whoever resets a bit saves it for the other: what
// each sees is the hardware's bits or-ed with those saved for him.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "isa/dat.hpp"
#include "vmcp/storage/address.hpp"
#include "vmcp/storage/pager.hpp"
#include "vmcp/storage/shared_segment.hpp"

namespace vmcp {

/// Whose storage it is, as storage and pager see it.
class StorageOwner {
  public:
    virtual ~StorageOwner() = default;
    /// What is done for the storage is entered there.
    virtual Account& storage_account() = 0;
    /// A number that changes when the machine has got further; kNoProgress for one that waits by its own will
    /// or is stopped, and needs no page.
    virtual uint64_t progress() const = 0;
    static constexpr uint64_t kNoProgress = ~uint64_t{0};
    /// A page has lost this frame: what leads there must go. How much did. (What the CPUs remember is the
    /// pager's business.)
    virtual uint64_t frame_lost(FirstLevel frame) = 0;
    // Of an owner whose instructions are fetched from copies of its pages (GuestStorage::fetch_from_copies):
    // their protection is that of the pages, and a reference to them one to the pages.
    /// Moves the reference bit of a 2K block's copy to the block.
    virtual void collect_reference(FirstLevel /*block*/) {}
    virtual void key_changed(FirstLevel /*block*/) {}
};

/// Pages of one virtual machine that moved.
struct PageCounts {
    uint64_t fills = 0;   // got a frame of zeroes
    uint64_t reads = 0;   // were brought in
    uint64_t writes = 0;  // were written out
    uint64_t taken = 0;   // lost their frames
};

/// Raised where a page must have a frame and there is none left: the virtual machine cannot go on.
struct RealStorageExhausted {};

enum class StorageKind : uint8_t { paged, resident, real };
/// "V=V", "V=Resident", "V=R"
std::string_view name_of(StorageKind kind);

class GuestStorage {
  public:
    /// `size`: a multiple of 4096 up to 16 MiB. `id` tells the pager and its events whose it is. `limit`: the
    /// end of the highest segment that may be attached. Throws std::runtime_error if real storage has no room
    /// for the tables, or for a machine that is not paged.
    GuestStorage(Pager& pager, StorageOwner& owner, uint32_t id, uint32_t size,
                 StorageKind kind = StorageKind::paged, uint32_t limit = 0);
    ~GuestStorage();
    GuestStorage(const GuestStorage&) = delete;
    GuestStorage& operator=(const GuestStorage&) = delete;

    uint32_t id() const { return id_; }
    Account& account() const { return owner_.storage_account(); }
    uint64_t progress() const { return owner_.progress(); }
    uint64_t frame_lost(FirstLevel frame) { return owner_.frame_lost(frame); }
    uint32_t size() const { return size_; }
    /// Another size, up to 16 MiB, of a machine that is paged: nothing is in it, as when it was new.
    /// Everything that it held is given back; pages that were locked are so no longer. What CPUs and shadow
    /// tables know of it must go. False, and nothing is changed, where real storage has no room for the
    /// tables.
    bool redefine(uint32_t size);
    StorageKind kind() const { return kind_; }
    /// Whether there is storage: the machine's own, or an attached segment.
    bool valid(SecondLevel a) const { return a.value < size_ || attached(a); }

    /// The translation format and segment-table designation with which the real CPU reaches this storage.
    static constexpr uint32_t kCr0Format = isa::kCr0PageSize4K;
    uint32_t cr1() const { return cr1_; }

    /// Where a byte lies in real storage; empty if its page has no frame now. The address must be valid.
    std::optional<FirstLevel> locate(SecondLevel a) const {
        const uint32_t at = walk(a);
        return at != kNowhere ? std::optional(FirstLevel(at)) : std::nullopt;
    }

    /// Gives the page of this address a frame with its contents (`fault`: see Pager::place). False, and
    /// exhausted() from then on, if real storage has none left.
    bool bring_in(SecondLevel a, Work* fault = nullptr);
    /// When every page that was brought in so far will be there. The machine must not go on before, nor while
    /// pages are under way on real devices, of which nobody knows it yet.
    SimTime pages_ready() const { return pages_ready_; }
    bool pages_under_way() const { return !awaited_.empty(); }
    /// Does `action` when none is under way any more, unless the answer is given up before. One must be.
    [[nodiscard]] PageWait when_pages_arrive(std::function<void()> action);
    bool exhausted() const { return exhausted_; }
    void set_exhausted() { exhausted_ = true; }

    /// The same, but the page stays unreachable until end_transit: the guest goes on meanwhile. When it will
    /// be ready, for a page that lies on a paging device and is not under way yet.
    std::optional<PageReady> begin_transit(SecondLevel a, Work* fault);
    void end_transit(SecondLevel a);
    bool in_transit(SecondLevel a) const;

    /// Whether instructions are fetched from copies of pages, of which the owner knows.
    void fetch_from_copies(bool from_copies) { has_copies_ = from_copies; }

    /// Moves the page of this address to a frame below 16 MiB, which 2K page-table entries can name. Throws
    /// RealStorageExhausted. The real TLB must be purged then.
    FirstLevel move_below_16m(SecondLevel a);

    /// The storage key of the 2K block as the guest has it, wherever it is kept.
    uint8_t key(SecondLevel a) const;
    /// The same for who has located it.
    uint8_t key(SecondLevel a, std::optional<FirstLevel> at) const {
        if (!at || has_copies_) [[unlikely]]
            return key(a);
        return real().key(at->value) | page(a).guest_bits[a.value / simulation::kBlock % 2];
    }
    void set_key(SecondLevel a, uint8_t key);
    /// A word of storage wherever it lies, without touching the page.
    uint32_t peek32(SecondLevel a) const;
    /// The hardware's keys are the guest's for a while, use bits and all: guests of its own execute
    /// instructions on them, of which the control program is not told. It takes all of its pages for used.
    void lend_keys();
    /// The page was changed without a trace in the hardware's key (by a loader, a timer).
    void note_change(SecondLevel a) { page(a).cp_bits[0] |= simulation::kKeyChanged; }

    /// The frame of the page, which gets one if it has none. Throws RealStorageExhausted.
    FirstLevel resident(SecondLevel a) {
        if (const auto at = try_resident(a)) return *at;
        throw RealStorageExhausted{};
    }
    /// The same; empty instead of an exception.
    std::optional<FirstLevel> try_resident(SecondLevel a, Work* fault = nullptr) {
        if (const auto at = locate(a)) return at;
        return bring_in(a, fault) ? locate(a) : std::nullopt;
    }

    /// Prefixing (GA22-7000 chapter 3): exchanges what pages 0 and `prefix` are mapped to. `prefix` must lie
    /// within the machine's own storage, where no segment is attached (may_be_prefix).
    void change_prefix(uint32_t prefix);
    bool may_be_prefix(uint32_t a) const {
        return a < size_ && !attached(SecondLevel(a)) && !page(SecondLevel(a)).lent &&
               !page(SecondLevel(a)).borrowed;
    }

    /// Forgets the contents of a page: it is zeroes when it is touched again. Its keys stay. The frame that
    /// it had, if it had one: whatever leads there must go. A locked page is only cleared.
    std::optional<FirstLevel> discard(SecondLevel a);

    // ---- Named segments ----
    /// Lets the segment take the place of what the machine had there, whose contents are lost; attached
    /// segments that it overlaps in any way are detached, as by LOADSYS (GC20-1807). The real TLB and shadow
    /// tables must be purged. False where the segment lies beyond `limit`, over the prefix area, or in
    /// storage that is locked or not paged.
    bool attach(SharedSegment& segment);
    /// The machine loses the segment, shared or not.
    void detach(const SharedSegment& segment);
    /// The machine gets a copy of its own, with what is in the shared pages now; then those are restored. The
    /// real TLB and shadow tables must be purged. False where real storage is exhausted.
    bool unshare(SharedSegment& segment);
    struct Attachment {
        SharedSegment* segment;
        bool shared;
    };
    const std::vector<Attachment>& attachments() const { return attachments_; }
    const Attachment* attachment(const SharedSegment& segment) const {
        for (const Attachment& attachment : attachments_)
            if (attachment.segment == &segment) return &attachment;
        return nullptr;
    }
    const Attachment* attached(SecondLevel a) const {
        for (const Attachment& attachment : attachments_)
            if (attachment.segment->contains(a)) return &attachment;
        return nullptr;
    }
    bool shares_segments() const {
        for (const Attachment& attachment : attachments_)
            if (attachment.shared) return true;
        return false;
    }
    /// The shared segment at this address, if it still is shared.
    SharedSegment* shared(SecondLevel a) const {
        const Attachment* const attachment = attached(a);
        return attachment != nullptr && attachment->shared ? attachment->segment : nullptr;
    }

    // ---- Pages that two machines hold (vmcp/grants) ----
    /// Whether the page may be lent, or another one put in its place: of storage that is paged, the machine's
    /// own, not page 0 nor the prefix area, neither lent nor borrowed already, nor locked.
    bool may_be_lent(SecondLevel a) const;
    bool may_borrow(SecondLevel a) const { return may_be_lent(a) && !locked(a); }
    /// The page stays in its frame until it is returned. Throws RealStorageExhausted.
    FirstLevel lend(SecondLevel a);
    void end_loan(SecondLevel a);
    /// What is in this frame, of another machine that has lent it, takes the place of the page, whose
    /// contents are lost: the frame that it had is the answer, if it had one. What CPUs and shadow tables
    /// know of it must go. False where real storage has no room for a page table.
    struct Borrowed {
        bool done;
        std::optional<FirstLevel> lost;
    };
    Borrowed borrow(SecondLevel a, FirstLevel frame);
    /// The page is zeroes of its own again; as above, what leads to the frame must go.
    FirstLevel end_borrowing(SecondLevel a);
    bool borrowed(SecondLevel a) const { return page(a).borrowed; }

    // ---- For the pager, and for who decides what stays ----
    void lock(SecondLevel a) { ++page(a).locks; }
    void unlock(SecondLevel a) { --page(a).locks; }
    bool locked(SecondLevel a) const { return page(a).locks != 0; }
    uint32_t reserved_pages() const { return reserved_; }
    void set_reserved_pages(uint32_t pages) { reserved_ = pages; }
    PageSlot slot(SecondLevel a) const { return page(a).slot; }
    /// Since it was last brought in, or ever, if it never was.
    bool changed(SecondLevel a) const;
    bool test_and_reset_reference(SecondLevel a);
    /// The page loses its frame and lies in the slot from now on, if that exists.
    void take_away(SecondLevel a, PageSlot slot);

    uint32_t resident_pages() const { return resident_; }
    PageCounts& counts() { return counts_; }
    const PageCounts& counts() const { return counts_; }
    simulation::RealStorage& real() const { return real_; }

  private:
    struct Page {
        PageSlot slot;
        std::array<uint8_t, 2> key{};         // of the 2K blocks, while the page has no frame
        std::array<uint8_t, 2> guest_bits{};  // reference and change bits that the guest sees besides
        std::array<uint8_t, 2> cp_bits{};     // and those that the control program does
        uint16_t locks = 0;
        bool lent = false;      // to another machine
        bool borrowed = false;  // its frame is another machine's
    };
    struct Transit {
        uint32_t page;
        FirstLevel frame;
        PageReady ready;
    };
    /// A page that the machine must not go on without.
    struct Awaited {
        PageReady ready;
        PageWait wait;
    };

    Page& page(SecondLevel a) { return pages_[a.value / kPage]; }
    const Page& page(SecondLevel a) const { return pages_[a.value / kPage]; }
    static constexpr uint32_t kSegment = 0x10000;
    static constexpr uint32_t kSegmentInvalid = 1;
    static constexpr uint16_t kPageInvalid = 0x0008;

    static constexpr uint32_t kNowhere = ~uint32_t{0};

    /// Where the tables lead, as the hardware would find it.
    uint32_t walk(SecondLevel a) const {
        const uint32_t segment = real().get32(segment_table_ + a.value / kSegment * 4);
        if (segment & kSegmentInvalid) return kNowhere;
        const uint16_t entry = real().get16((segment & 0x00FFFFF8) + a.value % kSegment / kPage * 2);
        if (entry & kPageInvalid) return kNowhere;
        return isa::frame_of_entry(isa::TranslationFormat{}, entry) | a.value % kPage;
    }
    /// Real address of the page-table entry, if the machine has a table of its own there. All changes of
    /// entries go by it, so that none is made in a table that other machines use.
    std::optional<uint32_t> page_entry(SecondLevel a) const {
        if (shared(a)) return std::nullopt;
        const uint32_t segment = real().get32(segment_table_ + a.value / kSegment * 4);
        if (segment & kSegmentInvalid) return std::nullopt;
        return (segment & 0x00FFFFF8) + a.value % kSegment / kPage * 2;
    }
    bool make_page_table(SecondLevel a);
    bool may_be_replaced(const SharedSegment& segment) const;
    uint32_t segment_table_bytes() const;
    /// Gives the page table of a segment back, if there is one; the segment is invalid then.
    void free_page_table(uint32_t segment);
    void map_contiguous();
    void release();
    /// A segment table in which everything is invalid; empty where real storage has no room for it.
    struct SegmentTable {
        uint32_t at, cr1;
    };
    std::optional<SegmentTable> make_segment_table(uint32_t limit);
    std::optional<Pager::Placed> place(SecondLevel a, Work* fault);
    void await(const PageReady& ready);
    void on_arrival();
    void exchange(uint32_t page_a, uint32_t page_b);

    Pager& pager_;
    simulation::RealStorage& real_;
    StorageOwner& owner_;
    uint32_t id_;
    uint32_t size_;
    uint32_t reach_;  // the end of the highest segment that may be attached
    uint32_t limit_;  // what the segment table reaches, at least size_
    StorageKind kind_;
    uint32_t segment_table_;
    uint32_t cr1_;
    uint32_t prefix_ = 0;
    uint32_t resident_ = 0;
    uint32_t reserved_ = 0;
    bool exhausted_ = false;
    bool has_copies_ = false;
    SimTime pages_ready_ = 0;
    std::vector<Awaited> awaited_;
    std::shared_ptr<PageTransfer> all_awaited_;  // that somebody waits for; null: nobody does
    PageCounts counts_;
    std::vector<Page> pages_;
    std::vector<Transit> in_transit_;
    std::vector<Attachment> attachments_;
};

/// Keeps a page where it is for a while.
class PageLock {
  public:
    PageLock(GuestStorage& storage, SecondLevel page) : storage_(storage), page_(page) { storage.lock(page); }
    ~PageLock() { storage_.unlock(page_); }
    PageLock(const PageLock&) = delete;
    PageLock& operator=(const PageLock&) = delete;

  private:
    GuestStorage& storage_;
    SecondLevel page_;
};

}  // namespace vmcp
