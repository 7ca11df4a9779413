#include "simulation/images/fba_image.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <filesystem>

#include "simulation/images/compressed_store.hpp"
#include "simulation/images/new_image.hpp"

namespace simulation::images {

namespace {

constexpr char kCompressed[] = "FBA_C370", kOverlay[] = "FBA_S370";
constexpr size_t kFormatSize = 8;

class PlainFba final : public FbaImage {
  public:
    explicit PlainFba(ImageFile file) : file_(std::move(file)) {
        if (file_.size() == 0 || file_.size() % kBlockSize != 0)
            file_.fail(file_.size() / kBlockSize * kBlockSize, "expected whole blocks of 512 bytes");
        if (file_.size() / kBlockSize > UINT32_MAX)
            file_.fail(fmt::format("{} blocks: expected fewer", file_.size() / kBlockSize));
        blocks_ = static_cast<uint32_t>(file_.size() / kBlockSize);
    }
    const std::string& path() const override { return file_.path(); }
    std::string format() const override { return "plain"; }
    bool writable() const override { return file_.writable(); }
    void read(uint32_t block, std::span<uint8_t> out) override {
        file_.read(uint64_t{block} * kBlockSize, out, "a block");
    }
    void write(uint32_t block, std::span<const uint8_t> bytes) override {
        // A commit has a journal, which should not become longer than this.
        constexpr size_t kPiece = 1 << 20;
        for (size_t done = 0; done < bytes.size(); done += kPiece)
            file_.commit(uint64_t{block} * kBlockSize + done,
                         bytes.subspan(done, std::min(kPiece, bytes.size() - done)));
    }

  private:
    ImageFile file_;
};

/// A unit of the store is a group of 120 blocks; its header has the number of the group.
class CompressedFba final : public FbaImage {
  public:
    CompressedFba(ImageFile file, std::unique_ptr<FbaImage> base)
        : base_(std::move(base)), store_([&] {
              const uint32_t blocks = CompressedStore::disk_size(file);
              constexpr uint64_t kSizeAt = 552;
              if (blocks == 0 || blocks > UINT32_MAX - kGroup)
                  file.fail(kSizeAt, fmt::format("{} blocks: expected 1 to {}", blocks, UINT32_MAX - kGroup));
              return CompressedStore(std::move(file), {(blocks + kGroup - 1) / kGroup,
                                                       CompressedStore::kUnitHeader + kGroup * kBlockSize,
                                                       base_ != nullptr, "block group"});
          }()) {
        blocks_ = CompressedStore::disk_size(store_.file());
        if (base_ && base_->blocks() != blocks_)
            store_.file().fail(fmt::format("an overlay for a disk of {} blocks: expected one for {}, of {}",
                                           blocks_, base_->path(), base_->blocks()));
    }
    /// Makes the file, with no blocks in it.
    static ImageFile create(const std::string& path, uint32_t blocks, Compression compression,
                            const char* format) {
        std::vector<uint8_t> header(kBlockSize);
        std::memcpy(header.data(), format, kFormatSize);
        return CompressedStore::create(path, header, blocks, (blocks + kGroup - 1) / kGroup, compression, 0,
                                       format == kOverlay);
    }
    const std::string& path() const override { return store_.file().path(); }
    std::string format() const override { return base_ ? kOverlay : kCompressed; }
    bool writable() const override { return store_.file().writable(); }
    void check() override { store_.check(); }

    void read(uint32_t block, std::span<uint8_t> out) override {
        for_groups(block, out.size(), [&](uint32_t group, size_t from, size_t at, size_t n) {
            load(group);
            std::memcpy(&out[at], &bytes_[CompressedStore::kUnitHeader + from], n);
        });
    }
    void write(uint32_t block, std::span<const uint8_t> in) override {
        for_groups(block, in.size(), [&](uint32_t group, size_t from, size_t at, size_t n) {
            load(group);
            loaded_ = kNone;  // should the writing fail
            std::memcpy(&bytes_[CompressedStore::kUnitHeader + from], &in[at], n);
            store_.write(group, bytes_);
            loaded_ = group;
        });
    }

  private:
    static constexpr uint32_t kGroup = 120;
    static constexpr uint32_t kNone = UINT32_MAX;

    /// For each group that so many bytes from `block` on lie in: where in the group, where in the bytes, how
    /// many.
    template <class F>
    void for_groups(uint32_t block, size_t length, F each) {
        for (size_t at = 0; at < length;) {
            const auto now = static_cast<uint32_t>(block + at / kBlockSize);
            const size_t from = size_t{now % kGroup} * kBlockSize;
            const size_t n = std::min(length - at, size_t{kGroup} * kBlockSize - from);
            each(now / kGroup, from, at, n);
            at += n;
        }
    }

    void load(uint32_t group) {
        if (loaded_ == group) return;
        loaded_ = kNone;
        constexpr size_t kSize = CompressedStore::kUnitHeader + size_t{kGroup} * kBlockSize;
        CompressedStore::Unit unit = store_.read(group);
        const uint8_t number[] = {static_cast<uint8_t>(group >> 24), static_cast<uint8_t>(group >> 16),
                                  static_cast<uint8_t>(group >> 8), static_cast<uint8_t>(group)};
        if (unit.where == CompressedStore::Unit::Where::stored) {
            if (std::memcmp(&unit.bytes[1], number, sizeof number) != 0)
                store_.file().fail(unit.position + 1,
                                   fmt::format("block group {}: its header says another one", group));
            if (unit.bytes.size() != kSize)
                store_.file().fail(unit.position, fmt::format("block group {} has {} bytes: expected {}",
                                                              group, unit.bytes.size(), kSize));
            bytes_ = std::move(unit.bytes);
        } else {
            bytes_.assign(kSize, 0);
            std::memcpy(&bytes_[1], number, sizeof number);
            if (unit.where == CompressedStore::Unit::Where::base)
                base_->read(group * kGroup,
                            std::span(bytes_).subspan(
                                CompressedStore::kUnitHeader,
                                std::min(kGroup, blocks_ - group * kGroup) * size_t{kBlockSize}));
        }
        bytes_[0] = 0;
        loaded_ = group;
    }

    std::unique_ptr<FbaImage> base_;
    CompressedStore store_;
    uint32_t loaded_ = kNone;
    std::vector<uint8_t> bytes_;  // of the group that is loaded
};

std::string format_of(const ImageFile& file) {
    if (file.size() < kFormatSize) return {};
    const auto start = file.read(0, kFormatSize, "a format");
    return {start.begin(), start.end()};
}

}  // namespace

std::unique_ptr<FbaImage> open_fba(const std::string& path, Access access) {
    ImageFile file(path, access);
    const std::string format = format_of(file);
    if (format == kOverlay)
        file.fail(0, "this is an overlay: expected it together with the image that it lies over");
    if (format == kCompressed) return std::make_unique<CompressedFba>(std::move(file), nullptr);
    return std::make_unique<PlainFba>(std::move(file));
}

std::unique_ptr<FbaImage> open_fba_with_overlay(const std::string& base, const std::string& overlay) {
    auto below = open_fba(base, Access::read);
    if (!std::filesystem::exists(overlay)) {
        NewImage made(overlay, false);
        CompressedFba::create(made.part(), below->blocks(), Compression::zlib, kOverlay);
        made.finish();
    }
    ImageFile file(overlay, Access::write);
    if (format_of(file) != kOverlay)
        file.fail(0, fmt::format("expected FBA_S370, an overlay for {}, at the beginning", base));
    return std::make_unique<CompressedFba>(std::move(file), std::move(below));
}

std::unique_ptr<FbaImage> create_fba(const std::string& path, uint32_t blocks, CkdFormat format) {
    if (format.compressed)
        return std::make_unique<CompressedFba>(
            CompressedFba::create(path, blocks, format.compression, kCompressed), nullptr);
    ImageFile file = ImageFile::create(path);
    file.truncate(uint64_t{blocks} * FbaImage::kBlockSize);
    return std::make_unique<PlainFba>(std::move(file));
}

}  // namespace simulation::images
