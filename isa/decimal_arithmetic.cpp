#include "isa/decimal_arithmetic.hpp"

#include <array>

namespace isa::decimal {
namespace {

constexpr std::array<uint128, 32> kPowers = [] {
    std::array<uint128, 32> powers{};
    uint128 power = 1;
    for (auto& p : powers) {
        p = power;
        power *= 10;
    }
    return powers;
}();

constexpr uint64_t kTo8 = 100'000'000, kTo16 = kTo8 * kTo8;

// Between 16 digits and their binary value, by halves: pairs of digits are a number below 100 each, pairs of
// those one below 10^4, and so on. Where the left one of a pair counts 256, say, and should count 100, 156
// times it is too much.

uint64_t binary_of_16(uint64_t x) {
    x -= (16 - 10) * (x >> 4 & 0x0F0F0F0F0F0F0F0F);
    x -= (256 - 100) * (x >> 8 & 0x00FF00FF00FF00FF);
    x -= (65536 - 10'000) * (x >> 16 & 0x0000FFFF0000FFFF);
    x -= ((uint64_t{1} << 32) - kTo8) * (x >> 32);
    return x;
}

/// `value` is below 10^16.
uint64_t digits_of_16(uint64_t value) {
    const uint64_t left = value / kTo8, right = value % kTo8;
    uint64_t x =
        (left + (65536 - 10'000) * (left / 10'000)) << 32 | (right + (65536 - 10'000) * (right / 10'000));
    // Four numbers below 10^4, divided by 100 by multiplying, every other one at a time: the products need
    // the room. Then eight below 100 by 10.
    constexpr auto by_100 = [](uint64_t two) { return two * 5243 >> 19 & 0x0000007F0000007F; };
    x += (256 - 100) * (by_100(x & 0x0000FFFF0000FFFF) | by_100(x >> 16 & 0x0000FFFF0000FFFF) << 16);
    constexpr auto by_10 = [](uint64_t four) { return four * 103 >> 10 & 0x000F000F000F000F; };
    x += (16 - 10) * (by_10(x & 0x00FF00FF00FF00FF) | by_10(x >> 8 & 0x00FF00FF00FF00FF) << 8);
    return x;
}

/// What 64 bits can say is divided by an instruction of the host.
uint128 quotient_of(uint128 dividend, uint64_t divisor) {
    if (dividend >> 64 == 0) return static_cast<uint64_t>(dividend) / divisor;
    return dividend / divisor;
}

}  // namespace

Number to_number(const Packed<uint128>& packed) {
    const auto left = static_cast<uint64_t>(packed.digits >> 64);
    const uint64_t right = binary_of_16(static_cast<uint64_t>(packed.digits));
    if (left == 0) return {right, packed.negative};
    return {uint128{binary_of_16(left)} * kTo16 + right, packed.negative};
}

Packed<uint128> to_packed(const Number& number) {
    const auto left = static_cast<uint64_t>(quotient_of(number.magnitude, kTo16));
    const auto right = static_cast<uint64_t>(number.magnitude) - left * kTo16;
    const uint128 high = left == 0 ? 0 : digits_of_16(left);
    return {high << 64 | digits_of_16(right), number.negative};
}

Number multiply(const Number& a, const Number& b) {
    return {a.magnitude * b.magnitude, a.negative != b.negative};
}

std::optional<Quotient> divide(const Number& dividend, const Number& divisor, unsigned quotient_bytes) {
    if (divisor.magnitude == 0) return std::nullopt;
    const uint128 quotient = divisor.magnitude >> 64 == 0
                                 ? quotient_of(dividend.magnitude, static_cast<uint64_t>(divisor.magnitude))
                                 : dividend.magnitude / divisor.magnitude;
    if (quotient >= kPowers[digits_of(quotient_bytes)]) return std::nullopt;
    return Quotient{{quotient, dividend.negative != divisor.negative},
                    {dividend.magnitude - quotient * divisor.magnitude, dividend.negative}};
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
