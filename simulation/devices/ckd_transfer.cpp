// The commands of a count-key-data disk that read and write the track.
#include <algorithm>

#include "simulation/devices/ckd_codes.hpp"
#include "simulation/devices/ckd_disk.hpp"
#include "simulation/images/byte_order.hpp"

namespace simulation {

using images::big16;
using images::kCountSize;
using images::kHomeAddressSize;
using images::Record;

// ---- Read -------------------------------------------------------------------------------------------------

uint8_t CkdDisk::read(uint8_t command) {
    const bool multitrack = (command & kMultitrack) != 0;
    const uint8_t kind = command & ~kMultitrack;
    // Between a search and a formatting write there may be a read of the record that was found, but not
    // between two formatting writes.
    const bool lets_format = kind == kReadData
                                 ? state_.may_format != Format::behind_format
                                 : kind == kReadKeyData && state_.may_format == Format::behind_identifier;
    if (!lets_format) state_.may_format = Format::no;
    const bool after_home = state_.found == Found::home || state_.area == Area::home;
    state_.found = Found::nothing;
    Find find = Find::found;
    switch (kind) {
        case kReadIpl:
            if (command != kReadIpl) break;
            if (state_.mask_set)
                return reject(kWrongSequence);  // a file mask forbids the seek that is part of it
            return read_ipl();
        case kReadSector:
            if (command != kReadSector || geometry_.sectors == 0) break;
            return read_sector();
        case kReadHome: return read_home(multitrack);
        case kReadRecord0: return read_record0(multitrack, after_home);
        case kReadCount:
            find = next_count(multitrack, false);
            if (find != Find::found) return fails(find);
            at_time([this] {
                path().give(count_area(state_.record));
                present(kChannelEnd | kDeviceEnd);
            });
            return 0;
        case kReadData:
        case kReadKeyData:
            if (state_.area != Area::count && (kind == kReadKeyData || state_.area != Area::key))
                find = next_count(multitrack, false);
            if (find != Find::found) return fails(find);
            if (const auto said = std::exchange(state_.spaced, std::nullopt)) {
                // What the program said in place of the count area must be true, or the check bytes are
                // missed.
                const Record& r = track_.records()[state_.record];
                if ((*said)[0] != r.key_length || big16(&(*said)[1]) != r.data_length) {
                    turn_to(data_end(state_.record));
                    state_.area = Area::nowhere;
                    return end_with_check(kDataCheck, 0, 0);
                }
            }
            read_record(false, kind == kReadKeyData);
            return 0;
        case kReadCountKeyData:
            find = next_count(multitrack, false);
            if (find != Find::found) return fails(find);
            read_record(true, true);
            return 0;
        default: break;
    }
    return reject(kWrongCommand);
}

uint8_t CkdDisk::read_ipl() {
    const unsigned distance = state_.arm;
    move_arm(0, 0);
    time_ += disk_.seek(distance, geometry_.cylinders);
    if (const Find find = track(Whose::data); find != Find::found) return fails(find);
    if (track_.records().size() < 2) return fails(Find::no_record);
    pass_index(false, Whose::data);
    state_.index_marks = 0;
    state_.record = 1;
    read_record(false, false);
    return 0;
}

uint8_t CkdDisk::read_home(bool multitrack) {
    track(Whose::itself);
    state_.index_marks = 0;
    const Find find = pass_index(multitrack, Whose::itself);
    if (find != Find::found) return fails(find);
    state_.index_marks = 0;
    state_.area = Area::home;
    state_.record = 0;
    turn_to(kHomeAddressSize);
    at_time([this] {
        path().give({track_.data(), kHomeAddressSize});
        present(kChannelEnd | kDeviceEnd);
    });
    return 0;
}

uint8_t CkdDisk::read_record0(bool multitrack, bool after_home) {
    track(Whose::itself);
    if (!after_home) {
        state_.index_marks = 0;
        const Find find = pass_index(multitrack, Whose::itself);
        if (find != Find::found) return fails(find);
    }
    state_.index_marks = 0;
    state_.record = 0;
    read_record(true, true);
    return 0;
}

/// The sector at which a chain must begin so that it reaches the record that has passed last.
uint8_t CkdDisk::read_sector() {
    constexpr int64_t kLead = 32;  // bytes, so that a chain reaches the record after set sector
    const int64_t start =
        state_.area == Area::nowhere || state_.area == Area::home || state_.area == Area::index
            ? 0
            : std::max<int64_t>(0, record_start(state_.record) - kLead);
    const int64_t around = disk_.rotation * disk_.bytes_per_second / kSecond;
    return give_soon(
        {static_cast<uint8_t>(std::min<int64_t>(start * geometry_.sectors / around, geometry_.sectors - 1))});
}

/// Gives the record that is under the head, when it has passed.
void CkdDisk::read_record(bool count, bool key) {
    state_.area = Area::data;
    state_.index_marks = 0;  // index that passed before this data
    turn_to(data_end(state_.record));
    // Data of length zero is the end of a file.
    const uint8_t status = track_.records()[state_.record].data_length == 0 ? kUnitException : 0;
    at_time([this, count, key, status] { give_segment(count, key, status); });
}

void CkdDisk::give_segment(bool count, bool key, uint8_t status) {
    const Record& r = track_.records()[state_.record];
    const uint32_t from = key ? r.key_at() : r.data_at();
    state_.logged_bytes += r.end() - from;
    if (!count || path().give(count_area(state_.record)) == kCountSize)
        path().give({track_.data() + from, r.end() - from});
    if (!track_.overflows(r)) return present(kChannelEnd | kDeviceEnd | status);
    if (next_segment(kReadData)) at_time([this, status] { give_segment(false, false, status); });
}

// ---- Record overflow --------------------------------------------------------------------------------------

bool CkdDisk::next_segment(uint8_t operation) {
    time_ = queue().now();
    turn_to_index();
    Find find = next_head(Whose::data);
    if (find == Find::found && track_.records().size() < 2) find = Find::no_record;
    if (find != Find::found) {
        note_failure(find, kOverflowIncomplete);
        set_sense(wide_sense() ? 3 : 5, operation);
        at_time([this] { present(kChannelEnd | kDeviceEnd | kUnitCheck); });
        return false;
    }
    state_.record = 1;
    state_.area = Area::data;
    turn_to(data_end(state_.record));
    return true;
}

// ---- Write ------------------------------------------------------------------------------------------------

uint8_t CkdDisk::write(uint8_t command) {
    const uint8_t writes = state_.mask & kMaskWrites;
    const bool update = command == kWriteData || command == kWriteKeyData;
    const bool format = command == kWriteCountKeyData || command == kWriteSpecial || command == kErase;
    const bool home = command == kWriteHome || command == kWriteRecord0;
    if (!update && !format && !home) return reject(kWrongCommand);
    if (writes == kMaskNoWrites || (writes == kMaskNoFormats && !update) ||
        (home && writes != kMaskAllWrites))
        return wide_sense() ? reject(kWrongSequence) : note(kSenseCommandReject, kFileProtected, 0);
    if (!pack_->writable())
        return note(kSenseCommandReject, wide_sense() ? kWriteInhibited : kFileProtected, 0);
    if (command == kWriteData && state_.found != Found::identifier && state_.found != Found::key)
        return reject(kWrongSequence);
    if (command == kWriteKeyData && state_.found != Found::identifier) return reject(kWrongSequence);
    if (format && state_.may_format == Format::no) return reject(kWrongSequence);
    if (command == kWriteRecord0 && state_.found != Found::home) return reject(kWrongSequence);
    state_.found = Found::nothing;
    if (update) return write_update(command == kWriteKeyData);
    if (command == kWriteHome) return write_home();
    if (command == kWriteRecord0) return write_record0();
    return write_format(command);
}

uint8_t CkdDisk::write_update(bool key) {
    state_.area = Area::data;
    turn_to(data_end(state_.record));
    const uint8_t status = track_.records()[state_.record].data_length == 0 ? kUnitException : 0;
    at_time([this, key, status] { take_segment(key, status); });
    return 0;
}

void CkdDisk::take_segment(bool key, uint8_t status) {
    const Record& r = track_.records()[state_.record];
    const uint32_t from = key ? r.key_at() : r.data_at();
    std::vector<uint8_t> bytes(r.end() - from);
    path().take(bytes);  // what does not come is written as zeros
    std::copy(bytes.begin(), bytes.end(), track_.data() + from);
    changed();
    if (!track_.overflows(r)) return present(kChannelEnd | kDeviceEnd | status);
    if (next_segment(kWriteData)) at_time([this, status] { take_segment(false, status); });
}

uint8_t CkdDisk::write_home() {
    track(Whose::itself);
    pass_index(false, Whose::itself);
    state_.index_marks = 0;
    turn_to(kHomeAddressSize);
    at_time([this] {
        std::array<uint8_t, kHomeAddressSize> home{};
        path().take(home);
        // An image cannot hold a track that says it is another one.
        if (big16(&home[1]) != state_.cylinder || big16(&home[3]) != state_.head) {
            reject(kWrongData);
            return present(kChannelEnd | kDeviceEnd | kUnitCheck);
        }
        track_ = images::Track(state_.cylinder, state_.head);
        track_.data()[0] = home[0];
        changed();
        state_.area = Area::home;
        state_.record = 0;
        state_.found = Found::home;
        erase_to_index();
        present(kChannelEnd | kDeviceEnd);
    });
    return 0;
}

uint8_t CkdDisk::write_record0() {
    turn_to(record_start(0));
    at_time([this] { format_at(0, kWriteRecord0); });
    return 0;
}

uint8_t CkdDisk::write_format(uint8_t command) {
    turn_to(data_end(state_.record));
    at_time([this, command] { format_at(state_.record + 1, command); });
    return 0;
}

/// Writes a record and erases what lay behind. The channel gives all of it when the record begins.
void CkdDisk::format_at(size_t index, uint8_t command) {
    std::vector<uint8_t> bytes(kCountSize);
    const bool whole_count = path().take(bytes) == kCountSize;
    const uint8_t key_length = bytes[5];
    const uint16_t data_length = big16(&bytes[6]);
    const uint32_t length = uint32_t{key_length} + data_length;
    uint8_t status = kChannelEnd | kDeviceEnd;
    changed();
    if (!track_.fits(geometry_, index, key_length, data_length)) {
        track_.erase(std::max<size_t>(index, 1));
        note(0, kTrackOverrun, 0);
        status |= kUnitCheck;
    } else {
        bytes.resize(kCountSize + length);
        if (whole_count && length != 0) path().take(std::span(bytes).subspan(kCountSize));
        state_.area = Area::data;
        if (command == kErase) {
            track_.erase(index);
            state_.may_format = Format::no;
        } else {
            track_.format(index, bytes);
            if (command == kWriteSpecial) track_.set_overflow(track_.records()[index]);
            state_.record = index;
            state_.may_format = Format::behind_format;
        }
    }
    after(disk_.pass(geometry_.overhead * 3 / 4 + length), [this, status] {
        erase_to_index();
        present(status);
    });
}

}  // namespace simulation
