// Decimal instructions. GA22-7000 chapter 8.
//
// Every body makes or probes all its storage accesses first, so access exceptions come before data exceptions
// and leave everything unchanged; data and decimal-divide exceptions change nothing either. Decimal overflow
// completes the operation: the result is stored and the condition code set before the interruption.
//
// Operands that overlap improperly contain a sign where the other operand has a digit: checking the digits
// finds them. Only ZERO AND ADD, which ignores the first operand's contents, must compare addresses.
#pragma once

#include "isa/cpu.hpp"
#include "isa/decimal_arithmetic.hpp"
#include "isa/editing.hpp"
#include "isa/psw.hpp"
#include "isa/semantics/convert.hpp"

namespace isa::semantics {

/// The bytes of a packed operand in storage.
struct PackedField {
    uint32_t address;
    unsigned bytes;
    uint8_t content[decimal::kMaxBytes];
};

template <class C>
PackedField fetch_packed(C& c, uint32_t address, unsigned bytes) {
    PackedField field{address, bytes, {}};
    c.fetch(address, field.content, bytes);
    return field;
}

template <class C>
decimal::Number decode_packed(C& c, const PackedField& field) {
    const auto number = decimal::decode(field.content, field.bytes);
    if (!number) c.program_check(ProgramCode::data);
    return number.value_or(decimal::Number{});
}

template <class C>
void store_packed(C& c, const decimal::Number& number, uint32_t address, unsigned bytes) {
    uint8_t content[decimal::kMaxBytes];
    decimal::encode(number, content, bytes);
    c.store(address, content, bytes);
}

/// Stores a result that may have lost digits, sets the condition code, and interrupts for decimal overflow
/// where the program mask allows it.
template <class C>
void finish_decimal(C& c, const decimal::Result& result, uint32_t address, unsigned bytes) {
    store_packed(c, result.value, address, bytes);
    c.set_condition_code(result.condition);
    if (result.condition == 3 && (c.program_mask() & kMaskDecimalOverflow) != 0)
        c.program_check(ProgramCode::decimal_overflow);
}

template <class C>
void add_or_subtract_decimal(C& c, const Operands& o, bool subtract) {
    const auto second = fetch_packed(c, c.address(o.b2, o.d2), o.r2 + 1u);
    const auto first = fetch_packed(c, c.address(o.b1, o.d1), o.r1 + 1u);
    c.probe_store(first.address, first.bytes);
    const auto a = decode_packed(c, first);
    auto b = decode_packed(c, second);
    b.negative = b.negative != subtract;
    finish_decimal(c, decimal::add(a, b, first.bytes), first.address, first.bytes);
}

/// AP.
template <class C>
void add_decimal(C& c, const Operands& o) {
    add_or_subtract_decimal(c, o, false);
}

/// SP.
template <class C>
void subtract_decimal(C& c, const Operands& o) {
    add_or_subtract_decimal(c, o, true);
}

/// ZAP. The first operand is not examined.
template <class C>
void zero_and_add(C& c, const Operands& o) {
    const auto second = fetch_packed(c, c.address(o.b2, o.d2), o.r2 + 1u);
    const uint32_t address = c.address(o.b1, o.d1);
    const unsigned bytes = o.r1 + 1u;
    c.probe_store(address, bytes);
    const auto number = decode_packed(c, second);
    // Processed from right to left, a result whose last byte lies inside the second operand would overwrite
    // digits that are still to come.
    const int32_t ends_before = offset_between(second.address + second.bytes, address + bytes);
    if (ends_before > 0 && ends_before < static_cast<int32_t>(second.bytes))
        c.program_check(ProgramCode::data);
    finish_decimal(c, decimal::add({}, number, bytes), address, bytes);
}

/// CP.
template <class C>
void compare_decimal(C& c, const Operands& o) {
    const auto second = fetch_packed(c, c.address(o.b2, o.d2), o.r2 + 1u);
    const auto first = fetch_packed(c, c.address(o.b1, o.d1), o.r1 + 1u);
    const auto a = decode_packed(c, first);
    c.set_condition_code(decimal::compare(a, decode_packed(c, second)));
}

/// The lengths that MP and DP accept: a second operand of at most eight bytes, shorter than the first.
template <class C>
void check_factor_lengths(C& c, const Operands& o) {
    if (o.r2 > 7 || o.r2 >= o.r1) c.program_check(ProgramCode::specification);
}

/// MP. The multiplicand needs as many bytes of leading zeros as the multiplier has bytes, so the product
/// always fits.
template <class C>
void multiply_decimal(C& c, const Operands& o) {
    check_factor_lengths(c, o);
    const auto second = fetch_packed(c, c.address(o.b2, o.d2), o.r2 + 1u);
    const auto first = fetch_packed(c, c.address(o.b1, o.d1), o.r1 + 1u);
    c.probe_store(first.address, first.bytes);
    const auto a = decode_packed(c, first);
    const auto b = decode_packed(c, second);
    if (a.magnitude >= decimal::power_of_ten(decimal::digits_of(first.bytes - second.bytes)))
        c.program_check(ProgramCode::data);
    store_packed(c, decimal::multiply(a, b), first.address, first.bytes);
}

/// DP. Quotient and remainder, side by side, replace the dividend; the remainder is as long as the divisor.
template <class C>
void divide_decimal(C& c, const Operands& o) {
    check_factor_lengths(c, o);
    const auto second = fetch_packed(c, c.address(o.b2, o.d2), o.r2 + 1u);
    const auto first = fetch_packed(c, c.address(o.b1, o.d1), o.r1 + 1u);
    c.probe_store(first.address, first.bytes);
    const auto dividend = decode_packed(c, first);
    const auto divisor = decode_packed(c, second);
    const unsigned quotient_bytes = first.bytes - second.bytes;
    const auto result = decimal::divide(dividend, divisor, quotient_bytes);
    if (!result) {
        c.program_check(ProgramCode::decimal_divide);
        return;
    }
    uint8_t content[decimal::kMaxBytes];
    decimal::encode(result->quotient, content, quotient_bytes);
    decimal::encode(result->remainder, content + quotient_bytes, second.bytes);
    c.store(first.address, content, first.bytes);
}

/// SRP. The rounding digit must be valid whether or not the shift uses it.
template <class C>
void shift_and_round_decimal(C& c, const Operands& o) {
    const auto first = fetch_packed(c, c.address(o.b1, o.d1), o.r1 + 1u);
    c.probe_store(first.address, first.bytes);
    const auto number = decode_packed(c, first);
    if (o.imm > 9) c.program_check(ProgramCode::data);
    const uint32_t six_bits = c.address(o.b2, o.d2) & 0x3F;
    const int shift = six_bits < 32 ? static_cast<int>(six_bits) : static_cast<int>(six_bits) - 64;
    const auto result = decimal::shift_and_round(number, shift, static_cast<unsigned>(o.imm), first.bytes);
    finish_decimal(c, result, first.address, first.bytes);
}

/// The common part of ED and EDMK. Source bytes are fetched one by one, as digits are called for: how many
/// there are, only the pattern tells.
template <class C>
void edit_pattern(C& c, const Operands& o, bool mark) {
    uint8_t pattern[256];
    const unsigned length = static_cast<unsigned>(o.imm) + 1;
    const uint32_t address = c.address(o.b1, o.d1);
    uint32_t source = c.address(o.b2, o.d2);
    c.fetch(address, pattern, length);
    c.probe_store(address, length);

    Editor editor(pattern[0]);
    bool any_mark = false;
    uint32_t mark_address = 0;
    for (unsigned i = 0; i < length; ++i) {
        if (editor.needs_source(pattern[i])) {
            if (!editor.take_source(static_cast<uint8_t>(c.load8(source))))
                c.program_check(ProgramCode::data);
            source = (source + 1) & kAddressMask;
        }
        pattern[i] = editor.edit(pattern[i]);
        if (editor.marked()) {
            any_mark = true;
            mark_address = (address + i) & kAddressMask;
        }
    }
    c.store(address, pattern, length);
    c.set_condition_code(editor.condition_code());
    if (mark && any_mark) c.set_gpr(1, (c.gpr(1) & ~kAddressMask) | mark_address);
}

/// ED.
template <class C>
void edit(C& c, const Operands& o) {
    edit_pattern(c, o, false);
}

/// EDMK.
template <class C>
void edit_and_mark(C& c, const Operands& o) {
    edit_pattern(c, o, true);
}

}  // namespace isa::semantics
