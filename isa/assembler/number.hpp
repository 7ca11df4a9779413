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

/// round(number * 2^scale) as a two's-complement number of `bytes` (1-8); a half rounds away from zero. Empty
/// if it does not fit.
std::optional<std::vector<uint8_t>> to_fixed_point(const DecimalNumber& number, int scale, unsigned bytes);

/// Normalized hexadecimal floating point (GA22-7000 chapter 9, "Data Format"), correctly rounded (a half
/// rounds away from zero) to the field: `bytes` of 2 to 8 for short and long, or more (up to 16) for
/// extended, whose second doubleword has a characteristic 14 below the first's. Empty if the exponent does
/// not fit.
std::optional<std::vector<uint8_t>> to_hexadecimal_float(const DecimalNumber& number, unsigned bytes,
                                                         bool extended);

}  // namespace isa::assembler
