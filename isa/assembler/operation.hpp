// What the operation field can name: machine instructions, extended mnemonics, the assembler's own
// instructions.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "isa/instruction.hpp"

namespace isa::assembler {

// DIRECTIVE(NAME): the assembler instructions, beside those of the macro language.
#define ISA_ASSEMBLER_DIRECTIVES(DIRECTIVE) \
    DIRECTIVE(START)                        \
    DIRECTIVE(CSECT)                        \
    DIRECTIVE(DSECT)                        \
    DIRECTIVE(COM)                          \
    DIRECTIVE(END)                          \
    DIRECTIVE(ENTRY)                        \
    DIRECTIVE(EXTRN)                        \
    DIRECTIVE(WXTRN)                        \
    DIRECTIVE(USING)                        \
    DIRECTIVE(DROP)                         \
    DIRECTIVE(PUSH)                         \
    DIRECTIVE(POP)                          \
    DIRECTIVE(DC)                           \
    DIRECTIVE(DS)                           \
    DIRECTIVE(CCW)                          \
    DIRECTIVE(EQU)                          \
    DIRECTIVE(ORG)                          \
    DIRECTIVE(LTORG)                        \
    DIRECTIVE(CNOP)                         \
    DIRECTIVE(DXD)                          \
    DIRECTIVE(CXD)                          \
    DIRECTIVE(PUNCH)                        \
    DIRECTIVE(REPRO)                        \
    DIRECTIVE(ICTL)                         \
    DIRECTIVE(ISEQ)                         \
    DIRECTIVE(OPSYN)                        \
    DIRECTIVE(TITLE)                        \
    DIRECTIVE(EJECT)                        \
    DIRECTIVE(SPACE)                        \
    DIRECTIVE(PRINT)

enum class Directive : uint8_t {
#define DIRECTIVE(name) name,
    ISA_ASSEMBLER_DIRECTIVES(DIRECTIVE)
#undef DIRECTIVE
};

std::optional<Directive> find_directive(std::string_view name);

/// Whether it is one of those, or an instruction of the macro language: not a machine instruction, nor a
/// macro.
bool is_assembler_operation(std::string_view name);

/// A machine instruction: its row, and the mask that an extended mnemonic stands for (the source then omits
/// the first operand).
struct MachineOperation {
    Op op = Op::invalid;
    std::optional<uint8_t> mask;
};

/// By mnemonic or extended mnemonic, in upper case.
std::optional<MachineOperation> find_machine_operation(std::string_view name);

/// The extended mnemonic for a branch on condition: BC, BCR, BRC or BRCL with this mask. Empty if there is
/// none.
std::string_view extended_mnemonic(Op op, unsigned mask);

}  // namespace isa::assembler
