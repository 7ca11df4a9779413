// Image files of count-key-data disks, plain (CKD_P370) or compressed (CKD_C370, with zlib or bzip2), as
// Hercules and its tools have them; and overlays (CKD_S370), which hold what was changed against a base that
// stays as it is.
//
// Tracks are numbered cylinder * heads + head. A track is replaced as a whole, so that whenever the program
// is killed each track is the old or the new one.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "simulation/images/image_file.hpp"
#include "simulation/images/track.hpp"

namespace simulation::images {

enum class Compression : uint8_t { none, zlib, bzip2 };

class CkdImage {
  public:
    virtual ~CkdImage() = default;
    CkdImage(const CkdImage&) = delete;
    CkdImage& operator=(const CkdImage&) = delete;

    const DiskGeometry& geometry() const { return *geometry_; }
    unsigned cylinders() const { return cylinders_; }
    unsigned heads() const { return geometry_->heads; }
    uint32_t tracks() const { return cylinders_ * heads(); }

    virtual const std::string& path() const = 0;
    /// "CKD_P370"
    virtual std::string format() const = 0;
    virtual bool writable() const = 0;

    /// Throws ImageError where the file is damaged or cannot be read.
    virtual Track read(uint32_t track) = 0;
    /// Throws ImageError.
    virtual void write(uint32_t track, const Track& content) = 0;
    /// Checks everything but the tracks themselves; throws ImageError.
    virtual void check() {}

  protected:
    CkdImage() = default;
    const DiskGeometry* geometry_ = nullptr;
    unsigned cylinders_ = 0;
};

/// Opens an image of either format. Throws ImageError.
std::unique_ptr<CkdImage> open_ckd(const std::string& path, Access access);

/// Opens `base` for reading and `overlay` for reading and writing; an overlay that is not there is made.
/// Throws ImageError.
std::unique_ptr<CkdImage> open_ckd_with_overlay(const std::string& base, const std::string& overlay);

struct CkdFormat {
    bool compressed = false;
    Compression compression = Compression::zlib;  // of a compressed image
};

/// Makes a new image with every track in standard format. Throws ImageError, also where the file exists.
std::unique_ptr<CkdImage> create_ckd(const std::string& path, const DiskGeometry& geometry,
                                     unsigned cylinders, CkdFormat format);

}  // namespace simulation::images
