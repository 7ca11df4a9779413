// Count-key-data disks from a description in TOML: programs that are loaded by IPL, texts, and records one by
// one, on the whole disk and on minidisks of it. docs/real-systems.md shows one.
//
// The records of a minidisk have counts (CC HH R) that go by its own cylinders, as whoever formats one as a
// guest writes them.
#pragma once

#include <string>

#include "simulation/images/ckd_image.hpp"

namespace vmcp::cli {

/// Makes the image `path`, which must not be there. Throws TomlError or GuestError where the description or a
/// file that it names is at fault (one line, with its place), and ImageError.
void build_disk(const std::string& description, const std::string& path,
                simulation::images::CkdFormat format);

}  // namespace vmcp::cli
