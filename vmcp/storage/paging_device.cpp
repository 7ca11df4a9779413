#include "vmcp/storage/paging_device.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

namespace vmcp {

PagingDevice::PagingDevice(const simulation::MachineModel& model, const std::string& type) : type_(type) {
    if (!model.has_device(type))
        throw std::out_of_range(fmt::format("the machine model {} has no device {}", model.name, type));
    const auto figure = [&](std::string_view name) { return model.device(type, name).value; };
    const auto has = [&](std::string_view name) { return model.devices.find(type)->second.contains(name); };
    pages_per_track_ = static_cast<uint32_t>(figure("bytes_per_track") / kPage);
    if (pages_per_track_ == 0)
        throw std::invalid_argument(fmt::format("a track of a {} does not hold a page of 4096 bytes", type));
    tracks_per_cylinder_ = static_cast<uint32_t>(figure("tracks_per_cylinder"));
    cylinders_ =
        static_cast<uint32_t>(has("tracks") ? figure("tracks") / tracks_per_cylinder_ : figure("cylinders"));
    slots_ = cylinders_ * tracks_per_cylinder_ * pages_per_track_;
    rotation_ = figure("rotation_us") * simulation::kMicrosecond;
    transfer_time_ = SimTime{kPage} * simulation::kSecond / figure("bytes_per_second");
    if (has("seek_maximum_us")) {
        seek_minimum_ = figure("seek_minimum_us") * simulation::kMicrosecond;
        seek_maximum_ = figure("seek_maximum_us") * simulation::kMicrosecond;
    }
}

std::optional<uint32_t> PagingDevice::allocate() {
    uint32_t slot;
    if (!free_.empty()) {
        slot = free_.back();
        free_.pop_back();
    } else if (pages_.size() < slots_) {
        slot = static_cast<uint32_t>(pages_.size());
        pages_.emplace_back();
    } else {
        return std::nullopt;
    }
    pages_[slot] = std::make_unique<Contents>();
    ++in_use_;
    return slot;
}

void PagingDevice::release(uint32_t slot) {
    pages_[slot].reset();
    free_.push_back(slot);
    --in_use_;
}

/// The arm starts, travels and settles: the time grows evenly from the shortest seek to the longest
/// (assumed).
SimTime PagingDevice::seek(uint32_t cylinder) {
    const uint32_t distance = cylinder > arm_ ? cylinder - arm_ : arm_ - cylinder;
    arm_ = cylinder;
    if (distance == 0 || seek_maximum_ == 0) return 0;
    const uint32_t longest = std::max(2u, cylinders_ - 1);
    return seek_minimum_ + (seek_maximum_ - seek_minimum_) * (distance - 1) / (longest - 1);
}

PageReady PagingDevice::move(const PageMove& what) {
    const SimTime at = std::max(what.behind.at, what.now);
    if (what.behind.known()) return {transfer(what.slot, std::max(at, what.behind.time()))};
    auto moving = std::make_shared<PageTransfer>();
    PageTransfer& before = *what.behind.transfer;  // which is there when it ends
    before.then([this, slot = what.slot, at, &before, moving] {
        moving->end(transfer(slot, std::max(at, before.ready())));
    });
    return {0, moving};
}

SimTime PagingDevice::transfer(uint32_t slot, SimTime now) {
    const SimTime begin = std::max(now, free_at_);
    const uint32_t track = slot / pages_per_track_;
    const SimTime there = begin + seek(track / tracks_per_cylinder_);
    const SimTime sector = rotation_ * (slot % pages_per_track_) / pages_per_track_;
    const SimTime angle = there % rotation_;
    const SimTime latency = sector >= angle ? sector - angle : rotation_ - angle + sector;
    free_at_ = there + latency + transfer_time_;
    ++transfers_;
    busy_ += free_at_ - begin;
    return free_at_;
}

}  // namespace vmcp
