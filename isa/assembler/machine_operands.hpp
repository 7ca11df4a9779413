// Operands of machine instructions: from source text to the fields of the instruction's format.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "isa/assembler/assembler.hpp"
#include "isa/assembler/expression.hpp"
#include "isa/assembler/operation.hpp"
#include "isa/assembler/using_table.hpp"
#include "isa/instruction.hpp"

namespace isa::assembler {

struct Module;
struct Line;

/// A symbol alone as the address of storage, absolute and below 16: is it a register that is meant?
struct StorageSymbol {
    const Symbol* symbol = nullptr;
    std::size_t begin = 0;  // in the statement's text
};

struct AssembledInstruction {
    Decoded instruction;
    // Addresses of the storage operands as the listing shows them, where the source gives an address.
    std::optional<uint32_t> address1;
    std::optional<uint32_t> address2;
    std::vector<StorageSymbol> small_addresses;
    std::vector<BaseRegister> bases;  // PlacedStatement::bases
};

/// The base register and displacement for an address; raises SourceError if no USING covers it.
UsingTable::Choice base_for(const Module& module, const UsingTable& usings, const Expression& address);

/// Parses the operand field of `line`, a machine instruction, and resolves implied addresses with `usings`.
/// Raises SourceError.
AssembledInstruction assemble_instruction(Module& module, const Line& line, const Scope& scope,
                                          const UsingTable& usings);

}  // namespace isa::assembler
