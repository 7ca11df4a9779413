// The device header that every CKD image file begins with: 512 bytes.
//
//   0  8  format: CKD_P370 plain, CKD_C370 compressed, CKD_S370 overlay
//   8  4  heads           12  4  bytes a track, in the plain format         (little-endian)
//  16  1  type code: X'30' for a 3330    17  1  file of a volume that is split up, 0: the only one
//  18  2  highest cylinder in this file of a split-up volume; 0: all
#pragma once

#include <string>

#include "simulation/images/image_file.hpp"
#include "simulation/images/track.hpp"

namespace simulation::images {

inline constexpr uint32_t kCkdHeaderSize = 512;

struct CkdHeader {
    std::string format;
    uint32_t heads = 0;
    uint32_t track_size = 0;
    uint8_t type_code = 0;
    uint8_t sequence = 0;        // of a volume that is split over several files: 1 for the first one
    uint16_t last_cylinder = 0;  // in this file of such a volume; 0 in the last one

    /// Reads and checks it; throws ImageError.
    static CkdHeader read(const ImageFile& file);
    std::vector<uint8_t> bytes() const;
};

/// Checks what a track in a file holds; a damaged one is reported with its offset in the file.
Track checked_track(const ImageFile& file, uint64_t offset, std::vector<uint8_t> bytes, unsigned cylinder,
                    unsigned head);

}  // namespace simulation::images
