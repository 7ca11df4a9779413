// Disk images that no file holds: they are there while the program runs, and only what was written takes
// room.
#pragma once

#include <memory>

#include "simulation/images/ckd_image.hpp"
#include "simulation/images/fba_image.hpp"

namespace simulation::images {

/// What a track has behind its record 0: records 1 to `count`, each of so many bytes of zeros without a key.
struct TrackRecords {
    unsigned count = 0;
    uint16_t length = 0;
};

/// Every track is in standard format, with these records, which must fit.
std::unique_ptr<CkdImage> ckd_in_memory(const DiskGeometry& geometry, unsigned cylinders,
                                        TrackRecords records = {});
/// Every block is zeros.
std::unique_ptr<FbaImage> fba_in_memory(uint32_t blocks);

}  // namespace simulation::images
