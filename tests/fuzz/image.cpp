// Any bytes at all as an image file of a disk or tape: it is read from one end to the other and written to,
// or refused with a reason that names the file.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>

#include "simulation/images/ckd_image.hpp"
#include "simulation/images/fba_image.hpp"
#include "simulation/images/image_kind.hpp"
#include "simulation/images/tape_image.hpp"
#include "simulation/images/volume.hpp"
#include "tests/file_contents.hpp"
#include "tests/temporary_folder.hpp"

namespace {

using namespace simulation::images;

/// Runs `action`; a refusal must name the file.
template <class F>
bool allowed(const std::string& path, F action) {
    try {
        action();
        return true;
    } catch (const ImageError& error) {
        if (!std::string_view(error.what()).starts_with(path)) std::abort();
        return false;
    }
}

void disk(const std::string& path) {
    const auto image = open_ckd(path, Access::write);
    const uint32_t tracks = std::min<uint32_t>(image->tracks(), 300);
    for (uint32_t t = 0; t < tracks; ++t) allowed(path, [&] { static_cast<void>(image->read(t)); });
    allowed(path, [&] {
        if (const auto label = read_label(*image)) read_vtoc(*image, *label);
    });
    // What is written comes back, whatever else is wrong.
    Track track(0, 0);
    const uint8_t record[] = {0, 0, 0, 0, 1, 0, 0, 4, 'D', 'A', 'T', 'A'};
    track.format(1, record);
    image->write(0, track);
    const Track again = image->read(0);
    if (!std::equal(track.bytes().begin(), track.bytes().end(), again.bytes().begin(), again.bytes().end()))
        std::abort();
}

void blocks(const std::string& path) {
    const auto image = open_fba(path, Access::write);
    std::vector<uint8_t> block(FbaImage::kBlockSize), again(FbaImage::kBlockSize);
    // A block of each of the first groups, and the last one.
    for (uint32_t b = 0; b < std::min<uint32_t>(image->blocks(), 3000); b += 60)
        allowed(path, [&] { image->read(b, block); });
    const uint32_t last = image->blocks() - 1;
    allowed(path, [&] {
        image->read(last, block);
        std::fill(block.begin(), block.end(), uint8_t{0x5A});
        image->write(last, block);
        image->read(last, again);
        if (block != again) std::abort();
    });
}

void tape(const std::string& path) {
    TapeImage image(path, Access::write);
    std::vector<uint8_t> block;
    uint64_t blocks = 0, back = 0;
    const bool whole = allowed(path, [&] {
        while (image.read(block) != TapeImage::Found::nothing) ++blocks;
    });
    const bool all_back = allowed(path, [&] {
        while (image.read_backward(block) != TapeImage::Found::nothing) ++back;
    });
    if (whole && all_back && blocks != back) std::abort();
    if (image.at_load_point()) {
        const uint8_t data[] = {1, 2, 3};
        image.write(data);
        if (image.read_backward(block) != TapeImage::Found::block || block.size() != sizeof data)
            std::abort();
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    static const tests::TemporaryFolder folder;
    static const std::string path = folder / "image";
    std::filesystem::remove(path + ".journal");
    tests::put(path, std::string_view(reinterpret_cast<const char*>(data), size));
    allowed(path, [&] {
        switch (kind_of(path)) {
            case ImageKind::ckd: disk(path); break;
            case ImageKind::tape: tape(path); break;
            case ImageKind::fba: blocks(path); break;
        }
    });
    std::filesystem::remove(path);
    return 0;
}
