// Whole files, as tests read and write them; neither returns without having done so.
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace tests {

inline std::string contents(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    if (!in) throw std::runtime_error(file.string() + ": cannot be read");
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

inline std::vector<uint8_t> bytes_of(const std::filesystem::path& file) {
    const std::string text = contents(file);
    return {text.begin(), text.end()};
}

inline void put(const std::filesystem::path& file, std::string_view text) {
    std::ofstream out(file, std::ios::binary);
    if (!out.write(text.data(), static_cast<std::streamsize>(text.size())).flush())
        throw std::runtime_error(file.string() + ": cannot be written");
}

inline void put_bytes(const std::filesystem::path& file, const std::vector<uint8_t>& bytes) {
    put(file, std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
}

}  // namespace tests
