// What the tests of image files share: a folder that goes away, tracks with known contents, and the tools of
// another program that has the same formats.
#pragma once

#include <doctest/doctest.h>

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

/// Runs such a tool: its exit code, or -1 where it is not installed.
inline int run_tool(const std::string& command) {
    if (!installed(command.substr(0, command.find(' ')))) return -1;
    // hercules' dasdcopy aborts at times on a busy host, whatever it is given: its threads race at the end.
    constexpr int kAborted = 128 + 6;
    int code = kAborted;
    for (int attempts = 0; attempts < 5 && code == kAborted; ++attempts)
        code = tests::run_command(command + " >/dev/null 2>&1").code;
    return code;
}

}  // namespace image_test
