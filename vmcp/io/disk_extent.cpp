#include "vmcp/io/disk_extent.hpp"

#include <algorithm>
#include <array>

#include "simulation/devices/ckd_codes.hpp"
#include "simulation/devices/fba_codes.hpp"
#include "simulation/images/byte_order.hpp"
#include "vmcp/io/block_chain.hpp"

namespace vmcp {
namespace {

using namespace simulation;

constexpr unsigned kSeekArgument = 6;
constexpr uint16_t kNoCylinder = 0xFFFF;

bool is_ckd_write(uint8_t command) {
    return (command & 0x03) == 0x01 && (command & 0x20) == 0 && command < 0x20;
}
bool is_ckd_search(uint8_t command) { return (command & 0x03) == 0x01 && !is_ckd_write(command); }

}  // namespace

unsigned DiskExtent::argument(uint8_t command) const {
    if (whole) return 0;
    if (device == DeviceClass::count_key_data)
        return command == kSeek || command == kSeekCylinder ? kSeekArgument : 0;
    if (divides_blocks() && command == fba::kLocate) return BlockChain::kLocateSize;
    return command == fba::kDefineExtent ? BlockExtent::kSize : 0;
}

void DiskExtent::relocate(uint8_t command, std::span<uint8_t> argument) const {
    if (device == DeviceClass::count_key_data) {
        const uint32_t cylinder = images::big16(&argument[2]);
        images::put_big16(&argument[2], has(cylinder) ? first + (cylinder - base) : kNoCylinder);
        return;
    }
    if (command != fba::kDefineExtent) return;
    BlockExtent extent = BlockExtent::of(argument);
    const auto here = extent.fits(size()) ? extent.part(base, count, first) : std::nullopt;
    extent.offset = ~uint32_t{0};
    std::ranges::copy(here.value_or(extent).argument(), argument.begin());
}

uint8_t DiskExtent::allowed(uint8_t command) const {
    // A home address says where the data of a defective track are: on any cylinder.
    if (!whole && device == DeviceClass::count_key_data && command == kWriteHome) return kNoCommand;
    if (!read_only) return command;
    const bool writes =
        device == DeviceClass::count_key_data ? is_ckd_write(command) : command == fba::kWrite;
    return writes ? kNoCommand : command;
}

bool DiskExtent::returns_to_start(uint8_t command) const {
    return !whole && device == DeviceClass::count_key_data && command == kRecalibrate;
}

bool DiskExtent::reads_start(uint8_t command) const {
    return !whole && device != DeviceClass::other && command == kReadIpl;
}

std::optional<uint32_t> DiskExtent::leads_to(uint8_t command, std::span<const uint8_t> argument) const {
    if (all == 0) return std::nullopt;
    uint32_t cylinder = 0;
    if (device == DeviceClass::fixed_block) {
        if (command == fba::kDefineExtent && argument.size() >= BlockExtent::kSize) {
            const BlockExtent extent = BlockExtent::of(argument);
            if (!extent.fits(all) || extent.part(base, count, first)) return std::nullopt;
            cylinder = extent.offset;
        } else if (!reads_start(command)) {
            return std::nullopt;
        }
    } else if (this->argument(command) != 0) {
        if (argument.size() < kSeekArgument) return std::nullopt;
        cylinder = images::big16(&argument[2]);
    } else if (!returns_to_start(command) && !reads_start(command)) {
        return std::nullopt;
    }
    return has(cylinder) || cylinder >= all ? std::nullopt : std::optional(cylinder);
}

bool DiskExtent::holds(std::span<const uint8_t> argument) const {
    if (argument.size() < BlockExtent::kSize) return true;  // it is rejected
    const BlockExtent extent = BlockExtent::of(argument);
    return !extent.fits(all) || (has(extent.offset) && has(extent.offset + (extent.last - extent.first)));
}

bool DiskExtent::sets_mask(uint8_t command) const {
    return !whole && device == DeviceClass::count_key_data && command == kSetFileMask;
}

bool DiskExtent::tells_size(uint8_t command) const {
    return !whole && device == DeviceClass::fixed_block && command == fba::kCharacteristics;
}

void DiskExtent::tell_size(uint32_t at, std::span<uint8_t> data) const {
    constexpr uint32_t kBlocksAt = 14;  // of the characteristics (GA26-1657)
    std::array<uint8_t, 4> size;
    images::put_big32(size.data(), this->size());
    for (uint32_t i = 0; i < size.size(); ++i)
        if (kBlocksAt + i >= at && kBlocksAt + i - at < data.size()) data[kBlocksAt + i - at] = size[i];
}

bool DiskExtent::may_skip(uint8_t command) const {
    return device == DeviceClass::count_key_data &&
           is_ckd_search(command & static_cast<uint8_t>(~kMultitrack));
}

bool DiskExtent::needs_position(uint8_t command) const {
    if (whole || device != DeviceClass::count_key_data) return false;
    return command != kSeek && command != kSeekCylinder && command != kRecalibrate && command != kReadIpl;
}

std::array<uint8_t, 6> DiskExtent::seek_argument(uint32_t cylinder, uint32_t head) const {
    std::array<uint8_t, 6> argument{};
    images::put_big16(&argument[2], has(cylinder) ? first + (cylinder - base) : kNoCylinder);
    images::put_big16(&argument[4], head);
    return argument;
}

bool moves_no_data(DeviceClass device, uint8_t command) {
    if (command == kNoOperation) return true;
    return device == DeviceClass::count_key_data && (command == kRecalibrate || command == kRestore);
}

}  // namespace vmcp
