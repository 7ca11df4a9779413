// The evaluating backend: arithmetic that also sets the condition code, on plain 32-bit values. A CPU type
// that wants to execute bodies derives from Evaluator<itself>. A translator would supply the same names over
// host registers.
#pragma once

#include <cstdint>

#include "isa/interruption.hpp"
#include "isa/psw.hpp"

namespace isa {

template <class Self>
class Evaluator {
  public:
    using Word = uint32_t;

    // ---- Signed arithmetic: condition codes 0 zero, 1 negative, 2 positive, 3 overflow ----
    Word add_signed(Word a, Word b) {
        int32_t sum;
        const bool overflow = __builtin_add_overflow(static_cast<int32_t>(a), static_cast<int32_t>(b), &sum);
        self().set_condition_code(overflow ? 3 : sign_code(sum));
        return static_cast<Word>(sum);
    }
    Word subtract_signed(Word a, Word b) {
        int32_t difference;
        const bool overflow =
            __builtin_sub_overflow(static_cast<int32_t>(a), static_cast<int32_t>(b), &difference);
        self().set_condition_code(overflow ? 3 : sign_code(difference));
        return static_cast<Word>(difference);
    }
    void compare_signed(Word a, Word b) {
        const auto x = static_cast<int32_t>(a), y = static_cast<int32_t>(b);
        self().set_condition_code(x == y ? 0u : x < y ? 1u : 2u);
    }
    /// Condition code 0, 1, 2 by sign.
    Word test_signed(Word a) {
        self().set_condition_code(sign_code(static_cast<int32_t>(a)));
        return a;
    }
    Word complement(Word a) { return subtract_signed(0, a); }
    Word positive(Word a) { return static_cast<int32_t>(a) < 0 ? complement(a) : test_signed(a); }
    Word negative(Word a) { return test_signed(static_cast<int32_t>(a) > 0 ? 0 - a : a); }

    // ---- Logical arithmetic: bit 0 of the code says not zero, bit 1 carry ----
    Word add_logical(Word a, Word b) {
        Word sum;
        const bool carry = __builtin_add_overflow(a, b, &sum);
        self().set_condition_code((sum != 0 ? 1u : 0u) | (carry ? 2u : 0u));
        return sum;
    }
    Word subtract_logical(Word a, Word b) {
        const Word difference = a - b;
        self().set_condition_code((difference != 0 ? 1u : 0u) | (a >= b ? 2u : 0u));
        return difference;
    }
    /// The carry is bit 1 of the condition code, as ADD LOGICAL and SUBTRACT LOGICAL leave it; no borrow is a
    /// carry.
    Word add_logical_with_carry(Word a, Word b) {
        const uint64_t sum = uint64_t{a} + b + (self().condition_code() >> 1);
        self().set_condition_code((static_cast<Word>(sum) != 0 ? 1u : 0u) | static_cast<unsigned>(sum >> 32)
                                                                                << 1);
        return static_cast<Word>(sum);
    }
    Word subtract_logical_with_borrow(Word a, Word b) { return add_logical_with_carry(a, ~b); }
    void compare_logical(Word a, Word b) { self().set_condition_code(a == b ? 0u : a < b ? 1u : 2u); }
    /// Condition code 0 where zero, else 1: AND, OR, EXCLUSIVE OR.
    Word test_bits(Word a) {
        self().set_condition_code(a != 0 ? 1u : 0u);
        return a;
    }
    /// TEST UNDER MASK: 0 all selected bits zero (or none selected), 1 mixed, 3 all ones.
    void test_under_mask(Word value, Word mask) {
        const Word selected = value & mask;
        self().set_condition_code(selected == 0 ? 0u : selected == mask ? 3u : 1u);
    }

    /// The same for a halfword; of mixed bits the leftmost selected one tells 1 (zero) from 2 (one).
    void test_under_mask_halfword(Word value, Word mask) {
        const Word selected = value & mask;
        const bool leftmost = selected > (mask ^ selected);
        self().set_condition_code(selected == 0 ? 0u : selected == mask ? 3u : leftmost ? 2u : 1u);
    }

    /// 64-bit product of two signed words.
    static uint64_t multiply_signed(Word a, Word b) {
        return static_cast<uint64_t>(int64_t{static_cast<int32_t>(a)} * static_cast<int32_t>(b));
    }
    static uint64_t multiply_unsigned(Word a, Word b) { return uint64_t{a} * b; }
    void set_gpr_pair(unsigned even, uint64_t value) {
        self().set_gpr(even, static_cast<Word>(value >> 32));
        self().set_gpr(even + 1, static_cast<Word>(value));
    }

    // Shifts by 0..63.
    static Word shift_left(Word a, Word n) { return n < 32 ? a << n : 0; }
    static Word shift_right(Word a, Word n) { return n < 32 ? a >> n : 0; }
    static Word shift_right_signed(Word a, Word n) {
        return static_cast<Word>(static_cast<int32_t>(a) >> (n < 32 ? n : 31));
    }

    static Word rotate_left(Word a, Word n) { return a << (n & 31) | a >> (-n & 31); }

    static Word reverse_bytes(Word a) { return __builtin_bswap32(a); }
    /// Of the right halfword; the left one of the result is zero.
    static Word reverse_halfword(Word a) { return __builtin_bswap32(a) >> 16; }

    /// Condition code and program mask in bits 2-7, the rest zero.
    Word code_and_mask() { return self().condition_code() << 28 | self().program_mask() << 24; }

    void branch_on_mask(unsigned mask, Word target) {
        if ((mask << self().condition_code() & 8) != 0) self().branch(target);
    }
    void branch_if_not_zero(Word a, Word target) {
        if (a != 0) self().branch(target);
    }
    void branch_if_greater(Word a, Word b, Word target) {
        if (static_cast<int32_t>(a) > static_cast<int32_t>(b)) self().branch(target);
    }
    void branch_if_not_greater(Word a, Word b, Word target) {
        if (static_cast<int32_t>(a) <= static_cast<int32_t>(b)) self().branch(target);
    }

    /// Sign extension of a halfword operand.
    static Word extend_halfword(Word a) { return static_cast<Word>(static_cast<int16_t>(a)); }

    [[noreturn]] void program_check(ProgramCode code) const { self().raise({code}); }

    /// After the result is in place: raises fixed-point overflow when condition code 3 was set and the mask
    /// allows.
    void trap_on_overflow() {
        if ((self().program_mask() & kMaskFixedPointOverflow) != 0 && self().condition_code() == 3)
            program_check(ProgramCode::fixed_point_overflow);
    }

    static constexpr unsigned sign_code(int32_t v) { return v == 0 ? 0u : v < 0 ? 1u : 2u; }

  private:
    Self& self() { return static_cast<Self&>(*this); }
    const Self& self() const { return static_cast<const Self&>(*this); }
};

}  // namespace isa
