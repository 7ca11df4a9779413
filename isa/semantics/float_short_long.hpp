// Floating-point instructions on short and long operands. GA22-7000 chapter 9.
//
// Short operands live in the left half of a floating-point register; the right half is ignored and kept,
// except where MER and ME place a long product. The dispatcher has checked the register numbers. An
// arithmetic exception other than floating-point divide completes the instruction: it is raised after result
// and condition code are set.
#pragma once

#include "isa/cpu.hpp"
#include "isa/hex_float.hpp"

namespace isa::semantics {

template <class C>
uint32_t short_register(const C& c, unsigned n) {
    return static_cast<uint32_t>(c.fpr(n) >> 32);
}

template <class C>
void set_short_register(C& c, unsigned n, uint32_t value) {
    c.set_fpr(n, uint64_t{value} << 32 | (c.fpr(n) & 0xFFFFFFFF));
}

template <class C>
uint32_t short_operand(C& c, const Operands& o) {
    return c.load32(c.address(o.r2, o.b2, o.d2));
}

template <class C>
uint64_t long_operand(C& c, const Operands& o) {
    return c.load64(c.address(o.r2, o.b2, o.d2));
}

template <class C>
[[gnu::always_inline]] inline void raise_if(C& c, ProgramCode exception) {
    if (exception != ProgramCode{}) [[unlikely]]
        c.program_check(exception);
}

/// Places a result without condition code: MULTIPLY, DIVIDE, HALVE, LOAD ROUNDED.
template <class C>
[[gnu::always_inline]] inline void set_result(C& c, unsigned n, const hex_float::Result<uint32_t>& result) {
    set_short_register(c, n, result.value);
    raise_if(c, result.exception);
}

template <class C>
[[gnu::always_inline]] inline void set_result(C& c, unsigned n, const hex_float::Result<uint64_t>& result) {
    c.set_fpr(n, result.value);
    raise_if(c, result.exception);
}

/// Places a sum or difference, with its condition code.
template <class C, class Value>
[[gnu::always_inline]] inline void set_sum(C& c, unsigned n, const hex_float::Result<Value>& result) {
    c.set_condition_code(hex_float::sign_condition(result.value));
    set_result(c, n, result);
}

/// Places a quotient, or suppresses.
template <class C, class Value>
[[gnu::always_inline]] inline void set_quotient(C& c, unsigned n,
                                                const std::optional<hex_float::Result<Value>>& result) {
    if (!result) {
        c.program_check(ProgramCode::floating_point_divide);
        return;
    }
    set_result(c, n, *result);
}

/// LER.
template <class C>
void load_short_register(C& c, const Operands& o) {
    set_short_register(c, o.r1, short_register(c, o.r2));
}

/// LE.
template <class C>
void load_short(C& c, const Operands& o) {
    set_short_register(c, o.r1, short_operand(c, o));
}

/// LDR.
template <class C>
void load_long_register(C& c, const Operands& o) {
    c.set_fpr(o.r1, c.fpr(o.r2));
}

/// LD.
template <class C>
void load_long(C& c, const Operands& o) {
    c.set_fpr(o.r1, long_operand(c, o));
}

/// STE.
template <class C>
void store_short(C& c, const Operands& o) {
    c.store32(c.address(o.r2, o.b2, o.d2), short_register(c, o.r1));
}

/// STD.
template <class C>
void store_long(C& c, const Operands& o) {
    c.store64(c.address(o.r2, o.b2, o.d2), c.fpr(o.r1));
}

/// LTER.
template <class C>
void load_and_test_short(C& c, const Operands& o) {
    const uint32_t value = short_register(c, o.r2);
    c.set_condition_code(hex_float::sign_condition(value));
    set_short_register(c, o.r1, value);
}

/// LTDR.
template <class C>
void load_and_test_long(C& c, const Operands& o) {
    const uint64_t value = c.fpr(o.r2);
    c.set_condition_code(hex_float::sign_condition(value));
    c.set_fpr(o.r1, value);
}

/// LCER.
template <class C>
void load_complement_short(C& c, const Operands& o) {
    const uint32_t value = hex_float::negated(short_register(c, o.r2));
    c.set_condition_code(hex_float::sign_condition(value));
    set_short_register(c, o.r1, value);
}

/// LCDR.
template <class C>
void load_complement_long(C& c, const Operands& o) {
    const uint64_t value = hex_float::negated(c.fpr(o.r2));
    c.set_condition_code(hex_float::sign_condition(value));
    c.set_fpr(o.r1, value);
}

/// LNER.
template <class C>
void load_negative_short(C& c, const Operands& o) {
    const uint32_t value = short_register(c, o.r2) | 0x80000000;
    c.set_condition_code(hex_float::sign_condition(value));
    set_short_register(c, o.r1, value);
}

/// LNDR.
template <class C>
void load_negative_long(C& c, const Operands& o) {
    const uint64_t value = c.fpr(o.r2) | 0x8000000000000000;
    c.set_condition_code(hex_float::sign_condition(value));
    c.set_fpr(o.r1, value);
}

/// LPER.
template <class C>
void load_positive_short(C& c, const Operands& o) {
    const uint32_t value = short_register(c, o.r2) & 0x7FFFFFFF;
    c.set_condition_code(hex_float::sign_condition(value));
    set_short_register(c, o.r1, value);
}

/// LPDR.
template <class C>
void load_positive_long(C& c, const Operands& o) {
    const uint64_t value = c.fpr(o.r2) & 0x7FFFFFFFFFFFFFFF;
    c.set_condition_code(hex_float::sign_condition(value));
    c.set_fpr(o.r1, value);
}

/// HER.
template <class C>
void halve_short(C& c, const Operands& o) {
    set_result(c, o.r1, hex_float::halve(short_register(c, o.r2), c.program_mask()));
}

/// HDR.
template <class C>
void halve_long(C& c, const Operands& o) {
    set_result(c, o.r1, hex_float::halve(c.fpr(o.r2), c.program_mask()));
}

/// AER.
template <class C>
void add_normalized_short_register(C& c, const Operands& o) {
    set_sum(c, o.r1, hex_float::add(short_register(c, o.r1), short_register(c, o.r2), c.program_mask()));
}

/// AE.
template <class C>
void add_normalized_short(C& c, const Operands& o) {
    set_sum(c, o.r1, hex_float::add(short_register(c, o.r1), short_operand(c, o), c.program_mask()));
}

/// ADR.
template <class C>
void add_normalized_long_register(C& c, const Operands& o) {
    set_sum(c, o.r1, hex_float::add(c.fpr(o.r1), c.fpr(o.r2), c.program_mask()));
}

/// AD.
template <class C>
void add_normalized_long(C& c, const Operands& o) {
    set_sum(c, o.r1, hex_float::add(c.fpr(o.r1), long_operand(c, o), c.program_mask()));
}

/// AUR.
template <class C>
void add_unnormalized_short_register(C& c, const Operands& o) {
    set_sum(c, o.r1,
            hex_float::add_unnormalized(short_register(c, o.r1), short_register(c, o.r2), c.program_mask()));
}

/// AU.
template <class C>
void add_unnormalized_short(C& c, const Operands& o) {
    set_sum(c, o.r1,
            hex_float::add_unnormalized(short_register(c, o.r1), short_operand(c, o), c.program_mask()));
}

/// AWR.
template <class C>
void add_unnormalized_long_register(C& c, const Operands& o) {
    set_sum(c, o.r1, hex_float::add_unnormalized(c.fpr(o.r1), c.fpr(o.r2), c.program_mask()));
}

/// AW.
template <class C>
void add_unnormalized_long(C& c, const Operands& o) {
    set_sum(c, o.r1, hex_float::add_unnormalized(c.fpr(o.r1), long_operand(c, o), c.program_mask()));
}

/// CER.
template <class C>
void compare_short_register(C& c, const Operands& o) {
    c.set_condition_code(hex_float::compare(short_register(c, o.r1), short_register(c, o.r2)));
}

/// CE.
template <class C>
void compare_short(C& c, const Operands& o) {
    c.set_condition_code(hex_float::compare(short_register(c, o.r1), short_operand(c, o)));
}

/// CDR.
template <class C>
void compare_long_register(C& c, const Operands& o) {
    c.set_condition_code(hex_float::compare(c.fpr(o.r1), c.fpr(o.r2)));
}

/// CD.
template <class C>
void compare_long(C& c, const Operands& o) {
    c.set_condition_code(hex_float::compare(c.fpr(o.r1), long_operand(c, o)));
}

/// DER.
template <class C>
void divide_short_register(C& c, const Operands& o) {
    set_quotient(c, o.r1,
                 hex_float::divide(short_register(c, o.r1), short_register(c, o.r2), c.program_mask()));
}

/// DE.
template <class C>
void divide_short(C& c, const Operands& o) {
    set_quotient(c, o.r1, hex_float::divide(short_register(c, o.r1), short_operand(c, o), c.program_mask()));
}

/// DDR.
template <class C>
void divide_long_register(C& c, const Operands& o) {
    set_quotient(c, o.r1, hex_float::divide(c.fpr(o.r1), c.fpr(o.r2), c.program_mask()));
}

/// DD.
template <class C>
void divide_long(C& c, const Operands& o) {
    set_quotient(c, o.r1, hex_float::divide(c.fpr(o.r1), long_operand(c, o), c.program_mask()));
}

/// MER.
template <class C>
void multiply_short_register(C& c, const Operands& o) {
    set_result(c, o.r1,
               hex_float::multiply(short_register(c, o.r1), short_register(c, o.r2), c.program_mask()));
}

/// ME.
template <class C>
void multiply_short(C& c, const Operands& o) {
    set_result(c, o.r1, hex_float::multiply(short_register(c, o.r1), short_operand(c, o), c.program_mask()));
}

/// MDR.
template <class C>
void multiply_long_register(C& c, const Operands& o) {
    set_result(c, o.r1, hex_float::multiply(c.fpr(o.r1), c.fpr(o.r2), c.program_mask()));
}

/// MD.
template <class C>
void multiply_long(C& c, const Operands& o) {
    set_result(c, o.r1, hex_float::multiply(c.fpr(o.r1), long_operand(c, o), c.program_mask()));
}

/// SER.
template <class C>
void subtract_normalized_short_register(C& c, const Operands& o) {
    set_sum(c, o.r1,
            hex_float::add(short_register(c, o.r1), hex_float::negated(short_register(c, o.r2)),
                           c.program_mask()));
}

/// SE.
template <class C>
void subtract_normalized_short(C& c, const Operands& o) {
    set_sum(
        c, o.r1,
        hex_float::add(short_register(c, o.r1), hex_float::negated(short_operand(c, o)), c.program_mask()));
}

/// SDR.
template <class C>
void subtract_normalized_long_register(C& c, const Operands& o) {
    set_sum(c, o.r1, hex_float::add(c.fpr(o.r1), hex_float::negated(c.fpr(o.r2)), c.program_mask()));
}

/// SD.
template <class C>
void subtract_normalized_long(C& c, const Operands& o) {
    set_sum(c, o.r1, hex_float::add(c.fpr(o.r1), hex_float::negated(long_operand(c, o)), c.program_mask()));
}

/// SUR.
template <class C>
void subtract_unnormalized_short_register(C& c, const Operands& o) {
    set_sum(c, o.r1,
            hex_float::add_unnormalized(short_register(c, o.r1), hex_float::negated(short_register(c, o.r2)),
                                        c.program_mask()));
}

/// SU.
template <class C>
void subtract_unnormalized_short(C& c, const Operands& o) {
    set_sum(c, o.r1,
            hex_float::add_unnormalized(short_register(c, o.r1), hex_float::negated(short_operand(c, o)),
                                        c.program_mask()));
}

/// SWR.
template <class C>
void subtract_unnormalized_long_register(C& c, const Operands& o) {
    set_sum(c, o.r1,
            hex_float::add_unnormalized(c.fpr(o.r1), hex_float::negated(c.fpr(o.r2)), c.program_mask()));
}

/// SW.
template <class C>
void subtract_unnormalized_long(C& c, const Operands& o) {
    set_sum(
        c, o.r1,
        hex_float::add_unnormalized(c.fpr(o.r1), hex_float::negated(long_operand(c, o)), c.program_mask()));
}

}  // namespace isa::semantics
