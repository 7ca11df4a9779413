// Page frames of real storage: which are free. Translation tables must lie below 16 MiB (segment-table
// entries hold 24-bit addresses), so they are taken from the low end and guests' pages from the high end.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "simulation/storage.hpp"
#include "vmcp/address.hpp"

namespace vmcp {

class FrameTable {
  public:
    /// The first `reserved` bytes (a multiple of 4096) belong to the control program.
    FrameTable(simulation::RealStorage& storage, uint32_t reserved);

    /// A zeroed frame with storage keys zero for a guest's page; empty when real storage is exhausted.
    std::optional<FirstLevel> take_page();
    /// The same, below 16 MiB.
    std::optional<FirstLevel> take_low_page();
    /// Gives a page frame back.
    void give_back(FirstLevel frame);
    /// `bytes` of zeroed storage below 16 MiB for tables, on a boundary of `alignment` (64 or 8). At most
    /// 4096 bytes, never across frames. Empty when there is none.
    std::optional<FirstLevel> take_table(uint32_t bytes, uint32_t alignment);

    simulation::RealStorage& storage() { return storage_; }
    uint32_t pages_in_use() const { return pages_in_use_; }
    uint32_t table_frames() const { return table_frames_; }
    uint32_t free_frames() const { return static_cast<uint32_t>(free_.size()) + (high_ - low_) / kPage; }

  private:
    simulation::RealStorage& storage_;
    uint32_t low_, high_;  // never used yet: [low_, high_)
    std::vector<uint32_t> free_;
    uint32_t table_at_ = 0, table_end_ = 0;  // the frame that tables are being taken from
    uint32_t pages_in_use_ = 0, table_frames_ = 0;
};

}  // namespace vmcp
