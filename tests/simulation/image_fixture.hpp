// What the tests of image files share: a folder that goes away, tracks with known contents, and the tools of
// another program that has the same formats.
#pragma once

#include <doctest/doctest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "simulation/images/ckd_image.hpp"
#include "simulation/images/tape_image.hpp"
#include "tests/command.hpp"
#include "tests/file_contents.hpp"
#include "tests/temporary_folder.hpp"

namespace image_test {

using namespace simulation::images;

using Folder = tests::TemporaryFolder;

using tests::bytes_of, tests::put_bytes;

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

/// Whether a tool of the other program is here; a test case that asks in vain is told as skipped.
inline bool installed(const std::string& tool) {
    if (tests::installed(tool)) return true;
    MESSAGE("skipped: ", tool, " is not installed");
    return false;
}

/// Runs such a tool: its exit code, or -1 where it is not installed. `makes`: the file that it is to make;
/// the tools refuse to write over one.
inline int run_tool(const std::string& command, const std::string& makes = {}) {
    if (!installed(command.substr(0, command.find(' ')))) return -1;
    // hercules' tools for compressed disks free memory twice at times, whatever they are given: their threads
    // race at the end. One in a hundred runs on two processors then dies of a signal, and has told nothing:
    // it is run again. A tool that our image kills dies every time.
    constexpr int kSignal = 128;
    int code = kSignal;
    for (int attempts = 0; attempts < 5 && code >= kSignal; ++attempts) {
        if (attempts != 0 && !makes.empty()) std::filesystem::remove(makes);
        code = tests::run_command(command + " >/dev/null 2>&1").code;
    }
    return code;
}

}  // namespace image_test
