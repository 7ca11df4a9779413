// A paging device on a channel of the real machine: a disk of the control program's, all of which has pages.
//
// Each page that moves is a request for the real device (vmcp/io/real_io.hpp): it waits in its queue, a
// channel program of its own seeks, searches and reads or writes a record of 4096 bytes, and the device
// interrupts when that has ended. So it contends with what others do on the same channel and control unit,
// and with other pages for the arm. Each track is formatted with a record for each page slot.
//
// What pages contain is copied when they get or lose their frames (vmcp/storage/pager.hpp). A write takes
// what the slot has when the channel comes to it; what a read brings is compared with what the slot has.
//
// A disk for the pages of spool files (OwnUse::spool) is the same.
#pragma once

#include <array>
#include <list>
#include <map>

#include "simulation/images/disk_geometry.hpp"
#include "vmcp/io/real_io.hpp"
#include "vmcp/storage/paging_device.hpp"

namespace vmcp {

class PagingVolume final : public PagingDevice {
  public:
    /// Puts a pack that is in memory on the device. Throws std::invalid_argument where it is no disk with
    /// count, key and data, and as check does. `real` must not go on after the volume has gone.
    PagingVolume(RealIo& real, RealDevice& device, OwnUse use = OwnUse::paging);
    ~PagingVolume() override;

    /// Whether a disk of this type ("3330-1", "3330") can be one, with the figures of the machine model.
    /// Throws std::invalid_argument or std::out_of_range with one line where it cannot.
    static void check(const simulation::MachineModel& model, std::string_view type);

    PageReady move(const PageMove& what) override;
    void forget(const GuestStorage& storage) override;
    /// Those that have ended.
    uint64_t transfers() const override { return ended_; }
    /// From START I/O to device end.
    SimTime busy_time() const override { return device_.counts.service; }
    /// Pages that wait to be moved, or are.
    size_t under_way() const { return requests_.size(); }

  private:
    class Request;
    /// What the channel sees: a channel program, its arguments and a page.
    class Program final : public simulation::ChannelStorage {
      public:
        static constexpr uint32_t kPageAt = kPage;
        uint32_t size() const override { return static_cast<uint32_t>(bytes.size()); }
        simulation::ChannelAccess fetch(uint32_t address, uint8_t* out, uint32_t length,
                                        uint8_t key) override;
        simulation::ChannelAccess store(uint32_t address, const uint8_t* in, uint32_t length,
                                        uint8_t key) override;
        std::array<uint8_t, kPageAt + kPage> bytes{};
    };

    void prepare(const Request& request);
    void end(Request& request, const simulation::Csw& csw);
    uint8_t sector(uint32_t record) const;
    [[noreturn]] void fail(std::string_view why) const;

    RealIo& real_;
    RealDevice& device_;
    simulation::Machine& machine_;
    const uint16_t address_;
    const simulation::images::DiskGeometry& geometry_;
    const SimTime rotation_;
    const int64_t bytes_per_second_;
    Program program_;                      // of the request that the device works for
    std::list<Request> requests_;          // in the order in which they were asked for
    std::map<uint32_t, unsigned> writes_;  // of them, by slot
    uint64_t ended_ = 0;
};

}  // namespace vmcp
