#include "simulation/images/fba_image.hpp"

#include <fmt/format.h>

namespace simulation::images {

FbaImage::FbaImage(const std::string& path, Access access) : file_(path, access) {
    if (file_.size() == 0 || file_.size() % kBlockSize != 0)
        file_.fail(file_.size() / kBlockSize * kBlockSize, "expected whole blocks of 512 bytes");
    if (file_.size() / kBlockSize > UINT32_MAX)
        file_.fail(fmt::format("{} blocks: expected fewer", file_.size() / kBlockSize));
}

std::unique_ptr<FbaImage> FbaImage::create(const std::string& path, uint32_t blocks) {
    ImageFile file = ImageFile::create(path);
    file.truncate(uint64_t{blocks} * kBlockSize);
    return std::unique_ptr<FbaImage>(new FbaImage(std::move(file)));
}

void FbaImage::read(uint32_t block, std::span<uint8_t> out) const {
    file_.read(uint64_t{block} * kBlockSize, out, "a block");
}

void FbaImage::write(uint32_t block, std::span<const uint8_t> bytes) {
    file_.commit(uint64_t{block} * kBlockSize, bytes);
}

}  // namespace simulation::images
