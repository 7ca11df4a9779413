// A paging device: where pages lie that have no page frame, and how long it takes to move one. A drum (fixed
// heads: rotation only) or a disk with a moving arm. GA26-1589 (2305), GA26-1592 (3330); the figures are
// those of the machine model.
//
// A page is written as one record, so a track holds as many as fit. This one is alone on a channel of its
// own: requests are served in the order in which they come, one at a time: seek, wait until the sector comes
// round, transfer; when each ends is known at once. One on a channel of the real machine is a PagingVolume
// (vmcp/io/paging_volume.hpp).
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "simulation/model/machine_model.hpp"
#include "vmcp/storage/address.hpp"
#include "vmcp/storage/page_transfer.hpp"

namespace vmcp {

class GuestStorage;

/// A page that is to be moved between its slot and a frame.
struct PageMove {
    uint32_t slot;
    bool out;               // to the device; otherwise from it
    GuestStorage& payer;    // whose need it is
    SimTime now;            // when it was asked for
    PageReady behind = {};  // when the frame can be used for it
};

class PagingDevice {
  public:
    using Contents = std::array<uint8_t, kPage>;

    /// `type`: a device of the machine model with rotation_us, bytes_per_second and bytes_per_track, and
    /// either tracks or cylinders and tracks_per_cylinder ("2305-2", "3330-1", "3350"). Throws
    /// std::out_of_range with one line where a figure is missing, std::invalid_argument where a track cannot
    /// hold a page.
    PagingDevice(const simulation::MachineModel& model, const std::string& type);
    virtual ~PagingDevice() = default;
    PagingDevice(const PagingDevice&) = delete;
    PagingDevice& operator=(const PagingDevice&) = delete;

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
    bool allocated(uint32_t slot) const { return slot < pages_.size() && pages_[slot] != nullptr; }

    /// Takes the time of moving a page, whose contents the caller copies at once: when that will have ended.
    virtual PageReady move(const PageMove& what);
    /// Moves the page of a slot: when the transfer, asked for at `now`, will have ended.
    SimTime transfer(uint32_t slot, SimTime now);
    /// A storage is about to be gone: what is under way for its need goes on, for nobody's.
    virtual void forget(const GuestStorage&) {}

    virtual uint64_t transfers() const { return transfers_; }
    virtual SimTime busy_time() const { return busy_; }

  protected:
    /// Where a slot lies: `record` counts from 0 on a track.
    struct Place {
        uint32_t cylinder, head, record;
    };
    Place place(uint32_t slot) const {
        const uint32_t track = slot / pages_per_track_;
        return {track / tracks_per_cylinder_, track % tracks_per_cylinder_, slot % pages_per_track_};
    }
    uint32_t cylinders() const { return cylinders_; }
    uint32_t tracks_per_cylinder() const { return tracks_per_cylinder_; }
    uint32_t pages_per_track() const { return pages_per_track_; }

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
