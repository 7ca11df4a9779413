#include "simulation/images/ckd_image.hpp"

#include <fmt/format.h>

#include <cstring>
#include <filesystem>

#include "simulation/images/byte_order.hpp"
#include "simulation/images/ckd_header.hpp"
#include "simulation/images/compressed_ckd.hpp"
#include "simulation/images/new_image.hpp"
#include "simulation/images/plain_ckd.hpp"

namespace simulation::images {

CkdHeader CkdHeader::read(const ImageFile& file) {
    const auto bytes = file.read(0, kCkdHeaderSize, "a device header");
    CkdHeader header;
    header.format.assign(bytes.begin(), bytes.begin() + 8);
    if (header.format != "CKD_P370" && header.format != "CKD_C370" && header.format != "CKD_S370")
        file.fail(0, "expected CKD_P370, CKD_C370 or CKD_S370 at the beginning of a disk image");
    header.heads = little32(&bytes[8]);
    header.track_size = little32(&bytes[12]);
    header.type_code = bytes[16];
    header.sequence = bytes[17];
    header.last_cylinder = little16(&bytes[18]);
    if (header.format != "CKD_P370" && (header.sequence > 1 || header.last_cylinder != 0))
        file.fail(17, "a compressed volume that is split over several files: expected it in one");
    if (disk_geometry(header.type_code, header.heads, 0) == nullptr)
        file.fail(8, fmt::format("a disk of type X'{:02X}' with {} heads: expected one of 2311, 2314, 3330, "
                                 "3340, 3350",
                                 header.type_code, header.heads));
    const uint32_t least = disk_geometry(header.type_code, header.heads, 0)->image_track_size();
    if (header.track_size < kHomeAddressSize + kCountSize + 8 + kTrackEndSize || header.track_size > 65536)
        file.fail(12, fmt::format("tracks of {} bytes: expected {}", header.track_size, least));
    return header;
}

std::vector<uint8_t> CkdHeader::bytes() const {
    std::vector<uint8_t> bytes(kCkdHeaderSize);
    std::memcpy(bytes.data(), format.data(), 8);
    put_little32(&bytes[8], heads);
    put_little32(&bytes[12], track_size);
    bytes[16] = type_code;
    return bytes;
}

Track checked_track(const ImageFile& file, uint64_t offset, std::vector<uint8_t> bytes, unsigned cylinder,
                    unsigned head) {
    try {
        return {std::move(bytes), cylinder, head};
    } catch (const TrackDamage& damage) {
        file.fail(offset + damage.at,
                  fmt::format("cylinder {} head {} is damaged: {}", cylinder, head, damage.what));
    }
}

std::unique_ptr<CkdImage> open_ckd(const std::string& path, Access access) {
    ImageFile file(path, access);
    const CkdHeader header = CkdHeader::read(file);
    if (header.format == "CKD_P370") return PlainCkd::open(std::move(file), header);
    if (header.format == "CKD_S370")
        file.fail(0, "this is an overlay: expected it together with the image that it lies over");
    return std::make_unique<CompressedCkd>(std::move(file), header, nullptr);
}

std::unique_ptr<CkdImage> open_ckd_with_overlay(const std::string& base, const std::string& overlay) {
    auto below = open_ckd(base, Access::read);
    if (!std::filesystem::exists(overlay)) {
        NewImage made(overlay, false);
        CompressedCkd::make_overlay(made.part(), *below);
        made.finish();
    }
    ImageFile file(overlay, Access::write);
    const CkdHeader header = CkdHeader::read(file);
    if (header.format != "CKD_S370")
        file.fail(0, fmt::format("expected CKD_S370, an overlay for {}, at the beginning", base));
    return std::make_unique<CompressedCkd>(std::move(file), header, std::move(below));
}

std::unique_ptr<CkdImage> create_ckd(const std::string& path, const DiskGeometry& geometry,
                                     unsigned cylinders, CkdFormat format) {
    if (format.compressed) return CompressedCkd::create(path, geometry, cylinders, format.compression);
    return PlainCkd::create(path, geometry, cylinders);
}

}  // namespace simulation::images
