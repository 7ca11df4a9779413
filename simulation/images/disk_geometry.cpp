#include "simulation/images/disk_geometry.hpp"

#include <array>

namespace simulation::images {

namespace {

// GA26-5988 (2841 and 2311), GA26-3599 (2314), GA26-3592 (3830 and 3330), GA26-1619 (3340), GA26-1638 (3350):
// the track capacity tables and formulas; `home` is what a rotation has beyond the capacity. These are
// recalled, and agree with the track sizes that other programs' images have.
constexpr std::array<DiskGeometry, 7> kGeometries{{
    // name number cyls alt heads longest capacity home overhead key tolerance last sectors sense
    {"2311", 0x2311, 200, 3, 10, 3625, 3625, 275, 61, 81, 537, 61, 0, 6},
    {"2314", 0x2314, 200, 3, 20, 7294, 7294, 506, 101, 146, 534, 101, 0, 6},
    {"3330-1", 0x3330, 404, 7, 19, 13030, 13165, 295, 135, 191, 0, 0, 128, 24},
    {"3330-11", 0x3330, 808, 7, 19, 13030, 13165, 295, 135, 191, 0, 0, 128, 24},
    {"3340-35", 0x3340, 348, 1, 12, 8368, 8535, 315, 167, 242, 0, 0, 64, 24},
    {"3340-70", 0x3340, 696, 2, 12, 8368, 8535, 315, 167, 242, 0, 0, 64, 24},
    {"3350", 0x3350, 555, 5, 30, 19069, 19254, 754, 185, 267, 0, 0, 128, 24},
}};

}  // namespace

uint32_t DiskGeometry::space(uint32_t key_length, uint32_t data_length, bool last) const {
    const uint32_t bytes = key_length + data_length;
    const uint32_t fixed = key_length == 0 ? overhead : key_overhead;
    if (tolerance == 0) return fixed + bytes;
    return last ? fixed - last_saves + bytes : fixed + bytes * tolerance / 512;
}

uint32_t DiskGeometry::image_track_size() const {
    constexpr uint32_t kHomeAddress = 5, kCount = 8, kRecord0 = 8, kEnd = 8;
    const uint32_t size = kHomeAddress + kCount + kRecord0 + kCount + longest + kEnd;
    return (size + 511) / 512 * 512;
}

std::span<const DiskGeometry> disk_geometries() { return kGeometries; }

const DiskGeometry* disk_geometry(std::string_view name) {
    if (name == "3330") name = "3330-1";
    if (name == "3340") name = "3340-35";
    for (const DiskGeometry& geometry : disk_geometries())
        if (geometry.name == name) return &geometry;
    return nullptr;
}

const DiskGeometry* disk_geometry(uint8_t type_code, unsigned heads, unsigned cylinders) {
    const DiskGeometry* largest = nullptr;
    for (const DiskGeometry& geometry : disk_geometries()) {
        if ((geometry.number & 0xFF) != type_code || geometry.heads != heads) continue;
        if (cylinders <= geometry.all_cylinders()) return &geometry;
        largest = &geometry;
    }
    return largest;  // a larger one than was ever built
}

}  // namespace simulation::images
