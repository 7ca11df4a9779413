// The geometry of the direct-access devices: cylinders, heads, and how much room a record takes on a track.
//
// A count-key-data track holds a home address, record 0 (the track descriptor, 8 data bytes in standard
// format) and whatever records were formatted. `capacity` counts what is left for these in units of bytes;
// every record takes its key and data and an overhead for gaps, count and check bytes.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace simulation::images {

struct DiskGeometry {
    std::string_view name;  // "3330-11"
    uint16_t number;        // X'3330'
    uint16_t cylinders;     // for users
    uint16_t alternates;    // cylinders behind them, for tracks that take the place of defective ones
    uint16_t heads;
    uint16_t longest;   // data bytes of the longest record that fits on a track as the only one
    uint16_t capacity;  // of a track behind standard record 0
    uint16_t home;      // home address and standard record 0, in the same unit
    // A record without and with a key; all but the last of a track take a tolerance on key and data of
    // `tolerance`/512 (0: none), and the last one may leave off `last_saves`.
    uint16_t overhead, key_overhead;
    uint16_t tolerance;
    uint16_t last_saves;
    uint16_t sectors;  // of rotational position sensing; 0: not installed
    uint8_t sense_bytes;

    unsigned all_cylinders() const { return cylinders + alternates; }
    /// What a record takes, in the units of `capacity`.
    uint32_t space(uint32_t key_length, uint32_t data_length, bool last) const;
    /// Bytes that the longest formatted track has in an image file, rounded up to 512.
    uint32_t image_track_size() const;
};

/// Every type that is known.
std::span<const DiskGeometry> disk_geometries();
/// By type: "3330" means 3330-1, "3340" means 3340-35. Null if there is none.
const DiskGeometry* disk_geometry(std::string_view name);
/// By the type code of an image's header and its number of heads and cylinders. Null if there is none.
const DiskGeometry* disk_geometry(uint8_t type_code, unsigned heads, unsigned cylinders);

}  // namespace simulation::images
