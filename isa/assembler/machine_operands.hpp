// Operands of machine instructions: from source text to the fields of the instruction's format.
#pragma once

#include <cstdint>
#include <optional>

#include "isa/assembler/expression.hpp"
#include "isa/assembler/operation.hpp"
#include "isa/assembler/using_table.hpp"
#include "isa/instruction.hpp"

namespace isa::assembler {

struct Module;
struct Line;

struct AssembledInstruction {
    Decoded instruction;
    // Addresses of the storage operands as the listing shows them, where the source gives an address.
    std::optional<uint32_t> address1;
    std::optional<uint32_t> address2;
};

/// Parses the operand field of `line`, a machine instruction, and resolves implied addresses with `usings`.
/// Raises SourceError.
AssembledInstruction assemble_instruction(Module& module, const Line& line, const Scope& scope,
                                          const UsingTable& usings);

}  // namespace isa::assembler
