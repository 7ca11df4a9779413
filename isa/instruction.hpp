// Rows of the instruction table as data, the decoder, and a decoded instruction.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "isa/cost_class.hpp"
#include "isa/facility.hpp"
#include "isa/format.hpp"
#include "isa/requirement.hpp"

namespace isa {

enum class Privilege : uint8_t { problem, privileged, semi };
enum class Execution : uint8_t { inline_, call };
enum class Ends : uint8_t { no, branch, mode, time, data };

/// One enumerator a row, named like the mnemonic with a leading "op_" (OR, DR and others are macros or
/// keywords elsewhere).
enum class Op : uint16_t {
#define INSTRUCTION(mnemonic, ...) op_##mnemonic,
#include "isa/instruction_table.inc"
#undef INSTRUCTION
    invalid,  // no row has this opcode: operation exception
};

struct Row {
    std::string_view mnemonic;
    uint16_t opcode;
    Format format;
    Privilege privilege;
    Execution execution;
    uint16_t requires_;  // bits of Requirement
    CostClass cost;
    Ends ends;
    Facility facility;
    uint8_t chapter;
    std::string_view title;
};

inline constexpr Row kRows[] = {
#define ISA_EXECUTION_inline Execution::inline_
#define ISA_EXECUTION_call Execution::call
#define INSTRUCTION(mnemonic, opcode, format, privilege, how, body, requires_, cost, ends, facility, \
                    chapter, title)                                                                  \
    {#mnemonic, opcode,          Format::format, Privilege::privilege, ISA_EXECUTION_##how,          \
     requires_, CostClass::cost, Ends::ends,     Facility::facility,   chapter,                      \
     title},
#include "isa/instruction_table.inc"
#undef INSTRUCTION
#undef ISA_EXECUTION_inline
#undef ISA_EXECUTION_call
};

inline constexpr unsigned kRowCount = sizeof(kRows) / sizeof(kRows[0]);
static_assert(kRowCount == static_cast<unsigned>(Op::invalid));

constexpr const Row& row_of(Op op) { return kRows[static_cast<unsigned>(op)]; }

/// The first byte of a row's opcode.
constexpr uint8_t first_byte(const Row& row) {
    switch (extension_of(row.format)) {
        case OpcodeExtension::none: return static_cast<uint8_t>(row.opcode);
        case OpcodeExtension::low_digit: return static_cast<uint8_t>(row.opcode >> 4);
        default: return static_cast<uint8_t>(row.opcode >> 8);
    }
}

/// The operands of a decoded instruction. Which fields mean something depends on the format.
struct Operands {
    uint8_t r1 = 0;   // R1; M1 for branch masks; L1 (length code) for SS_LL and SS_LI
    uint8_t r2 = 0;   // R2; X2; R3; M3; L2 (length code) for SS_LL
    uint8_t b1 = 0;   // base of the first storage operand (SI, SS)
    uint8_t b2 = 0;   // base of the second storage operand (RX, RS, S, SS)
    uint16_t d1 = 0;  // displacements, 0..4095
    uint16_t d2 = 0;
    int32_t imm =
        0;  // I2 (unsigned for SI, SVC, RI_U, sign-extended for RI, RIL, RSI); L for SS_L; I3 for SS_LI
};

struct Decoded {
    Op op = Op::invalid;
    uint8_t length = 2;  // bytes: 2, 4 or 6
    Operands operands;

    const Row& row() const { return row_of(op); }
};

/// Finds the row: `bytes` holds at least the first two bytes of an instruction; `last` is byte 5 for RXE and
/// RSE (0 if unknown). Opcodes that later architectures gave to other instructions (84 and 85) have a second
/// row of facility gcc: it counts where `facilities` have that.
Op find_op(uint8_t first, uint8_t second, uint8_t last = 0,
           FacilitySet facilities = FacilitySet::system370());

/// Decodes the instruction at the start of `bytes`, which must hold at least length_of_opcode(bytes[0])
/// bytes. An opcode without a row gives Op::invalid with the right length.
Decoded decode(const uint8_t* bytes, FacilitySet facilities = FacilitySet::system370());

/// Encodes a decoded instruction into `out` (room for 6 bytes); returns its length. Inverse of decode for
/// every row that the facilities there have; bits that the architecture ignores become zero. Precondition: op
/// is not invalid.
unsigned encode(const Decoded& instruction, uint8_t* out);

/// The factor of the per-unit price, known from the instruction text alone: bytes for storage-to-storage
/// formats, registers for LM, STM, LCTL, STCTL. Zero where only execution tells (MVCL, CLCL); the body
/// reports those.
unsigned units_of(const Row& row, const Operands& operands);

/// The row with this mnemonic (upper case), or Op::invalid.
Op find_mnemonic(std::string_view mnemonic);

}  // namespace isa
