#include "vmcp/rings/block_ring.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "isa/ebcdic.hpp"
#include "simulation/devices/ckd_disk.hpp"
#include "simulation/devices/disk_timing.hpp"
#include "simulation/devices/fba_disk.hpp"
#include "simulation/images/byte_order.hpp"

namespace vmcp {

using simulation::Csw, simulation::IoResult;
namespace images = simulation::images;

// ---- A request ----

class BlockRing::Request final : public IoRequest {
  public:
    Request(BlockRing& ring, RealDevice& on, const BlockDisk& disk, bool writing, uint32_t number,
            RingChain from, const std::vector<uint8_t>& data)
        : device(on),
          chain(std::move(from)),
          writes(writing),
          program(disk, writing, number, data),
          ring_(ring),
          cylinder_(disk.cylinder_of(number)) {}

    RealDevice& device;
    const RingChain chain;
    const bool writes;
    BlockProgram program;
    bool given_up = false;  // nobody is told of it any more

    Account& payer() override { return ring_.host().account; }
    uint32_t caw() const override { return 0; }
    simulation::ChannelStorage* storage() override { return &program; }
    unsigned cylinder() const override { return cylinder_; }
    bool waits_for_device() const override { return true; }
    void started(Work& work, const IoResult& result) override {
        if (result.condition_code != 0 && !given_up) ring_.ended(work, *this, false);
    }
    void interrupted(Work& work, const Csw& csw, bool over) override {
        using simulation::kChannelEnd, simulation::kDeviceEnd;
        good_ = good_ && (csw.unit_status & ~(kChannelEnd | kDeviceEnd)) == 0 && csw.channel_status == 0;
        if (over && !given_up) ring_.ended(work, *this, good_);
    }

  private:
    BlockRing& ring_;
    const unsigned cylinder_;
    bool good_ = true;
};

// ---- The device ----

namespace {

uint32_t features_of(VirtualIo& io, unsigned number, const RingDescription& description) {
    const RelayedSubchannel* const disk = io.relayed(description.disk);
    const auto fail = [&](std::string_view why) {
        throw std::invalid_argument(
            fmt::format("ring {}: {}: expected a minidisk or a dedicated disk", number, why));
    };
    if (disk == nullptr) fail(fmt::format("the machine has no real disk at {:03X}", description.disk));
    const RelayedDevice& what = disk->what();
    if (!what.pieces.empty()) fail(fmt::format("the disk {:03X} is in several pieces", description.disk));
    const simulation::Device& device = what.device->device;
    if (dynamic_cast<const simulation::FbaDisk*>(&device) != nullptr) {
        if (description.block != 512) fail(fmt::format("a {} has blocks of 512 bytes", device.type()));
    } else if (const auto* const ckd = dynamic_cast<const simulation::CkdDisk*>(&device)) {
        if (BlockDisk::records_of_track(ckd->geometry(), description.block) == 0)
            fail(fmt::format("a track has no room for {} bytes", description.block));
    } else {
        fail(fmt::format("a {}", device.type()));
    }
    return what.extent.read_only ? kBlockReadOnly : 0;
}

}  // namespace

BlockRing::BlockRing(const RingHost& host, unsigned number, const RingDescription& description, VirtualIo& io,
                     RealIo& real)
    : RingDevice(host, number, description, 1, features_of(io, number, description)), io_(io), real_(real) {}

BlockRing::~BlockRing() { abandon(); }

BlockDisk BlockRing::geometry_of(const RelayedDevice& what) const {
    const simulation::Device& device = what.device->device;
    BlockDisk disk;
    disk.block = description().block;
    disk.first = what.extent.whole ? 0 : what.extent.first;
    if (const auto* const ckd = dynamic_cast<const simulation::CkdDisk*>(&device)) {
        disk.geometry = &ckd->geometry();
        disk.places = what.extent.whole ? ckd->geometry().cylinders : what.extent.count;
        disk.per_track = BlockDisk::records_of_track(ckd->geometry(), disk.block);
        const auto timing = simulation::DiskTiming::of(real_.machine().model(), std::string(device.type()));
        disk.rotation = timing.rotation;
        disk.bytes_per_second = timing.bytes_per_second;
    } else {
        const uint64_t all = dynamic_cast<const simulation::FbaDisk&>(device).blocks();
        disk.places = what.extent.whole ? static_cast<uint32_t>(all) : what.extent.count;
    }
    return disk;
}

std::array<uint8_t, RingDevice::kConfiguration> BlockRing::configuration() const {
    std::array<uint8_t, kConfiguration> bytes{};
    const RelayedSubchannel* const there = disk();
    const uint64_t blocks = there != nullptr ? geometry_of(there->what()).blocks() : 0;
    images::put_big32(&bytes[0], static_cast<uint32_t>(blocks >> 32));
    images::put_big32(&bytes[4], static_cast<uint32_t>(blocks));
    images::put_big32(&bytes[8], description().block);
    return bytes;
}

bool BlockRing::serve(Work& work, unsigned queue) {
    for (unsigned taken = 0; taken < kAtOnce; ++taken) {
        if (requests_.size() == kMostUnderWay) return false;  // the end of one looks again
        auto chain = take(work, queue);
        if (!chain) return false;
        begin(work, std::move(*chain));
        if (!live()) return false;
    }
    return true;
}

/// The header says what is wanted; the last byte to be written is for the answer.
void BlockRing::begin(Work& work, RingChain chain) {
    if (chain.readable_bytes < kHeader || chain.writable_bytes == 0) return fail(work, RingFault::request);
    std::array<uint8_t, kHeader> header;
    if (!queue(0).fetch(work, chain, 0, header)) return fail(work, RingFault::address);
    const uint32_t type = images::big32(&header[0]);
    const uint64_t number = uint64_t{images::big32(&header[8])} << 32 | images::big32(&header[12]);
    switch (type) {
        case Type::read: {
            const std::vector<uint8_t> room(chain.writable_bytes - 1);
            return start(work, false, number, std::move(chain), room);
        }
        case Type::write: {
            std::vector<uint8_t> data(chain.readable_bytes - kHeader);
            if (data.size() <= BlockProgram::kMostBytes && !queue(0).fetch(work, chain, kHeader, data))
                return fail(work, RingFault::address);
            return start(work, true, number, std::move(chain), data);
        }
        // What has been written is on the disk: there is nothing to wait for.
        case Type::flush: end(work, chain, done, 0); return;
        case Type::identify: {
            std::vector<uint8_t> text;
            for (const char c : fmt::format("{:<20}", fmt::format("DISK {:03X}", description().disk)))
                text.push_back(isa::to_ebcdic(c));
            text.resize(std::min<size_t>(text.size(), chain.writable_bytes - 1));
            if (!queue(0).store(work, chain, 0, text)) return fail(work, RingFault::address);
            end(work, chain, done, static_cast<uint32_t>(text.size()));
            return;
        }
        default: end(work, chain, unsupported, 0); return;
    }
}

void BlockRing::start(Work& work, bool writes, uint64_t number, RingChain chain,
                      const std::vector<uint8_t>& data) {
    const RelayedSubchannel* const there = disk();
    if (there == nullptr || leaving_) {
        end(work, chain, error, 0);
        return;
    }
    const BlockDisk disk = geometry_of(there->what());
    const uint64_t count = data.size() / disk.block;
    if (data.size() > BlockProgram::kMostBytes || data.size() % disk.block != 0 || count == 0 ||
        count > BlockProgram::kMostBlocks || number >= disk.blocks() || count > disk.blocks() - number ||
        (writes && there->what().extent.read_only)) {
        end(work, chain, error, 0);
        return;
    }
    work.step(Step::ring_request);
    if (description().driver_fault != 0 && ++begun_ >= description().driver_fault) return host().fail();
    Request& request = requests_.emplace_back(*this, *there->what().device, disk, writes,
                                              static_cast<uint32_t>(number), std::move(chain), data);
    const auto result = real_.start(work, request.device, request);
    if (result && result->condition_code != 0) finish(work, request, false);
}

/// Called by the request itself, which is gone then.
void BlockRing::ended(Work& work, Request& request, bool good) {
    if (finish(work, request, good)) run(work, 0);
}

/// The request is gone then. False: that was a fault.
bool BlockRing::finish(Work& work, Request& request, bool good) {
    std::list<Request> over;
    over.splice(over.begin(), requests_,
                std::find_if(requests_.begin(), requests_.end(),
                             [&](const Request& one) { return &one == &request; }));
    const bool reads = good && !request.writes;
    const auto data = request.program.data();
    mutable_counts().bytes += good ? data.size() : 0;
    if (reads && !queue(0).store(work, request.chain, 0, data)) {
        fail(work, RingFault::address);
        return false;
    }
    return end(work, request.chain, good ? done : error, reads ? static_cast<uint32_t>(data.size()) : 0);
}

bool BlockRing::end(Work& work, const RingChain& chain, Status status, uint32_t written) {
    if (status != done) ++mutable_counts().refused;
    const std::array<uint8_t, 1> answer{status};
    if (!queue(0).store(work, chain, chain.writable_bytes - 1, answer)) {
        fail(work, RingFault::address);
        return false;
    }
    return give_back(work, 0, chain, written + 1);
}

/// Takes back all that the real disk has of it, or will have: those that wait first, so that none of them is
/// started in the place of another.
std::list<BlockRing::Request> BlockRing::take_back() {
    std::list<Request> all;
    all.swap(requests_);
    for (Request& one : all) one.given_up = true;
    for (const bool active : {false, true})
        for (Request& one : all)
            if (one.device.works_for(one) == active) real_.cancel(one.device, one);
    return all;
}

void BlockRing::abandon() { take_back(); }

void BlockRing::disk_leaves(uint16_t address) {
    if (address != description().disk || !live()) return;
    Work work(host().ledger, host().account, Cause::rings);
    for (const Request& one : take_back())
        if (!end(work, one.chain, error, 0)) return;
    leaving_ = true;
    run(work, 0);
    leaving_ = false;
}

}  // namespace vmcp
