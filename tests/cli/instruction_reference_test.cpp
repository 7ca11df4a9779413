#include <doctest/doctest.h>

#include <fstream>
#include <iterator>

#include "vmcp/cli/instruction_reference.hpp"

TEST_CASE("docs/instructions.md is what the instruction table says (vmcp instructions --markdown)") {
    std::ifstream in(VMCP_SOURCE_DIR "/docs/instructions.md");
    REQUIRE(in);
    const std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    CHECK(text == vmcp::cli::instruction_reference());
}
