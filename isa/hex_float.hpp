// Hexadecimal floating-point numbers as values, and the arithmetic on them. GA22-7000 chapter 9.
//
// A number is a sign, a characteristic (7 bits, excess 64) and a fraction of 6, 14 or 28 hexadecimal digits:
// the short format in 32 bits, the long one in 64, the extended one as two longs of which the second carries
// the low 14 digits. Exceptions complete the operation: a result says what to store and which exception, if
// any, to raise afterwards. `program_mask` (isa/psw.hpp) chooses between the two ways to complete exponent
// underflow and significance. Nothing here touches a CPU: see isa/semantics/float_*.hpp.
#pragma once

#include <cstdint>
#include <optional>

#include "isa/interruption.hpp"

namespace isa::hex_float {

using Short = uint32_t;
using Long = uint64_t;
struct Extended {
    Long high = 0;
    Long low = 0;  // its sign and characteristic are ignored in operands

    bool operator==(const Extended&) const = default;
};

template <class Value>
struct Result {
    Value value{};
    ProgramCode exception{};  // 0: none
};

/// A fraction of any length is zero: 0; else 1 below zero, 2 above: the condition code of most instructions.
constexpr unsigned sign_condition(Short a) { return (a & 0x00FFFFFF) == 0 ? 0 : a >> 31 != 0 ? 1 : 2; }
constexpr unsigned sign_condition(Long a) { return (a & 0x00FFFFFFFFFFFFFF) == 0 ? 0 : a >> 63 != 0 ? 1 : 2; }
unsigned sign_condition(const Extended& a);

constexpr Short negated(Short a) { return a ^ 0x80000000u; }
constexpr Long negated(Long a) { return a ^ 0x8000000000000000u; }
constexpr Extended negated(const Extended& a) { return {negated(a.high), a.low}; }

/// ADD NORMALIZED; SUBTRACT NORMALIZED with `b` negated.
inline Result<Short> add(Short a, Short b, unsigned program_mask);
inline Result<Long> add(Long a, Long b, unsigned program_mask);
Result<Extended> add(const Extended& a, const Extended& b, unsigned program_mask);

/// ADD UNNORMALIZED.
inline Result<Short> add_unnormalized(Short a, Short b, unsigned program_mask);
inline Result<Long> add_unnormalized(Long a, Long b, unsigned program_mask);

/// COMPARE: condition code 0 equal, 1 `a` low, 2 `a` high.
inline unsigned compare(Short a, Short b);
inline unsigned compare(Long a, Long b);

/// HALVE.
inline Result<Short> halve(Short a, unsigned program_mask);
inline Result<Long> halve(Long a, unsigned program_mask);

/// MULTIPLY: short factors give a long product, long ones a long (MDR, MD) or an extended one (MXDR, MXD).
inline Result<Long> multiply(Short a, Short b, unsigned program_mask);
inline Result<Long> multiply(Long a, Long b, unsigned program_mask);
Result<Extended> multiply_to_extended(Long a, Long b, unsigned program_mask);
Result<Extended> multiply(const Extended& a, const Extended& b, unsigned program_mask);

/// DIVIDE; nothing where the divisor's fraction is zero: a floating-point-divide exception, which suppresses.
inline std::optional<Result<Short>> divide(Short a, Short b, unsigned program_mask);
inline std::optional<Result<Long>> divide(Long a, Long b, unsigned program_mask);

/// LOAD ROUNDED: extended to long (LRDR), long to short (LRER).
Result<Long> round_to_long(const Extended& a);
Result<Short> round_to_short(Long a);

}  // namespace isa::hex_float

#include "isa/hex_float_inline.hpp"
