// A plain image of a count-key-data disk: behind the device header every track in a place of its own, of one
// size. Writes are journaled commits (image_file.hpp).
//
// A volume may be split over several files. Their names differ in the last character before the first full
// stop (disk_1.ckd, disk_2.ckd), each has a header with its number, and all but the last one say which
// cylinder is their last.
#pragma once

#include <vector>

#include "simulation/images/ckd_header.hpp"
#include "simulation/images/ckd_image.hpp"

namespace simulation::images {

class PlainCkd final : public CkdImage {
  public:
    /// `file`: the only one, or the first one of a volume that is split. Throws ImageError.
    static std::unique_ptr<PlainCkd> open(ImageFile file, const CkdHeader& header);
    static std::unique_ptr<PlainCkd> create(const std::string& path, const DiskGeometry& geometry,
                                            unsigned cylinders);

    const std::string& path() const override { return parts_.front().file.path(); }
    std::string format() const override { return "CKD_P370"; }
    bool writable() const override { return parts_.front().file.writable(); }
    Track read(uint32_t track) override;
    void write(uint32_t track, const Track& content) override;

    /// The name of file number `number` of a volume whose first file is `first`; empty: there is none,
    /// because the first one's does not end in 1.
    static std::string part_name(const std::string& first, unsigned number);

  private:
    struct Part {
        ImageFile file;
        uint32_t first;  // track
    };

    PlainCkd() = default;
    void add(ImageFile file, const CkdHeader& header);
    Part& part_of(uint32_t track);
    uint64_t offset_of(const Part& part, uint32_t track) const {
        return kCkdHeaderSize + uint64_t{track - part.first} * track_size_;
    }

    std::vector<Part> parts_;  // ascending tracks
    uint32_t track_size_ = 0;
};

}  // namespace simulation::images
