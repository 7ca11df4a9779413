// Extended numbers. Short and long ones: isa/hex_float_inline.hpp.
#include "isa/hex_float.hpp"

#include <bit>
#include <utility>

#include "isa/psw.hpp"

namespace isa::hex_float {
namespace {

using inlined::characteristic;
using inlined::fraction_left;
using inlined::kSign;
using inlined::packed;
using inlined::uint128;

/// An extended number taken apart. The characteristic may leave 0..127 on the way to a result.
struct Parts {
    bool negative = false;
    int characteristic = 0;
    uint128 fraction = 0;
};

constexpr unsigned kDigits = 28;

Parts unpack(const Extended& v) {
    return {v.high >> 63 != 0, characteristic(v.high),
            uint128{fraction_left(v.high, 0)} << 56 | fraction_left(v.low, 0)};
}

/// A factor of 14 digits.
Parts unpack(Long v) { return {v >> 63 != 0, characteristic(v), fraction_left(v, 0)}; }

Extended pack(const Parts& p) {
    const Long sign = p.negative ? kSign<Long> : 0;
    const auto high = static_cast<uint64_t>(p.fraction >> 56);
    const auto low = fraction_left(static_cast<uint64_t>(p.fraction), 0);
    // The low-order characteristic is 14 less, modulo 128, whatever the fraction; a true zero is not packed.
    return {packed(sign, p.characteristic, high), packed(sign, p.characteristic - 14, low)};
}

unsigned leading_zero_bits(uint128 x) {
    const auto high = static_cast<uint64_t>(x >> 64);
    const auto low = static_cast<uint64_t>(x);
    return static_cast<unsigned>(high != 0 ? std::countl_zero(high) : 64 + std::countl_zero(low));
}

/// Shifts leading zero digits out of a fraction of `digits` digits, which must not be zero. Most have none.
void normalize(Parts& p, unsigned digits) {
    if (p.fraction >> 4 * (digits - 1) != 0) return;
    const unsigned zeros = (leading_zero_bits(p.fraction) - (128 - 4 * digits)) / 4;
    p.fraction <<= 4 * zeros;
    p.characteristic -= static_cast<int>(zeros);
}

/// Packs a nonzero result, or what stands for it where its characteristic does not fit
/// (chapter 9, "Exponent Overflow" and "Exponent Underflow"): the characteristic wraps by 128.
Result<Extended> finish(const Parts& p, unsigned program_mask) {
    if (p.characteristic > 127) return {pack(p), ProgramCode::exponent_overflow};
    if (p.characteristic < 0) {
        if ((program_mask & kMaskExponentUnderflow) == 0) return {};
        return {pack(p), ProgramCode::exponent_underflow};
    }
    return {pack(p)};
}

/// The sum before normalization: the fraction has a guard digit on the right and perhaps a carry on the left.
/// The operand with the smaller characteristic is shifted right; only the last digit that leaves it is kept.
/// A zero sum is positive.
Parts aligned_sum(Parts a, Parts b) {
    if (a.characteristic < b.characteristic) std::swap(a, b);
    a.fraction <<= 4;
    b.fraction <<= 4;
    const auto shift = static_cast<unsigned>(a.characteristic - b.characteristic);
    b.fraction = shift > kDigits ? 0 : b.fraction >> 4 * shift;

    Parts sum = a;
    if (a.negative == b.negative) {
        sum.fraction = a.fraction + b.fraction;
    } else if (a.fraction >= b.fraction) {
        sum.fraction = a.fraction - b.fraction;
    } else {
        sum.fraction = b.fraction - a.fraction;
        sum.negative = b.negative;
    }
    if (sum.fraction == 0) sum.negative = false;
    return sum;
}

/// Characteristic and sign of a product of two normalized factors, before the product is normalized.
std::pair<bool, int> product_sign_and_characteristic(const Parts& a, const Parts& b) {
    return {a.negative != b.negative, a.characteristic + b.characteristic - 64};
}

/// Rounds by adding one half of the last place; `fraction` already includes that one. A carry may overflow.
template <class Value>
Result<Value> rounded(Value sign, int characteristic, Value fraction) {
    const unsigned carry = fraction >> inlined::kFractionBits<Value> != 0 ? 1 : 0;
    return inlined::finished(sign, characteristic + static_cast<int>(carry),
                             static_cast<Value>(fraction >> 4 * carry), 0);
}

}  // namespace

unsigned sign_condition(const Extended& a) {
    const Parts p = unpack(a);
    return p.fraction == 0 ? 0 : p.negative ? 1 : 2;
}

Result<Extended> add(const Extended& a, const Extended& b, unsigned program_mask) {
    Parts sum = aligned_sum(unpack(a), unpack(b));
    if (sum.fraction == 0) {
        // With the significance mask on it keeps its characteristic and interrupts.
        if ((program_mask & kMaskSignificance) == 0) return {};
        return {pack(sum), ProgramCode::significance};
    }
    if (sum.fraction >> 4 * (kDigits + 1) != 0) {  // a carry
        sum.fraction >>= 4;
        ++sum.characteristic;
    } else {
        normalize(sum, kDigits + 1);
    }
    sum.fraction >>= 4;
    return finish(sum, program_mask);
}

Result<Extended> multiply_to_extended(Long first, Long second, unsigned program_mask) {
    Parts a = unpack(first), b = unpack(second);
    if (a.fraction == 0 || b.fraction == 0) return {};
    normalize(a, 14);
    normalize(b, 14);
    const auto [negative, characteristic] = product_sign_and_characteristic(a, b);
    Parts product{negative, characteristic, a.fraction * b.fraction};
    normalize(product, kDigits);
    return finish(product, program_mask);
}

Result<Extended> multiply(const Extended& first, const Extended& second, unsigned program_mask) {
    Parts a = unpack(first), b = unpack(second);
    if (a.fraction == 0 || b.fraction == 0) return {};
    normalize(a, kDigits);
    normalize(b, kDigits);
    const auto [negative, characteristic] = product_sign_and_characteristic(a, b);
    // 56 digits: four partial products of halves of 14 digits (56 bits). `middle` counts 16^14.
    constexpr uint128 kHalf = (uint128{1} << 56) - 1;
    const uint128 a_high = a.fraction >> 56;
    const uint128 a_low = a.fraction & kHalf;
    const uint128 b_high = b.fraction >> 56;
    const uint128 b_low = b.fraction & kHalf;
    const uint128 low = a_low * b_low;
    const uint128 middle = a_high * b_low + a_low * b_high + (low >> 56);
    const uint128 high = a_high * b_high + (middle >> 56);
    // The left 28 digits are in `high`; one digit more may move in from the left of the rest.
    Parts product{negative, characteristic, high};
    if (high >> 108 == 0) {
        product.fraction = high << 4 | (middle & kHalf) >> 52;
        --product.characteristic;
    }
    return finish(product, program_mask);
}

Result<Long> round_to_long(const Extended& a) {
    return rounded(a.high & kSign<Long>, characteristic(a.high),
                   fraction_left(a.high, 0) + (a.low >> 55 & 1));
}

Result<Short> round_to_short(Long a) {
    const Long fraction = (fraction_left(a, 0) >> 32) + (a >> 31 & 1);
    return rounded(static_cast<Short>(a >> 32) & kSign<Short>, characteristic(a),
                   static_cast<Short>(fraction));
}

}  // namespace isa::hex_float
