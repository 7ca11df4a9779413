// One track of a count-key-data disk as image files hold it: the home address (flag, CC, HH), then for every
// record the count area (CC HH R, key length, data length), key and data, then eight bytes of ones. Gaps are
// not held; DiskGeometry tells how much room they take.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "simulation/images/disk_geometry.hpp"

namespace simulation::images {

inline constexpr uint32_t kHomeAddressSize = 5;
inline constexpr uint32_t kCountSize = 8;
inline constexpr uint32_t kTrackEndSize = 8;

// Flags of a home address.
inline constexpr uint8_t kTrackDefective = 0x02, kTrackAlternate = 0x01;

struct Record {
    uint32_t at = 0;  // of its count area in the track
    uint8_t key_length = 0;
    uint16_t data_length = 0;

    uint32_t key_at() const { return at + kCountSize; }
    uint32_t data_at() const { return key_at() + key_length; }
    uint32_t end() const { return data_at() + data_length; }
};

/// What is wrong with the bytes of a track, and where in it.
struct TrackDamage {
    uint32_t at = 0;
    std::string what;
};

class Track {
  public:
    Track() = default;
    /// A track in standard format: home address and record 0.
    Track(unsigned cylinder, unsigned head);
    /// Checks the bytes and finds the records. The home address must be of this cylinder and head, record 0
    /// must be there, and the end must be marked. Throws TrackDamage.
    Track(std::vector<uint8_t> bytes, unsigned cylinder, unsigned head);

    uint8_t flags() const { return bytes_[0]; }

    /// Up to and including the mark of its end.
    std::span<const uint8_t> bytes() const { return bytes_; }
    uint8_t* data() { return bytes_.data(); }
    const uint8_t* data() const { return bytes_.data(); }

    /// Record 0 is the first.
    const std::vector<Record>& records() const { return records_; }
    std::span<const uint8_t> count(const Record& r) const { return {&bytes_[r.at], kCountSize}; }
    /// Whether the record goes on on the next track.
    bool overflows(const Record& r) const {
        return (bytes_[r.at] & kOverflow) != 0 && bytes_[r.at] != kNoOverflow;
    }
    void set_overflow(const Record& r) { bytes_[r.at] |= kOverflow; }
    std::span<const uint8_t> key(const Record& r) const { return {bytes_.data() + r.key_at(), r.key_length}; }
    std::span<const uint8_t> content(const Record& r) const {
        return {bytes_.data() + r.data_at(), r.data_length};
    }

    /// Erases the records from number `first` (an index) on, and puts a new one there.
    void format(size_t first, std::span<const uint8_t> count_key_data);
    /// Erases the records from this index on.
    void erase(size_t first);

    /// Room taken by all records behind record 0, in the units of DiskGeometry::capacity, if the last one
    /// stays the last.
    uint32_t space_used(const DiskGeometry& geometry) const;
    /// Whether a record behind those before index `first` would still fit.
    bool fits(const DiskGeometry& geometry, size_t first, uint32_t key_length, uint32_t data_length) const;

  private:
    static constexpr uint8_t kOverflow = 0x80;
    static constexpr uint8_t kNoOverflow = 0xFF;  // a cylinder number that a program made up

    std::vector<uint8_t> bytes_;
    std::vector<Record> records_;
};

}  // namespace simulation::images
