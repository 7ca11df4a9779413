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
#include <filesystem>
#include <string_view>
#include <utility>

#include "simulation/images/byte_order.hpp"

namespace simulation::images {

namespace {

// The journal: "VMCPJRN2" ("VMCPBACK" where bytes are put back, "VMCPDONE" where it is done), offset, size of
// the file before and afterwards, how many bytes after and before, checksum of all that and the bytes; then
// the bytes after, those before. All numbers little-endian.
constexpr std::string_view kChange = "VMCPJRN2", kBack = "VMCPBACK", kDone = "VMCPDONE";
constexpr size_t kHeader = 8 + 8 + 8 + 8 + 4 + 4 + 4;
constexpr size_t kChecksumAt = kHeader - 4;
constexpr uint64_t kLargestCommit = 16 << 20;

void put_little64(uint8_t* p, uint64_t value) {
    put_little32(p, static_cast<uint32_t>(value));
    put_little32(p + 4, static_cast<uint32_t>(value >> 32));
}
uint64_t little64(const uint8_t* p) { return uint64_t{little32(p + 4)} << 32 | little32(p); }

uint32_t checksum(std::span<const uint8_t> entry) {
    const uLong crc = crc32(0, entry.data(), kChecksumAt);
    const auto bytes = entry.subspan(kHeader);
    return static_cast<uint32_t>(crc32(crc, bytes.data(), static_cast<uInt>(bytes.size())));
}

std::string reason() { return std::strerror(errno); }

/// How many bytes could be written; errno says why no more.
size_t put(int descriptor, uint64_t offset, std::span<const uint8_t> bytes) {
    size_t done = 0;
    while (done < bytes.size()) {
        const ssize_t n =
            ::pwrite(descriptor, bytes.data() + done, bytes.size() - done, static_cast<off_t>(offset + done));
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) break;
        done += static_cast<size_t>(n);
    }
    return done;
}

/// How many bytes could be read.
size_t get(int descriptor, uint64_t offset, std::span<uint8_t> out) {
    size_t done = 0;
    while (done < out.size()) {
        const ssize_t n =
            ::pread(descriptor, out.data() + done, out.size() - done, static_cast<off_t>(offset + done));
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) break;
        done += static_cast<size_t>(n);
    }
    return done;
}

/// Of the file that the name leads to, whatever symbolic links there are.
std::string journal_of(const std::string& path) {
    std::error_code error;
    const auto real = std::filesystem::canonical(path, error);
    return (error ? path : real.string()) + ".journal";
}

}  // namespace

ImageError::ImageError(const std::string& file, const std::string& what)
    : std::runtime_error(fmt::format("{}: {}", file, what)) {}

ImageError::ImageError(const std::string& file, uint64_t offset, const std::string& what)
    : std::runtime_error(fmt::format("{}: offset {} (X'{:X}'): {}", file, offset, offset, what)) {}

bool is_journal(const std::string& path) {
    struct stat status {};
    if (::lstat(path.c_str(), &status) != 0) return false;
    std::array<uint8_t, 8> start{};
    size_t length = 0;
    if (S_ISREG(status.st_mode)) {
        const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
        if (file < 0) throw ImageError(path, fmt::format("cannot be opened for reading: {}", reason()));
        length = get(file, 0, start);
        ::close(file);
    }
    const auto begins = [&](std::string_view mark) {
        return std::equal(start.begin(), start.begin() + static_cast<ptrdiff_t>(length), mark.begin());
    };
    if (S_ISREG(status.st_mode) && (begins(kChange) || begins(kBack) || begins(kDone))) return true;
    throw ImageError(path, "is no journal of an image: expected no other file of that name beside the image");
}

ImageFile::ImageFile(std::string path, Access access)
    : path_(std::move(path)), journal_path_(journal_of(path_)), access_(access) {
    struct stat status {};
    if (::stat(path_.c_str(), &status) != 0) fail(fmt::format("cannot be opened: {}", reason()));
    if (!S_ISREG(status.st_mode)) fail("is not a regular file");
    descriptor_ = ::open(path_.c_str(), (access == Access::write ? O_RDWR : O_RDONLY) | O_CLOEXEC);
    if (descriptor_ < 0)
        fail(fmt::format("cannot be opened {}: {}", access == Access::write ? "for writing" : "for reading",
                         reason()));
    try {
        if (::flock(descriptor_, (access == Access::write ? LOCK_EX : LOCK_SH) | LOCK_NB) != 0)
            fail("is in use by another program or another device");
        check_name();
        recover();
    } catch (...) {
        close();
        throw;
    }
}

ImageFile::ImageFile(std::string path, int descriptor, Access access)
    : path_(std::move(path)), journal_path_(journal_of(path_)), descriptor_(descriptor), access_(access) {}

ImageFile ImageFile::create(std::string path) {
    const std::string old_journal = journal_of(path);
    const bool had_journal = is_journal(old_journal);
    const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (descriptor < 0) {
        if (errno == EEXIST) throw ImageError(path, "exists already");
        throw ImageError(path, fmt::format("cannot be made: {}", reason()));
    }
    ::flock(descriptor, LOCK_EX | LOCK_NB);
    if (had_journal) ::unlink(old_journal.c_str());  // of an image that is gone
    return {std::move(path), descriptor, Access::write};
}

ImageFile::ImageFile(ImageFile&& other) noexcept
    : path_(std::move(other.path_)),
      journal_path_(std::move(other.journal_path_)),
      descriptor_(std::exchange(other.descriptor_, -1)),
      journal_(std::exchange(other.journal_, -1)),
      size_(other.size_),
      access_(other.access_),
      torn_(other.torn_),
      patch_offset_(other.patch_offset_),
      patch_(std::move(other.patch_)) {}

ImageFile::~ImageFile() {
    if (journal_ >= 0 && !torn_) ::unlink(journal_path_.c_str());
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

/// Now that it is locked: whether the name still leads to it, and no other name does.
void ImageFile::check_name() const {
    struct stat named {
    }, opened{};
    ::fstat(descriptor_, &opened);
    if (::stat(path_.c_str(), &named) != 0 || named.st_dev != opened.st_dev || named.st_ino != opened.st_ino)
        fail("has just been replaced by another program");
    if (writable() && opened.st_nlink > 1)
        fail(
            fmt::format("has {} names (hard links), and only one of them would find its journal: expected a "
                        "file of one name for writing",
                        opened.st_nlink));
}

/// Finishes a commit that was cut short: in the file if it may be written, else in what is read.
void ImageFile::recover() {
    struct stat status {};
    ::fstat(descriptor_, &status);
    size_ = static_cast<uint64_t>(status.st_size);
    if (!is_journal(journal_path_)) return;
    const int journal = ::open(journal_path_.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (journal < 0) throw ImageError(journal_path_, fmt::format("cannot be opened: {}", reason()));
    std::optional<Change> change = read_journal(journal);
    ::close(journal);
    const State state = change ? state_of(*change) : State::untouched;
    if (state == State::another)
        throw ImageError(
            journal_path_,
            fmt::format(
                "is left by a run that was cut short, but not of {} as it is now: put back that image, "
                "or remove the journal to use this one",
                path_));
    if (state == State::cut_short) {
        if (!writable()) {
            patch_offset_ = change->offset;
            patch_ = std::move(change->after);
            size_ = change->size_after;
            return;
        }
        if (size_t written = 0; !apply(*change, written))
            fail(change->offset, fmt::format("cannot be written: {}", reason()));
    }
    if (writable()) ::unlink(journal_path_.c_str());
}

/// Empty where it is done or not complete.
std::optional<ImageFile::Change> ImageFile::read_journal(int journal) const {
    std::vector<uint8_t> entry(kHeader);
    if (get(journal, 0, entry) < kHeader) return std::nullopt;
    const std::string_view mark(reinterpret_cast<const char*>(entry.data()), kChange.size());
    if (mark != kChange && mark != kBack) return std::nullopt;
    Change change;
    change.back = mark == kBack;
    change.offset = little64(&entry[8]);
    change.size_before = little64(&entry[16]);
    change.size_after = little64(&entry[24]);
    const uint32_t after = little32(&entry[32]), before = little32(&entry[36]);
    if (after > kLargestCommit || before > after) return std::nullopt;
    entry.resize(kHeader + size_t{after} + before);
    if (get(journal, kHeader, std::span(entry).subspan(kHeader)) < entry.size() - kHeader ||
        checksum(entry) != little32(&entry[kChecksumAt]))
        return std::nullopt;
    const auto bytes = entry.begin() + kHeader;
    change.after.assign(bytes, bytes + after);
    change.before.assign(bytes + after, entry.end());
    return change;
}

/// What of the change has been done to the file: its bytes are written from the first one on, and then its
/// size is set.
ImageFile::State ImageFile::state_of(const Change& change) const {
    const uint64_t end = change.offset + change.after.size();
    std::vector<uint8_t> now(
        std::min<uint64_t>(change.after.size(), size_ > change.offset ? size_ - change.offset : 0));
    if (get(descriptor_, change.offset, now) < now.size()) fail(change.offset, "cannot be read");
    if (size_ == change.size_after && now == change.after) return State::done;
    if (size_ == change.size_before && now == change.before)
        return change.back ? State::cut_short : State::untouched;
    if (size_ < change.size_before || size_ > std::max(change.size_before, end)) return State::another;
    const auto first_old = std::mismatch(now.begin(), now.end(), change.after.begin()).first;
    const auto written = first_old - now.begin();
    const bool rest_is_old =
        first_old == now.end() || (now.size() == change.before.size() &&
                                   std::equal(first_old, now.end(), change.before.begin() + written));
    return rest_is_old ? State::cut_short : State::another;
}

void ImageFile::write_journal(const Change& change) {
    if (journal_ < 0) {
        journal_ = ::open(journal_path_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666);
        if (journal_ < 0) throw ImageError(journal_path_, fmt::format("cannot be made: {}", reason()));
    }
    std::vector<uint8_t> entry(kHeader);
    std::memcpy(entry.data(), (change.back ? kBack : kChange).data(), kChange.size());
    put_little64(&entry[8], change.offset);
    put_little64(&entry[16], change.size_before);
    put_little64(&entry[24], change.size_after);
    put_little32(&entry[32], static_cast<uint32_t>(change.after.size()));
    put_little32(&entry[36], static_cast<uint32_t>(change.before.size()));
    entry.insert(entry.end(), change.after.begin(), change.after.end());
    entry.insert(entry.end(), change.before.begin(), change.before.end());
    put_little32(&entry[kChecksumAt], checksum(entry));
    if (put(journal_, 0, entry) < entry.size())
        throw ImageError(journal_path_, fmt::format("cannot be written: {}", reason()));
}

void ImageFile::mark_done() {
    put(journal_, 0, {reinterpret_cast<const uint8_t*>(kDone.data()), kDone.size()});
}

/// Writes the bytes and sets the size of the file. False: one of them could not be done (errno), and so many
/// bytes are written.
bool ImageFile::apply(const Change& change, size_t& written) {
    written = put(descriptor_, change.offset, change.after);
    if (written < change.after.size()) return false;
    struct stat status {};
    ::fstat(descriptor_, &status);
    if (static_cast<uint64_t>(status.st_size) != change.size_after &&
        ::ftruncate(descriptor_, static_cast<off_t>(change.size_after)) != 0)
        return false;
    size_ = change.size_after;
    return true;
}

/// Puts back what `written` bytes replaced. They have room in the file and in the journal.
void ImageFile::undo(const Change& change, size_t written) {
    Change back;
    back.back = true;
    back.offset = change.offset;
    back.size_before = std::max(change.size_before, change.offset + written);
    back.size_after = change.size_before;
    const auto n = static_cast<ptrdiff_t>(std::min(written, change.before.size()));
    back.after.assign(change.before.begin(), change.before.begin() + n);
    back.before.assign(change.after.begin(), change.after.begin() + n);
    torn_ = true;
    write_journal(back);
    if (!apply(back, written)) return;
    mark_done();
    torn_ = false;
}

void ImageFile::read(uint64_t offset, std::span<uint8_t> out, const char* what) const {
    if (offset > size_ || out.size() > size_ - offset)
        fail(offset,
             fmt::format("the file ends after {} bytes: expected {} of {} bytes", size_, what, out.size()));
    errno = 0;
    const size_t done = get(descriptor_, offset, out);
    if (done < out.size() && errno != 0) fail(offset, fmt::format("cannot be read: {}", reason()));
    // A reader's file may be shorter than its commit makes it.
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

void ImageFile::write(uint64_t offset, std::span<const uint8_t> bytes) {
    if (put(descriptor_, offset, bytes) < bytes.size())
        fail(offset, fmt::format("cannot be written: {}", reason()));
    size_ = std::max(size_, offset + bytes.size());
}

void ImageFile::commit(uint64_t offset, std::span<const uint8_t> bytes, bool ends_file) {
    if (torn_) fail(offset, "cannot be written: an earlier write could be neither finished nor put back");
    const uint64_t end = offset + bytes.size();
    Change change;
    change.offset = offset;
    change.size_before = size_;
    change.size_after = ends_file ? end : std::max(size_, end);
    change.after.assign(bytes.begin(), bytes.end());
    if (offset < size_) change.before = read(offset, std::min(end, size_) - offset, "bytes to be replaced");
    write_journal(change);
    if (size_t written = 0; !apply(change, written)) {
        const std::string why = reason();
        undo(change, written);
        fail(offset, fmt::format("cannot be written: {}", why));
    }
    mark_done();
}

void ImageFile::truncate(uint64_t size) {
    if (::ftruncate(descriptor_, static_cast<off_t>(size)) != 0)
        fail(fmt::format("cannot be made {} bytes long: {}", size, reason()));
    size_ = size;
}

}  // namespace simulation::images
