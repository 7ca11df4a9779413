// Decimal instructions. GA22-7000 chapter 8.
//
// Every body makes or probes all its storage accesses first, so access exceptions come before data exceptions
// and leave everything unchanged; data and decimal-divide exceptions change nothing either. Decimal overflow
// completes the operation: the result is stored and the condition code set before the interruption.
//
// Operands that overlap improperly contain a sign where the other operand has a digit: checking the digits
// finds them. Only ZERO AND ADD, which ignores the first operand's contents, must compare addresses.
#pragma once

#include <algorithm>

#include "isa/cpu.hpp"
#include "isa/decimal_arithmetic.hpp"
#include "isa/editing.hpp"
#include "isa/packed_decimal.hpp"
#include "isa/psw.hpp"
#include "isa/semantics/convert.hpp"

namespace isa::semantics {

/// A packed operand in storage.
struct PackedField {
    uint32_t address;
    unsigned bytes;
};

template <class C>
PackedField first_field(const C& c, const Operands& o) {
    return {c.address(o.b1, o.d1), o.r1 + 1u};
}

template <class C>
PackedField second_field(const C& c, const Operands& o) {
    return {c.address(o.b2, o.d2), o.r2 + 1u};
}

/// Fields that may lie in two blocks of storage protection, or have no whole word in front of their end.
template <class Word, class C>
[[gnu::noinline]] Word fetch_packed_anywhere(C& c, PackedField field) {
    uint8_t content[decimal::kMaxBytes];
    c.fetch(field.address, content, field.bytes);
    Word word = 0;
    for (unsigned i = 0; i < field.bytes; ++i) word = word << 8 | content[i];
    return word;
}

/// What a field contains, as an integer. It is taken from the word that ends where the field ends, if that
/// lies in one block: then what may be said of one byte may be said of all, and to fetch more of them than
/// the instruction needs does not show.
template <class Word, class C>
inline Word fetch_packed(C& c, PackedField field) {
    const uint32_t end = field.address + field.bytes;
    if ((end - 1) % 2048 < sizeof(Word) - 1) return fetch_packed_anywhere<Word>(c, field);
    const Word mask = static_cast<Word>(~Word{0}) >> 8 * (sizeof(Word) - field.bytes);
    if constexpr (sizeof(Word) == 8) {
        return c.load64(end - 8) & mask;
    } else {
        const Word left = c.load64(end - 16);
        return (left << 64 | c.load64(end - 8)) & mask;
    }
}

template <class C, class Word>
inline decimal::Packed<Word> examined(C& c, Word field) {
    if (!decimal::is_valid(field)) c.program_check(ProgramCode::data);
    return decimal::Packed<Word>::of(field);
}

template <class C, class Word>
inline void store_packed(C& c, Word content, PackedField field) {
    uint64_t words[2] = {0, __builtin_bswap64(static_cast<uint64_t>(content))};  // big-endian
    if constexpr (sizeof(Word) > 8) words[0] = __builtin_bswap64(static_cast<uint64_t>(content >> 64));
    const auto* const end = reinterpret_cast<const uint8_t*>(words) + sizeof words;
    c.store(field.address, end - field.bytes, field.bytes);
}

/// Stores a result that may have lost digits, sets the condition code, and interrupts for decimal overflow
/// where the program mask allows it.
template <class C, class Word>
inline void finish_decimal(C& c, const decimal::PackedResult<Word>& result, PackedField field) {
    store_packed(c, result.value.field(), field);
    c.set_condition_code(result.condition);
    if (result.condition == 3 && (c.program_mask() & kMaskDecimalOverflow) != 0)
        c.program_check(ProgramCode::decimal_overflow);
}

/// Calls `body` with a value of the integer type that has room for both operands.
template <class Body>
void with_word(const Operands& o, Body&& body) {
    if (std::max(o.r1, o.r2) < 8) return body(uint64_t{});
    return body(decimal::uint128{});
}

template <class C>
void add_or_subtract_decimal(C& c, const Operands& o, bool subtract) {
    const PackedField first = first_field(c, o), second = second_field(c, o);
    with_word(o, [&]<class Word>(Word) {
        const auto second_content = fetch_packed<Word>(c, second);
        const auto first_content = fetch_packed<Word>(c, first);
        c.probe_store(first.address, first.bytes);
        const auto a = examined(c, first_content);
        auto b = examined(c, second_content);
        b.negative = b.negative != subtract;
        finish_decimal(c, decimal::fit(decimal::sum(a, b), first.bytes), first);
    });
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
    const PackedField first = first_field(c, o), second = second_field(c, o);
    with_word(o, [&]<class Word>(Word) {
        const auto content = fetch_packed<Word>(c, second);
        c.probe_store(first.address, first.bytes);
        const auto number = examined(c, content);
        // Processed from right to left, a result whose last byte lies inside the second operand would
        // overwrite digits that are still to come.
        const int32_t ends_before =
            offset_between(second.address + second.bytes, first.address + first.bytes);
        if (ends_before > 0 && ends_before < static_cast<int32_t>(second.bytes))
            c.program_check(ProgramCode::data);
        finish_decimal(c, decimal::fit(number, first.bytes), first);
    });
}

/// CP.
template <class C>
void compare_decimal(C& c, const Operands& o) {
    with_word(o, [&]<class Word>(Word) {
        const auto second = fetch_packed<Word>(c, second_field(c, o));
        const auto first = fetch_packed<Word>(c, first_field(c, o));
        const auto a = examined(c, first);
        c.set_condition_code(decimal::compare(a, examined(c, second)));
    });
}

/// The operands of MP and DP: a second one of at most eight bytes, shorter than the first.
struct Factors {
    decimal::Packed<decimal::uint128> first, second;
};

template <class C>
Factors fetch_factors(C& c, const Operands& o) {
    if (o.r2 > 7 || o.r2 >= o.r1) c.program_check(ProgramCode::specification);
    const PackedField field = first_field(c, o);
    const auto second = fetch_packed<uint64_t>(c, second_field(c, o));
    const auto first = fetch_packed<decimal::uint128>(c, field);
    c.probe_store(field.address, field.bytes);
    const auto a = examined(c, first);
    const auto b = examined(c, second);
    return {a, {b.digits, b.negative}};
}

/// MP. The multiplicand needs as many bytes of leading zeros as the multiplier has bytes, so the product
/// always fits.
template <class C>
void multiply_decimal(C& c, const Operands& o) {
    const Factors f = fetch_factors(c, o);
    const PackedField field = first_field(c, o);
    if (f.first.digits >> 4 * decimal::digits_of(field.bytes - (o.r2 + 1u)) != 0)
        c.program_check(ProgramCode::data);
    const auto product = decimal::multiply(decimal::to_number(f.first), decimal::to_number(f.second));
    store_packed(c, decimal::to_packed(product).field(), field);
}

/// DP. Quotient and remainder, side by side, replace the dividend; the remainder is as long as the divisor.
template <class C>
void divide_decimal(C& c, const Operands& o) {
    const Factors f = fetch_factors(c, o);
    const PackedField field = first_field(c, o);
    const unsigned remainder_bytes = o.r2 + 1u;
    const auto result = decimal::divide(decimal::to_number(f.first), decimal::to_number(f.second),
                                        field.bytes - remainder_bytes);
    if (!result) {
        c.program_check(ProgramCode::decimal_divide);
        return;
    }
    const auto quotient = decimal::to_packed(result->quotient).field();
    const auto remainder = decimal::to_packed(result->remainder).field();
    store_packed(c, quotient << 8 * remainder_bytes | remainder, field);
}

/// SRP. The rounding digit must be valid whether or not the shift uses it.
template <class C>
void shift_and_round_decimal(C& c, const Operands& o) {
    const PackedField first = first_field(c, o);
    const auto content = fetch_packed<decimal::uint128>(c, first);
    c.probe_store(first.address, first.bytes);
    const auto number = examined(c, content);
    if (o.imm > 9) c.program_check(ProgramCode::data);
    const uint32_t six_bits = c.address(o.b2, o.d2) & 0x3F;
    const int shift = six_bits < 32 ? static_cast<int>(six_bits) : static_cast<int>(six_bits) - 64;
    finish_decimal(c, decimal::shift_and_round(number, shift, static_cast<unsigned>(o.imm), first.bytes),
                   first);
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
