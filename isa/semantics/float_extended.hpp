// Floating-point instructions on or from extended operands, and LOAD ROUNDED. GA22-7000 chapter 9.
//
// An extended operand is in a pair of floating-point registers, 0 and 2 or 4 and 6; the dispatcher has
// checked that.
#pragma once

#include "isa/semantics/float_short_long.hpp"

namespace isa::semantics {

template <class C>
hex_float::Extended extended_register(const C& c, unsigned n) {
    return {c.fpr(n), c.fpr(n + 2)};
}

template <class C>
void set_result(C& c, unsigned n, const hex_float::Result<hex_float::Extended>& result) {
    c.set_fpr(n, result.value.high);
    c.set_fpr(n + 2, result.value.low);
    raise_if(c, result.exception);
}

template <class C>
void set_extended_sum(C& c, unsigned n, const hex_float::Result<hex_float::Extended>& result) {
    c.set_condition_code(hex_float::sign_condition(result.value));
    set_result(c, n, result);
}

/// AXR.
template <class C>
void add_normalized_extended(C& c, const Operands& o) {
    set_extended_sum(
        c, o.r1, hex_float::add(extended_register(c, o.r1), extended_register(c, o.r2), c.program_mask()));
}

/// SXR.
template <class C>
void subtract_normalized_extended(C& c, const Operands& o) {
    const auto second = hex_float::negated(extended_register(c, o.r2));
    set_extended_sum(c, o.r1, hex_float::add(extended_register(c, o.r1), second, c.program_mask()));
}

/// MXR.
template <class C>
void multiply_extended(C& c, const Operands& o) {
    set_result(c, o.r1,
               hex_float::multiply(extended_register(c, o.r1), extended_register(c, o.r2), c.program_mask()));
}

/// MXDR.
template <class C>
void multiply_to_extended_register(C& c, const Operands& o) {
    set_result(c, o.r1, hex_float::multiply_to_extended(c.fpr(o.r1), c.fpr(o.r2), c.program_mask()));
}

/// MXD.
template <class C>
void multiply_to_extended(C& c, const Operands& o) {
    const uint64_t second = long_operand(c, o);
    set_result(c, o.r1, hex_float::multiply_to_extended(c.fpr(o.r1), second, c.program_mask()));
}

/// LRDR.
template <class C>
void load_rounded_long(C& c, const Operands& o) {
    set_result(c, o.r1, hex_float::round_to_long(extended_register(c, o.r2)));
}

/// LRER.
template <class C>
void load_rounded_short(C& c, const Operands& o) {
    set_result(c, o.r1, hex_float::round_to_short(c.fpr(o.r2)));
}

}  // namespace isa::semantics
