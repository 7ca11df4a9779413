#include "simulation/images/plain_ckd.hpp"

#include <fmt/format.h>

namespace simulation::images {

PlainCkd::PlainCkd(ImageFile file, const CkdHeader& header)
    : file_(std::move(file)), track_size_(header.track_size) {
    const uint64_t cylinder_size = uint64_t{header.heads} * track_size_;
    const uint64_t cylinders = (file_.size() - kCkdHeaderSize) / cylinder_size;
    const uint64_t whole = kCkdHeaderSize + cylinders * cylinder_size;
    if (cylinders == 0 || whole != file_.size())
        file_.fail(whole, fmt::format("the file ends in the middle of cylinder {}: expected cylinders of {} "
                                      "bytes",
                                      cylinders, cylinder_size));
    constexpr uint64_t kMostCylinders = 65535;
    if (cylinders > kMostCylinders)
        file_.fail(fmt::format("{} cylinders: expected at most {}", cylinders, kMostCylinders));
    cylinders_ = static_cast<unsigned>(cylinders);
    geometry_ = disk_geometry(header.type_code, header.heads, cylinders_);
}

std::unique_ptr<PlainCkd> PlainCkd::create(const std::string& path, const DiskGeometry& geometry,
                                           unsigned cylinders) {
    ImageFile file = ImageFile::create(path);
    const CkdHeader header{"CKD_P370", geometry.heads, geometry.image_track_size(),
                           static_cast<uint8_t>(geometry.number)};
    const uint64_t cylinder_size = uint64_t{geometry.heads} * header.track_size;
    // The header comes last: a file that is not complete is not taken for an image.
    for (uint32_t i = 0; i < cylinders * geometry.heads; ++i)
        file.write(kCkdHeaderSize + uint64_t{i} * header.track_size,
                   Track(i / geometry.heads, i % geometry.heads).bytes());
    file.truncate(kCkdHeaderSize + cylinders * cylinder_size);
    file.write(0, header.bytes());
    return std::make_unique<PlainCkd>(std::move(file), header);
}

Track PlainCkd::read(uint32_t track) {
    const uint64_t offset = offset_of(track);
    return checked_track(file_, offset, file_.read(offset, track_size_, "a track"), track / heads(),
                         track % heads());
}

void PlainCkd::write(uint32_t track, const Track& content) {
    std::vector<uint8_t> bytes(content.bytes().begin(), content.bytes().end());
    if (bytes.size() > track_size_)
        file_.fail(offset_of(track),
                   fmt::format("a track of {} bytes does not fit into {}", bytes.size(), track_size_));
    bytes.resize(track_size_);
    file_.commit(offset_of(track), bytes);
}

}  // namespace simulation::images
