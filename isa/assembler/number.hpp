// Decimal numbers of DC operands (digits, point, exponent), exactly, and their conversion to fixed-point and
// hexadecimal floating-point fields.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace isa::assembler {

/// (-1)^negative * digits * 10^exponent
struct DecimalNumber {
    bool negative = false;
    std::string digits;  // without leading zeros; "" is zero
    int exponent = 0;
};

/// [+-]digits[.digits][E[+-]digits]; empty if that is not what the text is, or the exponent is beyond +-999.
std::optional<DecimalNumber> parse_decimal_number(std::string_view text);

/// A field of a constant: `bits` of them, left-aligned in `bytes`.
struct BitField {
    std::vector<uint8_t> bytes;
    unsigned bits = 0;
    bool truncated = false;  // high-order digits did not fit
    bool lost = false;       // nor did any digit of a number that is not zero
};

/// round(number * 2^scale) as a two's-complement number of `bits` (1-64); a half rounds away from zero. What
/// does not fit loses its high-order digits.
BitField to_fixed_point(const DecimalNumber& number, int scale, unsigned bits);

/// Hexadecimal floating point (GA22-7000 chapter 9, "Data Format"), normalized but for `scale` hexadecimal
/// zeros before the first digit, correctly rounded (a half rounds away from zero) to the field: up to 64 bits
/// for short and long, more (up to 128) for extended, whose second doubleword has a characteristic 14 below
/// the first's. Zero has no sign. Empty if the exponent does not fit.
std::optional<BitField> to_hexadecimal_float(const DecimalNumber& number, int scale, unsigned bits);

}  // namespace isa::assembler
