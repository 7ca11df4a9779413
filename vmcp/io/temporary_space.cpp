#include "vmcp/io/temporary_space.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "simulation/devices/ckd_disk.hpp"
#include "simulation/devices/fba_disk.hpp"
#include "simulation/images/memory_image.hpp"

namespace vmcp {

using simulation::CkdDisk, simulation::FbaDisk;
namespace images = simulation::images;

namespace {

/// "3330" is short for "3330-1".
bool is_of_type(const RealDevice& device, std::string_view type) {
    if (const auto* geometry = images::disk_geometry(type)) type = geometry->name;
    return device.device.type() == type;
}

}  // namespace

void TemporarySpace::add(RealDevice& device) {
    uint32_t places = 0;
    if (auto* const disk = dynamic_cast<CkdDisk*>(&device.device)) {
        places = disk->geometry().cylinders;
        disk->mount(images::ckd_in_memory(disk->geometry(), places));
    } else if (auto* const blocks = dynamic_cast<FbaDisk*>(&device.device)) {
        places = images::kBlocks3370;
        blocks->mount(images::fba_in_memory(places));
    } else {
        throw std::invalid_argument(
            fmt::format("device {:03X}: a {} has no space for temporary disks: "
                        "expected a disk",
                        device.address, device.device.type()));
    }
    disks_.push_back({&device, {{0, places}}});
}

bool TemporarySpace::has(const RealDevice& device) const {
    return std::any_of(disks_.begin(), disks_.end(),
                       [&device](const Disk& disk) { return disk.device == &device; });
}

std::optional<TemporarySpace::Lease> TemporarySpace::take(std::string_view type, uint32_t count) {
    for (Disk& disk : disks_) {
        if (!is_of_type(*disk.device, type)) continue;
        const auto hole = std::find_if(disk.holes.begin(), disk.holes.end(),
                                       [count](const Hole& one) { return one.count >= count; });
        if (hole == disk.holes.end()) continue;
        const uint32_t first = hole->first;
        hole->first += count;
        hole->count -= count;
        if (hole->count == 0) disk.holes.erase(hole);
        return std::optional<Lease>(std::in_place, *this, *disk.device, first, count);
    }
    return std::nullopt;
}

uint64_t TemporarySpace::free(std::string_view type) const {
    uint64_t sum = 0;
    for (const Disk& disk : disks_)
        if (is_of_type(*disk.device, type))
            for (const Hole& hole : disk.holes) sum += hole.count;
    return sum;
}

void TemporarySpace::give_back(const Lease& lease) {
    if (auto* const disk = dynamic_cast<CkdDisk*>(&lease.device.device))
        disk->clear(lease.first, lease.count);
    else
        dynamic_cast<FbaDisk&>(lease.device.device).clear(lease.first, lease.count);
    Disk& disk = *std::find_if(disks_.begin(), disks_.end(),
                               [&](const Disk& one) { return one.device == &lease.device; });
    auto next = std::find_if(disk.holes.begin(), disk.holes.end(),
                             [&](const Hole& one) { return one.first > lease.first; });
    next = disk.holes.insert(next, {lease.first, lease.count});
    const auto join = [&disk](auto left) {
        const auto right = left + 1;
        if (right == disk.holes.end() || left->first + left->count != right->first) return;
        left->count += right->count;
        disk.holes.erase(right);
    };
    join(next);
    if (next != disk.holes.begin()) join(next - 1);
}

}  // namespace vmcp
