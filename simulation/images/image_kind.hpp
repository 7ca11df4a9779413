// What kind of image a file is, from its first bytes.
#pragma once

#include <cstdint>
#include <string>

namespace simulation::images {

enum class ImageKind : uint8_t { ckd, fba, tape };

/// Throws ImageError where it is none of them.
ImageKind kind_of(const std::string& path);

}  // namespace simulation::images
