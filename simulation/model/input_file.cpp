#include "simulation/model/input_file.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <memory>

namespace simulation {

std::optional<std::string> read_input_file(const std::string& path, size_t most) {
    const auto close = [](std::FILE* file) { std::fclose(file); };
    const std::unique_ptr<std::FILE, decltype(close)> file(std::fopen(path.c_str(), "rb"), close);
    if (!file) return std::nullopt;
    constexpr size_t kPiece = 1 << 16;
    std::string bytes;
    size_t n = 1;
    while (n != 0 && bytes.size() < most) {
        const size_t before = bytes.size();
        bytes.resize(before + std::min(kPiece, most - before));
        n = std::fread(bytes.data() + before, 1, bytes.size() - before, file.get());
        bytes.resize(before + n);
    }
    if (std::ferror(file.get()) != 0) return std::nullopt;  // a folder, too: it can be opened
    return bytes;
}

}  // namespace simulation
