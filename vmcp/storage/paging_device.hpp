// A paging device: where pages lie that have no page frame, and how long it takes to move one. A drum (fixed
// heads: rotation only) or a disk with a moving arm. GA26-1589 (2305), GA26-1592 (3330); the figures are
// those of the machine model.
//
// A page is written as one record, so a track holds as many as fit. Requests are served in the order in which
// they come, one at a time: seek, wait until the sector comes round, transfer.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "simulation/model/machine_model.hpp"
#include "vmcp/storage/address.hpp"

namespace vmcp {

using simulation::SimTime;

class PagingDevice {
  public:
    using Contents = std::array<uint8_t, kPage>;

    /// `type`: a device of the machine model with rotation_us, bytes_per_second and bytes_per_track, and
    /// either tracks or cylinders and tracks_per_cylinder ("2305-2", "3330-1", "3350"). Throws
    /// std::out_of_range with one line where a figure is missing, std::invalid_argument where a track cannot
    /// hold a page.
    PagingDevice(const simulation::MachineModel& model, const std::string& type);

    const std::string& type() const { return type_; }
    uint32_t slots() const { return slots_; }
    uint32_t slots_in_use() const { return in_use_; }
    bool moving_arm() const { return seek_maximum_ != 0; }

    /// A slot for one page; empty when the device is full.
    std::optional<uint32_t> allocate();
    void release(uint32_t slot);
    /// The page in a slot that is allocated.
    Contents& contents(uint32_t slot) { return *pages_[slot]; }
    const Contents& contents(uint32_t slot) const { return *pages_[slot]; }

    /// Moves the page of a slot: when the transfer, asked for at `now`, will have ended.
    SimTime transfer(uint32_t slot, SimTime now);

    uint64_t transfers() const { return transfers_; }
    SimTime busy_time() const { return busy_; }

  private:
    SimTime seek(uint32_t cylinder);

    std::string type_;
    uint32_t pages_per_track_, tracks_per_cylinder_, slots_;
    uint32_t cylinders_;
    SimTime rotation_, transfer_time_, seek_minimum_ = 0, seek_maximum_ = 0;
    uint32_t arm_ = 0;
    SimTime free_at_ = 0;
    uint64_t transfers_ = 0;
    SimTime busy_ = 0;
    std::vector<std::unique_ptr<Contents>> pages_;
    std::vector<uint32_t> free_;
    uint32_t in_use_ = 0;
};

}  // namespace vmcp
