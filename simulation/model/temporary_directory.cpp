#include "simulation/model/temporary_directory.hpp"

#include <fmt/format.h>
#include <stdlib.h>

#include <stdexcept>
#include <string>
#include <system_error>

namespace simulation {

TemporaryDirectory::TemporaryDirectory(std::string_view prefix) {
    std::string pattern =
        (std::filesystem::temp_directory_path() / fmt::format("{}-XXXXXX", prefix)).string();
    if (mkdtemp(pattern.data()) == nullptr)
        throw std::runtime_error(fmt::format("cannot make a temporary directory like {}", pattern));
    path_ = pattern;
}

TemporaryDirectory::~TemporaryDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

}  // namespace simulation
