// What is wrong with an image file: one line that names the file and, where there is one, the offset in it.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>

namespace simulation::images {

class ImageError : public std::runtime_error {
  public:
    /// "FILE: WHAT"
    ImageError(const std::string& file, const std::string& what);
    /// "FILE: offset 1234 (X'4D2'): WHAT"
    ImageError(const std::string& file, uint64_t offset, const std::string& what);
};

}  // namespace simulation::images
