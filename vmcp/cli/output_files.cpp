#include "vmcp/cli/output_files.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "vmcp/cli/commands.hpp"

namespace vmcp::cli {

namespace {

namespace fs = std::filesystem;

[[noreturn]] void cannot_write(const std::string& path, int reason) {
    throw InputError(fmt::format("{}: cannot be written: {}", path, std::strerror(reason)));
}

/// A file that is being written. What goes wrong is said of `path`, which need not be its own name.
class Descriptor {
  public:
    Descriptor(const std::string& name, int flags, const std::string& path)
        : path_(path), number_(open(name.c_str(), flags | O_WRONLY | O_CLOEXEC, 0666)) {
        if (number_ < 0) cannot_write(path, errno);
    }
    ~Descriptor() {
        if (number_ >= 0) close(number_);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;

    void write(std::string_view bytes) const {
        while (!bytes.empty()) {
            const ssize_t n = ::write(number_, bytes.data(), bytes.size());
            if (n < 0 && errno == EINTR) continue;
            if (n < 0) cannot_write(path_, errno);
            bytes.remove_prefix(static_cast<std::size_t>(n));
        }
    }
    void permit(fs::perms permissions) const {
        fchmod(number_, static_cast<mode_t>(permissions & fs::perms::mask));  // as good as it gets
    }
    void finish() {
        const int number = number_;
        number_ = -1;
        if (close(number) != 0) cannot_write(path_, errno);
    }

  private:
    const std::string& path_;
    int number_;
};

/// What the name leads to: a link is kept, and the file behind it replaced.
fs::path target_of(const std::string& path) {
    std::error_code error;
    const fs::path target = fs::weakly_canonical(fs::absolute(path), error);
    return error ? fs::path(path) : target;
}

void replace_file(const std::string& path, std::string_view bytes) {
    const fs::path target = target_of(path);
    const fs::path draft =
        target.parent_path() / fmt::format(".{}.{}.draft", target.filename().string(), getpid());
    std::error_code error;
    try {
        Descriptor file(draft.string(), O_CREAT | O_TRUNC, path);
        const auto before = fs::status(target, error);
        if (fs::exists(before)) file.permit(before.permissions());
        file.write(bytes);
        file.finish();
    } catch (...) {
        fs::remove(draft, error);
        throw;
    }
    fs::rename(draft, target, error);
    if (!error) return;
    const int reason = error.value();
    fs::remove(draft, error);
    cannot_write(path, reason);
}

}  // namespace

void write_file(const std::string& path, std::string_view bytes) {
    if (path == "-") {
        std::cout << bytes << std::flush;
        if (!std::cout) throw InputError("standard output: cannot be written");
        return;
    }
    std::error_code ignored;
    const auto status = fs::status(path, ignored);
    if (fs::is_directory(status)) cannot_write(path, EISDIR);
    if (!fs::exists(status) || fs::is_regular_file(status)) return replace_file(path, bytes);
    Descriptor file(path, 0, path);
    file.write(bytes);
    file.finish();
}

bool same_file(const std::string& a, const std::string& b) {
    if (a == "-" || b == "-") return false;
    std::error_code error;
    const auto status = fs::status(a, error);
    if (fs::exists(status) && !fs::is_regular_file(status)) return false;
    if (fs::equivalent(a, b, error) && !error) return true;
    return target_of(a) == target_of(b);
}

void check_writable(const std::string& path) {
    if (path.empty() || path == "-") return;
    std::error_code ignored;
    const bool existed = std::filesystem::exists(path, ignored);
    const std::ofstream out(path, std::ios::binary | std::ios::app);
    if (!out) throw InputError(fmt::format("{}: cannot be written: {}", path, std::strerror(errno)));
    if (!existed) std::filesystem::remove(path, ignored);
}

void write_guest_output(const std::string& directory, const std::string& name,
                        const experiment::GuestOutput& output) {
    std::error_code error;
    std::filesystem::create_directories(directory, error);
    if (error) throw InputError(fmt::format("{}: cannot be made: {}", directory, error.message()));
    const std::string stem = (std::filesystem::path(directory) / name).string();
    if (!output.console.empty()) {
        std::string text;
        for (const experiment::ConsoleLine& line : output.console) text += line.text + '\n';
        write_file(stem + ".console.txt", text);
    }
    const auto write = [&](const experiment::PrintedAndPunched& what, const std::string& device) {
        if (!what.printer.empty()) write_file(stem + ".printer" + device + ".txt", what.printer);
        if (!what.cards.empty()) write_file(stem + ".punch" + device + ".deck", deck_bytes(what.cards));
    };
    write(output, "");
    for (const auto& [address, further] : output.further) write(further, fmt::format("-{:03X}", address));
}

}  // namespace vmcp::cli
