#include <doctest/doctest.h>

#include "tests/file_contents.hpp"
#include "vmcp/cli/instruction_reference.hpp"

TEST_CASE("docs/instructions.md is what the instruction table says (vmcp instructions --markdown)") {
    CHECK(tests::contents(VMCP_SOURCE_DIR "/docs/instructions.md") == vmcp::cli::instruction_reference());
}
