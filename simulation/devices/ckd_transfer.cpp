// The commands of a count-key-data disk that search, read and write the track.
#include <algorithm>
#include <cstring>

#include "simulation/devices/ckd_codes.hpp"
#include "simulation/devices/ckd_disk.hpp"
#include "simulation/images/byte_order.hpp"

namespace simulation {

using images::big16;
using images::kCountSize;
using images::kHomeAddressSize;
using images::Record;

// ---- Search -----------------------------------------------------------------------------------------------

uint8_t CkdDisk::search(uint8_t command) {
    switch (command & ~kMultitrack) {
        case kSearchHome: return search_home((command & kMultitrack) != 0);
        case kSearchIdEqual:
        case kSearchIdHigh:
        case kSearchIdEqualHigh: return search_identifier(command);
        case kSearchKeyEqual:
        case kSearchKeyHigh:
        case kSearchKeyEqualHigh: return search_key(command);
        default: return write(command);  // home address and record 0 have codes like those of searches
    }
}

namespace {

/// Whether a comparison of the track with storage is what the search looks for.
bool satisfied(uint8_t command, int order) {
    const bool equal = (command & 0x20) != 0, high = (command & 0x40) != 0;
    return (order == 0 && equal) || (order > 0 && high);
}

}  // namespace

uint8_t CkdDisk::search_home(bool multitrack) {
    track();
    // Only a search that goes on and on passes index twice.
    if (area_ != Area::home) index_marks_ = 0;
    const Find find = pass_index(multitrack);
    if (find != Find::found) return fails(find);
    area_ = Area::home;
    record_ = 0;
    may_format_ = false;
    found_ = Found::nothing;
    turn_to(kHomeAddressSize);
    at_time([this] {
        std::array<uint8_t, 4> argument{};
        const uint32_t n = path().take(argument);
        const bool equal = n != 0 && std::memcmp(track_.data() + 1, argument.data(), n) == 0;
        if (equal) {
            found_ = Found::home;
            index_marks_ = 0;
        }
        present(kChannelEnd | kDeviceEnd | (equal ? kStatusModifier : 0));
    });
    return 0;
}

uint8_t CkdDisk::search_identifier(uint8_t command) {
    may_format_ = false;
    found_ = Found::nothing;
    const Find find = next_count((command & kMultitrack) != 0, true);
    if (find != Find::found) return fails(find);
    at_time([this, command] {
        std::array<uint8_t, 5> argument{};
        const uint32_t n = path().take(argument);
        const auto count = track_.count(track_.records()[record_]);
        const int order = std::memcmp(count.data(), argument.data(), n);
        const bool good = n != 0 && satisfied(command, order);
        if (good && (command & ~kMultitrack) == kSearchIdEqual) {
            found_ = Found::identifier;
            may_format_ = true;
        }
        present(kChannelEnd | kDeviceEnd | (good ? kStatusModifier : 0));
    });
    return 0;
}

uint8_t CkdDisk::search_key(uint8_t command) {
    may_format_ = false;
    found_ = Found::nothing;
    track();
    // The key of the record whose count area has just passed, else of the next one. Where there is no key
    // there is nothing to compare.
    if (area_ != Area::count) {
        const Find find = next_count((command & kMultitrack) != 0, false);
        if (find != Find::found) return fails(find);
    }
    area_ = Area::key;
    turn_to(key_end(record_));
    at_time([this, command] {
        const auto key = track_.key(track_.records()[record_]);
        std::vector<uint8_t> argument(key.size());
        const uint32_t n = path().take(argument);
        const int order = std::memcmp(key.data(), argument.data(), n);
        const bool good = n != 0 && satisfied(command, order);
        if (good && (command & ~kMultitrack) == kSearchKeyEqual) {
            found_ = Found::key;
            may_format_ = true;
        }
        present(kChannelEnd | kDeviceEnd | (good ? kStatusModifier : 0));
    });
    return 0;
}

// ---- Read -------------------------------------------------------------------------------------------------

uint8_t CkdDisk::read(uint8_t command) {
    const bool multitrack = (command & kMultitrack) != 0;
    const uint8_t kind = command & ~kMultitrack;
    const bool reads_data = kind == kReadData || kind == kReadKeyData;
    if (!reads_data) {
        may_format_ = false;
    }
    const bool after_home = found_ == Found::home || area_ == Area::home;
    found_ = Found::nothing;
    Find find = Find::found;
    switch (kind) {
        case kReadIpl:
            if (command != kReadIpl) break;
            if (mask_set_) return reject(kWrongSequence);  // a file mask forbids the seek that is part of it
            return read_ipl();
        case kReadSector:
            if (command != kReadSector || geometry_.sectors == 0) break;
            {
                constexpr int64_t kLead = 32;  // bytes, so that a chain reaches the record after set sector
                const int64_t start = area_ == Area::nowhere || area_ == Area::home || area_ == Area::index
                                          ? 0
                                          : std::max<int64_t>(0, record_start(record_) - kLead);
                const int64_t around = disk_.rotation * disk_.bytes_per_second / kSecond;
                const auto sector = static_cast<uint8_t>(
                    std::min<int64_t>(start * geometry_.sectors / around, geometry_.sectors - 1));
                return give_soon({sector});
            }
        case kReadHome:
            track();
            index_marks_ = 0;
            find = pass_index(multitrack);
            if (find != Find::found) return fails(find);
            index_marks_ = 0;
            area_ = Area::home;
            record_ = 0;
            turn_to(kHomeAddressSize);
            at_time([this] {
                path().give({track_.data(), kHomeAddressSize});
                present(kChannelEnd | kDeviceEnd);
            });
            return 0;
        case kReadRecord0:
            track();
            if (!after_home) {
                index_marks_ = 0;
                find = pass_index(multitrack);
                if (find != Find::found) return fails(find);
            }
            index_marks_ = 0;
            record_ = 0;
            read_record(true, true);
            return 0;
        case kReadCount:
            find = next_count(multitrack, false);
            if (find != Find::found) return fails(find);
            at_time([this] {
                path().give(track_.count(track_.records()[record_]));
                present(kChannelEnd | kDeviceEnd);
            });
            return 0;
        case kReadData:
            if (area_ != Area::count && area_ != Area::key) find = next_count(multitrack, false);
            if (find != Find::found) return fails(find);
            read_record(false, false);
            return 0;
        case kReadKeyData:
            if (area_ != Area::count) find = next_count(multitrack, false);
            if (find != Find::found) return fails(find);
            read_record(false, true);
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
    const unsigned distance = cylinder_;
    move_arm(0, 0);
    time_ += disk_.seek(distance, geometry_.cylinders);
    if (track().records().size() < 2) return fails(Find::no_record);
    pass_index(false);
    index_marks_ = 0;
    record_ = 1;
    read_record(false, false);
    return 0;
}

/// Gives the record that is under the head, when it has passed.
void CkdDisk::read_record(bool count, bool key) {
    area_ = Area::data;
    turn_to(data_end(record_));
    at_time([this, count, key] {
        const Record& r = track_.records()[record_];
        const uint32_t from = count ? r.at : key ? r.key_at() : r.data_at();
        path().give({track_.data() + from, r.end() - from});
        // Data of length zero is the end of a file.
        present(kChannelEnd | kDeviceEnd | (r.data_length == 0 ? kUnitException : 0));
    });
}

// ---- Write ------------------------------------------------------------------------------------------------

uint8_t CkdDisk::write(uint8_t command) {
    const uint8_t writes = mask_ & kMaskWrites;
    const bool update = command == kWriteData || command == kWriteKeyData;
    const bool format = command == kWriteCountKeyData || command == kErase;
    const bool home = command == kWriteHome || command == kWriteRecord0;
    if (!update && !format && !home) return reject(kWrongCommand);
    if (writes == kMaskNoWrites || (writes == kMaskNoFormats && !update) ||
        (home && writes != kMaskAllWrites))
        return reject(kWrongSequence);
    if (!pack_->writable())
        return note(kSenseCommandReject, wide_sense() ? kWriteInhibited : kFileProtected, 0);
    if (command == kWriteData && found_ != Found::identifier && found_ != Found::key)
        return reject(kWrongSequence);
    if (command == kWriteKeyData && found_ != Found::identifier) return reject(kWrongSequence);
    if (format && !may_format_) return reject(kWrongSequence);
    if (command == kWriteRecord0 && found_ != Found::home) return reject(kWrongSequence);
    found_ = Found::nothing;
    if (update) return write_update(command == kWriteKeyData);
    if (command == kWriteHome) return write_home();
    if (command == kWriteRecord0) return write_record0();
    return write_format(command == kErase);
}

uint8_t CkdDisk::write_update(bool key) {
    area_ = Area::data;
    turn_to(data_end(record_));
    at_time([this, key] {
        const Record& r = track_.records()[record_];
        const uint32_t from = key ? r.key_at() : r.data_at();
        std::vector<uint8_t> bytes(r.end() - from);
        path().take(bytes);  // what does not come is written as zeros
        std::copy(bytes.begin(), bytes.end(), track_.data() + from);
        changed();
        present(kChannelEnd | kDeviceEnd | (r.data_length == 0 ? kUnitException : 0));
    });
    return 0;
}

uint8_t CkdDisk::write_home() {
    track();
    pass_index(false);
    index_marks_ = 0;
    turn_to(kHomeAddressSize);
    at_time([this] {
        std::array<uint8_t, kHomeAddressSize> home{};
        path().take(home);
        // An image cannot hold a track that says it is another one.
        if (big16(&home[1]) != cylinder_ || big16(&home[3]) != head_) {
            reject(kWrongData);
            return present(kChannelEnd | kDeviceEnd | kUnitCheck);
        }
        track_ = images::Track(cylinder_, head_);
        track_.data()[0] = home[0];
        changed();
        area_ = Area::home;
        record_ = 0;
        found_ = Found::home;
        present(kChannelEnd | kDeviceEnd);
    });
    return 0;
}

uint8_t CkdDisk::write_record0() {
    turn_to(record_start(0));
    at_time([this] { format_at(0, false); });
    return 0;
}

uint8_t CkdDisk::write_format(bool erase_only) {
    turn_to(data_end(record_));
    at_time([this, erase_only] { format_at(record_ + 1, erase_only); });
    return 0;
}

/// Writes a record and erases what lay behind. The channel gives all of it when the record begins.
void CkdDisk::format_at(size_t index, bool erase_only) {
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
        area_ = Area::data;
        if (erase_only) {
            track_.erase(index);
            may_format_ = false;
        } else {
            track_.format(index, bytes);
            record_ = index;
            may_format_ = true;
        }
    }
    after(disk_.pass(geometry_.overhead * 3 / 4 + length), [this, status] { present(status); });
}

}  // namespace simulation
