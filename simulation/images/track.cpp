#include "simulation/images/track.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "simulation/images/byte_order.hpp"

namespace simulation::images {

namespace {

bool is_end(std::span<const uint8_t> bytes) {
    return std::all_of(bytes.begin(), bytes.end(), [](uint8_t b) { return b == 0xFF; });
}

}  // namespace

Track::Track(unsigned cylinder, unsigned head) : bytes_(kHomeAddressSize) {
    put_big16(&bytes_[1], cylinder);
    put_big16(&bytes_[3], head);
    std::vector<uint8_t> record0(kCountSize + 8);
    put_big16(&record0[0], cylinder);
    put_big16(&record0[2], head);
    put_big16(&record0[6], 8);
    format(0, record0);
}

Track::Track(std::vector<uint8_t> bytes, unsigned cylinder, unsigned head) : bytes_(std::move(bytes)) {
    const auto size = static_cast<uint32_t>(bytes_.size());
    if (size < kHomeAddressSize) throw TrackDamage{0, "expected a home address"};
    const unsigned cc = big16(&bytes_[1]), hh = big16(&bytes_[3]);
    if (cc != cylinder || hh != head)
        throw TrackDamage{0, fmt::format("the home address says cylinder {} head {}: expected cylinder {} "
                                         "head {}",
                                         cc, hh, cylinder, head)};
    uint32_t at = kHomeAddressSize;
    for (;;) {
        if (size - at < kTrackEndSize)
            throw TrackDamage{at, "expected another record or the end of the track"};
        if (is_end({&bytes_[at], kTrackEndSize})) break;
        const Record record{at, bytes_[at + 5], big16(&bytes_[at + 6])};
        if (record.end() > size)
            throw TrackDamage{at, fmt::format("record {} with a key of {} and data of {} bytes does not fit "
                                              "into the track",
                                              bytes_[at + 4], record.key_length, record.data_length)};
        records_.push_back(record);
        at = record.end();
    }
    if (records_.empty()) throw TrackDamage{at, "expected record 0"};
    bytes_.resize(at + kTrackEndSize);
}

void Track::erase(size_t first) {
    if (first < records_.size()) {
        bytes_.resize(records_[first].at);
        records_.resize(first);
    } else {
        bytes_.resize(records_.empty() ? kHomeAddressSize : records_.back().end());
    }
    bytes_.insert(bytes_.end(), kTrackEndSize, 0xFF);
}

void Track::format(size_t first, std::span<const uint8_t> count_key_data) {
    if (!records_.empty()) {
        erase(first);
        bytes_.resize(bytes_.size() - kTrackEndSize);
    }
    records_.push_back({static_cast<uint32_t>(bytes_.size()), count_key_data[5], big16(&count_key_data[6])});
    bytes_.insert(bytes_.end(), count_key_data.begin(), count_key_data.end());
    bytes_.insert(bytes_.end(), kTrackEndSize, 0xFF);
}

uint32_t Track::space_used(const DiskGeometry& geometry) const {
    uint32_t used = 0;
    for (size_t i = 1; i < records_.size(); ++i)
        used += geometry.space(records_[i].key_length, records_[i].data_length, i + 1 == records_.size());
    return used;
}

bool Track::fits(const DiskGeometry& geometry, size_t first, uint32_t key_length,
                 uint32_t data_length) const {
    constexpr uint32_t kStandardRecord0 = 8;
    uint32_t used = 0;
    for (size_t i = 0; i < std::min(first, records_.size()); ++i) {
        const Record& r = records_[i];
        if (i == 0)
            used += std::max(uint32_t{r.key_length} + r.data_length, kStandardRecord0) - kStandardRecord0;
        else
            used += geometry.space(r.key_length, r.data_length, false);
    }
    if (first == 0) {
        const uint32_t length = key_length + data_length;
        return length <= kStandardRecord0 + geometry.capacity;
    }
    return used + geometry.space(key_length, data_length, true) <= geometry.capacity;
}

}  // namespace simulation::images
