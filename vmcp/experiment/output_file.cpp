#include "vmcp/experiment/output_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

namespace vmcp::experiment {
namespace {

namespace fs = std::filesystem;

constexpr size_t kBuffer = size_t{64} * 1024;

/// Drafts that there are, where a signal handler can find them.
constexpr int kSlots = 32;
constexpr size_t kLongestDraftName = 4096;
std::array<std::array<char, kLongestDraftName>, kSlots> draft_names;
std::array<std::atomic<int>, kSlots> slot_state;  // 0 free, 1 being written, 2 a name

int take_slot(const std::string& name) {
    if (name.size() >= kLongestDraftName) return -1;
    for (int slot = 0; slot < kSlots; ++slot) {
        auto& state = slot_state[static_cast<size_t>(slot)];
        int free = 0;
        if (!state.compare_exchange_strong(free, 1)) continue;
        std::memcpy(draft_names[static_cast<size_t>(slot)].data(), name.c_str(), name.size() + 1);
        state = 2;
        return slot;
    }
    return -1;
}

/// What the name leads to: a link is kept, and the file behind it replaced.
fs::path target_of(const std::string& path) {
    std::error_code error;
    const fs::path target = fs::weakly_canonical(fs::absolute(path), error);
    return error ? fs::path(path) : target;
}

}  // namespace

OutputError::OutputError(const std::string& path, int reason)
    : std::runtime_error(fmt::format("{}: cannot be written: {}", path == "-" ? "standard output" : path,
                                     std::strerror(reason))) {}

OutputFile::OutputFile(std::string path) : path_(std::move(path)) {
    if (path_ == "-") return;
    std::error_code ignored;
    const auto status = fs::status(path_, ignored);
    if (fs::is_directory(status)) throw OutputError(path_, EISDIR);
    if (!fs::exists(status) || fs::is_regular_file(status)) {
        open_draft();
        return;
    }
    descriptor_ = open(path_.c_str(), O_WRONLY | O_CLOEXEC);
    if (descriptor_ < 0) throw OutputError(path_, errno);
}

void OutputFile::open_draft() {
    check_writable(path_);
    target_ = target_of(path_);
    static std::atomic<unsigned> number = 0;
    std::error_code error;
    const auto before = fs::status(target_, error);
    do {
        draft_ = target_.parent_path() / fmt::format(".vmcp-{}-{}.draft", getpid(), number++);
        descriptor_ = open(draft_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    } while (descriptor_ < 0 && errno == EEXIST);
    if (descriptor_ >= 0) {
        slot_ = take_slot(draft_.string());
        if (fs::exists(before)) {
            struct stat was {};  // as good as it gets
            if (stat(target_.c_str(), &was) == 0) fchmod(descriptor_, was.st_mode & 07777);
        }
        return;
    }
    // A file that may be written in a folder that may not.
    draft_.clear();
    const int reason = errno;
    if (fs::exists(before)) descriptor_ = open(target_.c_str(), O_WRONLY | O_TRUNC | O_CLOEXEC);
    if (descriptor_ < 0) throw OutputError(path_, reason);
}

OutputFile::~OutputFile() {
    close_descriptor();
    std::error_code ignored;
    if (!draft_.empty()) fs::remove(draft_, ignored);
    if (slot_ >= 0) slot_state[static_cast<size_t>(slot_)] = 0;
}

void OutputFile::write(std::string_view bytes) {
    size_ += bytes.size();
    if (failed()) return;
    buffer_ += bytes;
    if (buffer_.size() >= kBuffer) flush();
}

void OutputFile::flush() {
    const std::string bytes = std::exchange(buffer_, {});
    std::string_view left = bytes;
    if (path_ == "-") {
        // The order of what others have printed there is kept.
        if (std::fwrite(left.data(), 1, left.size(), stdout) != left.size() || std::fflush(stdout) != 0)
            reason_ = errno;
        return;
    }
    while (!left.empty()) {
        const ssize_t n = ::write(descriptor_, left.data(), left.size());
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) {
            reason_ = errno;
            return;
        }
        left.remove_prefix(static_cast<size_t>(n));
    }
}

void OutputFile::close_descriptor() {
    if (descriptor_ < 0) return;
    if (close(std::exchange(descriptor_, -1)) != 0 && reason_ == 0) reason_ = errno;
}

void OutputFile::finish() {
    if (!failed()) flush();
    close_descriptor();
    if (failed()) throw OutputError(path_, reason_);
    if (draft_.empty()) return;
    std::error_code error;
    fs::rename(draft_, target_, error);
    if (error) throw OutputError(path_, error.value());
    draft_.clear();
}

void OutputFile::discard_all() noexcept {
    for (size_t slot = 0; slot < kSlots; ++slot)
        if (slot_state[slot] == 2) unlink(draft_names[slot].data());
}

bool same_file(const std::string& a, const std::string& b) {
    if (a == "-" || b == "-" || a.empty() || b.empty()) return false;
    std::error_code error;
    const auto status = fs::status(a, error);
    if (fs::exists(status) && !fs::is_regular_file(status)) return false;
    if (fs::equivalent(a, b, error) && !error) return true;
    return target_of(a) == target_of(b);
}

void check_writable(const std::string& path) {
    if (path.empty() || path == "-") return;
    struct stat status {};
    if (stat(path.c_str(), &status) == 0) {
        if (S_ISDIR(status.st_mode)) throw OutputError(path, EISDIR);
        if (access(path.c_str(), W_OK) != 0) throw OutputError(path, errno);
        return;
    }
    if (errno != ENOENT) throw OutputError(path, errno);
    const fs::path target = target_of(path);
    if (target.filename().empty()) throw OutputError(path, EISDIR);
    if (target.filename().string().size() > 255) throw OutputError(path, ENAMETOOLONG);
    if (access(target.parent_path().c_str(), W_OK | X_OK) != 0) throw OutputError(path, errno);
}

}  // namespace vmcp::experiment
