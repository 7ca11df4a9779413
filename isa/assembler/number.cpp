#include "isa/assembler/number.hpp"

#include <algorithm>

namespace isa::assembler {
namespace {

/// An unsigned integer of any size: just what exact conversion needs.
class Big {
  public:
    void multiply_add(uint32_t factor, uint32_t addend) {
        uint64_t carry = addend;
        for (uint32_t& w : words_) {
            carry += uint64_t{w} * factor;
            w = static_cast<uint32_t>(carry);
            carry >>= 32;
        }
        if (carry != 0) words_.push_back(static_cast<uint32_t>(carry));
    }
    void shift_left(unsigned bits) {
        if (words_.empty()) return;
        words_.insert(words_.begin(), bits / 32, 0);
        if (bits % 32 != 0) multiply_add(1u << bits % 32, 0);
    }
    bool zero() const { return words_.empty(); }
    unsigned bit_count() const {
        if (words_.empty()) return 0;
        unsigned top = 32;
        while ((words_.back() >> (top - 1)) == 0) --top;
        return static_cast<unsigned>(words_.size() - 1) * 32 + top;
    }
    bool bit(unsigned n) const { return n / 32 < words_.size() && (words_[n / 32] >> n % 32 & 1) != 0; }
    bool operator>=(const Big& other) const {
        if (words_.size() != other.words_.size()) return words_.size() > other.words_.size();
        for (std::size_t i = words_.size(); i-- > 0;)
            if (words_[i] != other.words_[i]) return words_[i] > other.words_[i];
        return true;
    }
    void subtract(const Big& other) {
        uint64_t borrow = 0;
        for (std::size_t i = 0; i < words_.size(); ++i) {
            const uint64_t take = borrow + (i < other.words_.size() ? other.words_[i] : 0);
            borrow = words_[i] < take ? 1 : 0;
            words_[i] = static_cast<uint32_t>(words_[i] - take);
        }
        while (!words_.empty() && words_.back() == 0) words_.pop_back();
    }
    void increment() {
        for (uint32_t& w : words_)
            if (++w != 0) return;
        words_.push_back(1);
    }
    /// Quotient; `remainder_twice_ge` tells whether twice the remainder reaches the divisor.
    Big divide(const Big& divisor, bool& remainder_twice_ge) const {
        Big quotient;
        Big remainder;
        for (unsigned i = bit_count(); i-- > 0;) {
            remainder.shift_left(1);
            if (bit(i)) remainder.multiply_add_one();
            const bool one = remainder >= divisor;
            if (one) remainder.subtract(divisor);
            quotient.shift_left(1);
            if (one) quotient.multiply_add_one();
        }
        remainder.shift_left(1);
        remainder_twice_ge = remainder >= divisor;
        return quotient;
    }

  private:
    void multiply_add_one() {
        if (words_.empty())
            words_.push_back(1);
        else
            words_[0] |= 1;
    }
    std::vector<uint32_t> words_;  // least significant first, no leading zeros
};

/// digits * 10^exponent as numerator and denominator.
void to_ratio(const DecimalNumber& n, Big& numerator, Big& denominator) {
    for (char c : n.digits) numerator.multiply_add(10, static_cast<uint32_t>(c - '0'));
    denominator.multiply_add(1, 1);
    Big& scaled = n.exponent >= 0 ? numerator : denominator;
    if (!numerator.zero())
        for (int i = 0; i < std::abs(n.exponent); ++i) scaled.multiply_add(10, 0);
}

/// round(numerator / denominator * 2^shift), a half away from zero.
Big rounded(Big numerator, Big denominator, int shift) {
    if (shift >= 0)
        numerator.shift_left(static_cast<unsigned>(shift));
    else
        denominator.shift_left(static_cast<unsigned>(-shift));
    bool up = false;
    Big q = numerator.divide(denominator, up);
    if (up) q.increment();
    return q;
}

int floor_of_quarter(int n) { return n >= 0 ? n / 4 : -((-n + 3) / 4); }

bool less_than_power_of_16(Big numerator, Big denominator, int exponent) {
    if (exponent >= 0)
        denominator.shift_left(4 * static_cast<unsigned>(exponent));
    else
        numerator.shift_left(4 * static_cast<unsigned>(-exponent));
    return !(numerator >= denominator);
}

}  // namespace

std::optional<DecimalNumber> parse_decimal_number(std::string_view text) {
    DecimalNumber n;
    std::size_t i = 0;
    const auto sign = [&] {
        if (i < text.size() && (text[i] == '+' || text[i] == '-')) return text[i++] == '-';
        return false;
    };
    const auto digit = [&] { return i < text.size() && text[i] >= '0' && text[i] <= '9'; };
    n.negative = sign();
    bool any = false;
    bool point = false;
    for (; digit() || (!point && i < text.size() && text[i] == '.'); ++i) {
        if (text[i] == '.') {
            point = true;
            continue;
        }
        any = true;
        if (!(n.digits.empty() && text[i] == '0')) n.digits.push_back(text[i]);
        if (point) --n.exponent;
    }
    if (!any) return std::nullopt;
    if (i < text.size() && (text[i] == 'E' || text[i] == 'e')) {
        ++i;
        const bool negative = sign();
        if (!digit()) return std::nullopt;
        int exponent = 0;
        for (; digit(); ++i) {
            exponent = exponent * 10 + (text[i] - '0');
            if (exponent > 999) return std::nullopt;
        }
        n.exponent += negative ? -exponent : exponent;
    }
    if (i != text.size()) return std::nullopt;
    return n;
}

BitField to_fixed_point(const DecimalNumber& number, int scale, unsigned bits) {
    Big numerator;
    Big denominator;
    to_ratio(number, numerator, denominator);
    const Big magnitude = rounded(std::move(numerator), std::move(denominator), scale);
    // The most negative number has no positive counterpart.
    uint64_t value = 0;
    for (unsigned i = std::min(magnitude.bit_count(), 64u); i-- > 0;)
        value = value << 1 | (magnitude.bit(i) ? 1 : 0);
    const uint64_t limit = uint64_t{1} << (bits - 1);
    BitField field;
    field.bits = bits;
    field.truncated = magnitude.bit_count() > bits || (number.negative ? value > limit : value >= limit);
    if (number.negative) value = ~value + 1;
    value <<= 64 - bits;
    for (unsigned i = 0; i < (bits + 7) / 8; ++i)
        field.bytes.push_back(static_cast<uint8_t>(value >> (56 - 8 * i)));
    return field;
}

std::optional<BitField> to_hexadecimal_float(const DecimalNumber& number, int scale, unsigned bits) {
    constexpr unsigned kCharacteristic = 8;  // bits, the sign among them
    constexpr unsigned kDoubleword = 64;
    const bool two_parts = bits > kDoubleword;
    constexpr unsigned kFirstFraction = kDoubleword - kCharacteristic;
    const unsigned fraction_bits = !two_parts ? std::max(bits, kCharacteristic) - kCharacteristic
                                   : bits > kDoubleword + kCharacteristic ? bits - 2 * kCharacteristic
                                                                          : kFirstFraction;
    BitField field;
    field.bits = bits;
    field.bytes.assign((bits + 7) / 8, 0);
    if (number.digits.empty()) return field;
    Big numerator;
    Big denominator;
    to_ratio(number, numerator, denominator);
    // value = fraction * 16^exponent with 1/16 <= fraction < 1, before scaling and rounding.
    int exponent = floor_of_quarter(static_cast<int>(numerator.bit_count()) -
                                    static_cast<int>(denominator.bit_count()) - 1);
    while (!less_than_power_of_16(numerator, denominator, exponent)) ++exponent;
    Big fraction;
    for (;; ++exponent) {
        fraction = rounded(numerator, denominator, static_cast<int>(fraction_bits) - 4 * (exponent + scale));
        // Unless rounding made a further digit, which takes the place of one of the zeros.
        const int places = static_cast<int>(fraction_bits) - 4 * scale;
        if (places <= 0 || static_cast<int>(fraction.bit_count()) <= places) break;
    }
    field.lost = fraction.zero();
    exponent += scale;
    if (exponent < -64 || exponent > 63) return std::nullopt;
    const auto set = [&](unsigned bit) {
        field.bytes[bit / 8] = static_cast<uint8_t>(field.bytes[bit / 8] | 0x80u >> bit % 8);
    };
    const auto characteristic = [&](unsigned at, unsigned value) {
        for (unsigned i = 0; i < kCharacteristic && at + i < bits; ++i)
            if ((value >> (kCharacteristic - 1 - i) & 1) != 0) set(at + i);
    };
    const unsigned sign = number.negative ? 0x80 : 0;
    characteristic(0, sign | static_cast<unsigned>(exponent + 64));
    if (two_parts) characteristic(kDoubleword, sign | (static_cast<unsigned>(exponent + 64 - 14) & 0x7F));
    for (unsigned i = 0; i < fraction_bits; ++i) {  // the most significant first
        if (!fraction.bit(fraction_bits - 1 - i)) continue;
        const unsigned at = kCharacteristic + i;
        set(two_parts && at >= kDoubleword ? at + kCharacteristic : at);
    }
    return field;
}

}  // namespace isa::assembler
