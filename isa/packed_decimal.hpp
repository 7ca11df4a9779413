// Packed decimal fields as integers, and the arithmetic that needs no other form of them. GA22-7000 chapter
// 8, "Decimal Instructions".
//
// A packed field of n bytes (1..16) holds 2n-1 digits and, in its last four bits, a sign. Read as an integer
// it has a digit in every four bits: all digits are examined, added or compared at once. Word is that
// integer: uint64_t has room for fields of up to eight bytes, which most are, uint128 for any. Minus zero
// exists and is kept apart.
#pragma once

#include <cstdint>

namespace isa::decimal {

__extension__ typedef unsigned __int128 uint128;

/// The longest packed field, in bytes.
inline constexpr unsigned kMaxBytes = 16;

/// True for 1011 and 1101. All codes from 1010 up are signs, the others are plus.
constexpr bool is_minus(unsigned sign_code) { return sign_code == 0xB || sign_code == 0xD; }

/// How many digits a field of this many bytes holds.
constexpr unsigned digits_of(unsigned bytes) { return 2 * bytes - 1; }

/// A one in every digit.
template <class Word>
inline constexpr Word kOnes = static_cast<Word>(~Word{0}) / 15;

/// Digits, the last one in the low four bits; the leftmost four bits of Word are zero. And a sign.
template <class Word>
struct Packed {
    Word digits = 0;
    bool negative = false;

    bool operator==(const Packed&) const = default;

    static constexpr Packed of(Word field) {
        return {field >> 4, is_minus(static_cast<unsigned>(field & 0xF))};
    }
    /// With the preferred sign codes: 1100 plus, 1101 minus.
    constexpr Word field() const { return digits << 4 | (negative ? 0xDu : 0xCu); }
};

/// A number that has gone into a field which may be too short for it.
template <class Word>
struct PackedResult {
    Packed<Word> value;  // what the field shall hold: digits that do not fit are gone
    unsigned condition;  // condition code: 0 zero, 1 negative, 2 positive, 3 overflow
};

/// Whether all digits of a field are 0 to 9 and its sign is none of those. False is a data exception.
template <class Word>
constexpr bool is_valid(Word field) {
    // From 1010 up a digit has the bit of eight, and that of four or that of two.
    const Word digits = field >> 4;
    const bool decimal = (digits & (digits << 1 | digits << 2) & kOnes<Word> * 8) == 0;
    return decimal && (field & 0xF) > 9;
}

/// The sum of digits whose leftmost one is zero; it takes the carry.
template <class Word>
constexpr Word add_digits(Word a, Word b) {
    // With six more in every digit, 10 becomes 16 and carries in binary. Where nothing carried the six goes.
    constexpr Word kCarries = kOnes<Word> << 4;
    constexpr Word kSixes = (kCarries >> 4) * 6;
    const Word more = a + kSixes;
    const Word sum = more + b;
    const Word without = ~(more ^ b ^ sum) & kCarries;
    return sum - (without >> 2 | without >> 3);
}

/// a - b, where a >= b.
template <class Word>
constexpr Word subtract_digits(Word a, Word b) {
    // A digit that borrowed took 16 instead of 10.
    const Word difference = a - b;
    const Word borrowed = (a ^ b ^ difference) & kOnes<Word> << 4;
    return difference - (borrowed >> 2 | borrowed >> 3);
}

/// What a field of `bytes` bytes keeps of a true result. A zero is positive, unless digits were lost: then it
/// has the sign of the true result.
template <class Word>
constexpr PackedResult<Word> fit(const Packed<Word>& n, unsigned bytes) {
    const Word most = static_cast<Word>(~Word{0}) >> (8 * (sizeof(Word) - bytes) + 4);
    if (n.digits > most) return {{n.digits & most, n.negative}, 3};
    if (n.digits == 0) return {{}, 0};
    return {n, n.negative ? 1u : 2u};
}

/// The true sum. A zero may have either sign.
template <class Word>
constexpr Packed<Word> sum(const Packed<Word>& a, const Packed<Word>& b) {
    if (a.negative == b.negative) return {add_digits(a.digits, b.digits), a.negative};
    if (a.digits >= b.digits) return {subtract_digits(a.digits, b.digits), a.negative};
    return {subtract_digits(b.digits, a.digits), b.negative};
}

/// Condition code of COMPARE DECIMAL: 0 equal (also plus and minus zero), 1 `a` low, 2 `a` high.
template <class Word>
constexpr unsigned compare(const Packed<Word>& a, const Packed<Word>& b) {
    if ((a.digits | b.digits) == 0) return 0;
    if (a.negative != b.negative) return a.negative ? 1 : 2;
    if (a.digits == b.digits) return 0;
    return (a.digits < b.digits) != a.negative ? 1 : 2;
}

/// SHIFT AND ROUND DECIMAL in a field of `bytes` bytes. `shift` is the low six bits of the second-operand
/// address: a signed number of digits, 1..31 left, -1..-32 right; `rounding` (0..9) is added to the last
/// digit that a right shift drops.
constexpr PackedResult<uint128> shift_and_round(const Packed<uint128>& a, int shift, unsigned rounding,
                                                unsigned bytes) {
    if (shift < 0) {
        // The rounding digit meets the last digit dropped; whatever lies to the right of it has no say.
        const uint128 with_last = a.digits >> 4 * (-shift - 1);
        return fit(Packed<uint128>{add_digits(with_last, uint128{rounding}) >> 4, a.negative}, bytes);
    }
    // Digits that would leave the field are cut off first: 31 digits shifted by 31 do not fit in 128 bits.
    const auto places = static_cast<unsigned>(shift);
    const unsigned kept = places < digits_of(bytes) ? digits_of(bytes) - places : 0;
    const uint128 lost = a.digits >> 4 * kept;
    const uint128 shifted = kept == 0 ? 0 : (a.digits ^ lost << 4 * kept) << 4 * places;
    if (lost != 0) return {{shifted, a.negative}, 3};
    return fit(Packed<uint128>{shifted, a.negative}, bytes);
}

}  // namespace isa::decimal
