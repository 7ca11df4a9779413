// The instruction reference in docs/instructions.md, as text.
#pragma once

#include <string>

namespace vmcp::cli {

std::string instruction_reference();

}  // namespace vmcp::cli
