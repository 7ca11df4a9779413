#include "isa/hex_float.hpp"

#include <bit>
#include <utility>

#include "isa/psw.hpp"

namespace isa::hex_float {
namespace {

__extension__ typedef unsigned __int128 uint128;

/// A number taken apart. The characteristic may leave 0..127 on the way to a result.
template <class Fraction>
struct Parts {
    bool negative = false;
    int characteristic = 0;
    Fraction fraction = 0;
};

/// The three formats: how many digits, an integer that has room for a fraction with guard digit and carry,
/// and, where there is division, one that has room for two fractions side by side.
struct ShortFormat {
    using Value = Short;
    using Fraction = uint64_t;
    using Dividend = uint64_t;
    static constexpr unsigned digits = 6;

    static Parts<Fraction> unpack(Value v) {
        return {v >> 31 != 0, static_cast<int>(v >> 24 & 0x7F), v & 0x00FFFFFFu};
    }
    static Value pack(const Parts<Fraction>& p) {
        return static_cast<Value>(p.negative) << 31 | (static_cast<Value>(p.characteristic) & 0x7F) << 24 |
               static_cast<Value>(p.fraction);
    }
};

struct LongFormat {
    using Value = Long;
    using Fraction = uint64_t;
    using Dividend = uint128;
    static constexpr unsigned digits = 14;

    static Parts<Fraction> unpack(Value v) {
        return {v >> 63 != 0, static_cast<int>(v >> 56 & 0x7F), v & 0x00FFFFFFFFFFFFFFu};
    }
    static Value pack(const Parts<Fraction>& p) {
        return static_cast<Value>(p.negative) << 63 | (static_cast<Value>(p.characteristic) & 0x7F) << 56 |
               p.fraction;
    }
};

struct ExtendedFormat {
    using Value = Extended;
    using Fraction = uint128;
    static constexpr unsigned digits = 28;

    static Parts<Fraction> unpack(const Value& v) {
        const auto high = LongFormat::unpack(v.high);
        const auto low = LongFormat::unpack(v.low);
        return {high.negative, high.characteristic, uint128{high.fraction} << 56 | low.fraction};
    }
    static Value pack(const Parts<Fraction>& p) {
        const auto high = static_cast<uint64_t>(p.fraction >> 56);
        const auto low = static_cast<uint64_t>(p.fraction) & 0x00FFFFFFFFFFFFFFu;
        // The low-order characteristic is 14 less, modulo 128, whatever the fraction; a true zero is not
        // packed.
        return {LongFormat::pack({p.negative, p.characteristic, high}),
                LongFormat::pack({p.negative, p.characteristic - 14, low})};
    }
};

unsigned leading_zero_bits(uint64_t x) { return static_cast<unsigned>(std::countl_zero(x)); }
unsigned leading_zero_bits(uint128 x) {
    const auto high = static_cast<uint64_t>(x >> 64);
    return high != 0 ? leading_zero_bits(high) : 64 + leading_zero_bits(static_cast<uint64_t>(x));
}

/// Shifts leading zero digits out of a fraction of `digits` digits, which must not be zero. Most have none.
template <class Fraction>
inline void normalize(Parts<Fraction>& p, unsigned digits) {
    if (p.fraction >> 4 * (digits - 1) != 0) return;
    const unsigned others = 8 * sizeof(Fraction) - 4 * digits;
    const unsigned zeros = (leading_zero_bits(p.fraction) - others) / 4;
    p.fraction <<= 4 * zeros;
    p.characteristic -= static_cast<int>(zeros);
}

/// Packs a nonzero result, or what stands for it where its characteristic does not fit
/// (chapter 9, "Exponent Overflow" and "Exponent Underflow"): the characteristic wraps by 128.
template <class Format>
inline Result<typename Format::Value> finish(const Parts<typename Format::Fraction>& p,
                                             unsigned program_mask) {
    if (p.characteristic > 127) return {Format::pack(p), ProgramCode::exponent_overflow};
    if (p.characteristic < 0) {
        if ((program_mask & kMaskExponentUnderflow) == 0) return {};
        return {Format::pack(p), ProgramCode::exponent_underflow};
    }
    return {Format::pack(p), std::nullopt};
}

/// What a zero sum becomes: with the significance mask on it keeps its characteristic and interrupts.
template <class Format>
Result<typename Format::Value> zero_sum(int characteristic, unsigned program_mask) {
    if ((program_mask & kMaskSignificance) == 0) return {};
    return {Format::pack({false, characteristic, 0}), ProgramCode::significance};
}

/// The sum before normalization: the fraction has a guard digit on the right and perhaps a carry on the left.
/// The operand with the smaller characteristic is shifted right; only the last digit that leaves it is kept.
/// A zero sum is positive.
template <class Format>
inline Parts<typename Format::Fraction> aligned_sum(typename Format::Value first,
                                                    typename Format::Value second) {
    auto a = Format::unpack(first);
    auto b = Format::unpack(second);
    if (a.characteristic < b.characteristic) std::swap(a, b);
    a.fraction <<= 4;
    b.fraction <<= 4;
    const auto shift = static_cast<unsigned>(a.characteristic - b.characteristic);
    b.fraction = shift > Format::digits ? 0 : b.fraction >> 4 * shift;

    auto sum = a;
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

/// Takes a carry back into the fraction; true where there was one.
template <class Format>
inline bool absorb_carry(Parts<typename Format::Fraction>& sum) {
    if (sum.fraction >> 4 * (Format::digits + 1) == 0) return false;
    sum.fraction >>= 4;
    ++sum.characteristic;
    return true;
}

template <class Format>
Result<typename Format::Value> add_normalized(const typename Format::Value& a,
                                              const typename Format::Value& b, unsigned program_mask) {
    auto sum = aligned_sum<Format>(a, b);
    if (sum.fraction == 0) return zero_sum<Format>(sum.characteristic, program_mask);
    if (!absorb_carry<Format>(sum)) normalize(sum, Format::digits + 1);
    sum.fraction >>= 4;
    return finish<Format>(sum, program_mask);
}

/// The guard digit has no part in deciding whether the result is zero.
template <class Format>
Result<typename Format::Value> add_not_normalized(typename Format::Value a, typename Format::Value b,
                                                  unsigned program_mask) {
    auto sum = aligned_sum<Format>(a, b);
    absorb_carry<Format>(sum);
    sum.fraction >>= 4;
    if (sum.fraction == 0) return zero_sum<Format>(sum.characteristic, program_mask);
    return finish<Format>(sum, program_mask);
}

template <class Format>
unsigned compare_values(typename Format::Value a, typename Format::Value b) {
    const auto difference = aligned_sum<Format>(a, negated(b));
    if (difference.fraction == 0) return 0;
    return difference.negative ? 1 : 2;
}

template <class Format>
Result<typename Format::Value> halve_value(typename Format::Value a, unsigned program_mask) {
    auto half = Format::unpack(a);
    if (half.fraction == 0) return {};
    half.fraction <<= 3;  // one digit for the guard, one bit back
    normalize(half, Format::digits + 1);
    half.fraction >>= 4;
    return finish<Format>(half, program_mask);
}

/// Characteristic and sign of a product of two normalized factors, before the product is normalized.
template <class Fraction>
std::pair<bool, int> product_sign_and_characteristic(const Parts<Fraction>& a, const Parts<Fraction>& b) {
    return {a.negative != b.negative, a.characteristic + b.characteristic - 64};
}

template <class Format>
std::optional<Result<typename Format::Value>> divide_values(typename Format::Value first,
                                                            typename Format::Value second,
                                                            unsigned program_mask) {
    constexpr unsigned kDigits = Format::digits;
    auto a = Format::unpack(first);
    auto b = Format::unpack(second);
    if (b.fraction == 0) return std::nullopt;
    if (a.fraction == 0) return Result<typename Format::Value>{};
    normalize(a, kDigits);
    normalize(b, kDigits);
    Parts<typename Format::Fraction> quotient{a.negative != b.negative,
                                              a.characteristic - b.characteristic + 64, 0};
    // A quotient of one or more is shifted right by one digit; the digit that falls off is not developed.
    const bool right_shift = a.fraction >= b.fraction;
    if (right_shift) ++quotient.characteristic;
    const auto dividend = typename Format::Dividend{a.fraction} << 4 * (right_shift ? kDigits - 1 : kDigits);
    quotient.fraction = static_cast<typename Format::Fraction>(dividend / b.fraction);
    return finish<Format>(quotient, program_mask);
}

/// Rounds by adding one half of the last place; `fraction` already includes that one. A carry may overflow.
template <class Format>
Result<typename Format::Value> rounded(Parts<typename Format::Fraction> p) {
    if (p.fraction >> 4 * Format::digits != 0) {
        p.fraction >>= 4;
        ++p.characteristic;
    }
    return finish<Format>(p, 0);
}

}  // namespace

unsigned sign_condition(const Extended& a) {
    const auto p = ExtendedFormat::unpack(a);
    return p.fraction == 0 ? 0 : p.negative ? 1 : 2;
}

Result<Short> add(Short a, Short b, unsigned program_mask) {
    return add_normalized<ShortFormat>(a, b, program_mask);
}
Result<Long> add(Long a, Long b, unsigned program_mask) {
    return add_normalized<LongFormat>(a, b, program_mask);
}
Result<Extended> add(const Extended& a, const Extended& b, unsigned program_mask) {
    return add_normalized<ExtendedFormat>(a, b, program_mask);
}

Result<Short> add_unnormalized(Short a, Short b, unsigned program_mask) {
    return add_not_normalized<ShortFormat>(a, b, program_mask);
}
Result<Long> add_unnormalized(Long a, Long b, unsigned program_mask) {
    return add_not_normalized<LongFormat>(a, b, program_mask);
}

unsigned compare(Short a, Short b) { return compare_values<ShortFormat>(a, b); }
unsigned compare(Long a, Long b) { return compare_values<LongFormat>(a, b); }

Result<Short> halve(Short a, unsigned program_mask) { return halve_value<ShortFormat>(a, program_mask); }
Result<Long> halve(Long a, unsigned program_mask) { return halve_value<LongFormat>(a, program_mask); }

Result<Long> multiply(Short first, Short second, unsigned program_mask) {
    auto a = ShortFormat::unpack(first);
    auto b = ShortFormat::unpack(second);
    if (a.fraction == 0 || b.fraction == 0) return {};
    normalize(a, 6);
    normalize(b, 6);
    const auto [negative, characteristic] = product_sign_and_characteristic(a, b);
    // Twelve digits, left-adjusted among fourteen.
    Parts<uint64_t> product{negative, characteristic, a.fraction * b.fraction << 8};
    normalize(product, 14);
    return finish<LongFormat>(product, program_mask);
}

Result<Extended> multiply_to_extended(Long first, Long second, unsigned program_mask) {
    auto a = LongFormat::unpack(first);
    auto b = LongFormat::unpack(second);
    if (a.fraction == 0 || b.fraction == 0) return {};
    normalize(a, 14);
    normalize(b, 14);
    const auto [negative, characteristic] = product_sign_and_characteristic(a, b);
    Parts<uint128> product{negative, characteristic, uint128{a.fraction} * b.fraction};
    normalize(product, 28);
    return finish<ExtendedFormat>(product, program_mask);
}

Result<Long> multiply(Long first, Long second, unsigned program_mask) {
    auto a = LongFormat::unpack(first);
    auto b = LongFormat::unpack(second);
    if (a.fraction == 0 || b.fraction == 0) return {};
    normalize(a, 14);
    normalize(b, 14);
    const auto [negative, characteristic] = product_sign_and_characteristic(a, b);
    Parts<uint128> product{negative, characteristic, uint128{a.fraction} * b.fraction};
    normalize(product, 28);
    return finish<LongFormat>(
        {negative, product.characteristic, static_cast<uint64_t>(product.fraction >> 56)}, program_mask);
}

Result<Extended> multiply(const Extended& first, const Extended& second, unsigned program_mask) {
    auto a = ExtendedFormat::unpack(first);
    auto b = ExtendedFormat::unpack(second);
    if (a.fraction == 0 || b.fraction == 0) return {};
    normalize(a, 28);
    normalize(b, 28);
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
    Parts<uint128> product{negative, characteristic, high};
    if (high >> 108 == 0) {
        product.fraction = high << 4 | (middle & kHalf) >> 52;
        --product.characteristic;
    }
    return finish<ExtendedFormat>(product, program_mask);
}

std::optional<Result<Short>> divide(Short a, Short b, unsigned program_mask) {
    return divide_values<ShortFormat>(a, b, program_mask);
}
std::optional<Result<Long>> divide(Long a, Long b, unsigned program_mask) {
    return divide_values<LongFormat>(a, b, program_mask);
}

Result<Long> round_to_long(const Extended& a) {
    auto p = LongFormat::unpack(a.high);
    p.fraction += a.low >> 55 & 1;
    return rounded<LongFormat>(p);
}

Result<Short> round_to_short(Long a) {
    const auto p = LongFormat::unpack(a);
    return rounded<ShortFormat>({p.negative, p.characteristic, (p.fraction >> 32) + (p.fraction >> 31 & 1)});
}

}  // namespace isa::hex_float
