// A plain image of a count-key-data disk: behind the device header every track in a place of its own, of one
// size. Writes are journaled commits (image_file.hpp).
#pragma once

#include "simulation/images/ckd_header.hpp"
#include "simulation/images/ckd_image.hpp"

namespace simulation::images {

class PlainCkd final : public CkdImage {
  public:
    PlainCkd(ImageFile file, const CkdHeader& header);
    static std::unique_ptr<PlainCkd> create(const std::string& path, const DiskGeometry& geometry,
                                            unsigned cylinders);

    const std::string& path() const override { return file_.path(); }
    std::string format() const override { return "CKD_P370"; }
    bool writable() const override { return file_.writable(); }
    Track read(uint32_t track) override;
    void write(uint32_t track, const Track& content) override;

  private:
    uint64_t offset_of(uint32_t track) const { return kCkdHeaderSize + uint64_t{track} * track_size_; }

    ImageFile file_;
    uint32_t track_size_;
};

}  // namespace simulation::images
