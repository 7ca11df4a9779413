// The core image of a guest that a test has as source text.
#pragma once

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "isa/assembler/assembler.hpp"

namespace vmcp::test {

/// `source`: what stands between START 0 and END. Every message of the assembler fails the test.
inline std::vector<uint8_t> assembled(const std::string& source) {
    const auto result =
        isa::assembler::assemble("         START 0\n" + source + "         END\n", "test.asm");
    for (const auto& d : result.diagnostics) FAIL_CHECK(isa::assembler::to_string(d));
    REQUIRE(result.ok);
    return result.image;
}

}  // namespace vmcp::test
