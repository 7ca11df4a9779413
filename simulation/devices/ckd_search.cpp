// The commands of a count-key-data disk that compare the track with storage.
#include <cstring>

#include "simulation/devices/ckd_codes.hpp"
#include "simulation/devices/ckd_disk.hpp"

namespace simulation {

using images::kHomeAddressSize;
using images::Record;

uint8_t CkdDisk::search(uint8_t command) {
    switch (command & ~kMultitrack) {
        case kSearchHome: return search_home((command & kMultitrack) != 0);
        case kSearchIdEqual:
        case kSearchIdHigh:
        case kSearchIdEqualHigh: return search_identifier(command);
        case kSearchKeyEqual:
        case kSearchKeyHigh:
        case kSearchKeyEqualHigh: return search_key(command);
        case kSearchKeyDataEqual:
        case kSearchKeyDataHigh:
        case kSearchKeyDataEqualHigh: return wide_sense() ? reject(kWrongCommand) : search_key_data(command);
        default: return write(command);  // home address and record 0 have codes like those of searches
    }
}

namespace {

/// Whether a comparison of the track with storage is what the search looks for.
bool satisfied(uint8_t command, int order) {
    return (order == 0 && (command & kEqual) != 0) || (order > 0 && (command & kHigh) != 0);
}

}  // namespace

uint8_t CkdDisk::search_home(bool multitrack) {
    if (const Find find = track(Whose::itself); find != Find::found) return fails(find);
    // Only a search that goes on and on passes index twice.
    if (state_.area != Area::home) state_.index_marks = 0;
    const Find find = pass_index(multitrack, Whose::itself);
    if (find != Find::found) return fails(find);
    state_.area = Area::home;
    state_.record = 0;
    state_.may_format = Format::no;
    state_.found = Found::nothing;
    turn_to(kHomeAddressSize);
    at_time([this] {
        std::array<uint8_t, 4> argument{};
        const uint32_t n = path().take(argument);
        const bool equal = n != 0 && std::memcmp(track_.data() + 1, argument.data(), n) == 0;
        if (equal) {
            state_.found = Found::home;
            state_.index_marks = 0;
        }
        present(kChannelEnd | kDeviceEnd | (equal ? kStatusModifier : 0));
    });
    return 0;
}

uint8_t CkdDisk::search_identifier(uint8_t command) {
    state_.may_format = Format::no;
    state_.found = Found::nothing;
    const Find find = next_count((command & kMultitrack) != 0, true);
    if (find != Find::found) return fails(find);
    at_time([this, command] {
        std::array<uint8_t, 5> argument{};
        const uint32_t n = path().take(argument);
        const int order = std::memcmp(count_area(state_.record).data(), argument.data(), n);
        const bool good = n != 0 && satisfied(command, order);
        if (good && (command & ~kMultitrack) == kSearchIdEqual) {
            state_.found = Found::identifier;
            state_.may_format = Format::behind_identifier;
        }
        present(kChannelEnd | kDeviceEnd | (good ? kStatusModifier : 0));
    });
    return 0;
}

uint8_t CkdDisk::search_key(uint8_t command) {
    state_.may_format = Format::no;
    state_.found = Found::nothing;
    // The key of the record whose count area has just passed, else of the next one. Where there is no key
    // there is nothing to compare.
    if (state_.area != Area::count) {
        const Find find = next_count((command & kMultitrack) != 0, false);
        if (find != Find::found) return fails(find);
    }
    state_.area = Area::key;
    turn_to(key_end(state_.record));
    at_time([this, command] {
        const auto key = track_.key(track_.records()[state_.record]);
        std::vector<uint8_t> argument(key.size());
        const uint32_t n = path().take(argument);
        // memcmp takes no null pointer, which is what an empty argument has, for nothing either.
        const int order = n == 0 ? 0 : std::memcmp(key.data(), argument.data(), n);
        const bool good = n != 0 && satisfied(command, order);
        if (good && (command & ~kMultitrack) == kSearchKeyEqual) {
            state_.found = Found::key;
            state_.may_format = Format::behind_key;
        }
        present(kChannelEnd | kDeviceEnd | (good ? kStatusModifier : 0));
    });
    return 0;
}

/// File scan: key and data of the next record are compared, other than where the argument has X'FF'.
uint8_t CkdDisk::search_key_data(uint8_t command) {
    state_.may_format = Format::no;
    state_.found = Found::nothing;
    if (state_.area != Area::count) {
        const Find find = next_count((command & kMultitrack) != 0, false);
        if (find != Find::found) return fails(find);
    }
    state_.area = Area::data;
    turn_to(data_end(state_.record));
    at_time([this, command] { compare_segment(command, true, 0); });
    return 0;
}

/// `order`: what the segments before have come to.
void CkdDisk::compare_segment(uint8_t command, bool key, int order) {
    constexpr uint8_t kDoNotCompare = 0xFF;
    const Record& r = track_.records()[state_.record];
    const uint32_t from = key ? r.key_at() : r.data_at();
    std::vector<uint8_t> argument(r.end() - from);
    const uint32_t n = path().take(argument);
    for (uint32_t i = 0; i < n && order == 0; ++i)
        if (argument[i] != kDoNotCompare) order = track_.data()[from + i] - argument[i];
    if (!track_.overflows(r))
        return present(kChannelEnd | kDeviceEnd | (satisfied(command, order) ? kStatusModifier : 0));
    const bool equal_only = (command & kHigh) == 0;
    const uint8_t state = order == 0                ? (command & (kEqual | kHigh)) | 0x05
                          : order < 0 || equal_only ? kOverflowSearchFails
                                                    : kOverflowSearchHigh;
    if (next_segment(state)) at_time([this, command, order] { compare_segment(command, false, order); });
}

}  // namespace simulation
