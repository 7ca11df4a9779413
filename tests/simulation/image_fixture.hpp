// What the tests of image files share: a folder that goes away, tracks with known contents, and the tools of
// another program that has the same formats.
#pragma once

#include <doctest/doctest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "simulation/images/ckd_image.hpp"
#include "simulation/images/tape_image.hpp"

namespace image_test {

using namespace simulation::images;

class Folder {
  public:
    Folder() {
        std::string pattern = (std::filesystem::temp_directory_path() / "vmcp-images-XXXXXX").string();
        REQUIRE(::mkdtemp(pattern.data()) != nullptr);
        path_ = pattern;
    }
    ~Folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    std::string operator/(const std::string& name) const { return path_ / name; }

  private:
    std::filesystem::path path_;
};

inline std::vector<uint8_t> bytes_of(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}
inline void put_bytes(const std::string& path, const std::vector<uint8_t>& bytes) {
    std::ofstream(path, std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
}

/// A track with records of the given data lengths, filled with `fill`.
inline Track track_with(unsigned cylinder, unsigned head, const std::vector<unsigned>& lengths,
                        uint8_t fill) {
    Track track(cylinder, head);
    uint8_t number = 0;
    for (const unsigned length : lengths) {
        std::vector<uint8_t> record(kCountSize + length, fill);
        record[0] = static_cast<uint8_t>(cylinder >> 8);
        record[1] = static_cast<uint8_t>(cylinder);
        record[2] = 0;
        record[3] = static_cast<uint8_t>(head);
        record[4] = ++number;
        record[5] = 0;
        record[6] = static_cast<uint8_t>(length >> 8);
        record[7] = static_cast<uint8_t>(length);
        track.format(number, record);
    }
    return track;
}

inline bool same(const Track& a, const Track& b) {
    return std::equal(a.bytes().begin(), a.bytes().end(), b.bytes().begin(), b.bytes().end());
}

/// Runs a tool of the other program: its exit code, or -1 where it is not installed.
inline int run_tool(const std::string& command) {
    const std::string tool = command.substr(0, command.find(' '));
    if (std::system(("command -v " + tool + " >/dev/null 2>&1").c_str()) != 0) return -1;
    const int status = std::system((command + " >/dev/null 2>&1").c_str());
    return WEXITSTATUS(status);
}

}  // namespace image_test
