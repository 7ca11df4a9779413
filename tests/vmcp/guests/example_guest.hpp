// The guests of examples/guests as images from location 0 on, with other parameters where a test wants them.
#pragma once

#include <doctest/doctest.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "isa/assembler/assembler.hpp"
#include "tests/file_contents.hpp"

namespace vmcp::test {

using Patches = std::map<uint32_t, uint32_t>;  // address to word

/// Each guest is assembled once.
inline std::vector<uint8_t> example_guest(const std::string& name, const Patches& patches = {}) {
    static std::map<std::string, std::vector<uint8_t>> images;
    std::vector<uint8_t>& assembled = images[name];
    if (assembled.empty()) {
        const std::string path = VMCP_SOURCE_DIR "/examples/guests/" + name + ".asm";
        isa::assembler::Result result = isa::assembler::assemble(tests::contents(path), path);
        for (const auto& diagnostic : result.diagnostics) FAIL_CHECK(to_string(diagnostic));
        REQUIRE(result.ok);
        REQUIRE(result.load_address == 0);
        assembled = std::move(result.image);
    }
    std::vector<uint8_t> image = assembled;
    for (const auto& [address, word] : patches)
        for (unsigned i = 0; i < 4; ++i) image.at(address + i) = static_cast<uint8_t>(word >> (24 - 8 * i));
    return image;
}

}  // namespace vmcp::test
