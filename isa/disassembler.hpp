// From object code back to assembler source. What the disassembler writes, the assembler reads: the same
// bytes come out again (bits that the architecture ignores become zero).
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "isa/instruction.hpp"

namespace isa {

/// The instruction as operation and operands, "MVC   0(5,1),X'10'(2)". Displacements and lengths are
/// hexadecimal, as the addresses are beside which they stand: X'..' from 10 on; registers, numbers of
/// supervisor calls and how far to shift are decimal. Addresses of relative branches are written from the
/// instruction, "*+X'1C'". Extended mnemonics stand for branches on condition where there is one. Op::invalid
/// gives "".
std::string disassemble(const Decoded& instruction);

/// The instruction at the start of `bytes`. A text that is no instruction, or is cut short, gives DC of up to
/// 2 bytes, "DC    X'FFFF'"; empty `bytes` give "". `facilities` decide what the opcodes 84 and 85 are.
std::string disassemble(std::span<const uint8_t> bytes, FacilitySet facilities = FacilitySet::system370());

/// How many bytes of `bytes` (not empty) that text stands for.
unsigned disassembled_length(std::span<const uint8_t> bytes);

/// All of `bytes`, a line an instruction: address (6 hexadecimal digits), object code, source; what a
/// relative branch leads to stands behind it. Lines end in "\n".
std::string disassemble_range(std::span<const uint8_t> bytes, uint32_t address,
                              FacilitySet facilities = FacilitySet::system370());

}  // namespace isa
