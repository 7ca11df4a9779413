// Image files of fixed-block disks: plain, the blocks of 512 bytes one after the other and nothing else; or
// compressed (FBA_C370, with zlib or bzip2), as Hercules and its tools have them; and overlays (FBA_S370),
// which hold what was changed against a base that stays as it is.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "simulation/images/ckd_image.hpp"
#include "simulation/images/image_file.hpp"

namespace simulation::images {

class FbaImage {
  public:
    static constexpr uint32_t kBlockSize = 512;

    virtual ~FbaImage() = default;
    FbaImage(const FbaImage&) = delete;
    FbaImage& operator=(const FbaImage&) = delete;

    uint32_t blocks() const { return blocks_; }
    virtual const std::string& path() const = 0;
    /// "FBA_C370"; "plain" where the file has no header.
    virtual std::string format() const = 0;
    virtual bool writable() const = 0;
    /// Whole blocks from this one on; all of them must exist. Throws ImageError.
    virtual void read(uint32_t block, std::span<uint8_t> out) = 0;
    /// Each block is the old or the new one, whenever the program is killed. Throws ImageError.
    virtual void write(uint32_t block, std::span<const uint8_t> bytes) = 0;
    /// Checks everything but the blocks themselves; throws ImageError.
    virtual void check() {}

  protected:
    FbaImage() = default;
    uint32_t blocks_ = 0;
};

/// Opens an image of either format. Throws ImageError.
std::unique_ptr<FbaImage> open_fba(const std::string& path, Access access);
/// Opens `base` for reading and `overlay` for reading and writing; an overlay that is not there is made.
/// Throws ImageError.
std::unique_ptr<FbaImage> open_fba_with_overlay(const std::string& base, const std::string& overlay);
/// Makes an image of so many blocks of zeros. Throws ImageError, also where the file exists.
std::unique_ptr<FbaImage> create_fba(const std::string& path, uint32_t blocks, CkdFormat format = {});

/// IBM 3370: 558,000 blocks. GA26-1657.
inline constexpr uint32_t kBlocks3370 = 558'000;

}  // namespace simulation::images
