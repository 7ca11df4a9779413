// Facility gcc, the instructions that a translator may emit: immediate and relative operands, arithmetic of
// numbers longer than a word, reversed bytes. They came with ESA/390 and z/Architecture; a body's paragraph
// in SA22-7832, z/Architecture Principles of Operation, chapter 7, is its title in the table. Here addresses
// have 24 bits. c.relative_target(n) is the address n halfwords from the instruction.
#pragma once

#include "isa/semantics/general.hpp"

namespace isa::semantics {

// ---- Immediate operands: 16 bits, sign-extended ----
template <class C>
void load_halfword_immediate(C& c, const Operands& o) {
    c.set_gpr(o.r1, static_cast<uint32_t>(o.imm));
}
template <class C>
void add_halfword_immediate(C& c, const Operands& o) {
    c.set_gpr(o.r1, c.add_signed(c.gpr(o.r1), static_cast<uint32_t>(o.imm)));
    c.trap_on_overflow();
}
template <class C>
void multiply_halfword_immediate(C& c, const Operands& o) {
    c.set_gpr(o.r1, c.gpr(o.r1) * static_cast<uint32_t>(o.imm));
}
template <class C>
void compare_halfword_immediate(C& c, const Operands& o) {
    c.compare_signed(c.gpr(o.r1), static_cast<uint32_t>(o.imm));
}
template <class C>
void test_under_mask_high(C& c, const Operands& o) {
    c.test_under_mask_halfword(c.gpr(o.r1) >> 16, static_cast<uint32_t>(o.imm));
}
template <class C>
void test_under_mask_low(C& c, const Operands& o) {
    c.test_under_mask_halfword(c.gpr(o.r1), static_cast<uint32_t>(o.imm));
}

// ---- Relative operands: halfwords from the instruction, 16 or 32 bits ----
template <class C>
void load_address_relative(C& c, const Operands& o) {
    c.set_gpr(o.r1, c.relative_target(o.imm));
}
template <class C>
void branch_relative_on_condition(C& c, const Operands& o) {
    c.branch_on_mask(o.r1, c.relative_target(o.imm));
}
template <class C>
void branch_relative_and_save(C& c, const Operands& o) {
    const auto target = c.relative_target(o.imm);
    c.set_gpr(o.r1, c.next_address());
    c.branch(target);
}
template <class C>
void branch_relative_on_count(C& c, const Operands& o) {
    const auto target = c.relative_target(o.imm);
    c.set_gpr(o.r1, c.gpr(o.r1) - 1);
    c.branch_if_not_zero(c.gpr(o.r1), target);
}
template <class C>
void branch_relative_on_index_high(C& c, const Operands& o) {
    const auto target = c.relative_target(o.imm);
    const auto comparand = c.gpr(o.r2 | 1u);
    c.set_gpr(o.r1, c.gpr(o.r1) + c.gpr(o.r2));
    c.branch_if_greater(c.gpr(o.r1), comparand, target);
}
template <class C>
void branch_relative_on_index_low_or_equal(C& c, const Operands& o) {
    const auto target = c.relative_target(o.imm);
    const auto comparand = c.gpr(o.r2 | 1u);
    c.set_gpr(o.r1, c.gpr(o.r1) + c.gpr(o.r2));
    c.branch_if_not_greater(c.gpr(o.r1), comparand, target);
}

// ---- Arithmetic ----
template <class C>
void multiply_single_register(C& c, const Operands& o) {
    c.set_gpr(o.r1, c.gpr(o.r1) * c.gpr(o.r2));
}
template <class C>
void multiply_single(C& c, const Operands& o) {
    const auto operand = c.load32(x_address(c, o));
    c.set_gpr(o.r1, c.gpr(o.r1) * operand);
}
template <class C>
void multiply_logical_register(C& c, const Operands& o) {
    c.set_gpr_pair(o.r1, c.multiply_unsigned(c.gpr(o.r1 + 1u), c.gpr(o.r2)));
}
template <class C>
void multiply_logical(C& c, const Operands& o) {
    const auto operand = c.load32(x_address(c, o));
    c.set_gpr_pair(o.r1, c.multiply_unsigned(c.gpr(o.r1 + 1u), operand));
}
template <class C>
void add_logical_with_carry_register(C& c, const Operands& o) {
    c.set_gpr(o.r1, c.add_logical_with_carry(c.gpr(o.r1), c.gpr(o.r2)));
}
template <class C>
void add_logical_with_carry(C& c, const Operands& o) {
    const auto operand = c.load32(x_address(c, o));
    c.set_gpr(o.r1, c.add_logical_with_carry(c.gpr(o.r1), operand));
}
template <class C>
void subtract_logical_with_borrow_register(C& c, const Operands& o) {
    c.set_gpr(o.r1, c.subtract_logical_with_borrow(c.gpr(o.r1), c.gpr(o.r2)));
}
template <class C>
void subtract_logical_with_borrow(C& c, const Operands& o) {
    const auto operand = c.load32(x_address(c, o));
    c.set_gpr(o.r1, c.subtract_logical_with_borrow(c.gpr(o.r1), operand));
}
// The third operand is rotated into the first; the condition code stays.
template <class C>
void rotate_left_single_logical(C& c, const Operands& o) {
    c.set_gpr(o.r1, c.rotate_left(c.gpr(o.r2), c.address(o.b2, o.d2) & 63));
}

// ---- Reversed bytes ----
template <class C>
void load_reversed_register(C& c, const Operands& o) {
    c.set_gpr(o.r1, c.reverse_bytes(c.gpr(o.r2)));
}
template <class C>
void load_reversed(C& c, const Operands& o) {
    c.set_gpr(o.r1, c.reverse_bytes(c.load32(x_address(c, o))));
}
template <class C>
void load_reversed_halfword(C& c, const Operands& o) {
    const auto operand = c.reverse_halfword(c.load16(x_address(c, o)));
    c.set_gpr(o.r1, (c.gpr(o.r1) & 0xFFFF0000) | operand);
}
template <class C>
void store_reversed(C& c, const Operands& o) {
    c.store32(x_address(c, o), c.reverse_bytes(c.gpr(o.r1)));
}
template <class C>
void store_reversed_halfword(C& c, const Operands& o) {
    c.store16(x_address(c, o), c.reverse_halfword(c.gpr(o.r1)));
}

// Bits 0-1 become zero, bits 8-31 stay.
template <class C>
void insert_program_mask(C& c, const Operands& o) {
    c.set_gpr(o.r1, (c.gpr(o.r1) & 0x00FFFFFF) | c.code_and_mask());
}

}  // namespace isa::semantics
