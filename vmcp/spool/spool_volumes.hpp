// Real disks that pages of spool files lie on, if there are any.
//
// A page gets a place when it is full, or its file is closed, and gives it back with its file. Records are
// kept in memory all the same (vmcp/spool/spool_file.hpp); a place has what of them fills the page, and what
// takes time is to move it.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "vmcp/spool/spool_file.hpp"
#include "vmcp/storage/paging_device.hpp"

namespace vmcp {

class SpoolVolumes {
  public:
    /// Pages go there when those that were added before are full. It must outlive the moves.
    void add(PagingDevice& volume) { volumes_.push_back(&volume); }
    bool any() const { return !volumes_.empty(); }
    /// Pages that all of them have room for.
    uint32_t pages() const;

    /// A place for a page with these records. Throws std::logic_error where there is none.
    SpoolPlace keep(std::span<const uint8_t> records);
    void release(const std::vector<SpoolPlace>& places);
    /// Moves a page to (`out`) or from its place, for this machine's need: when it will have been moved.
    PageReady move(SpoolPlace place, bool out, GuestStorage& payer, SimTime now);

  private:
    std::vector<PagingDevice*> volumes_;
};

}  // namespace vmcp
