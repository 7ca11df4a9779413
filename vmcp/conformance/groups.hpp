// The groups in which conformance is reported: the manual's chapters, and facilities that are none of
// System/370.
#pragma once

#include <string>
#include <string_view>

#include "isa/instruction.hpp"
#include "vmcp/conformance/outcome.hpp"

namespace vmcp::conformance {

/// "general", "decimal", "float", "control", "io" or "gcc".
std::string_view group_of(const isa::Row& row);

/// Opcodes without a row are tested as well, as one more instruction, Op::invalid: its mnemonic here is
/// "undefined", and so is its group.
std::string_view group_of(isa::Op op);
std::string_view mnemonic_of(isa::Op op);
/// The reverse; Op::invalid for "undefined" and for what is no mnemonic.
isa::Op op_of(std::string_view mnemonic);

bool is_group(std::string_view name);

/// All names, joined by commas.
std::string group_names();

/// Why the judge cannot be asked about an instruction at all; empty for all others.
std::string_view not_judged_because(const isa::Row& row);

/// The architecture of the judge that knows an instruction.
Architecture architecture_of(isa::Op op);

}  // namespace vmcp::conformance
