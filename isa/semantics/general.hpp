// General instructions that a translator may emit: fixed point, logical, branching. GA22-7000 chapter 7; a
// body's paragraph there is its title in the table. No body here decides on a value: that is left to the CPU
// (isa/evaluator.hpp).
#pragma once

#include "isa/cpu.hpp"

namespace isa::semantics {

template <class C>
[[gnu::always_inline]] inline auto x_address(C& c, const Operands& o) {
    return c.address(o.r2, o.b2, o.d2);
}

// ---- Load ----
template <class C>
void load_register(C& c, const Operands& o) {
    c.set_gpr(o.r1, c.gpr(o.r2));
}
template <class C>
void load(C& c, const Operands& o) {
    c.set_gpr(o.r1, c.load32(x_address(c, o)));
}
template <class C>
void load_halfword(C& c, const Operands& o) {
    c.set_gpr(o.r1, c.extend_halfword(c.load16(x_address(c, o))));
}
template <class C>
void load_address(C& c, const Operands& o) {
    c.set_gpr(o.r1, c.load_address(o.r2, o.b2, o.d2));
}
template <class C>
void load_and_test_register(C& c, const Operands& o) {
    c.set_gpr(o.r1, c.test_signed(c.gpr(o.r2)));
}
template <class C>
void load_complement_register(C& c, const Operands& o) {
    c.set_gpr(o.r1, c.complement(c.gpr(o.r2)));
    c.trap_on_overflow();
}
template <class C>
void load_positive_register(C& c, const Operands& o) {
    c.set_gpr(o.r1, c.positive(c.gpr(o.r2)));
    c.trap_on_overflow();
}
template <class C>
void load_negative_register(C& c, const Operands& o) {
    c.set_gpr(o.r1, c.negative(c.gpr(o.r2)));
}
template <class C>
void insert_character(C& c, const Operands& o) {
    const auto byte = c.load8(x_address(c, o));
    c.set_gpr(o.r1, (c.gpr(o.r1) & 0xFFFFFF00) | byte);
}

// ---- Store ----
template <class C>
void store(C& c, const Operands& o) {
    c.store32(x_address(c, o), c.gpr(o.r1));
}
template <class C>
void store_halfword(C& c, const Operands& o) {
    c.store16(x_address(c, o), c.gpr(o.r1) & 0xFFFF);
}
template <class C>
void store_character(C& c, const Operands& o) {
    c.store8(x_address(c, o), c.gpr(o.r1) & 0xFF);
}
template <class C>
void move_immediate(C& c, const Operands& o) {
    c.store8(c.address(o.b1, o.d1), static_cast<uint32_t>(o.imm));
}

// ---- Add, subtract, compare ----
template <class C>
void add_register(C& c, const Operands& o) {
    c.set_gpr(o.r1, c.add_signed(c.gpr(o.r1), c.gpr(o.r2)));
    c.trap_on_overflow();
}
template <class C>
void add(C& c, const Operands& o) {
    const auto operand = c.load32(x_address(c, o));
    c.set_gpr(o.r1, c.add_signed(c.gpr(o.r1), operand));
    c.trap_on_overflow();
}
template <class C>
void add_halfword(C& c, const Operands& o) {
    const auto operand = c.extend_halfword(c.load16(x_address(c, o)));
    c.set_gpr(o.r1, c.add_signed(c.gpr(o.r1), operand));
    c.trap_on_overflow();
}
template <class C>
void add_logical_register(C& c, const Operands& o) {
    c.set_gpr(o.r1, c.add_logical(c.gpr(o.r1), c.gpr(o.r2)));
}
template <class C>
void add_logical(C& c, const Operands& o) {
    const auto operand = c.load32(x_address(c, o));
    c.set_gpr(o.r1, c.add_logical(c.gpr(o.r1), operand));
}
template <class C>
void subtract_register(C& c, const Operands& o) {
    c.set_gpr(o.r1, c.subtract_signed(c.gpr(o.r1), c.gpr(o.r2)));
    c.trap_on_overflow();
}
template <class C>
void subtract(C& c, const Operands& o) {
    const auto operand = c.load32(x_address(c, o));
    c.set_gpr(o.r1, c.subtract_signed(c.gpr(o.r1), operand));
    c.trap_on_overflow();
}
template <class C>
void subtract_halfword(C& c, const Operands& o) {
    const auto operand = c.extend_halfword(c.load16(x_address(c, o)));
    c.set_gpr(o.r1, c.subtract_signed(c.gpr(o.r1), operand));
    c.trap_on_overflow();
}
template <class C>
void subtract_logical_register(C& c, const Operands& o) {
    c.set_gpr(o.r1, c.subtract_logical(c.gpr(o.r1), c.gpr(o.r2)));
}
template <class C>
void subtract_logical(C& c, const Operands& o) {
    const auto operand = c.load32(x_address(c, o));
    c.set_gpr(o.r1, c.subtract_logical(c.gpr(o.r1), operand));
}
template <class C>
void compare_register(C& c, const Operands& o) {
    c.compare_signed(c.gpr(o.r1), c.gpr(o.r2));
}
template <class C>
void compare(C& c, const Operands& o) {
    c.compare_signed(c.gpr(o.r1), c.load32(x_address(c, o)));
}
template <class C>
void compare_halfword(C& c, const Operands& o) {
    c.compare_signed(c.gpr(o.r1), c.extend_halfword(c.load16(x_address(c, o))));
}
template <class C>
void compare_logical_register(C& c, const Operands& o) {
    c.compare_logical(c.gpr(o.r1), c.gpr(o.r2));
}
template <class C>
void compare_logical(C& c, const Operands& o) {
    c.compare_logical(c.gpr(o.r1), c.load32(x_address(c, o)));
}
template <class C>
void compare_logical_immediate(C& c, const Operands& o) {
    c.compare_logical(c.load8(c.address(o.b1, o.d1)), static_cast<uint32_t>(o.imm));
}

// ---- Multiply: the product of two words is 64 bits in the even-odd pair ----
template <class C>
void multiply_register(C& c, const Operands& o) {
    c.set_gpr_pair(o.r1, c.multiply_signed(c.gpr(o.r1 + 1u), c.gpr(o.r2)));
}
template <class C>
void multiply(C& c, const Operands& o) {
    const auto operand = c.load32(x_address(c, o));
    c.set_gpr_pair(o.r1, c.multiply_signed(c.gpr(o.r1 + 1u), operand));
}
template <class C>
void multiply_halfword(C& c, const Operands& o) {
    const auto operand = c.extend_halfword(c.load16(x_address(c, o)));
    c.set_gpr(o.r1, c.gpr(o.r1) * operand);
}

// ---- And, or, exclusive or ----
template <class C>
void and_register(C& c, const Operands& o) {
    c.set_gpr(o.r1, c.test_bits(c.gpr(o.r1) & c.gpr(o.r2)));
}
template <class C>
void and_(C& c, const Operands& o) {
    c.set_gpr(o.r1, c.test_bits(c.load32(x_address(c, o)) & c.gpr(o.r1)));
}
template <class C>
void or_register(C& c, const Operands& o) {
    c.set_gpr(o.r1, c.test_bits(c.gpr(o.r1) | c.gpr(o.r2)));
}
template <class C>
void or_(C& c, const Operands& o) {
    c.set_gpr(o.r1, c.test_bits(c.load32(x_address(c, o)) | c.gpr(o.r1)));
}
template <class C>
void exclusive_or_register(C& c, const Operands& o) {
    c.set_gpr(o.r1, c.test_bits(c.gpr(o.r1) ^ c.gpr(o.r2)));
}
template <class C>
void exclusive_or(C& c, const Operands& o) {
    c.set_gpr(o.r1, c.test_bits(c.load32(x_address(c, o)) ^ c.gpr(o.r1)));
}
// The immediate forms store the result: the operand is checked for storing before it is fetched.
template <class C>
void and_immediate(C& c, const Operands& o) {
    const auto a = c.address(o.b1, o.d1);
    const auto byte = c.update8(a) & static_cast<uint32_t>(o.imm);
    c.store8(a, byte);
    c.test_bits(byte);
}
template <class C>
void or_immediate(C& c, const Operands& o) {
    const auto a = c.address(o.b1, o.d1);
    const auto byte = c.update8(a) | static_cast<uint32_t>(o.imm);
    c.store8(a, byte);
    c.test_bits(byte);
}
template <class C>
void exclusive_or_immediate(C& c, const Operands& o) {
    const auto a = c.address(o.b1, o.d1);
    const auto byte = c.update8(a) ^ static_cast<uint32_t>(o.imm);
    c.store8(a, byte);
    c.test_bits(byte);
}
template <class C>
void test_under_mask(C& c, const Operands& o) {
    c.test_under_mask(c.load8(c.address(o.b1, o.d1)), static_cast<uint32_t>(o.imm));
}

// ---- Shifts whose result needs no decision; the amount is the low six bits of the address ----
template <class C>
void shift_left_single_logical(C& c, const Operands& o) {
    c.set_gpr(o.r1, c.shift_left(c.gpr(o.r1), c.address(o.b2, o.d2) & 63));
}
template <class C>
void shift_right_single_logical(C& c, const Operands& o) {
    c.set_gpr(o.r1, c.shift_right(c.gpr(o.r1), c.address(o.b2, o.d2) & 63));
}
template <class C>
void shift_right_single(C& c, const Operands& o) {
    c.set_gpr(o.r1, c.test_signed(c.shift_right_signed(c.gpr(o.r1), c.address(o.b2, o.d2) & 63)));
}

// ---- Branches. The target is computed before the link or the count changes a register ----
template <class C>
void branch_on_condition(C& c, const Operands& o) {
    c.branch_on_mask(o.r1, x_address(c, o));
}
template <class C>
void branch_on_condition_register(C& c, const Operands& o) {
    if (o.r2 != 0) c.branch_on_mask(o.r1, c.gpr(o.r2) & kAddressMask);  // o is text, not a value
}
template <class C>
void branch_and_link(C& c, const Operands& o) {
    const auto target = x_address(c, o);
    c.set_gpr(o.r1, c.link_information());
    c.branch(target);
}
template <class C>
void branch_and_link_register(C& c, const Operands& o) {
    const auto target = c.gpr(o.r2) & kAddressMask;
    c.set_gpr(o.r1, c.link_information());
    if (o.r2 != 0) c.branch(target);
}
template <class C>
void branch_and_save(C& c, const Operands& o) {
    const auto target = x_address(c, o);
    c.set_gpr(o.r1, c.next_address());
    c.branch(target);
}
template <class C>
void branch_and_save_register(C& c, const Operands& o) {
    const auto target = c.gpr(o.r2) & kAddressMask;
    c.set_gpr(o.r1, c.next_address());
    if (o.r2 != 0) c.branch(target);
}
template <class C>
void branch_on_count(C& c, const Operands& o) {
    const auto target = x_address(c, o);
    c.set_gpr(o.r1, c.gpr(o.r1) - 1);
    c.branch_if_not_zero(c.gpr(o.r1), target);
}
template <class C>
void branch_on_count_register(C& c, const Operands& o) {
    const auto target = c.gpr(o.r2) & kAddressMask;
    c.set_gpr(o.r1, c.gpr(o.r1) - 1);
    if (o.r2 != 0) c.branch_if_not_zero(c.gpr(o.r1), target);
}
// The comparand is the odd register of the pair R3 names; it is read before R1 changes (R1 may be that
// register).
template <class C>
void branch_on_index_high(C& c, const Operands& o) {
    const auto target = c.address(o.b2, o.d2);
    const auto comparand = c.gpr(o.r2 | 1u);
    c.set_gpr(o.r1, c.gpr(o.r1) + c.gpr(o.r2));
    c.branch_if_greater(c.gpr(o.r1), comparand, target);
}
template <class C>
void branch_on_index_low_or_equal(C& c, const Operands& o) {
    const auto target = c.address(o.b2, o.d2);
    const auto comparand = c.gpr(o.r2 | 1u);
    c.set_gpr(o.r1, c.gpr(o.r1) + c.gpr(o.r2));
    c.branch_if_not_greater(c.gpr(o.r1), comparand, target);
}

// Bits 2-3 of the register become the condition code, bits 4-7 the program mask.
template <class C>
void set_program_mask(C& c, const Operands& o) {
    c.set_code_and_mask(c.gpr(o.r1));
}

}  // namespace isa::semantics
