#include "simulation/images/image_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "simulation/images/byte_order.hpp"

namespace simulation::images {

namespace {

// The journal: "VMCPJRN1", offset, size of the file afterwards, length, checksum of all that and the bytes;
// then the bytes. All numbers little-endian.
constexpr char kMagic[9] = "VMCPJRN1";
constexpr size_t kHeader = 8 + 8 + 8 + 4 + 4;
constexpr uint64_t kLargestCommit = 16 << 20;

void put_little64(uint8_t* p, uint64_t value) {
    put_little32(p, static_cast<uint32_t>(value));
    put_little32(p + 4, static_cast<uint32_t>(value >> 32));
}
uint64_t little64(const uint8_t* p) { return uint64_t{little32(p + 4)} << 32 | little32(p); }

uint32_t checksum(std::span<const uint8_t> header, std::span<const uint8_t> bytes) {
    uLong crc = crc32(0, header.data(), kHeader - 4);
    return static_cast<uint32_t>(crc32(crc, bytes.data(), static_cast<uInt>(bytes.size())));
}

std::string reason() { return std::strerror(errno); }

}  // namespace

ImageError::ImageError(const std::string& file, const std::string& what)
    : std::runtime_error(fmt::format("{}: {}", file, what)) {}

ImageError::ImageError(const std::string& file, uint64_t offset, const std::string& what)
    : std::runtime_error(fmt::format("{}: offset {} (X'{:X}'): {}", file, offset, offset, what)) {}

ImageFile::ImageFile(std::string path, Access access) : path_(std::move(path)), access_(access) {
    struct stat status {};
    if (::stat(path_.c_str(), &status) != 0) fail(fmt::format("cannot be opened: {}", reason()));
    if (!S_ISREG(status.st_mode)) fail("is not a regular file");
    descriptor_ = ::open(path_.c_str(), (access == Access::write ? O_RDWR : O_RDONLY) | O_CLOEXEC);
    if (descriptor_ < 0)
        fail(fmt::format("cannot be opened {}: {}", access == Access::write ? "for writing" : "for reading",
                         reason()));
    if (::flock(descriptor_, (access == Access::write ? LOCK_EX : LOCK_SH) | LOCK_NB) != 0) {
        close();
        fail("is in use by another program or another device");
    }
    try {
        ::fstat(descriptor_, &status);
        size_ = static_cast<uint64_t>(status.st_size);
        recover();
    } catch (...) {
        close();
        throw;
    }
}

ImageFile::ImageFile(std::string path, int descriptor, Access access)
    : path_(std::move(path)), descriptor_(descriptor), access_(access) {}

ImageFile ImageFile::create(std::string path) {
    const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (descriptor < 0) {
        if (errno == EEXIST) throw ImageError(path, "exists already");
        throw ImageError(path, fmt::format("cannot be made: {}", reason()));
    }
    ::flock(descriptor, LOCK_EX | LOCK_NB);
    ::unlink((path + ".journal").c_str());  // of an image that is gone
    return {std::move(path), descriptor, Access::write};
}

ImageFile::ImageFile(ImageFile&& other) noexcept
    : path_(std::move(other.path_)),
      descriptor_(std::exchange(other.descriptor_, -1)),
      journal_(std::exchange(other.journal_, -1)),
      size_(other.size_),
      access_(other.access_),
      patch_offset_(other.patch_offset_),
      patch_(std::move(other.patch_)) {}

ImageFile::~ImageFile() {
    if (journal_ >= 0) ::unlink(journal_path().c_str());
    close();
}

void ImageFile::close() noexcept {
    if (journal_ >= 0) ::close(journal_);
    if (descriptor_ >= 0) ::close(descriptor_);
    journal_ = descriptor_ = -1;
}

void ImageFile::fail(const std::string& what) const { throw ImageError(path_, what); }
void ImageFile::fail(uint64_t offset, const std::string& what) const {
    throw ImageError(path_, offset, what);
}

/// Finishes a commit that was cut short: in the file if it may be written, else in what is read.
void ImageFile::recover() {
    const int journal = ::open(journal_path().c_str(), O_RDONLY | O_CLOEXEC);
    if (journal < 0) return;
    std::array<uint8_t, kHeader> header{};
    std::vector<uint8_t> bytes;
    bool complete = ::pread(journal, header.data(), kHeader, 0) == static_cast<ssize_t>(kHeader) &&
                    std::memcmp(header.data(), kMagic, 8) == 0 && little32(&header[24]) <= kLargestCommit;
    if (complete) {
        bytes.resize(little32(&header[24]));
        complete =
            ::pread(journal, bytes.data(), bytes.size(), kHeader) == static_cast<ssize_t>(bytes.size()) &&
            checksum(header, bytes) == little32(&header[28]);
    }
    ::close(journal);
    if (complete) {
        const uint64_t offset = little64(&header[8]);
        const uint64_t size = little64(&header[16]);
        if (writable()) {
            put(descriptor_, offset, bytes, path_);
            truncate(size);
        } else {
            patch_offset_ = offset;
            patch_ = std::move(bytes);
            size_ = size;
        }
    }
    if (writable()) ::unlink(journal_path().c_str());
}

void ImageFile::read(uint64_t offset, std::span<uint8_t> out, const char* what) const {
    if (offset > size_ || out.size() > size_ - offset)
        fail(offset,
             fmt::format("the file ends after {} bytes: expected {} of {} bytes", size_, what, out.size()));
    size_t done = 0;
    while (done < out.size()) {
        const ssize_t n =
            ::pread(descriptor_, out.data() + done, out.size() - done, static_cast<off_t>(offset + done));
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) fail(offset, fmt::format("cannot be read: {}", reason()));
        if (n == 0) break;  // a reader's file that its commit makes longer
        done += static_cast<size_t>(n);
    }
    std::fill(out.begin() + static_cast<ptrdiff_t>(done), out.end(), 0);
    const uint64_t from = std::max(offset, patch_offset_);
    const uint64_t to = std::min(offset + out.size(), patch_offset_ + patch_.size());
    if (from < to) std::memcpy(&out[from - offset], &patch_[from - patch_offset_], to - from);
}

std::vector<uint8_t> ImageFile::read(uint64_t offset, uint64_t length, const char* what) const {
    if (offset > size_ || length > size_ - offset)  // before memory is taken for it
        fail(offset,
             fmt::format("the file ends after {} bytes: expected {} of {} bytes", size_, what, length));
    std::vector<uint8_t> bytes(length);
    read(offset, bytes, what);
    return bytes;
}

void ImageFile::put(int descriptor, uint64_t offset, std::span<const uint8_t> bytes,
                    const std::string& file) const {
    while (!bytes.empty()) {
        const ssize_t n = ::pwrite(descriptor, bytes.data(), bytes.size(), static_cast<off_t>(offset));
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) throw ImageError(file, offset, fmt::format("cannot be written: {}", reason()));
        bytes = bytes.subspan(static_cast<size_t>(n));
        offset += static_cast<uint64_t>(n);
    }
}

void ImageFile::write(uint64_t offset, std::span<const uint8_t> bytes) {
    put(descriptor_, offset, bytes, path_);
    size_ = std::max(size_, offset + bytes.size());
}

void ImageFile::commit(uint64_t offset, std::span<const uint8_t> bytes, bool ends_file) {
    if (journal_ < 0) {
        journal_ = ::open(journal_path().c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
        if (journal_ < 0) throw ImageError(journal_path(), fmt::format("cannot be made: {}", reason()));
    }
    const uint64_t end = offset + bytes.size();
    const uint64_t size = ends_file ? end : std::max(size_, end);
    std::vector<uint8_t> entry(kHeader + bytes.size());
    std::memcpy(entry.data(), kMagic, 8);
    put_little64(&entry[8], offset);
    put_little64(&entry[16], size);
    put_little32(&entry[24], static_cast<uint32_t>(bytes.size()));
    put_little32(&entry[28], checksum(std::span(entry).first(kHeader), bytes));
    std::copy(bytes.begin(), bytes.end(), entry.begin() + kHeader);
    put(journal_, 0, entry, journal_path());
    put(descriptor_, offset, bytes, path_);
    if (size < size_) truncate(size);
    size_ = size;
    constexpr uint8_t kDone[8] = {};
    put(journal_, 0, kDone, journal_path());
}

void ImageFile::truncate(uint64_t size) {
    if (::ftruncate(descriptor_, static_cast<off_t>(size)) != 0)
        fail(fmt::format("cannot be made {} bytes long: {}", size, reason()));
    size_ = size;
}

}  // namespace simulation::images
