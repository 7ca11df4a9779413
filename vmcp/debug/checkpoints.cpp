#include "vmcp/debug/checkpoints.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <system_error>

#include "simulation/model/temporary_directory.hpp"

namespace vmcp::debug {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMostPoints = 64;

// What processes tell the keeper: a letter and a number.
constexpr char kAtWork = 'A';       // this process is, from now on
constexpr char kHandingOver = 'H';  // the next one to tell is
constexpr char kEnded = 'E';        // with this exit status

// What a checkpoint is told.
constexpr char kGoOn = 'G';  // length and message follow
constexpr char kVanish = 'V';

struct Word {
    char what = 0;
    int value = 0;
};

[[noreturn]] void fail(const char* what) { throw std::system_error(errno, std::generic_category(), what); }

bool write_all(int to, const void* data, size_t length) {
    const auto* bytes = static_cast<const char*>(data);
    while (length != 0) {
        const ssize_t done = ::write(to, bytes, length);
        if (done < 0 && errno == EINTR) continue;
        if (done <= 0) return false;
        bytes += done;
        length -= static_cast<size_t>(done);
    }
    return true;
}

bool read_all(int from, void* data, size_t length) {
    auto* bytes = static_cast<char*>(data);
    while (length != 0) {
        const ssize_t done = ::read(from, bytes, length);
        if (done < 0 && errno == EINTR) continue;
        if (done <= 0) return false;
        bytes += done;
        length -= static_cast<size_t>(done);
    }
    return true;
}

pid_t fork_cleanly() {
    std::fflush(nullptr);  // or both would write it
    return ::fork();
}

/// Waits until there is something to read; false: the other descriptor has become readable, or ended, first.
bool await_input(int wanted, int other) {
    std::array<pollfd, 2> both{{{wanted, POLLIN, 0}, {other, POLLIN, 0}}};
    while (::poll(both.data(), both.size(), -1) < 0)
        if (errno != EINTR) fail("poll");
    return both[0].revents != 0;
}

}  // namespace

int Checkpoints::keep(const std::function<int()>& work) {
    // It goes away with the keeper: the others never get to their ends.
    std::optional<simulation::TemporaryDirectory> copies;
    if (!media_.empty()) copies_ = copies.emplace("vmcp-debug").path();
    std::array<int, 2> control{}, lifeline{};
    if (::pipe(control.data()) != 0 || ::pipe(lifeline.data()) != 0) fail("pipe");
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);
    termios terminal{};
    const bool has_terminal = ::tcgetattr(STDIN_FILENO, &terminal) == 0;
    const pid_t first = fork_cleanly();
    if (first < 0) fail("fork");
    if (first == 0) {
        ::close(control[0]);
        ::close(lifeline[1]);
        control_ = control[1];
        lifeline_ = lifeline[0];
        std::signal(SIGCHLD, SIG_IGN);  // nobody waits for who has been left behind
        announce(kAtWork, static_cast<int>(::getpid()));
        int status = 1;
        try {
            status = work();
        } catch (const std::exception& error) {
            fmt::print(stderr, "vmcp: error: {}\n", error.what());
        }
        finish(status);
    }
    ::close(control[1]);
    ::close(lifeline[0]);
    // Ctrl-C is for who is at work.
    const auto interrupt = std::signal(SIGINT, SIG_IGN);
    int status = kCrashed, at_work = -1;
    bool handing_over = false;
    while (true) {
        std::array<pollfd, 2> both{{{control[0], POLLIN, 0}, {at_work, POLLIN, 0}}};
        if (::poll(both.data(), at_work >= 0 ? 2 : 1, -1) < 0 && errno != EINTR) break;
        Word word;
        if (both[0].revents != 0) {
            if (!read_all(control[0], &word, sizeof word)) break;
            if (word.what == kEnded) {
                status = word.value;
                break;
            }
            handing_over = word.what == kHandingOver;
            if (at_work >= 0) ::close(at_work);
            at_work = handing_over ? -1 : static_cast<int>(::syscall(SYS_pidfd_open, word.value, 0U));
        } else if (at_work >= 0 && both[1].revents != 0) {
            break;  // it has ended without a word
        }
    }
    if (at_work >= 0) ::close(at_work);
    ::close(lifeline[1]);  // all the others end
    ::close(control[0]);
    int ignored = 0;
    while (::waitpid(-1, &ignored, 0) > 0 || errno == EINTR) {
    }
    std::signal(SIGINT, interrupt);
    if (has_terminal) ::tcsetattr(STDIN_FILENO, TCSADRAIN, &terminal);
    return status;
}

void Checkpoints::finish(int status) const {
    std::fflush(nullptr);
    announce(kEnded, status);
    ::_exit(status);
}

void Checkpoints::announce(char what, int value) const {
    const Word word{what, value};
    write_all(control_, &word, sizeof word);
}

std::optional<std::string> Checkpoints::leave(Position position) {
    std::array<int, 2> pair{};
    if (::socketpair(AF_UNIX, SOCK_STREAM, 0, pair.data()) != 0) fail("socketpair");
    const unsigned serial = serial_++;
    save_media(serial);
    points_.push_back({position, pair[0], serial});
    const pid_t child = fork_cleanly();
    if (child < 0) {  // it does without
        points_.pop_back();
        ::close(pair[0]);
        ::close(pair[1]);
        return std::nullopt;
    }
    if (child == 0) {
        await(pair[1], serial);  // comes back in a copy that goes on
        return std::move(message_);
    }
    ::close(pair[1]);
    thin_out();
    return std::nullopt;
}

/// The life of a checkpoint.
void Checkpoints::await(int reader, unsigned serial) {
    const auto interrupt = std::signal(SIGINT, SIG_IGN);
    while (true) {
        if (!await_input(reader, lifeline_)) ::_exit(0);
        char what = 0;
        if (!read_all(reader, &what, 1) || what == kVanish) ::_exit(0);
        size_t length = 0;
        if (!read_all(reader, &length, sizeof length)) ::_exit(0);
        message_.resize(length);
        if (!read_all(reader, message_.data(), length)) ::_exit(0);
        const pid_t child = ::fork();
        if (child < 0) {
            announce(kEnded, kCrashed);
            ::_exit(kCrashed);
        }
        if (child != 0) continue;
        ::close(reader);
        announce(kAtWork, static_cast<int>(::getpid()));
        std::signal(SIGINT, interrupt);
        restore_media(serial);
        return;
    }
}

void Checkpoints::end(const Point& point) {
    const char what = kVanish;
    write_all(point.writer, &what, 1);
    ::close(point.writer);
    if (!media_.empty()) {
        std::error_code error;
        fs::remove_all(copies_ / std::to_string(point.serial), error);
    }
}

std::optional<size_t> Checkpoints::last_until(Position position) const {
    for (size_t i = points_.size(); i > 0; --i)
        if (points_[i - 1].position <= position) return i - 1;
    return std::nullopt;
}

/// The one goes whose neighbours are nearest to one another, for how far back they are.
void Checkpoints::thin_out() {
    while (points_.size() > kMostPoints) {
        const auto end_of_run = static_cast<double>(points_.back().position.instructions);
        size_t best = 1;
        double least = 0;
        for (size_t i = 1; i + 1 < points_.size(); ++i) {
            const auto before = static_cast<double>(points_[i - 1].position.instructions);
            const auto behind = static_cast<double>(points_[i + 1].position.instructions);
            const double gap = (behind - before) / (end_of_run - before + 1);
            if (i == 1 || gap < least) {
                least = gap;
                best = i;
            }
        }
        end(points_[best]);
        points_.erase(points_.begin() + static_cast<std::ptrdiff_t>(best));
    }
}

void Checkpoints::go_to(size_t number, const std::string& message) {
    std::fflush(nullptr);
    announce(kHandingOver, 0);
    for (size_t i = number + 1; i < points_.size(); ++i) end(points_[i]);
    const Point& point = points_.at(number);
    const size_t length = message.size();
    const bool told = write_all(point.writer, &kGoOn, 1) && write_all(point.writer, &length, sizeof length) &&
                      write_all(point.writer, message.data(), length);
    if (!told) announce(kEnded, kCrashed);
    ::_exit(told ? 0 : kCrashed);
}

void Checkpoints::save_media(unsigned serial) const {
    if (media_.empty()) return;
    const fs::path copy = copies_ / std::to_string(serial);
    std::error_code error;
    fs::remove_all(copy, error);
    fs::copy(media_, copy, fs::copy_options::recursive, error);
    if (error) throw std::system_error(error, copy.string());
}

/// Into the files that are there, which the simulation has open.
void Checkpoints::restore_media(unsigned serial) const {
    if (media_.empty()) return;
    const fs::path copy = copies_ / std::to_string(serial);
    for (const auto& entry : fs::recursive_directory_iterator(copy)) {
        if (!entry.is_regular_file()) continue;
        const fs::path target = media_ / fs::relative(entry.path(), copy);
        std::FILE* const in = std::fopen(entry.path().c_str(), "rb");
        // What is there stays the same file.
        std::FILE* const out = std::fopen(target.c_str(), fs::exists(target) ? "r+b" : "wb");
        if (in == nullptr || out == nullptr) fail(target.c_str());
        std::array<char, 65536> buffer{};
        for (size_t n; (n = std::fread(buffer.data(), 1, buffer.size(), in)) != 0;)
            std::fwrite(buffer.data(), 1, n, out);
        std::fclose(in);
        std::fclose(out);
        fs::resize_file(target, fs::file_size(entry.path()));
    }
    std::vector<fs::path> new_ones;
    for (const auto& entry : fs::recursive_directory_iterator(media_))
        if (entry.is_regular_file() && !fs::exists(copy / fs::relative(entry.path(), media_)))
            new_ones.push_back(entry.path());
    for (const fs::path& file : new_ones) fs::remove(file);
}

}  // namespace vmcp::debug
