// Packed decimal numbers as values, and the arithmetic on them. GA22-7000 chapter 8, "Decimal Instructions".
//
// A packed field of n bytes (1..16) holds 2n-1 digits and, in its last four bits, a sign. Every such number
// fits in 128 bits, so the arithmetic is binary, on magnitude and sign: minus zero exists and is kept apart.
// Nothing here touches a CPU: the instruction bodies (isa/semantics/decimal.hpp) fetch, call and store.
#pragma once

#include <cstdint>
#include <optional>

namespace isa::decimal {

__extension__ typedef unsigned __int128 uint128;

/// The longest packed field, in bytes.
inline constexpr unsigned kMaxBytes = 16;

struct Number {
    uint128 magnitude = 0;  // below 10^31
    bool negative = false;

    bool operator==(const Number&) const = default;
};

/// A number that goes into a field which may be too short for it.
struct Result {
    Number value;        // what the field shall hold: digits that do not fit are gone
    unsigned condition;  // condition code: 0 zero, 1 negative, 2 positive, 3 overflow
};

struct Quotient {
    Number quotient;
    Number remainder;
};

/// True for 1011 and 1101. All codes from 1010 up are signs, the others are plus.
constexpr bool is_minus(unsigned sign_code) { return sign_code == 0xB || sign_code == 0xD; }

/// How many digits a field of this many bytes holds.
constexpr unsigned digits_of(unsigned bytes) { return 2 * bytes - 1; }

/// 10^exponent; exponent 0..38.
uint128 power_of_ten(unsigned exponent);

/// The number in a packed field of 1..16 bytes, or nothing where a digit or the sign is invalid: a data
/// exception.
std::optional<Number> decode(const uint8_t* field, unsigned bytes);

/// Writes the number with the preferred sign codes (1100 plus, 1101 minus); digits beyond the field are
/// dropped.
void encode(const Number& number, uint8_t* field, unsigned bytes);

/// The sum as it goes into a field of `bytes` bytes (AP; SP with `b` negated; ZAP with `a` zero). A zero sum
/// is positive, unless digits were lost: then it has the sign of the true sum.
Result add(const Number& a, const Number& b, unsigned bytes);

/// Condition code of COMPARE DECIMAL: 0 equal (also plus and minus zero), 1 `a` low, 2 `a` high.
unsigned compare(const Number& a, const Number& b);

/// The product; its sign follows the rules of algebra even where it is zero. The operands must have at most
/// 31 digits together.
Number multiply(const Number& a, const Number& b);

/// Quotient and remainder, the latter with the dividend's sign; signs follow the rules of algebra even for
/// zeros. Nothing where the divisor is zero or the quotient has more digits than a field of `quotient_bytes`:
/// a decimal-divide exception.
std::optional<Quotient> divide(const Number& dividend, const Number& divisor, unsigned quotient_bytes);

/// SHIFT AND ROUND DECIMAL in a field of `bytes` bytes. `shift` is the low six bits of the second-operand
/// address: a signed number of digits, 1..31 left, -1..-32 right; `rounding` (0..9) is added to the last
/// digit that a right shift drops.
Result shift_and_round(const Number& a, int shift, unsigned rounding, unsigned bytes);

/// The 32 low-order bits of the two's complement form, and whether the number needs more (CVB).
struct Binary {
    uint32_t value;
    bool too_large;
};
Binary to_binary(const Number& number);

/// The number that a 32-bit signed binary integer stands for (CVD).
Number from_binary(uint32_t value);

}  // namespace isa::decimal
