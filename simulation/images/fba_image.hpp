// Image files of fixed-block disks: the blocks of 512 bytes, one after the other, and nothing else.
#pragma once

#include <memory>
#include <string>

#include "simulation/images/image_file.hpp"

namespace simulation::images {

class FbaImage {
  public:
    static constexpr uint32_t kBlockSize = 512;

    /// Throws ImageError.
    FbaImage(const std::string& path, Access access);
    /// Makes an image of so many blocks of zeros. Throws ImageError, also where the file exists.
    static std::unique_ptr<FbaImage> create(const std::string& path, uint32_t blocks);

    const std::string& path() const { return file_.path(); }
    bool writable() const { return file_.writable(); }
    uint32_t blocks() const { return static_cast<uint32_t>(file_.size() / kBlockSize); }
    void read(uint32_t block, std::span<uint8_t> out) const;
    /// All or nothing.
    void write(uint32_t block, std::span<const uint8_t> bytes);

  private:
    explicit FbaImage(ImageFile file) : file_(std::move(file)) {}
    ImageFile file_;
};

/// IBM 3370: 558,000 blocks. GA26-1657.
inline constexpr uint32_t kBlocks3370 = 558'000;

}  // namespace simulation::images
