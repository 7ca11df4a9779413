// Decimal numbers as binary values, for what digits side by side (isa/packed_decimal.hpp) do not do well:
// products, quotients, and conversion. GA22-7000 chapter 8, "Decimal Instructions".
//
// Every packed number fits in 128 bits, so the arithmetic is binary, on magnitude and sign. Nothing here
// touches a CPU: the instruction bodies (isa/semantics/decimal.hpp) fetch, call and store.
#pragma once

#include <cstdint>
#include <optional>

#include "isa/packed_decimal.hpp"

namespace isa::decimal {

struct Number {
    uint128 magnitude = 0;  // below 10^31
    bool negative = false;

    bool operator==(const Number&) const = default;
};

struct Quotient {
    Number quotient;
    Number remainder;
};

/// The binary value of digits, and its digits again.
Number to_number(const Packed<uint128>& packed);
Packed<uint128> to_packed(const Number& number);

/// The product; its sign follows the rules of algebra even where it is zero. The operands must have at most
/// 31 digits together.
Number multiply(const Number& a, const Number& b);

/// Quotient and remainder, the latter with the dividend's sign; signs follow the rules of algebra even for
/// zeros. Nothing where the divisor is zero or the quotient has more digits than a field of `quotient_bytes`:
/// a decimal-divide exception.
std::optional<Quotient> divide(const Number& dividend, const Number& divisor, unsigned quotient_bytes);

/// The 32 low-order bits of the two's complement form, and whether the number needs more (CVB).
struct Binary {
    uint32_t value;
    bool too_large;
};
Binary to_binary(const Number& number);

/// The number that a 32-bit signed binary integer stands for (CVD).
Number from_binary(uint32_t value);

}  // namespace isa::decimal
