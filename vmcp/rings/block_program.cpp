#include "vmcp/rings/block_program.hpp"

#include <algorithm>

#include "simulation/devices/ckd_codes.hpp"
#include "simulation/devices/fba_codes.hpp"
#include "simulation/images/byte_order.hpp"

namespace vmcp {

namespace fba = simulation::fba;
namespace images = simulation::images;
using simulation::ChannelAccess;

uint32_t BlockDisk::records_of_track(const images::DiskGeometry& geometry, uint32_t length) {
    uint32_t records = 0;
    while (records < 255 &&
           records * geometry.space(0, length, false) + geometry.space(0, length, true) <= geometry.capacity)
        ++records;
    return records;
}

BlockProgram::BlockProgram(const BlockDisk& disk, bool writes, uint32_t number,
                           const std::vector<uint8_t>& data)
    : bytes_(kDataAt + data.size()) {
    const auto count = static_cast<uint32_t>(data.size() / disk.block);
    std::copy(data.begin(), data.end(), bytes_.begin() + kDataAt);
    if (disk.geometry == nullptr)
        for_blocks(disk, writes, number, count);
    else
        for_records(disk, writes, number, count);
}

void BlockProgram::add(uint8_t command, bool last, uint32_t count, uint32_t address) {
    const uint8_t flags = last ? uint8_t{0} : simulation::kFlagChainCommand;
    simulation::store(simulation::Ccw{command, flags, static_cast<uint16_t>(count), address}, &bytes_[next_]);
    next_ += 8;
}

void BlockProgram::for_blocks(const BlockDisk& disk, bool writes, uint32_t number, uint32_t count) {
    constexpr uint8_t kMayWrite = 0xC0, kMayNotWrite = 0x40;
    constexpr uint32_t kExtentAt = kArgumentsAt, kLocateAt = kArgumentsAt + 16;
    bytes_[kExtentAt] = writes ? kMayWrite : kMayNotWrite;
    images::put_big32(&bytes_[kExtentAt + 4], disk.first);
    images::put_big32(&bytes_[kExtentAt + 12], disk.places - 1);
    bytes_[kLocateAt] = writes ? fba::kLocateWrite : fba::kLocateRead;
    images::put_big16(&bytes_[kLocateAt + 2], count);
    images::put_big32(&bytes_[kLocateAt + 4], number);
    add(fba::kDefineExtent, false, 16, kExtentAt);
    add(fba::kLocate, false, 8, kLocateAt);
    add(writes ? fba::kWrite : fba::kRead, true, count * disk.block, kDataAt);
}

void BlockProgram::for_records(const BlockDisk& disk, bool writes, uint32_t number, uint32_t count) {
    using namespace simulation;
    const images::DiskGeometry& geometry = *disk.geometry;
    constexpr uint8_t kTransferInChannel = 0x08;
    constexpr int64_t kLead = 32;  // bytes before the record, for the search to begin
    uint32_t track_before = ~uint32_t{0};
    for (uint32_t i = 0; i < count; ++i) {
        const uint32_t track = (number + i) / disk.per_track, record = (number + i) % disk.per_track;
        // Two bytes of zeroes, cylinder, head, record, sector.
        const uint32_t at = kArgumentsAt + 8 * i;
        images::put_big16(&bytes_[at + 2], disk.first + track / geometry.heads);
        images::put_big16(&bytes_[at + 4], track % geometry.heads);
        bytes_[at + 6] = static_cast<uint8_t>(record + 1);
        if (track != track_before) add(kSeek, false, 6, at);
        if (track != track_before && geometry.sectors != 0) {
            const int64_t start =
                geometry.home + int64_t{record} * geometry.space(0, disk.block, false) - kLead;
            const int64_t around = disk.rotation * disk.bytes_per_second / kSecond;
            bytes_[at + 7] = static_cast<uint8_t>(
                std::clamp<int64_t>(start * geometry.sectors / around, 0, geometry.sectors - 1));
            add(kSetSector, false, 1, at + 7);
        }
        track_before = track;
        const uint32_t search = next_;
        add(kSearchIdEqual, false, 5, at + 2);
        add(kTransferInChannel, false, 0, search);
        add(writes ? kWriteData : kReadData, i + 1 == count, disk.block, kDataAt + i * disk.block);
    }
}

ChannelAccess BlockProgram::fetch(uint32_t address, uint8_t* out, uint32_t length, uint8_t) {
    if (address > size() || length > size() - address) return ChannelAccess::addressing;
    std::copy_n(bytes_.begin() + address, length, out);
    return ChannelAccess::ok;
}

ChannelAccess BlockProgram::store(uint32_t address, const uint8_t* in, uint32_t length, uint8_t) {
    if (address > size() || length > size() - address) return ChannelAccess::addressing;
    std::copy_n(in, length, bytes_.begin() + address);
    return ChannelAccess::ok;
}

}  // namespace vmcp
