// Second-level storage of one virtual machine: a segment table and page tables in real storage that map what
// the guest believes is real storage to page frames. A page gets a frame when it is first touched, so a guest
// costs real storage and host memory only where it was used. GA22-7000 chapter 3, "Dynamic Address
// Translation"; 4K pages, 64K segments.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "isa/dat.hpp"
#include "vmcp/address.hpp"
#include "vmcp/frame_table.hpp"

namespace vmcp {

/// Raised where a page must have a frame and there is none left: the virtual machine cannot go on.
struct RealStorageExhausted {};

class GuestStorage {
  public:
    /// `size`: a multiple of 4096 up to 16 MiB. Throws std::runtime_error if real storage has no room for the
    /// tables.
    GuestStorage(FrameTable& frames, uint32_t size);
    ~GuestStorage();
    GuestStorage(const GuestStorage&) = delete;
    GuestStorage& operator=(const GuestStorage&) = delete;

    uint32_t size() const { return size_; }
    bool valid(SecondLevel a) const { return a.value < size_; }

    /// The translation format and segment-table designation with which the real CPU reaches this storage.
    static constexpr uint32_t kCr0Format = isa::kCr0PageSize4K;
    uint32_t cr1() const { return cr1_; }

    /// Where a byte lies in real storage; empty if its page has no frame yet. The address must be valid.
    std::optional<FirstLevel> locate(SecondLevel a) const;

    /// Gives the page of this address a frame. False, and exhausted() from then on, if real storage has none
    /// left.
    bool fill(SecondLevel a);
    bool exhausted() const { return exhausted_; }
    void set_exhausted() { exhausted_ = true; }
    /// Moves the page of this address to a frame below 16 MiB, which 2K page-table entries can name. Throws
    /// RealStorageExhausted. The real TLB must be purged then.
    FirstLevel move_below_16m(SecondLevel a);
    /// Called for every page that gets a frame.
    std::function<void()> on_fill = [] {};

    /// The storage key of the 2K block, wherever it is kept: with the frame, or here as long as there is
    /// none.
    uint8_t key(SecondLevel a) const;
    void set_key(SecondLevel a, uint8_t key);

    /// The frame of the page, which gets one if it has none. Throws RealStorageExhausted.
    FirstLevel resident(SecondLevel a) {
        if (const auto at = try_resident(a)) return *at;
        throw RealStorageExhausted{};
    }
    /// The same; empty instead of an exception.
    std::optional<FirstLevel> try_resident(SecondLevel a) {
        if (const auto at = locate(a)) return at;
        return fill(a) ? locate(a) : std::nullopt;
    }

    /// Prefixing (GA22-7000 chapter 3): exchanges what pages 0 and `prefix` are mapped to, relative to
    /// `old_prefix`.
    void change_prefix(uint32_t old_prefix, uint32_t prefix);

    uint32_t resident_pages() const { return resident_; }
    simulation::RealStorage& real() const { return frames_.storage(); }

  private:
    std::optional<uint32_t> page_entry(
        SecondLevel a) const;  // real address of the page-table entry, if there is a table
    void exchange(uint32_t page_a, uint32_t page_b);

    FrameTable& frames_;
    uint32_t size_;
    uint32_t segment_table_;
    uint32_t cr1_;
    uint32_t resident_ = 0;
    bool exhausted_ = false;
    std::vector<uint8_t> keys_of_absent_pages_;  // one a 2K block; empty until one is set
};

}  // namespace vmcp
