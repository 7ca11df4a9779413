// A directory that is gone when this object is.
#pragma once

#include <filesystem>
#include <string_view>

namespace simulation {

class TemporaryDirectory {
  public:
    /// Throws std::runtime_error where it cannot be made.
    explicit TemporaryDirectory(std::string_view prefix);
    ~TemporaryDirectory();
    TemporaryDirectory(const TemporaryDirectory&) = delete;
    TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
    const std::filesystem::path& path() const { return path_; }

  private:
    std::filesystem::path path_;
};

}  // namespace simulation
