// Page frames of real storage: which are free, and whose pages the others hold. Translation tables must lie
// below 16 MiB (segment-table entries hold 24-bit addresses), so they are taken from the low end and guests'
// pages from the high end.
//
//   real 0        page zero of the real machine
//        4096     the V=R machine, if there is one: its second-level addresses are these real ones
//        V=R size the V=R machine's page zero, which cannot lie at real 0; then the control program
//        ...      tables, V=Resident machines    -> low end
//        ...      pages                          <- high end
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "simulation/cpu/storage.hpp"
#include "vmcp/storage/address.hpp"
#include "vmcp/storage/page_transfer.hpp"

namespace vmcp {

class GuestStorage;

/// A frame that holds a page which may be taken away from it.
struct Frame {
    GuestStorage* owner = nullptr;  // null: free, or not pageable
    uint32_t page = 0;              // its second-level address
    uint64_t stamp = 0;             // how far its owner had come when it arrived: see PagerEvents::progress
    PageReady usable = {};          // free: when what lay there has left; otherwise when its page has come
};

class FrameTable {
  public:
    /// The first `reserved` bytes (a multiple of 4096) belong to the control program and the V=R machine.
    FrameTable(simulation::RealStorage& storage, uint32_t reserved);

    /// A zeroed frame with storage keys zero for a guest's page; empty when there is none free.
    std::optional<FirstLevel> take_page();
    /// The same, below 16 MiB.
    std::optional<FirstLevel> take_low_page();
    /// So many bytes of zeroed storage in one piece, to be given back frame by frame; empty where there is no
    /// such piece.
    std::optional<FirstLevel> take_contiguous(uint32_t bytes);
    /// Gives a page frame back; it may be used again when it is `usable`.
    void give_back(FirstLevel frame, PageReady usable = {});
    /// `bytes` of zeroed storage below 16 MiB for tables, on a boundary of `alignment` (64 or 8). At most
    /// 4096 bytes, never across frames. Empty when there is none.
    std::optional<FirstLevel> take_table(uint32_t bytes, uint32_t alignment);
    /// Gives a table back: its place serves the next one of this size.
    void give_back_table(FirstLevel table, uint32_t bytes);
    /// Asked when there is no frame for a table: gives a frame back, or answers false.
    std::function<bool()> on_shortage = [] { return false; };
    /// Asked before anybody's page is taken away: gives a frame back that the control program can do without,
    /// or answers false.
    std::function<bool()> give_up_spare = [] { return false; };

    Frame& frame(uint32_t number) { return entries_[number]; }
    Frame& frame(FirstLevel at) { return entries_[at.value / kPage]; }
    /// How many have translated code from this one (vmcp/translation), whoever has it.
    uint16_t& watchers(FirstLevel at) { return watchers_[at.value / kPage]; }
    uint32_t frames() const { return static_cast<uint32_t>(entries_.size()); }

    // ---- Pages that stay where they are because a channel may use them ----
    /// Counts one more, if that leaves to everybody else half of the frames, and at least what one
    /// instruction may need at once for itself and its operands.
    bool may_lock_for_io() {
        constexpr uint32_t kInstruction = 8;
        const uint32_t all = pages_in_use_ + free_frames(), left = all - std::min(all, locked_for_io_ + 1);
        if (left < std::max(all / 2, 2 * kInstruction)) return false;
        ++locked_for_io_;
        return true;
    }
    void unlocked_for_io() { --locked_for_io_; }

    /// Whether the byte lies in a frame of the control program's own, or with its tables.
    bool is_control_programs(FirstLevel at) const {
        return at.value < reserved_ || table_bytes_[at.value / kPage] != 0;
    }

    simulation::RealStorage& storage() { return storage_; }
    uint32_t pages_in_use() const { return pages_in_use_; }
    uint32_t table_frames() const { return table_frames_; }
    uint32_t free_frames() const { return static_cast<uint32_t>(free_.size()) + (high_ - low_) / kPage; }

  private:
    void prepare(uint32_t frame);
    std::optional<uint32_t> frame_for_tables();

    simulation::RealStorage& storage_;
    uint32_t reserved_;
    uint32_t low_, high_;                    // never used yet: [low_, high_)
    std::deque<uint32_t> free_;              // the one that was given back first is used again first
    uint32_t table_at_ = 0, table_end_ = 0;  // the frame that tables are being taken from
    std::map<uint32_t, std::vector<uint32_t>> free_tables_;  // by size in bytes
    std::vector<uint16_t> table_bytes_;                      // by frame: in use by tables
    uint32_t pages_in_use_ = 0, table_frames_ = 0, locked_for_io_ = 0;
    std::vector<Frame> entries_;
    std::vector<uint16_t> watchers_;  // by frame
};

}  // namespace vmcp
