#include "simulation/images/image_kind.hpp"

#include <cstring>

#include "simulation/images/byte_order.hpp"
#include "simulation/images/fba_image.hpp"
#include "simulation/images/image_file.hpp"

namespace simulation::images {

ImageKind kind_of(const std::string& path) {
    const ImageFile file(path, Access::read);
    if (file.size() >= 8) {
        const auto start = file.read(0, 8, "a format");
        if (std::memcmp(start.data(), "CKD_", 4) == 0) return ImageKind::ckd;
        if (std::memcmp(start.data(), "FBA_", 4) == 0) return ImageKind::fba;
        constexpr uint8_t kBeginsOrMark = 0xC0;
        if ((start[4] & kBeginsOrMark) != 0 && little16(&start[2]) == 0) return ImageKind::tape;
    }
    constexpr uint64_t kOneMark = 6;
    if (file.size() == 0 || file.size() == kOneMark) return ImageKind::tape;
    if (file.size() % FbaImage::kBlockSize == 0) return ImageKind::fba;
    file.fail(
        "expected a disk image (CKD_P370, CKD_C370, FBA_C370, or blocks of 512 bytes) or a tape (AWS, HET)");
}

}  // namespace simulation::images
