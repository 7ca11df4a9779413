// Compressed bytes in image files: zlib streams and bzip2 files.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace simulation::images {

/// Empty where they do not get smaller.
std::optional<std::vector<uint8_t>> zlib_compressed(std::span<const uint8_t> bytes);
std::optional<std::vector<uint8_t>> bzip2_compressed(std::span<const uint8_t> bytes);

/// Empty where the stream is damaged or gives more than `most` bytes.
std::optional<std::vector<uint8_t>> zlib_expanded(std::span<const uint8_t> stream, size_t most);
std::optional<std::vector<uint8_t>> bzip2_expanded(std::span<const uint8_t> stream, size_t most);

}  // namespace simulation::images
