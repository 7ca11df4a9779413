// Makes the cases of an instruction from its row of the instruction table: the format tells which fields
// there are, the row's requirements which register numbers and boundaries are right and wrong, the profile
// what kind of data the operands are. Instructions with more to them (branches, MOVE LONG, EDIT, those that
// change keys, ...) have a function of their own.
#pragma once

#include <string_view>

#include "vmcp/conformance/case_builder.hpp"

namespace vmcp::conformance {

/// The kind of data an instruction works on, and how many bytes of storage it refers to where the instruction
/// text does not tell.
struct Profile {
    Data first = Data::fixed;   // first operand in storage (SI, SS)
    Data second = Data::fixed;  // second operand in storage
    unsigned length = 4;
};
Profile profile_of(const isa::Row& row);

/// Builds the case whose number, position and op are set in `test`. Throws ImageFull.
void generate_case(Random& random, AreaAllocator& areas, TestCase& test);

/// Why only the exceptions of an instruction can be compared, not what it does; empty for most.
std::string_view exceptions_only_because(isa::Op op);

/// Fills operands for one instruction; returns code that is to follow it in the slot.
using Fill = std::vector<uint8_t> (*)(CaseBuilder&, isa::Decoded&);
/// The function of an instruction's own, or nullptr. Defined by family in general_cases.cpp and its
/// neighbours.
Fill general_fill(std::string_view mnemonic);
Fill decimal_fill(std::string_view mnemonic);
Fill gcc_fill(std::string_view mnemonic);
Fill control_fill(std::string_view mnemonic);
Fill dual_address_space_fill(std::string_view mnemonic);

/// The bytes of an instruction that helps the tested one.
std::vector<uint8_t> helping_instruction(std::string_view mnemonic, const isa::Operands& operands);

/// Fills operands as the format has them.
void fill_by_format(CaseBuilder& builder, isa::Decoded& instruction);

/// The alignment that a row demands of its storage operand: 1 where it demands none.
unsigned required_alignment(const isa::Row& row);

/// The length code (one less than the length) of an SS operand: ends of the range, small ones, any.
unsigned length_code(Random& random, unsigned most);

}  // namespace vmcp::conformance
