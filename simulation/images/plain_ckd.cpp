#include "simulation/images/plain_ckd.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace simulation::images {

std::string PlainCkd::part_name(const std::string& first, unsigned number) {
    const size_t slash = first.rfind('/');
    const size_t name = slash == std::string::npos ? 0 : slash + 1;
    const size_t stop = std::min(first.find('.', name), first.size());
    if (stop == name || first[stop - 1] != '1') return {};
    std::string other = first;
    other[stop - 1] = static_cast<char>('0' + number);
    return other;
}

/// Takes the next file of the volume.
void PlainCkd::add(ImageFile file, const CkdHeader& header) {
    const uint64_t cylinder_size = uint64_t{header.heads} * header.track_size;
    const uint64_t cylinders = (file.size() - kCkdHeaderSize) / cylinder_size;
    const uint64_t whole = kCkdHeaderSize + cylinders * cylinder_size;
    if (cylinders == 0 || whole != file.size())
        file.fail(whole, fmt::format("the file ends in the middle of cylinder {}: expected cylinders of {} "
                                     "bytes",
                                     cylinders_ + cylinders, cylinder_size));
    constexpr uint64_t kMostCylinders = 65535;
    if (cylinders_ + cylinders > kMostCylinders)
        file.fail(fmt::format("{} cylinders: expected at most {}", cylinders_ + cylinders, kMostCylinders));
    const uint32_t first = cylinders_ * header.heads;
    cylinders_ += static_cast<unsigned>(cylinders);
    constexpr uint64_t kLastCylinderAt = 18;
    if (header.last_cylinder != 0 && header.last_cylinder + 1u != cylinders_)
        file.fail(kLastCylinderAt,
                  fmt::format("cylinder {} is said to be the last one in this file, which ends "
                              "with {}",
                              header.last_cylinder, cylinders_ - 1));
    parts_.push_back({std::move(file), first});
}

std::unique_ptr<PlainCkd> PlainCkd::open(ImageFile file, const CkdHeader& header) {
    constexpr uint64_t kSequenceAt = 17;
    constexpr unsigned kMostFiles = 9;
    if (header.sequence > 1)
        file.fail(kSequenceAt,
                  fmt::format("this is file {} of a volume that is split: expected the first one",
                              header.sequence));
    std::unique_ptr<PlainCkd> image(new PlainCkd());
    image->track_size_ = header.track_size;
    const std::string first = file.path();
    const Access access = file.writable() ? Access::write : Access::read;
    image->add(std::move(file), header);
    CkdHeader last = header;
    for (unsigned number = 2; last.last_cylinder != 0; ++number) {
        const std::string name = part_name(first, number);
        if (name.empty() || number > kMostFiles)
            image->parts_.back().file.fail(
                kSequenceAt,
                "the volume goes on in another file: expected a name with 1 before the first full "
                "stop, and at most 9 files");
        ImageFile next(name, access);
        last = CkdHeader::read(next);
        if (last.format != header.format || last.heads != header.heads ||
            last.track_size != header.track_size || last.type_code != header.type_code ||
            last.sequence != number)
            next.fail(kSequenceAt,
                      fmt::format("expected file {} of the volume that begins in {}", number, first));
        image->add(std::move(next), last);
    }
    image->geometry_ = disk_geometry(header.type_code, header.heads, image->cylinders_);
    return image;
}

std::unique_ptr<PlainCkd> PlainCkd::create(const std::string& path, const DiskGeometry& geometry,
                                           unsigned cylinders) {
    ImageFile file = ImageFile::create(path);
    CkdHeader header;
    header.format = "CKD_P370";
    header.heads = geometry.heads;
    header.track_size = geometry.image_track_size();
    header.type_code = static_cast<uint8_t>(geometry.number);
    const uint64_t cylinder_size = uint64_t{geometry.heads} * header.track_size;
    // The header comes last: a file that is not complete is not taken for an image.
    for (uint32_t i = 0; i < cylinders * geometry.heads; ++i)
        file.write(kCkdHeaderSize + uint64_t{i} * header.track_size,
                   Track(i / geometry.heads, i % geometry.heads).bytes());
    file.truncate(kCkdHeaderSize + cylinders * cylinder_size);
    file.write(0, header.bytes());
    return open(std::move(file), header);
}

PlainCkd::Part& PlainCkd::part_of(uint32_t track) {
    size_t i = parts_.size() - 1;
    while (parts_[i].first > track) --i;
    return parts_[i];
}

Track PlainCkd::read(uint32_t track) {
    const Part& part = part_of(track);
    const uint64_t offset = offset_of(part, track);
    return checked_track(part.file, offset, part.file.read(offset, track_size_, "a track"), track / heads(),
                         track % heads());
}

void PlainCkd::write(uint32_t track, const Track& content) {
    Part& part = part_of(track);
    std::vector<uint8_t> bytes(content.bytes().begin(), content.bytes().end());
    if (bytes.size() > track_size_)
        part.file.fail(offset_of(part, track),
                       fmt::format("a track of {} bytes does not fit into {}", bytes.size(), track_size_));
    bytes.resize(track_size_);
    part.file.commit(offset_of(part, track), bytes);
}

}  // namespace simulation::images
