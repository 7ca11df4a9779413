// Disk images that no file holds: they are there while the program runs, and only what was written takes
// room.
#pragma once

#include <memory>

#include "simulation/images/ckd_image.hpp"
#include "simulation/images/fba_image.hpp"

namespace simulation::images {

/// Every track is in standard format.
std::unique_ptr<CkdImage> ckd_in_memory(const DiskGeometry& geometry, unsigned cylinders);
/// Every block is zeros.
std::unique_ptr<FbaImage> fba_in_memory(uint32_t blocks);

}  // namespace simulation::images
