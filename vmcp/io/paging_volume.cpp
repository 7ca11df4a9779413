#include "vmcp/io/paging_volume.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <stdexcept>
#include <utility>

#include "simulation/devices/ckd_codes.hpp"
#include "simulation/devices/ckd_disk.hpp"
#include "simulation/images/byte_order.hpp"
#include "simulation/images/memory_image.hpp"
#include "vmcp/storage/guest_storage.hpp"

namespace vmcp {

using simulation::Ccw, simulation::ChannelAccess, simulation::Csw, simulation::EventQueue,
    simulation::IoResult;
namespace images = simulation::images;

// ---- A request ----

class PagingVolume::Request final : public IoRequest {
  public:
    Request(PagingVolume& volume, const PageMove& what)
        : slot(what.slot), out(what.out), volume_(volume), payer_(&what.payer) {}
    ~Request() override { volume_.machine_.events().cancel(event_); }

    const uint32_t slot;
    const bool out;
    const std::shared_ptr<PageTransfer> transfer = std::make_shared<PageTransfer>();

    /// Asks for the device as soon as the frame can be used, and not before `now`.
    void begin(const PageReady& behind, SimTime now) {
        if (!behind.known()) {
            wait_ = behind.transfer->wait([this, behind] { begin(behind, volume_.real_.ledger().now()); });
            return;
        }
        // The machine's devices may be behind the CPU, which has just spent time on the page.
        event_ = volume_.machine_.events().schedule_motion(std::max(behind.time(), now), [this] {
            event_ = 0;
            start();
        });
    }
    void forget(const GuestStorage& storage) {
        if (payer_ == &storage) payer_ = nullptr;
    }

    Account& payer() override { return payer_ != nullptr ? payer_->account() : volume_.real_.ledger().own(); }
    uint32_t caw() const override { return 0; }
    simulation::ChannelStorage* storage() override { return &volume_.program_; }
    unsigned cylinder() const override { return volume_.place(slot).cylinder; }
    bool waits_for_device() const override { return true; }
    bool moves_page() const override { return true; }
    void prepare(Work&) override { volume_.prepare(*this); }
    void started(Work&, const IoResult& result) override {
        if (result.condition_code != 0)
            volume_.fail(fmt::format("START I/O has condition code {}, status {:02X}", result.condition_code,
                                     result.csw.unit_status));
    }
    void interrupted(Work&, const Csw& csw, bool over) override {
        if (over) volume_.end(*this, csw);
    }

  private:
    void start() {
        Work work = Work::continued(volume_.real_.ledger(), payer(), out ? Cause::page_out : Cause::page_in);
        if (const auto result = volume_.real_.start(work, volume_.device_, *this)) started(work, *result);
    }

    PagingVolume& volume_;
    GuestStorage* payer_;           // null: it has gone
    PageWait wait_;                 // for what was moved to or from the frame before
    EventQueue::Handle event_ = 0;  // when it asks for the device
};

// ---- The volume ----

namespace {

simulation::CkdDisk& disk_of(const RealDevice& device, OwnUse use) {
    if (auto* const disk = dynamic_cast<simulation::CkdDisk*>(&device.device)) return *disk;
    throw std::invalid_argument(
        fmt::format("device {:03X}: a {} cannot be a {}: expected a disk with cylinders", device.address,
                    device.device.type(), name_of(use)));
}

}  // namespace

PagingVolume::PagingVolume(RealIo& real, RealDevice& device, OwnUse use)
    : PagingDevice(real.machine().model(), std::string(disk_of(device, use).type())),
      real_(real),
      device_(device),
      machine_(real.machine()),
      address_(device.address),
      geometry_(disk_of(device, use).geometry()),
      rotation_(simulation::DiskTiming::of(machine_.model(), type()).rotation),
      bytes_per_second_(simulation::DiskTiming::of(machine_.model(), type()).bytes_per_second) {
    check(machine_.model(), type());
    disk_of(device, use)
        .mount(images::ckd_in_memory(geometry_, geometry_.cylinders,
                                     {pages_per_track(), static_cast<uint16_t>(kPage)}));
    device.own_use = use;
}

/// Whoever was to be told has gone, or goes as well.
PagingVolume::~PagingVolume() { machine_.channels().reset(address_); }

void PagingVolume::check(const simulation::MachineModel& model, std::string_view type) {
    const images::DiskGeometry* const geometry = images::disk_geometry(type);
    if (geometry == nullptr) throw std::invalid_argument(fmt::format("a {} is no disk with cylinders", type));
    struct Figures final : PagingDevice {
        using PagingDevice::cylinders, PagingDevice::pages_per_track, PagingDevice::tracks_per_cylinder;
        using PagingDevice::PagingDevice;
    };
    const Figures figures(model, std::string(geometry->name));
    const uint32_t pages = figures.pages_per_track();
    const uint32_t taken = (pages - 1) * geometry->space(0, kPage, false) + geometry->space(0, kPage, true);
    if (taken > geometry->capacity || figures.cylinders() > geometry->cylinders ||
        figures.tracks_per_cylinder() > geometry->heads)
        throw std::invalid_argument(
            fmt::format("the machine model {} has more room on a {} than its pack: expected at most {} "
                        "cylinders of {} tracks of {} bytes",
                        model.name, geometry->name, geometry->cylinders, geometry->heads, geometry->longest));
}

PageReady PagingVolume::move(const PageMove& what) {
    Request& request = requests_.emplace_back(*this, what);
    if (request.out) ++writes_[request.slot];
    request.begin(what.behind, what.now);
    return {0, request.transfer};
}

void PagingVolume::forget(const GuestStorage& storage) {
    for (Request& request : requests_) request.forget(storage);
}

/// The sector before the record, far enough for the search to begin: what READ SECTOR tells of it.
uint8_t PagingVolume::sector(uint32_t record) const {
    constexpr int64_t kLead = 32;  // bytes
    const int64_t start = geometry_.home + int64_t{record} * geometry_.space(0, kPage, false) - kLead;
    const int64_t around = rotation_ * bytes_per_second_ / simulation::kSecond;
    return static_cast<uint8_t>(std::min<int64_t>(start * geometry_.sectors / around, geometry_.sectors - 1));
}

/// Seek, set sector where the drive has it, search for the identifier, read or write.
void PagingVolume::prepare(const Request& request) {
    using namespace simulation;
    constexpr uint32_t kSeekAt = 0x100, kIdentifierAt = kSeekAt + 2, kSectorAt = 0x108;
    uint8_t* const bytes = program_.bytes.data();
    const Place at = place(request.slot);
    images::put_big16(bytes + kSeekAt, 0);
    images::put_big16(bytes + kSeekAt + 2, at.cylinder);
    images::put_big16(bytes + kSeekAt + 4, at.head);
    bytes[kSeekAt + 6] = static_cast<uint8_t>(at.record + 1);
    uint32_t next = 0;
    const auto add = [&](const Ccw& ccw) {
        store(ccw, bytes + next);
        next += 8;
    };
    add({kSeek, kFlagChainCommand, 6, kSeekAt});
    if (geometry_.sectors != 0) {
        bytes[kSectorAt] = sector(at.record);
        add({kSetSector, kFlagChainCommand, 1, kSectorAt});
    }
    const uint32_t search = next;
    add({kSearchIdEqual, kFlagChainCommand, 5, kIdentifierAt});
    constexpr uint8_t kTransferInChannel = 0x08;
    add({kTransferInChannel, 0, 0, search});
    add({request.out ? kWriteData : kReadData, 0, kPage, Program::kPageAt});
    uint8_t* const page = bytes + Program::kPageAt;
    if (request.out && allocated(request.slot))
        std::ranges::copy(contents(request.slot), page);
    else
        std::fill_n(page, kPage, uint8_t{0});
}

void PagingVolume::end(Request& request, const Csw& csw) {
    // Whoever is told may ask for the next one: this one is none any more, but lasts until the end.
    const auto at = std::find_if(requests_.begin(), requests_.end(),
                                 [&](const Request& one) { return &one == &request; });
    std::list<Request> ended;
    ended.splice(ended.begin(), requests_, at);
    ++ended_;
    constexpr uint8_t kEnded = simulation::kChannelEnd | simulation::kDeviceEnd;
    if (csw.unit_status != kEnded || csw.channel_status != 0 || csw.count != 0)
        fail(fmt::format("a page has not been moved: CSW {:016X}", encode(csw)));
    if (request.out) {
        const auto writes = writes_.find(request.slot);
        if (--writes->second == 0) writes_.erase(writes);
    } else if (allocated(request.slot) && !writes_.contains(request.slot) &&
               !std::ranges::equal(contents(request.slot),
                                   std::span(program_.bytes).subspan<Program::kPageAt>())) {
        fail(fmt::format("slot {} has another page than was written", request.slot));
    }
    request.transfer->end(real_.ledger().now());
}

/// What happens only if this program is at fault.
void PagingVolume::fail(std::string_view why) const {
    throw std::logic_error(fmt::format("{} {:03X}: {}", name_of(device_.own_use), address_, why));
}

// ---- What the channel sees ----

ChannelAccess PagingVolume::Program::fetch(uint32_t address, uint8_t* out, uint32_t length, uint8_t) {
    if (address > size() || length > size() - address) return ChannelAccess::addressing;
    std::copy_n(bytes.begin() + address, length, out);
    return ChannelAccess::ok;
}

ChannelAccess PagingVolume::Program::store(uint32_t address, const uint8_t* in, uint32_t length, uint8_t) {
    if (address > size() || length > size() - address) return ChannelAccess::addressing;
    std::copy_n(in, length, bytes.begin() + address);
    return ChannelAccess::ok;
}

}  // namespace vmcp
