// The groups in which conformance is reported: the manual's chapters, and facilities that are none of
// System/370.
#pragma once

#include <string>
#include <string_view>

#include "isa/instruction.hpp"

namespace vmcp::conformance {

/// "general", "decimal", "float", "control", "io" or "gcc".
std::string_view group_of(const isa::Row& row);

bool is_group(std::string_view name);

/// All names, joined by commas.
std::string group_names();

/// Why the judge cannot be asked about an instruction at all; empty for all others.
std::string_view not_judged_because(const isa::Row& row);

}  // namespace vmcp::conformance
