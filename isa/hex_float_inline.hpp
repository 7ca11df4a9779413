// Arithmetic on short and long hexadecimal numbers, short enough to be part of the instructions' bodies:
// isa/hex_float.hpp, which includes this, says what each function does. GA22-7000 chapter 9.
//
// A fraction of 6 or 14 digits is worked on in a word of 8 or 16: one digit on the left for a carry, one on
// the right, the guard digit. So one count of leading zeros tells how to normalize, whether there was a carry
// or not, and no step needs a loop. Exact products and their normalized forms have the same value, so factors
// need not be normalized first.
#pragma once

#include <algorithm>
#include <bit>
#include <type_traits>
#include <utility>

#include "isa/hex_float.hpp"
#include "isa/psw.hpp"

namespace isa::hex_float {
namespace inlined {

__extension__ typedef unsigned __int128 uint128;

template <class Value>
inline constexpr unsigned kFractionBits = 8 * sizeof(Value) - 8;
template <class Value>
inline constexpr Value kSign = Value{1} << (kFractionBits<Value> + 7);

/// The fraction of a number, moved left by so many bits.
template <class Value>
constexpr Value fraction_left(Value v, unsigned bits) {
    return static_cast<Value>(v << 8) >> (8 - bits);
}
template <class Value>
constexpr int characteristic(Value v) {
    return static_cast<int>(v >> kFractionBits<Value> & 0x7F);
}
template <class Value>
constexpr Value packed(Value sign, int characteristic, Value fraction) {
    return sign | static_cast<Value>(characteristic & 0x7F) << kFractionBits<Value> | fraction;
}

/// What a nonzero result becomes whose characteristic does not fit ("Exponent Overflow" and "Exponent
/// Underflow"): it wraps by 128, or a true zero stands for it.
template <class Value>
[[gnu::cold, gnu::noinline]] inline Result<Value> beyond(Value sign, int characteristic, Value fraction,
                                                         unsigned program_mask) {
    const Value wrapped = packed(sign, characteristic, fraction);
    if (characteristic > 127) return {wrapped, ProgramCode::exponent_overflow};
    if ((program_mask & kMaskExponentUnderflow) == 0) return {};
    return {wrapped, ProgramCode::exponent_underflow};
}

/// Packs a nonzero result.
template <class Value>
[[gnu::always_inline]] inline Result<Value> finished(Value sign, int characteristic, Value fraction,
                                                     unsigned program_mask) {
    if (static_cast<unsigned>(characteristic) > 127) [[unlikely]]
        return beyond(sign, characteristic, fraction, program_mask);
    return {packed(sign, characteristic, fraction)};
}

/// A zero sum: with the significance mask on it keeps its characteristic and interrupts.
template <class Value>
[[gnu::cold, gnu::noinline]] inline Result<Value> zero_sum(int characteristic, unsigned program_mask) {
    if ((program_mask & kMaskSignificance) == 0) return {};
    return {packed(Value{0}, characteristic, Value{0}), ProgramCode::significance};
}

/// A number on the way to a result; `fraction` has a digit for a carry and one for the guard digit.
template <class Value>
struct Intermediate {
    Value sign;  // kSign or none; of no meaning where the fraction is zero
    int characteristic;
    Value fraction;
};

/// Normalizes what is not zero. The guard digit takes part.
template <class Value>
inline Result<Value> normalized(const Intermediate<Value>& n, unsigned program_mask) {
    const auto zeros = static_cast<unsigned>(std::countl_zero(n.fraction)) / 4;
    return finished(n.sign, n.characteristic + 1 - static_cast<int>(zeros),
                    static_cast<Value>(static_cast<Value>(n.fraction << 4 * zeros) >> 8), program_mask);
}

/// The sum before normalization. The operand with the smaller characteristic is shifted right; only the last
/// digit that leaves it is kept.
template <class Value>
inline Intermediate<Value> aligned_sum(Value a, Value b) {
    using Signed = std::make_signed_t<Value>;
    constexpr unsigned kBits = kFractionBits<Value>;
    constexpr unsigned kNothingLeft = kBits / 4 + 1;
    const auto differ = static_cast<Value>(static_cast<Signed>(a ^ b) >> (kBits + 7));      // all ones if so
    const auto twice_a = static_cast<Value>(a << 1), twice_b = static_cast<Value>(b << 1);  // no signs
    const Value larger = std::max(twice_a, twice_b), smaller = std::min(twice_a, twice_b);
    Value sign = (twice_a < twice_b ? b : a) & kSign<Value>;
    const auto characteristic = static_cast<unsigned>(larger >> (kBits + 1));
    const unsigned shift =
        std::min(characteristic - static_cast<unsigned>(smaller >> (kBits + 1)), kNothingLeft);
    const Value shifted = fraction_left(smaller >> 1, 4) >> 4 * shift;
    Value sum = fraction_left(larger >> 1, 4) + ((shifted ^ differ) - differ);
    // Only an operand that is not normalized can be less than the shifted one.
    if (static_cast<Signed>(sum) < 0) [[unlikely]] {
        sum = -sum;
        sign ^= kSign<Value>;
    }
    return {sign, static_cast<int>(characteristic), sum};
}

template <class Value>
inline Result<Value> add_normalized(Value a, Value b, unsigned program_mask) {
    const Intermediate<Value> sum = aligned_sum(a, b);
    if (sum.fraction == 0) [[unlikely]]
        return zero_sum<Value>(sum.characteristic, program_mask);
    return normalized(sum, program_mask);
}

/// The guard digit has no part in deciding whether the result is zero.
template <class Value>
inline Result<Value> add_not_normalized(Value a, Value b, unsigned program_mask) {
    const Intermediate<Value> sum = aligned_sum(a, b);
    const unsigned carry = sum.fraction >> (kFractionBits<Value> + 4) != 0 ? 1 : 0;
    const auto fraction = static_cast<Value>(sum.fraction >> (4 + 4 * carry));
    if (fraction == 0) [[unlikely]]
        return zero_sum<Value>(sum.characteristic, program_mask);
    return finished(sum.sign, sum.characteristic + static_cast<int>(carry), fraction, program_mask);
}

template <class Value>
inline unsigned compare_values(Value a, Value b) {
    const Intermediate<Value> difference = aligned_sum(a, negated(b));
    if (difference.fraction == 0) return 0;
    return difference.sign != 0 ? 1 : 2;
}

template <class Value>
inline Result<Value> halve_value(Value a, unsigned program_mask) {
    const Value half = fraction_left(a, 3);  // one digit for the guard, one bit back
    if (half == 0) [[unlikely]]
        return {};
    return normalized(Intermediate<Value>{static_cast<Value>(a & kSign<Value>), characteristic(a), half},
                      program_mask);
}

/// Sign and characteristic of a product whose fraction has not been normalized yet.
template <class Value>
constexpr std::pair<Long, int> product_head(Value a, Value b) {
    return {Long{(a ^ b) & kSign<Value>} << (64 - 8 * sizeof(Value)),
            characteristic(a) + characteristic(b) - 64};
}

/// A fraction that is not zero, left-adjusted in 8 * sizeof(Fraction) bits, without its leading zero digits:
/// how many these were is added to `zeros`.
template <class Value>
inline Value adjusted(Value fraction, int& zeros) {
    const int n = std::countl_zero(fraction) / 4;
    zeros += n;
    return static_cast<Value>(fraction << 4 * n);
}

/// A quotient that fits into 64 bits. Compilers call a function for it, where x86-64 has an instruction.
inline uint64_t quotient_of(uint128 dividend, uint64_t divisor) {
#ifdef __x86_64__
    uint64_t quotient, remainder;
    __asm__("divq %4"
            : "=a"(quotient), "=d"(remainder)
            : "a"(static_cast<uint64_t>(dividend)), "d"(static_cast<uint64_t>(dividend >> 64)), "r"(divisor)
            : "cc");
    return quotient;
#else
    return static_cast<uint64_t>(dividend / divisor);
#endif
}
inline uint64_t quotient_of(uint64_t dividend, uint32_t divisor) { return dividend / divisor; }

template <class Value>
inline std::optional<Result<Value>> divide_values(Value first, Value second, unsigned program_mask) {
    using Dividend = std::conditional_t<sizeof(Value) == 4, uint64_t, uint128>;
    constexpr unsigned kBits = kFractionBits<Value>;
    constexpr Value kNormalized = Value{1} << (kBits - 4);
    Value a = fraction_left(first, 0), b = fraction_left(second, 0);
    int difference = characteristic(first) - characteristic(second) + 64;
    if (a < kNormalized || b < kNormalized) [[unlikely]] {
        if (b == 0) return std::nullopt;
        if (a == 0) return Result<Value>{};
        int zeros_of_a = 0, zeros_of_b = 0;
        a = adjusted(static_cast<Value>(a << 8), zeros_of_a) >> 8;
        b = adjusted(static_cast<Value>(b << 8), zeros_of_b) >> 8;
        difference += zeros_of_b - zeros_of_a;
    }
    // A quotient of one or more is shifted right by one digit; the digit that falls off is not developed.
    const unsigned right_shift = a >= b ? 1 : 0;
    const Dividend dividend = Dividend{a} << (kBits - 4 * right_shift);
    return finished(static_cast<Value>((first ^ second) & kSign<Value>),
                    difference + static_cast<int>(right_shift), static_cast<Value>(quotient_of(dividend, b)),
                    program_mask);
}

}  // namespace inlined

inline Result<Short> add(Short a, Short b, unsigned program_mask) {
    return inlined::add_normalized(a, b, program_mask);
}
inline Result<Long> add(Long a, Long b, unsigned program_mask) {
    return inlined::add_normalized(a, b, program_mask);
}

inline Result<Short> add_unnormalized(Short a, Short b, unsigned program_mask) {
    return inlined::add_not_normalized(a, b, program_mask);
}
inline Result<Long> add_unnormalized(Long a, Long b, unsigned program_mask) {
    return inlined::add_not_normalized(a, b, program_mask);
}

inline unsigned compare(Short a, Short b) { return inlined::compare_values(a, b); }
inline unsigned compare(Long a, Long b) { return inlined::compare_values(a, b); }

inline Result<Short> halve(Short a, unsigned program_mask) { return inlined::halve_value(a, program_mask); }
inline Result<Long> halve(Long a, unsigned program_mask) { return inlined::halve_value(a, program_mask); }

inline Result<Long> multiply(Short a, Short b, unsigned program_mask) {
    const auto [sign, characteristic] = inlined::product_head(a, b);
    // Twelve digits on the left of sixteen.
    const Long product = Long{inlined::fraction_left(a, 8)} * inlined::fraction_left(b, 8);
    if (product == 0) [[unlikely]]
        return {};
    int zeros = 0;
    const Long fraction = inlined::adjusted(product, zeros) >> 8;
    return inlined::finished(sign, characteristic - zeros, fraction, program_mask);
}

inline Result<Long> multiply(Long a, Long b, unsigned program_mask) {
    const auto [sign, characteristic] = inlined::product_head(a, b);
    // 28 digits on the left of 32, of which the left 16 do where no more than two of them are zeros.
    const inlined::uint128 product =
        inlined::uint128{inlined::fraction_left(a, 8)} * inlined::fraction_left(b, 8);
    auto left = static_cast<Long>(product >> 64);
    int zeros = 0;
    if (left >> 52 == 0) [[unlikely]] {
        if (product == 0) return {};
        zeros =
            left != 0 ? std::countl_zero(left) / 4 : 16 + std::countl_zero(static_cast<Long>(product)) / 4;
        left = static_cast<Long>(product << 4 * zeros >> 64);
    }
    const Long fraction = inlined::adjusted(left, zeros) >> 8;
    return inlined::finished(sign, characteristic - zeros, fraction, program_mask);
}

inline std::optional<Result<Short>> divide(Short a, Short b, unsigned program_mask) {
    return inlined::divide_values(a, b, program_mask);
}
inline std::optional<Result<Long>> divide(Long a, Long b, unsigned program_mask) {
    return inlined::divide_values(a, b, program_mask);
}

}  // namespace isa::hex_float
