#include "isa/decimal_arithmetic.hpp"

#include <array>

namespace isa::decimal {
namespace {

constexpr std::array<uint128, 39> kPowers = [] {
    std::array<uint128, 39> powers{};
    uint128 power = 1;
    for (auto& p : powers) {
        p = power;
        power *= 10;
    }
    return powers;
}();

/// The two digits of every number below 100, as a packed byte.
constexpr std::array<uint8_t, 100> kPackedPair = [] {
    std::array<uint8_t, 100> pairs{};
    for (unsigned i = 0; i < 100; ++i) pairs[i] = static_cast<uint8_t>(i / 10 << 4 | i % 10);
    return pairs;
}();

/// What a field of `bytes` bytes keeps of a true result.
Result fit(Number n, unsigned bytes) {
    const uint128 limit = power_of_ten(digits_of(bytes));
    if (n.magnitude >= limit) {
        n.magnitude %= limit;
        return {n, 3};
    }
    if (n.magnitude == 0) return {{0, false}, 0};
    return {n, n.negative ? 1u : 2u};
}

}  // namespace

uint128 power_of_ten(unsigned exponent) { return kPowers[exponent]; }

std::optional<Number> decode(const uint8_t* field, unsigned bytes) {
    uint128 magnitude = 0;
    for (unsigned i = 0; i < bytes; ++i) {
        const unsigned high = field[i] >> 4;
        const unsigned low = field[i] & 0xF;
        if (high > 9) return std::nullopt;
        if (i + 1 == bytes) {
            if (low < 0xA) return std::nullopt;
            return Number{magnitude * 10 + high, is_minus(low)};
        }
        if (low > 9) return std::nullopt;
        magnitude = magnitude * 100 + high * 10 + low;
    }
    return std::nullopt;
}

void encode(const Number& number, uint8_t* field, unsigned bytes) {
    // 128-bit division is slow: at most one where nothing is lost, into 15 high and 16 low digits.
    constexpr uint64_t kHalf = 10'000'000'000'000'000;
    const uint128 kept = number.magnitude < kPowers[31] ? number.magnitude : number.magnitude % kPowers[31];
    const uint64_t high = kept < kHalf ? 0 : static_cast<uint64_t>(kept / kHalf);
    const auto low = static_cast<uint64_t>(kept - uint128{high} * kHalf);
    // The last byte takes one digit and the sign, so the pairs straddle the halves: work on low = 15 + 1
    // digits.
    std::array<uint8_t, kMaxBytes> all{};
    all[15] = static_cast<uint8_t>(low % 10 << 4 | (number.negative ? 0xD : 0xC));
    uint64_t rest = low / 10;  // 15 digits: seven pairs and one digit
    for (unsigned i = 14; i >= 8; --i) {
        all[i] = kPackedPair[rest % 100];
        rest /= 100;
    }
    uint64_t upper = high * 10 + rest;  // 16 digits: eight pairs
    for (unsigned i = 8; i-- > 0;) {
        all[i] = kPackedPair[upper % 100];
        upper /= 100;
    }
    for (unsigned i = 0; i < bytes; ++i) field[i] = all[kMaxBytes - bytes + i];
}

Result add(const Number& a, const Number& b, unsigned bytes) {
    if (a.negative == b.negative) return fit({a.magnitude + b.magnitude, a.negative}, bytes);
    if (a.magnitude >= b.magnitude) return fit({a.magnitude - b.magnitude, a.negative}, bytes);
    return fit({b.magnitude - a.magnitude, b.negative}, bytes);
}

unsigned compare(const Number& a, const Number& b) {
    if (a.magnitude == 0 && b.magnitude == 0) return 0;
    if (a.negative != b.negative) return a.negative ? 1 : 2;
    if (a.magnitude == b.magnitude) return 0;
    return (a.magnitude < b.magnitude) != a.negative ? 1 : 2;
}

Number multiply(const Number& a, const Number& b) {
    return {a.magnitude * b.magnitude, a.negative != b.negative};
}

std::optional<Quotient> divide(const Number& dividend, const Number& divisor, unsigned quotient_bytes) {
    if (divisor.magnitude == 0) return std::nullopt;
    const uint128 quotient = dividend.magnitude / divisor.magnitude;
    if (quotient >= power_of_ten(digits_of(quotient_bytes))) return std::nullopt;
    return Quotient{{quotient, dividend.negative != divisor.negative},
                    {dividend.magnitude % divisor.magnitude, dividend.negative}};
}

Result shift_and_round(const Number& a, int shift, unsigned rounding, unsigned bytes) {
    const unsigned digits = digits_of(bytes);
    if (shift < 0) {
        const auto places = static_cast<unsigned>(-shift);
        // The rounding digit meets the last digit dropped; whatever lies to the right of it has no say.
        const uint128 with_last = a.magnitude / power_of_ten(places - 1);
        return fit({(with_last + rounding) / 10, a.negative}, bytes);
    }
    const auto places = static_cast<unsigned>(shift);
    // Digits that would leave the field are cut off first: 31 digits shifted by 31 do not fit in 128 bits.
    const unsigned kept = places < digits ? digits - places : 0;
    const bool lost = a.magnitude >= power_of_ten(kept);
    const uint128 shifted = kept == 0 ? 0 : a.magnitude % power_of_ten(kept) * power_of_ten(places);
    if (lost) return {{shifted, a.negative}, 3};
    return fit({shifted, a.negative}, bytes);
}

Binary to_binary(const Number& number) {
    const uint128 limit = number.negative ? 0x80000000u : 0x7FFFFFFFu;
    const auto low = static_cast<uint32_t>(number.magnitude);
    return {number.negative ? 0 - low : low, number.magnitude > limit};
}

Number from_binary(uint32_t value) {
    if (value >> 31) return {uint128{0 - value}, true};
    return {value, false};
}

}  // namespace isa::decimal
