#include "simulation/devices/ckd_disk.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "simulation/devices/ckd_codes.hpp"
#include "simulation/images/byte_order.hpp"

namespace simulation {

using images::big16;

CkdDisk::CkdDisk(const images::DiskGeometry& geometry, DiskTiming timing)
    : Device({}, geometry.sense_bytes), geometry_(geometry), disk_(timing) {}

CkdDisk::~CkdDisk() {
    try {
        flush();
    } catch (const images::ImageError&) {
        // Whoever wants to know calls flush before.
    }
}

void CkdDisk::mount(std::unique_ptr<images::CkdImage> pack) {
    if (pack &&
        (pack->geometry().number != geometry_.number || pack->cylinders() > geometry_.all_cylinders()))
        throw std::invalid_argument(fmt::format("{}: a {} with {} cylinders does not go on a {} drive",
                                                pack->path(), pack->geometry().name, pack->cylinders(),
                                                geometry_.name));
    flush();
    loaded_ = false;
    pack_ = std::move(pack);
    cylinder_ = head_ = 0;
    if (pack_ && connected() && !busy()) present(kDeviceEnd);
}

void CkdDisk::flush() {
    if (!dirty_) return;
    dirty_ = false;
    pack_->write(track_number_, track_);
}

images::Track& CkdDisk::track() {
    const uint32_t number = cylinder_ * geometry_.heads + head_;
    if (loaded_ && track_number_ == number) return track_;
    flush();
    loaded_ = false;
    track_ = pack_->read(number);
    track_number_ = number;
    loaded_ = true;
    return track_;
}

void CkdDisk::begin_chain() {
    area_ = Area::nowhere;
    index_marks_ = 0;
    found_ = Found::nothing;
    may_format_ = false;
    mask_ = 0;
    mask_set_ = false;
}

// ---- Sense ------------------------------------------------------------------------------------------------

uint8_t CkdDisk::note(uint8_t sense0, uint8_t sense1, uint8_t message) {
    set_sense(0, sense0);
    set_sense(1, sense1);
    if (wide_sense()) {
        // The low part of the cylinder; its high bits and the head; format 0 and the message.
        set_sense(5, static_cast<uint8_t>(cylinder_));
        set_sense(6, static_cast<uint8_t>((cylinder_ >> 8 & 1) << 6 | (cylinder_ >> 9 & 1) << 5 | head_));
        set_sense(7, message);
    }
    return kUnitCheck;
}

/// Refuses a command. What the larger units tell as a message the others tell with bits of their own.
uint8_t CkdDisk::reject(uint8_t message) {
    const bool narrow = !wide_sense();
    return note(kSenseCommandReject | (narrow && message == kWrongData ? kSeekCheck : 0),
                narrow && message == kWrongSequence ? kInvalidSequence : 0, message);
}

uint8_t CkdDisk::end_with_check(uint8_t sense0, uint8_t sense1, uint8_t message) {
    note(sense0, sense1, message);
    at_time([this] { present(kChannelEnd | kDeviceEnd | kUnitCheck); });
    return 0;
}

uint8_t CkdDisk::fails(Find why) {
    area_ = Area::nowhere;
    switch (why) {
        case Find::end_of_cylinder: return end_with_check(0, kEndOfCylinder, 0);
        case Find::protected_head: return end_with_check(0, kFileProtected, 0);
        default: return end_with_check(0, kNoRecordFound, 0);
    }
}

// ---- Where the heads are ----------------------------------------------------------------------------------

// Of the room that a record takes, a quarter of the fixed part lies before its count area, another quarter is
// the count area with what belongs to it, and the last quarter follows the data (assumed).

int64_t CkdDisk::record_start(size_t index) const {
    if (index == 0) return geometry_.home / 3;
    int64_t start = geometry_.home;
    for (size_t i = 1; i < index; ++i) {
        const images::Record& r = track_.records()[i];
        start += geometry_.space(r.key_length, r.data_length, false);
    }
    return start;
}

int64_t CkdDisk::count_end(size_t index) const { return record_start(index) + geometry_.overhead / 2; }

int64_t CkdDisk::key_end(size_t index) const {
    const uint8_t key = track_.records()[index].key_length;
    return count_end(index) + (key == 0 ? 0 : geometry_.key_overhead - geometry_.overhead + key);
}

int64_t CkdDisk::data_end(size_t index) const {
    return key_end(index) + track_.records()[index].data_length + geometry_.overhead / 4;
}

void CkdDisk::turn_to(int64_t position) {
    const SimTime phase = time_ % disk_.rotation;
    const SimTime target = disk_.pass(position) % disk_.rotation;
    time_ += target >= phase ? target - phase : target - phase + disk_.rotation;
}

CkdDisk::Find CkdDisk::pass_index(bool multitrack) {
    time_ += disk_.rotation - time_ % disk_.rotation;
    area_ = Area::index;
    if (multitrack) {
        if ((mask_ & kMaskSeeks) == kMaskNoSeek) return Find::protected_head;
        if (head_ + 1 >= geometry_.heads) return Find::end_of_cylinder;
        ++head_;
        track();
        return Find::found;
    }
    return ++index_marks_ >= 2 ? Find::no_record : Find::found;
}

CkdDisk::Find CkdDisk::next_count(bool multitrack, bool with_record0) {
    track();
    size_t next = 0;
    if (area_ == Area::nowhere) {
        const int64_t position = (time_ % disk_.rotation) * disk_.bytes_per_second / kSecond;
        while (next < track_.records().size() && record_start(next) < position) ++next;
    } else if (area_ != Area::index && area_ != Area::home) {
        next = record_ + 1;
    }
    for (;;) {
        if (next == 0 && !with_record0) next = 1;
        if (next < track_.records().size()) break;
        const Find find = pass_index(multitrack);
        if (find != Find::found) return find;
        next = 0;
    }
    record_ = next;
    area_ = Area::count;
    turn_to(count_end(next));
    return Find::found;
}

// ---- Commands ---------------------------------------------------------------------------------------------

uint8_t CkdDisk::start(uint8_t command) {
    if (command == kNoOperation) return kChannelEnd | kDeviceEnd;
    if (command == kSenseId && wide_sense()) {
        const auto low = static_cast<uint8_t>(geometry_.number);
        return give_soon(
            {0xFF, 0x38, 0x80, 0x01, 0x33, low, geometry_.name.ends_with('1') ? uint8_t{1} : uint8_t{2}});
    }
    if (!pack_) return check(kSenseInterventionRequired);
    time_ = queue().now();
    const uint8_t kind = command & ~kMultitrack;
    // Passing index is forgotten where data is read, and in write and control commands.
    const bool reads_counts = kind == kReadCount || kind == kReadHome || kind == kReadRecord0;
    const bool searches = (command & 0x0F) == 0x09 || (command & 0x1F) == 0x11;
    if (kind != kErase && searches) return search(command);
    if (!reads_counts) index_marks_ = 0;
    if ((command & 3) == 2) return read(command);
    if ((command & 3) == 3) return control(command);
    if ((command & 3) == 1) return write(command);
    if (command == kReserve || command == kRelease) {
        // Nobody else can have the device; what is given is sense information, which is all zeros by now.
        return give_soon(std::vector<uint8_t>(geometry_.sense_bytes));
    }
    if (command == kReadLog && wide_sense()) return give_soon(std::vector<uint8_t>(geometry_.sense_bytes));
    return reject(kWrongCommand);
}

uint8_t CkdDisk::give_soon(std::vector<uint8_t> bytes) {
    after(timing().control, [this, bytes = std::move(bytes)] {
        path().give(bytes);
        present(kChannelEnd | kDeviceEnd);
    });
    return 0;
}

uint8_t CkdDisk::control(uint8_t command) {
    switch (command) {
        case kSeek:
        case kSeekCylinder:
        case kSeekHead: return seek(command);
        case kRecalibrate: return recalibrate();
        case kRestore: return kChannelEnd | kDeviceEnd;
        case kSetFileMask: return set_file_mask();
        case kSetSector:
            if (geometry_.sectors != 0) return set_sector();
            break;
        default: break;
    }
    return reject(kWrongCommand);
}

void CkdDisk::move_arm(unsigned cylinder, unsigned head) {
    if (cylinder != cylinder_) ++seeks_;
    cylinder_ = cylinder;
    head_ = head;
    area_ = Area::nowhere;
    found_ = Found::nothing;
    may_format_ = false;
}

uint8_t CkdDisk::seek(uint8_t command) {
    const uint8_t allowed = mask_ & kMaskSeeks;
    const bool good = command == kSeek           ? allowed == 0
                      : command == kSeekCylinder ? allowed == 0 || allowed == kMaskSeekCylinder
                                                 : allowed != kMaskNoSeek;
    if (!good) return note(0, kFileProtected, 0);
    after(timing().control, [this, command] {
        std::array<uint8_t, 6> address{};
        const uint32_t n = path().take(address);
        const unsigned bin = big16(&address[0]), head = big16(&address[4]);
        const unsigned cylinder = command == kSeekHead ? cylinder_ : big16(&address[2]);
        if (n < address.size() || bin != 0 || cylinder >= pack_->cylinders() || head >= geometry_.heads) {
            reject(n < address.size() ? kShortCount : kWrongData);
            return present(kChannelEnd | kDeviceEnd | kUnitCheck);
        }
        const unsigned distance = cylinder > cylinder_ ? cylinder - cylinder_ : cylinder_ - cylinder;
        move_arm(cylinder, head);
        if (distance == 0) return present(kChannelEnd | kDeviceEnd);
        end_transfer_then(disk_.seek(distance, geometry_.cylinders));
    });
    return 0;
}

uint8_t CkdDisk::recalibrate() {
    if ((mask_ & kMaskSeeks) != 0) return note(0, kFileProtected, 0);
    const unsigned distance = cylinder_;
    move_arm(0, 0);
    if (distance == 0) return kChannelEnd | kDeviceEnd;
    after(disk_.seek(distance, geometry_.cylinders), [this] { present(kDeviceEnd); });
    return kChannelEnd;
}

uint8_t CkdDisk::set_file_mask() {
    if (mask_set_) return reject(kWrongSequence);
    after(timing().control, [this] {
        uint8_t mask = 0;
        if (path().take({&mask, 1}) == 0 ||
            (mask & (wide_sense() ? kMaskReserved : kMaskReservedNarrow)) != 0) {
            reject(kWrongData);
            return present(kChannelEnd | kDeviceEnd | kUnitCheck);
        }
        mask_ = mask;
        mask_set_ = true;
        present(kChannelEnd | kDeviceEnd);
    });
    return 0;
}

uint8_t CkdDisk::set_sector() {
    after(timing().control, [this] {
        uint8_t sector = 0;
        if (path().take({&sector, 1}) == 0 || (sector != kNoSector && sector >= geometry_.sectors)) {
            reject(kWrongData);
            return present(kChannelEnd | kDeviceEnd | kUnitCheck);
        }
        if (sector == kNoSector) return present(kChannelEnd | kDeviceEnd);
        area_ = Area::nowhere;
        found_ = Found::nothing;
        may_format_ = false;
        time_ = queue().now();
        const SimTime phase = time_ % disk_.rotation;
        const SimTime target = disk_.rotation * sector / geometry_.sectors;
        end_transfer_then(target >= phase ? target - phase : target - phase + disk_.rotation);
    });
    return 0;
}

}  // namespace simulation
