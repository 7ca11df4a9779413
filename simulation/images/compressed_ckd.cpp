#include "simulation/images/compressed_ckd.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "simulation/images/byte_order.hpp"

namespace simulation::images {

namespace {

enum : uint8_t { kEmptyWithEndOfFile = 0, kEmptyStandard = 1, kEmpty12Blocks = 2 };

CompressedStore::Layout layout_of(const ImageFile& file, const CkdHeader& header, bool overlay) {
    constexpr uint64_t kCylindersAt = 552;
    const uint32_t cylinders = CompressedStore::disk_size(file);
    if (cylinders == 0 || cylinders > 65535)
        file.fail(kCylindersAt, fmt::format("{} cylinders: expected 1 to 65535", cylinders));
    return {cylinders * header.heads, header.track_size, overlay, "track"};
}

CkdHeader header_for(const DiskGeometry& geometry, const char* format) {
    CkdHeader header;
    header.format = format;
    header.heads = geometry.heads;
    header.track_size = geometry.image_track_size();
    header.type_code = static_cast<uint8_t>(geometry.number);
    return header;
}

}  // namespace

CompressedCkd::CompressedCkd(ImageFile file, const CkdHeader& header, std::unique_ptr<CkdImage> base)
    : base_(std::move(base)), store_([&] {
          const CompressedStore::Layout layout = layout_of(file, header, base_ != nullptr);
          return CompressedStore(std::move(file), layout);
      }()) {
    cylinders_ = CompressedStore::disk_size(store_.file());
    geometry_ = disk_geometry(header.type_code, header.heads, cylinders_);
    if (base_ && (base_->geometry().number != geometry_->number || base_->cylinders() != cylinders_))
        store_.file().fail(fmt::format(
            "an overlay for a {} with {} cylinders: expected one for {}, a {} with {}", geometry_->name,
            cylinders_, base_->path(), base_->geometry().name, base_->cylinders()));
}

std::unique_ptr<CompressedCkd> CompressedCkd::create(const std::string& path, const DiskGeometry& geometry,
                                                     unsigned cylinders, Compression compression) {
    const CkdHeader header = header_for(geometry, "CKD_C370");
    ImageFile file = CompressedStore::create(path, header.bytes(), cylinders, cylinders * geometry.heads,
                                             compression, kEmptyStandard, false);
    return std::make_unique<CompressedCkd>(std::move(file), header, nullptr);
}

void CompressedCkd::make_overlay(const std::string& path, const CkdImage& base) {
    CompressedStore::create(path, header_for(base.geometry(), "CKD_S370").bytes(), base.cylinders(),
                            base.tracks(), Compression::zlib, kEmptyStandard, true);
}

Track CompressedCkd::empty_track(uint32_t track, unsigned format) const {
    const unsigned cylinder = track / heads(), head = track % heads();
    Track result(cylinder, head);
    const auto add = [&](uint8_t number, unsigned length) {
        std::vector<uint8_t> record(kCountSize + length);
        put_big16(&record[0], cylinder);
        put_big16(&record[2], head);
        record[4] = number;
        put_big16(&record[6], length);
        result.format(number, record);
    };
    constexpr unsigned kBlocks = 12, kBlock = 4096;
    if (format == kEmptyWithEndOfFile) add(1, 0);
    if (format == kEmpty12Blocks)
        for (uint8_t i = 1; i <= kBlocks; ++i) add(i, kBlock);
    return result;
}

Track CompressedCkd::read(uint32_t track) {
    using Where = CompressedStore::Unit::Where;
    CompressedStore::Unit unit = store_.read(track);
    if (unit.where == Where::base) return base_->read(track);
    if (unit.where == Where::empty) return empty_track(track, unit.empty_format);
    return checked_track(store_.file(), unit.position, std::move(unit.bytes), track / heads(),
                         track % heads());
}

void CompressedCkd::write(uint32_t track, const Track& content) {
    const auto all = content.bytes();
    const auto standard = Track(track / heads(), track % heads());
    if (std::equal(all.begin(), all.end(), standard.bytes().begin(), standard.bytes().end()))
        store_.write_empty(track, kEmptyStandard);
    else
        store_.write(track, all);
}

}  // namespace simulation::images
