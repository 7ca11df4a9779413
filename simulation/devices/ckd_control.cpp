// The control commands of a count-key-data disk.
#include <algorithm>

#include "simulation/devices/ckd_codes.hpp"
#include "simulation/devices/ckd_disk.hpp"
#include "simulation/images/byte_order.hpp"

namespace simulation {

using images::big16;

uint8_t CkdDisk::control(uint8_t command) {
    switch (command) {
        case kSeek:
        case kSeekCylinder:
        case kSeekHead: return seek(command);
        case kRecalibrate: return recalibrate();
        case kRestore: return do_nothing();
        case kSetFileMask: return set_file_mask();
        case kSpaceCount: return space_count();
        case kSetSector:
            if (geometry_.sectors != 0) return set_sector();
            break;
        default: break;
    }
    return reject(kWrongCommand);
}

void CkdDisk::move_arm(unsigned cylinder, unsigned head) {
    if (cylinder != state_.cylinder) {
        ++state_.logged_seeks;
    }
    state_.cylinder = state_.arm = cylinder;
    state_.head = head;
    state_.area = Area::nowhere;
    state_.found = Found::nothing;
    state_.may_format = Format::no;
}

uint8_t CkdDisk::seek(uint8_t command) {
    const uint8_t allowed = state_.mask & kMaskSeeks;
    const bool good = command == kSeek           ? allowed == 0
                      : command == kSeekCylinder ? allowed == 0 || allowed == kMaskSeekCylinder
                                                 : allowed != kMaskNoSeek;
    if (!good) return note(0, kFileProtected, 0);
    soon([this, command] {
        std::array<uint8_t, 6> address{};
        const uint32_t n = path().take(address);
        const unsigned bin = big16(&address[0]), head = big16(&address[4]);
        const unsigned cylinder = command == kSeekHead ? state_.cylinder : big16(&address[2]);
        if (n < address.size() || bin != 0 || cylinder >= pack_->cylinders() || head >= geometry_.heads) {
            reject(n < address.size() && wide_sense() ? kShortCount : kWrongData);
            return present(kChannelEnd | kDeviceEnd | kUnitCheck);
        }
        const unsigned distance = cylinder > state_.arm ? cylinder - state_.arm : state_.arm - cylinder;
        move_arm(cylinder, head);
        if (distance == 0) return present(kChannelEnd | kDeviceEnd);
        end_transfer_then(disk_.seek(distance, geometry_.cylinders));
    });
    return 0;
}

uint8_t CkdDisk::recalibrate() {
    if ((state_.mask & kMaskSeeks) != 0) return note(0, kFileProtected, 0);
    const unsigned distance = state_.arm;
    move_arm(0, 0);
    if (distance == 0) return kChannelEnd | kDeviceEnd;
    time_ += disk_.seek(distance, geometry_.cylinders);
    at_time([this] { present(kDeviceEnd); });
    return kChannelEnd;
}

uint8_t CkdDisk::set_file_mask() {
    if (state_.mask_set) return reject(kWrongSequence);
    state_.found = Found::nothing;
    state_.may_format = Format::no;
    soon([this] {
        uint8_t mask = 0;
        const bool taken = path().take({&mask, 1}) != 0;
        if (!taken || (mask & (wide_sense() ? kMaskReserved : kMaskReservedNarrow)) != 0) {
            note(kSenseCommandReject, 0, taken ? kWrongData : kShortCount);
            return present(kChannelEnd | kDeviceEnd | kUnitCheck);
        }
        state_.mask = mask;
        state_.mask_set = true;
        present(kChannelEnd | kDeviceEnd);
    });
    return 0;
}

uint8_t CkdDisk::set_sector() {
    soon([this] {
        uint8_t sector = 0;
        const bool taken = path().take({&sector, 1}) != 0;
        if (!taken || (sector != kNoSector && sector >= geometry_.sectors)) {
            reject(taken ? kWrongData : kShortCount);
            return present(kChannelEnd | kDeviceEnd | kUnitCheck);
        }
        state_.found = Found::nothing;
        state_.may_format = Format::no;
        if (sector == kNoSector) return present(kChannelEnd | kDeviceEnd);
        state_.area = Area::nowhere;
        const SimTime phase = queue().now() % disk_.rotation;
        // Sector 0 is for what begins at index: the drive tells of it so early that index is yet to come.
        const SimTime target = sector == 0 ? disk_.rotation - disk_.rotation / geometry_.sectors
                                           : disk_.rotation * sector / geometry_.sectors;
        const SimTime wait = target >= phase ? target - phase : target - phase + disk_.rotation;
        state_.awaits_sector = true;
        after(wait, [this] { present(kDeviceEnd); });
        present(kChannelEnd);
    });
    return 0;
}

/// Goes on over a count area that cannot be read; the program tells the larger units what it says.
uint8_t CkdDisk::space_count() {
    state_.found = Found::nothing;
    state_.may_format = Format::no;
    const Find find = next_count(false, false);
    if (find != Find::found) return fails(find);
    at_time([this] {
        std::array<uint8_t, 3> lengths{};
        if (wide_sense()) {
            path().take_to_count(lengths);
            state_.spaced = lengths;
        }
        present(kChannelEnd | kDeviceEnd);
    });
    return 0;
}

/// Reserve and release: there is no other channel that could have the device. What is given is sense
/// information, which is all zeros by now.
uint8_t CkdDisk::reserve() {
    if (state_.mask_set) return reject(kWrongSequence);
    return give_soon(std::vector<uint8_t>(geometry_.sense_bytes));
}

}  // namespace simulation
