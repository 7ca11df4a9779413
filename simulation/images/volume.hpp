// What operating systems keep on a disk so that they find their data sets: the volume label and the volume
// table of contents (VTOC). GC26-3821 (OS/VS system data areas: DSCB formats).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "simulation/images/ckd_image.hpp"

namespace simulation::images {

struct TrackAddress {
    uint16_t cylinder = 0, head = 0;
    bool operator==(const TrackAddress&) const = default;
};

struct Extent {
    TrackAddress first, last;  // inclusive
};

struct VolumeLabel {
    std::string volume;  // serial number, up to 6 characters
    std::string owner;
    TrackAddress vtoc;  // where its first record is
};

struct DataSet {
    std::string name;
    std::string organization;  // "PS", "PO", "DA", "IS", "VS", or hexadecimal
    std::string record_format;
    unsigned record_length = 0, block_length = 0;
    unsigned extent_count = 0;
    std::vector<Extent> extents;  // the first three
};

struct Vtoc {
    Extent place;
    std::vector<DataSet> data_sets;  // in the order of their records
};

/// The label from the third record of the first track; empty if there is none. Throws ImageError.
std::optional<VolumeLabel> read_label(CkdImage& image);

/// What the table lists; empty if there is no table where the label says. Throws ImageError.
std::optional<Vtoc> read_vtoc(CkdImage& image, const VolumeLabel& label);

/// Writes IPL records that load a disabled wait (code X'00001A'), a label, and a table of contents without
/// data sets on the rest of cylinder 0. `volume`: 1 to 6 characters. Throws ImageError.
void write_label(CkdImage& image, const std::string& volume);

}  // namespace simulation::images
