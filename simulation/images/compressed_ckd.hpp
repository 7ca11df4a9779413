// A compressed image of a count-key-data disk, and an overlay, which has the same format: every track is a
// unit of a CompressedStore. Its header is the home address; the rest, its records.
#pragma once

#include <memory>

#include "simulation/images/ckd_header.hpp"
#include "simulation/images/ckd_image.hpp"
#include "simulation/images/compressed_store.hpp"

namespace simulation::images {

class CompressedCkd final : public CkdImage {
  public:
    /// `base`: of an overlay; else null.
    CompressedCkd(ImageFile file, const CkdHeader& header, std::unique_ptr<CkdImage> base);
    static std::unique_ptr<CompressedCkd> create(const std::string& path, const DiskGeometry& geometry,
                                                 unsigned cylinders, Compression compression);
    /// Makes an overlay in which nothing is changed yet. Throws ImageError.
    static void make_overlay(const std::string& path, const CkdImage& base);

    const std::string& path() const override { return store_.file().path(); }
    std::string format() const override { return base_ ? "CKD_S370" : "CKD_C370"; }
    bool writable() const override { return store_.file().writable(); }
    Track read(uint32_t track) override;
    void write(uint32_t track, const Track& content) override;
    void check() override { store_.check(); }

  private:
    Track empty_track(uint32_t track, unsigned format) const;

    std::unique_ptr<CkdImage> base_;
    CompressedStore store_;
};

}  // namespace simulation::images
