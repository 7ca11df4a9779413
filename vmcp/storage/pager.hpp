// Demand paging: gives second-level pages their frames, and takes frames away where real storage runs short.
//
// Life of a page. It has nothing until it is first touched; then it has a *frame* of zeroes. When its frame
// is taken away, a page that was changed since it was last written is written to a *slot* of a paging device;
// when it is touched again it is brought in from there. It keeps the slot meanwhile, so a page that was not
// changed needs not be written again. A page that was never changed at all needs no slot: it is zeroes again.
//
// Frames are taken in batches before the last one is gone, so that a page need not wait for another one to be
// written out. A frame may be used for the next page when what was in it has reached the device.
//
// What is copied is copied at once; what takes time is told: `ready` says when the page can be used, and the
// control program does not let the virtual machine go on before (vmcp/dispatch/page_faults.hpp). On a real
// device nobody knows that before the transfer has ended (vmcp/storage/page_transfer.hpp). What is to be
// moved to or from a frame begins when whatever was moved there before has ended.
//
// What must stay: locked pages; those of a machine that has no more than its reserved number of frames; and a
// page that a machine waited for, until it has completed an instruction: otherwise two machines could take
// each other's pages for ever. If nothing else is left, a page of the last kind is taken from the machine
// that logged on last, so that the others go on.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "simulation/cpu/cpu.hpp"
#include "vmcp/ledger/ledger.hpp"
#include "vmcp/storage/frame_table.hpp"
#include "vmcp/storage/page_replacement.hpp"
#include "vmcp/storage/paging_device.hpp"

namespace vmcp {

/// A place on a paging device.
struct PageSlot {
    static constexpr uint32_t kNone = 0xFFFFFFFF;
    uint32_t device = kNone;
    uint32_t slot = 0;
    bool exists() const { return device != kNone; }
};

struct PagerCounts {
    uint64_t fills = 0;     // pages that got a frame of zeroes
    uint64_t reads = 0;     // brought in
    uint64_t writes = 0;    // written out
    uint64_t taken = 0;     // frames taken away
    uint64_t examined = 0;  // frames looked at for that
};

class Pager final : private FrameView {
  public:
    /// `replacement` is not null. Without devices pages are never taken away. `cpus`: what they know of
    /// translations must go when frames change hands.
    Pager(FrameTable& frames, Ledger& ledger, simulation::CpuGroup& cpus,
          std::unique_ptr<PageReplacement> replacement, std::vector<std::unique_ptr<PagingDevice>> devices);
    /// A paging device more: it comes behind those that were added before, and in front of those that were
    /// there from the beginning. Throws std::logic_error where there are pages on devices already.
    void add(std::unique_ptr<PagingDevice> device);

    /// A frame with the contents of the page: of the slot, or zeroes. Empty where real storage is exhausted.
    /// `fault`: the work that was begun for this very page; null: the page is needed for something else, and
    /// that is work of its own.
    struct Placed {
        FirstLevel frame;
        PageReady ready;
    };
    std::optional<Placed> place(GuestStorage& storage, SecondLevel page, PageSlot slot, Work* fault);
    /// A frame for a page that must lie below 16 MiB.
    std::optional<FirstLevel> place_low(GuestStorage& storage, SecondLevel page);
    /// The page needs its frame, or its slot, no longer.
    void release(FirstLevel frame);
    void release(PageSlot slot);
    /// A word of a page that lies on a device, at this offset; 0 where the slot does not exist.
    uint32_t peek32(PageSlot slot, uint32_t offset) const;
    /// The frame now holds another page of its owner.
    void rename(FirstLevel frame, SecondLevel page) { frames_.frame(frame).page = page.value; }

    /// A storage is about to be gone, or its owner: it pays for nothing any more.
    void forget(const GuestStorage& storage) {
        if (payer_ == &storage) payer_ = nullptr;
        for (const auto& device : devices_) device->forget(storage);
    }
    /// Whose need it is when a table wants a frame.
    void pay_by(GuestStorage& storage) { payer_ = &storage; }

    FrameTable& frames() { return frames_; }
    /// How many pages real storage and the paging devices hold together.
    uint64_t capacity() const {
        uint64_t pages = frames_.pages_in_use() + frames_.free_frames();
        for (const auto& device : devices_) pages += device->slots();
        return pages;
    }
    const PagerCounts& counts() const { return counts_; }
    const std::vector<std::unique_ptr<PagingDevice>>& devices() const { return devices_; }
    std::string_view replacement() const { return replacement_->name(); }

  private:
    static constexpr uint32_t kLowWater = 8, kBatch = 8;  // frames (assumed)

    void assign(FirstLevel frame, GuestStorage& storage, SecondLevel page);
    /// Takes up to `want` frames away; how many it was.
    uint32_t take_away(uint32_t want, GuestStorage& payer);
    void take_away_one(uint32_t frame, GuestStorage& payer);
    bool may_be_taken(uint32_t frame) override;
    bool test_and_reset_reference(uint32_t frame) override;
    std::optional<PageSlot> new_slot();
    PagingDevice& device(PageSlot slot) const { return *devices_[slot.device]; }

    FrameTable& frames_;
    Ledger& ledger_;
    simulation::CpuGroup& cpus_;
    std::unique_ptr<PageReplacement> replacement_;
    std::vector<std::unique_ptr<PagingDevice>> devices_;
    size_t added_ = 0;  // of them
    PagerCounts counts_;
    GuestStorage* payer_ = nullptr;  // of the request under way
    bool last_resort_ = false;
};

}  // namespace vmcp
