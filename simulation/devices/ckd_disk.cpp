#include "simulation/devices/ckd_disk.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "simulation/devices/ckd_codes.hpp"
#include "simulation/images/byte_order.hpp"

namespace simulation {

using images::big16;
using images::kCountSize;

CkdDisk::CkdDisk(const images::DiskGeometry& geometry, DiskTiming timing)
    : Device({}, geometry.sense_bytes), geometry_(geometry), disk_(timing) {
    make_control_unit();
}

CkdDisk::~CkdDisk() {
    try {
        flush();
    } catch (const images::ImageError&) {
        // Whoever wants to know calls flush before.
    }
}

std::string_view CkdDisk::control_unit_type() const {
    return geometry_.number == 0x2311 ? "2841" : geometry_.number == 0x2314 ? "2314" : "3830";
}

void CkdDisk::mount(std::unique_ptr<images::CkdImage> pack) {
    if (pack &&
        (pack->geometry().number != geometry_.number || pack->cylinders() > geometry_.all_cylinders()))
        throw std::invalid_argument(fmt::format("{}: a {} with {} cylinders does not go on a {} drive",
                                                pack->path(), pack->geometry().name, pack->cylinders(),
                                                geometry_.name));
    if (pack_ && abandon_transfer())
        present(kChannelEnd | kDeviceEnd | note(kSenseInterventionRequired, 0, 0));
    flush();
    loaded_ = false;
    pack_ = std::move(pack);
    state_.cylinder = state_.head = state_.arm = 0;
    if (pack_) announce_ready();
}

void CkdDisk::mount(const Medium& medium) {
    mount(nullptr);  // a file may be mounted again
    if (medium.file.empty()) return;
    const auto access = medium.read_only ? images::Access::read : images::Access::write;
    mount(medium.overlay.empty() ? images::open_ckd(medium.file, access)
                                 : images::open_ckd_with_overlay(medium.file, medium.overlay));
}

void CkdDisk::flush() {
    if (!dirty_) return;
    dirty_ = false;
    pack_->write(track_number_, track_);
}

void CkdDisk::clear(unsigned first_cylinder, unsigned count) {
    const unsigned under_head = track_number_ / geometry_.heads;
    if (loaded_ && under_head >= first_cylinder && under_head - first_cylinder < count)
        loaded_ = dirty_ = false;
    for (unsigned cylinder = first_cylinder; cylinder < first_cylinder + count; ++cylinder)
        for (unsigned head = 0; head < geometry_.heads; ++head)
            pack_->write(cylinder * geometry_.heads + head, images::Track(cylinder, head));
}

void CkdDisk::load(uint32_t number) {
    if (loaded_ && track_number_ == number) return;
    flush();
    loaded_ = false;
    track_ = pack_->read(number);
    track_number_ = number;
    loaded_ = true;
}

CkdDisk::Find CkdDisk::track(Whose whose) {
    const uint32_t own = state_.cylinder * geometry_.heads + state_.head;
    uint32_t number = own;
    load(number);
    if (whose == Whose::data && (track_.flags() & images::kTrackDefective) != 0) {
        if (!follows_alternates()) return Find::defective;
        const auto count = track_.count(track_.records()[0]);
        const unsigned cylinder = big16(&count[0]), head = big16(&count[2]);
        number = cylinder * geometry_.heads + head;
        if (cylinder >= pack_->cylinders() || head >= geometry_.heads || number == own)
            return Find::defective;
        load(number);
        if ((track_.flags() & images::kTrackAlternate) == 0) return Find::defective;
    }
    const unsigned place = number / geometry_.heads;
    time_ += disk_.seek(place > state_.arm ? place - state_.arm : state_.arm - place, geometry_.cylinders);
    state_.arm = place;
    return Find::found;
}

void CkdDisk::begin_chain() {
    state_.area = Area::nowhere;
    state_.index_marks = 0;
    state_.found = Found::nothing;
    state_.may_format = Format::no;
    state_.mask = 0;
    state_.mask_set = false;
    state_.spaced.reset();
}

void CkdDisk::discard() { state_.awaits_sector = false; }

/// A formatting write that nothing followed keeps the control unit busy until it has erased the track.
void CkdDisk::chain_ended() {
    if (state_.erase_end > queue().now()) control_unit().hold(*this, state_.erase_end);
    state_.erase_end = 0;
}

void CkdDisk::erase_to_index() {
    const SimTime now = queue().now();
    state_.erase_end = now + disk_.rotation - now % disk_.rotation;
}

/// A sector that comes while the control unit is busy is missed; the next chance is a turn later.
SimTime CkdDisk::retry_delay() const { return state_.awaits_sector ? disk_.rotation : 0; }

// ---- Sense ------------------------------------------------------------------------------------------------

uint8_t CkdDisk::note(uint8_t sense0, uint8_t sense1, uint8_t message) {
    set_sense(0, sense0);
    set_sense(1, sense1);
    if (!wide_sense()) return kUnitCheck;
    // Which drive of the string: the 3330 tells it with its number and the complement, the others with a bit.
    const uint8_t drive = path().unit_address() & 7;
    if (geometry_.number == 0x3330)
        set_sense(4, static_cast<uint8_t>((~drive & 7) << 3 | drive));
    else
        set_sense(4, static_cast<uint8_t>(0x80 >> drive));
    if (geometry_.number == 0x3340)
        set_sense(2, kSectorsInstalled | (geometry_.name.ends_with("70") ? 2 : 1));
    // The low part of the cylinder; its high bits and the head; format 0 and the message.
    const unsigned high = geometry_.number == 0x3330
                              ? (state_.cylinder >> 8 & 1) << 6 | (state_.cylinder >> 9 & 1) << 5
                              : (state_.cylinder >> 8 & 3) << 5;
    set_sense(5, static_cast<uint8_t>(state_.cylinder));
    set_sense(6, static_cast<uint8_t>(high | state_.head));
    set_sense(7, message);
    return kUnitCheck;
}

/// The smaller units tell the state of the drive at the moment.
void CkdDisk::complete_sense(Sense& sense) const {
    if (wide_sense()) return;
    uint8_t state =
        geometry_.number == 0x2311 ? kDriveOnLine | kDriveSelected | (pack_ ? kDriveReady : 0) : kDriveOnLine;
    if ((sense[1] & kEndOfCylinder) != 0) state |= kDriveEndOfCylinder;
    sense[3] = state;
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

void CkdDisk::note_failure(Find why, uint8_t sense1) {
    state_.area = Area::nowhere;
    switch (why) {
        case Find::end_of_cylinder: note(0, sense1 | kEndOfCylinder, 0); break;
        case Find::protected_head: note(0, sense1 | kFileProtected, 0); break;
        case Find::defective: note(kTrackCondition, sense1, 0); break;
        default: note(0, sense1 | kNoRecordFound, 0); break;
    }
}

uint8_t CkdDisk::fails(Find why) {
    note_failure(why, 0);
    at_time([this] { present(kChannelEnd | kDeviceEnd | kUnitCheck); });
    return 0;
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

std::array<uint8_t, kCountSize> CkdDisk::count_area(size_t index) const {
    const images::Record& r = track_.records()[index];
    std::array<uint8_t, kCountSize> count{};
    std::copy_n(track_.count(r).begin(), kCountSize, count.begin());
    if (track_.overflows(r)) count[0] &= 0x7F;
    return count;
}

void CkdDisk::turn_to(int64_t position) {
    const SimTime phase = time_ % disk_.rotation;
    const SimTime target = disk_.pass(position) % disk_.rotation;
    time_ += target >= phase ? target - phase : target - phase + disk_.rotation;
}

CkdDisk::Find CkdDisk::next_head(Whose whose) {
    if ((state_.mask & kMaskSeeks) == kMaskNoSeek) return Find::protected_head;
    if (state_.head + 1 >= geometry_.heads) return Find::end_of_cylinder;
    // What comes behind an alternate track is not what comes behind the one that it stands for.
    if (!follows_alternates() && (track_.flags() & images::kTrackAlternate) != 0) return Find::defective;
    ++state_.head;
    return track(whose);
}

CkdDisk::Find CkdDisk::pass_index(bool multitrack, Whose whose) {
    turn_to_index();
    state_.area = Area::index;
    if (multitrack) return next_head(whose);
    return ++state_.index_marks >= 2 ? Find::no_record : Find::found;
}

CkdDisk::Find CkdDisk::next_count(bool multitrack, bool with_record0) {
    if (const Find find = track(Whose::data); find != Find::found) return find;
    size_t next = 0;
    if (state_.area == Area::nowhere) {
        const int64_t position = (time_ % disk_.rotation) * disk_.bytes_per_second / kSecond;
        while (next < track_.records().size() && record_start(next) < position) ++next;
    } else if (state_.area != Area::index && state_.area != Area::home) {
        next = state_.record + 1;
    }
    for (;;) {
        if (next == 0 && !with_record0) next = 1;
        if (next < track_.records().size()) break;
        const Find find = pass_index(multitrack, Whose::data);
        if (find != Find::found) return find;
        next = 0;
    }
    state_.record = next;
    state_.area = Area::count;
    turn_to(count_end(next));
    return Find::found;
}

// ---- Commands ---------------------------------------------------------------------------------------------

uint8_t CkdDisk::start(uint8_t command) {
    time_ = queue().now();
    state_.awaits_sector = false;
    if (command == kNoOperation) return do_nothing();
    if (command == kSenseId && wide_sense()) {
        const auto low = static_cast<uint8_t>(geometry_.number);
        return give_soon(
            {0xFF, 0x38, 0x80, 0x01, 0x33, low, geometry_.name.ends_with('1') ? uint8_t{1} : uint8_t{2}});
    }
    if (!pack_) return note(kSenseInterventionRequired, 0, 0);
    // What follows a formatting write, other than another one, waits until the rest of the track is erased.
    const bool formats = command == kWriteCountKeyData || command == kWriteSpecial || command == kErase ||
                         command == kWriteRecord0;
    if (!formats && state_.erase_end > time_) {
        time_ = state_.erase_end;
        state_.area = Area::index;
    }
    state_.erase_end = 0;
    const uint8_t kind = command & ~kMultitrack;
    // Passing index is forgotten where data is read, and in write and control commands.
    const bool reads_counts =
        kind == kReadCount || kind == kReadHome || kind == kReadRecord0 || kind == kReadSector;
    const bool searches = (command & 0x0F) == 0x09 || (command & 0x1F) == 0x11 ||
                          ((command & 0x0F) == 0x0D && (command & (kEqual | kHigh)) != 0);
    if (!(kind == kReadData || kind == kReadKeyData)) {
        if (kind != kSearchKeyEqual && kind != kSearchKeyHigh && kind != kSearchKeyEqualHigh)
            state_.spaced.reset();
    }
    if (kind != kErase && searches) return search(command);
    if (!reads_counts) state_.index_marks = 0;
    if ((command & 3) == 2) return read(command);
    if ((command & 3) == 3) return control(command);
    if ((command & 3) == 1) return write(command);
    if (command == kReserve || command == kRelease) return reserve();
    if (command == kReadLog && wide_sense()) return give_log();
    return reject(kWrongCommand);
}

/// No-operation, and restore, which had something to do on another unit only. What a search has found is
/// lost.
uint8_t CkdDisk::do_nothing() {
    state_.found = Found::nothing;
    state_.may_format = Format::no;
    state_.index_marks = 0;
    return kChannelEnd | kDeviceEnd;
}

uint8_t CkdDisk::give_soon(std::vector<uint8_t> bytes) {
    soon([this, bytes = std::move(bytes)] {
        path().give(bytes);
        present(kChannelEnd | kDeviceEnd);
    });
    return 0;
}

/// Statistics of use (format 6), which are zero again after that.
uint8_t CkdDisk::give_log() {
    std::vector<uint8_t> log(geometry_.sense_bytes);
    log[2] = kEnvironmental;
    log[7] = kStatistics;
    images::put_big16(&log[8], state_.logged_bytes >> 16);
    images::put_big16(&log[10], state_.logged_bytes & 0xFFFF);
    images::put_big16(&log[16], std::min<uint32_t>(state_.logged_seeks, 0xFFFF));
    state_.logged_bytes = state_.logged_seeks = 0;
    return give_soon(std::move(log));
}

}  // namespace simulation
