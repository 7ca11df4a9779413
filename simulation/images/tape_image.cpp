#include "simulation/images/tape_image.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "simulation/images/byte_order.hpp"
#include "simulation/images/compression.hpp"

namespace simulation::images {

namespace {

constexpr uint32_t kHeader = 6;
constexpr uint32_t kLongestChunk = 65535;
constexpr uint8_t kBegins = 0x80, kMark = 0x40, kEnds = 0x20, kCompression = 0x03;

}  // namespace

TapeImage::TapeImage(ImageFile file) : file_(std::move(file)) {}

TapeImage::TapeImage(const std::string& path, Access access) : file_(path, access) {
    if (file_.size() == 0) return;
    const Chunk first = chunk(0);
    if (first.before != 0 || (first.flags & (kBegins | kMark)) == 0)
        file_.fail(0, "expected the first chunk of an AWS or HET tape");
    // A tape that has compressed blocks goes on so.
    constexpr unsigned kLook = 8;
    for (unsigned i = 0; i < kLook && position_ < file_.size(); ++i) {
        const uint8_t used = chunk(position_).flags & kCompression;
        if (used == 1) compression_ = Compression::zlib;
        if (used == 2) compression_ = Compression::bzip2;
        if (used != 0) break;
        space();
    }
    rewind();
}

std::unique_ptr<TapeImage> TapeImage::create(const std::string& path, Compression compression) {
    std::unique_ptr<TapeImage> tape(new TapeImage(ImageFile::create(path)));
    tape->compression_ = compression;
    return tape;
}

TapeImage::Chunk TapeImage::chunk(uint64_t at) const {
    uint8_t h[kHeader];
    file_.read(at, h, "a chunk's header");
    const Chunk c{little16(h), little16(h + 2), h[4]};
    if ((c.flags & kMark) != 0 ? c.length != 0 : c.length == 0)
        file_.fail(at, fmt::format("a chunk of {} bytes with flags X'{:02X}': expected a tape mark without "
                                   "bytes or a block with some",
                                   c.length, c.flags));
    if (file_.size() - at - kHeader < c.length)
        file_.fail(at, fmt::format("a chunk of {} bytes: the file ends after {}", c.length,
                                   file_.size() - at - kHeader));
    return c;
}

TapeImage::Found TapeImage::read(std::vector<uint8_t>& block) { return forward(&block); }
TapeImage::Found TapeImage::read_backward(std::vector<uint8_t>& block) { return backward(&block); }
TapeImage::Found TapeImage::space() { return forward(nullptr); }
TapeImage::Found TapeImage::space_backward() { return backward(nullptr); }

TapeImage::Found TapeImage::forward(std::vector<uint8_t>* block) {
    if (position_ == file_.size()) return Found::nothing;
    const uint64_t start = position_;
    uint64_t at = start;
    uint16_t before = last_length_;
    std::vector<uint8_t> bytes;
    size_t total = 0;
    for (;;) {
        if (at != start && at == file_.size())
            file_.fail(at, fmt::format("expected the rest of the block that begins at {}", start));
        const Chunk c = chunk(at);
        if (c.before != before)
            file_.fail(at, fmt::format("the chunk before has {} bytes, by this header {}", before, c.before));
        if ((c.flags & kMark) != 0) {
            if (at != start) file_.fail(at, "a tape mark inside a block");
            position_ = at + kHeader;
            last_length_ = 0;
            return Found::mark;
        }
        if (((c.flags & kBegins) != 0) != (at == start))
            file_.fail(at, at == start ? "expected the beginning of a block"
                                       : "another block begins before the end of this one");
        total += c.length;
        if (total > kLongestBlock)
            file_.fail(start, fmt::format("a block of more than {} bytes", kLongestBlock));
        if (block != nullptr) {
            const auto piece = file_.read(at + kHeader, c.length, "a block");
            bytes.insert(bytes.end(), piece.begin(), piece.end());
        }
        before = c.length;
        at += kHeader + c.length;
        if ((c.flags & kEnds) != 0) {
            if (block != nullptr) *block = expanded(start, std::move(bytes), c.flags & kCompression);
            position_ = at;
            last_length_ = before;
            return Found::block;
        }
    }
}

TapeImage::Found TapeImage::backward(std::vector<uint8_t>* block) {
    if (position_ == 0) return Found::nothing;
    uint64_t at = position_;
    uint16_t length = last_length_;
    size_t total = 0;
    for (;;) {
        if (at < kHeader + uint64_t{length})
            file_.fail(at,
                       fmt::format("a chunk of {} bytes before this place: expected at most {}", length, at));
        at -= kHeader + uint64_t{length};
        const Chunk c = chunk(at);
        if (c.length != length)
            file_.fail(at, fmt::format("a chunk of {} bytes, by the next header {}", c.length, length));
        total += c.length;
        if (total > kLongestBlock)
            file_.fail(at, fmt::format("a block of more than {} bytes", kLongestBlock));
        length = c.before;
        if ((c.flags & (kMark | kBegins)) == 0) continue;
        const bool mark = (c.flags & kMark) != 0;
        const uint64_t end = position_;
        position_ = at;
        last_length_ = length;
        if (mark) return Found::mark;
        if (block != nullptr) {
            forward(block);
            if (position_ != end) file_.fail(at, "a block that ends elsewhere, read backward");
            position_ = at;
            last_length_ = length;
        }
        return Found::block;
    }
}

std::vector<uint8_t> TapeImage::expanded(uint64_t at, std::vector<uint8_t> bytes,
                                         unsigned compression) const {
    if (compression == 0) return bytes;
    std::optional<std::vector<uint8_t>> block;
    if (compression == 1) block = zlib_expanded(bytes, kLongestBlock);
    if (compression == 2) block = bzip2_expanded(bytes, kLongestBlock);
    if (!block)
        file_.fail(at + kHeader, fmt::format("the block cannot be expanded: expected a {} stream",
                                             compression == 1 ? "zlib" : "bzip2"));
    return std::move(*block);
}

void TapeImage::write(std::span<const uint8_t> block) {
    std::optional<std::vector<uint8_t>> small;
    if (compression_ == Compression::zlib) small = zlib_compressed(block);
    if (compression_ == Compression::bzip2) small = bzip2_compressed(block);
    const uint8_t used = small ? static_cast<uint8_t>(compression_) : 0;
    const std::span<const uint8_t> stored = small ? std::span<const uint8_t>(*small) : block;
    std::vector<uint8_t> bytes;
    uint16_t before = last_length_;
    for (size_t done = 0; done < stored.size();) {
        const size_t n = std::min<size_t>(kLongestChunk, stored.size() - done);
        uint8_t h[kHeader] = {};
        put_little16(h, static_cast<unsigned>(n));
        put_little16(h + 2, before);
        h[4] = used;
        if (done == 0) h[4] |= kBegins;
        if (done + n == stored.size()) h[4] |= kEnds;
        bytes.insert(bytes.end(), h, h + kHeader);
        bytes.insert(bytes.end(), stored.begin() + static_cast<ptrdiff_t>(done),
                     stored.begin() + static_cast<ptrdiff_t>(done + n));
        before = static_cast<uint16_t>(n);
        done += n;
    }
    file_.commit(position_, bytes, true);
    position_ += bytes.size();
    last_length_ = before;
}

void TapeImage::write_mark() {
    uint8_t h[kHeader] = {};
    put_little16(h + 2, last_length_);
    h[4] = kMark;
    file_.commit(position_, h, true);
    position_ += kHeader;
    last_length_ = 0;
}

void TapeImage::erase() { file_.truncate(position_); }

}  // namespace simulation::images
