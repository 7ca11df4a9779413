#include "simulation/images/new_image.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <random>

#include "simulation/images/image_file.hpp"

namespace simulation::images {

namespace {

std::string reason() { return std::strerror(errno); }

std::string unused_name(const std::string& place) {
    std::random_device random;
    for (;;) {
        std::string name = fmt::format("{}.part-{:08x}", place, random());
        struct stat status {};
        if (::lstat(name.c_str(), &status) != 0) return name;
    }
}

}  // namespace

NewImage::NewImage(const std::string& path, bool replace) : path_(path), place_(path) {
    struct stat status {};
    const bool exists = ::stat(path.c_str(), &status) == 0;
    if (!exists && ::lstat(path.c_str(), &status) == 0)
        throw ImageError(path, "is a symbolic link that leads nowhere");
    if (exists) {
        if (!S_ISREG(status.st_mode)) throw ImageError(path, "is not a regular file");
        if (!replace) throw ImageError(path, "exists already");
        place_ = std::filesystem::canonical(path).string();
        // What it holds does not matter any more, nor does its journal; who uses it, does.
        replaced_ = ::open(place_.c_str(), O_RDONLY | O_CLOEXEC);
        if (replaced_ < 0) throw ImageError(path, fmt::format("cannot be opened for reading: {}", reason()));
        if (::flock(replaced_, LOCK_EX | LOCK_NB) != 0) {
            ::close(replaced_);
            throw ImageError(path, "is in use by another program or another device");
        }
    }
    part_ = unused_name(place_);
}

NewImage::~NewImage() {
    ::unlink(part_.c_str());
    if (replaced_ >= 0) ::close(replaced_);
}

void NewImage::finish() {
    const std::string journal = place_ + ".journal";
    const bool had_journal = is_journal(journal);
    // Nobody opens the new one before the journal of the old one is gone.
    const int part = ::open(part_.c_str(), O_RDONLY | O_CLOEXEC);
    if (part < 0) throw ImageError(path_, fmt::format("cannot be finished: {}", reason()));
    ::flock(part, LOCK_EX | LOCK_NB);
    int result = ::renameat2(AT_FDCWD, part_.c_str(), AT_FDCWD, place_.c_str(),
                             replaced_ >= 0 ? 0 : unsigned{RENAME_NOREPLACE});
    const bool unknown = result != 0 && errno == EINVAL;  // to this file system
    if (unknown && ::access(place_.c_str(), F_OK) != 0) result = ::rename(part_.c_str(), place_.c_str());
    const int error = unknown && result != 0 ? EEXIST : errno;
    if (result == 0 && had_journal) ::unlink(journal.c_str());
    ::close(part);
    if (result == 0) return;
    if (error == EEXIST) throw ImageError(path_, "has meanwhile been made by another program");
    throw ImageError(path_, fmt::format("cannot be made: {}", std::strerror(error)));
}

}  // namespace simulation::images
