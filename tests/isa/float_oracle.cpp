// Random floating-point operands against a second formulation: fractions as rows of hexadecimal digits,
// shifted, added, multiplied and divided one digit at a time as GA22-7000 chapter 9 tells it.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <random>
#include <vector>

#include "isa/hex_float.hpp"
#include "isa/psw.hpp"

using namespace isa;

namespace {

using Row = std::vector<int>;  // hexadecimal digits, most significant first

bool is_zero(const Row& r) {
    return std::all_of(r.begin(), r.end(), [](int d) { return d == 0; });
}

/// sign, characteristic and any number of fraction digits
struct Slow {
    bool minus = false;
    int characteristic = 0;
    Row digits;
};

Slow take_apart(uint64_t image, unsigned digits) {
    Slow s{image >> 63 != 0, static_cast<int>(image >> 56 & 0x7F), {}};
    for (unsigned i = 0; i < digits; ++i) s.digits.push_back(static_cast<int>(image >> (52 - 4 * i) & 0xF));
    return s;
}

Slow take_apart(const hex_float::Extended& x) {
    Slow s = take_apart(x.high, 14);
    const Slow low = take_apart(x.low, 14);
    s.digits.insert(s.digits.end(), low.digits.begin(), low.digits.end());
    return s;
}

uint64_t put_together(bool minus, int characteristic, const Row& digits) {
    uint64_t image = 0;
    for (unsigned i = 0; i < 14; ++i)
        image = image << 4 | static_cast<uint64_t>(i < digits.size() ? digits[i] : 0);
    return image | static_cast<uint64_t>(minus) << 63 |
           static_cast<uint64_t>((characteristic + 256) % 128) << 56;
}

struct Answer {
    uint64_t high = 0;
    uint64_t low = 0;
    ProgramCode exception{};
    bool operator==(const Answer&) const = default;
};

doctest::String toString(const Answer& a) {
    return fmt::format("{:016X} {:016X} exception {:X}", a.high, a.low, static_cast<unsigned>(a.exception))
        .c_str();
}

/// Cuts a result to its digits and answers range exceptions.
Answer settle(Slow s, unsigned digits, unsigned mask, bool normalized, bool zero_is_significance) {
    if (zero_is_significance && is_zero(s.digits)) {
        if ((mask & kMaskSignificance) == 0) return {};
        s.minus = false;
    }
    Answer a;
    if (normalized && !is_zero(s.digits)) {
        while (s.digits.front() == 0) {
            s.digits.erase(s.digits.begin());
            s.digits.push_back(0);
            --s.characteristic;
        }
    }
    s.digits.resize(digits);
    if (s.characteristic > 127) a.exception = ProgramCode::exponent_overflow;
    if (s.characteristic < 0) {
        if ((mask & kMaskExponentUnderflow) == 0) return {};
        a.exception = ProgramCode::exponent_underflow;
    }
    if (zero_is_significance && is_zero(s.digits)) a.exception = ProgramCode::significance;
    a.high = put_together(s.minus, s.characteristic, s.digits);
    // A true zero never comes here.
    if (digits == 28)
        a.low = put_together(s.minus, s.characteristic - 14, Row(s.digits.begin() + 14, s.digits.end()));
    return a;
}

/// The aligned sum, one guard digit longer than the operands and one carry digit in front.
Slow slow_sum(Slow a, Slow b, size_t digits) {
    a.digits.resize(digits + 1);
    b.digits.resize(digits + 1);
    for (Slow* s : {&a, &b}) {
        const int target = std::max(a.characteristic, b.characteristic);
        for (; s->characteristic < target; ++s->characteristic) {
            s->digits.pop_back();
            s->digits.insert(s->digits.begin(), 0);
        }
        s->digits.insert(s->digits.begin(), 0);
    }
    const bool same = a.minus == b.minus;
    if (!same && a.digits < b.digits) std::swap(a, b);
    int carry = 0;
    for (size_t i = a.digits.size(); i-- > 0;) {
        int d = a.digits[i] + (same ? b.digits[i] : -b.digits[i]) + carry;
        carry = d < 0 ? -1 : d / 16;
        a.digits[i] = (d + 16) % 16;
    }
    if (a.digits.front() == 0) {
        a.digits.erase(a.digits.begin());
    } else {
        ++a.characteristic;
    }
    return a;
}

Answer slow_add(const Slow& a, const Slow& b, unsigned digits, unsigned mask) {
    return settle(slow_sum(a, b, digits), digits, mask, true, true);
}

Answer slow_add_unnormalized(const Slow& a, const Slow& b, unsigned digits, unsigned mask) {
    Slow s = slow_sum(a, b, digits);
    s.digits.resize(digits);
    return settle(s, digits, mask, false, true);
}

Slow normalized(Slow s) {
    while (s.digits.front() == 0) {
        s.digits.erase(s.digits.begin());
        s.digits.push_back(0);
        --s.characteristic;
    }
    return s;
}

Answer slow_multiply(const Slow& a, const Slow& b, unsigned result_digits, unsigned mask) {
    if (is_zero(a.digits) || is_zero(b.digits)) return {};
    const Slow x = normalized(a);
    const Slow y = normalized(b);
    const size_t n = x.digits.size();
    Slow product{a.minus != b.minus, x.characteristic + y.characteristic - 64, Row(2 * n, 0)};
    for (size_t i = n; i-- > 0;) {
        int carry = 0;
        for (size_t j = n; j-- > 0;) {
            const int d = product.digits[i + j + 1] + x.digits[i] * y.digits[j] + carry;
            product.digits[i + j + 1] = d % 16;
            carry = d / 16;
        }
        product.digits[i] += carry;
    }
    return settle(product, result_digits, mask, true, false);
}

/// Subtracts where possible; false leaves `a` alone.
bool try_subtract(Row& a, const Row& b) {
    if (a < b) return false;
    int borrow = 0;
    for (size_t i = a.size(); i-- > 0;) {
        int d = a[i] - b[i] - borrow;
        borrow = d < 0 ? 1 : 0;
        a[i] = (d + 16) % 16;
    }
    return true;
}

Answer slow_divide(const Slow& a, const Slow& b, unsigned digits, unsigned mask) {
    if (is_zero(a.digits)) return {};
    const Slow x = normalized(a);
    const Slow y = normalized(b);
    Row remainder = x.digits;
    Row divisor = y.digits;
    remainder.insert(remainder.begin(), 0);
    divisor.insert(divisor.begin(), 0);
    // The first quotient digit is the integer part: one place to the left of the fraction.
    Slow quotient{a.minus != b.minus, x.characteristic - y.characteristic + 64 + 1, {}};
    for (unsigned i = 0; i <= digits; ++i) {
        int q = 0;
        while (try_subtract(remainder, divisor)) ++q;
        quotient.digits.push_back(q);
        remainder.erase(remainder.begin());
        remainder.push_back(0);
    }
    return settle(quotient, digits, mask, true, false);
}

class Random {
  public:
    explicit Random(unsigned seed) : engine_(seed) {}
    unsigned below(unsigned n) { return static_cast<unsigned>(engine_() % n); }
    bool one_in(unsigned n) { return below(n) == 0; }

    /// Fractions with leading zeros, trailing zeros, runs of F; characteristics that meet, and extreme ones.
    uint64_t number() {
        uint64_t fraction = engine_() & 0x00FFFFFFFFFFFFFF;
        switch (below(8)) {
            case 0: fraction >>= 4 * below(15); break;
            case 1: fraction &= ~0ull << 4 * below(14); break;
            case 2: fraction |= 0x00FFFFFFFFFFFFFFull >> 4 * below(14); break;
            case 3: fraction = uint64_t{1 + below(15)} << 4 * below(14); break;
            case 4: fraction = one_in(2) ? 0 : previous_ & 0x00FFFFFFFFFFFFFF; break;
            default: fraction |= 0x0010000000000000; break;
        }
        fraction &= 0x00FFFFFFFFFFFFFF;
        const unsigned characteristic = one_in(4)   ? below(128)
                                        : one_in(6) ? below(3)
                                        : one_in(6) ? 125 + below(3)
                                                    : 56 + below(16);
        previous_ = uint64_t{below(2)} << 63 | uint64_t{characteristic} << 56 | fraction;
        return previous_;
    }

  private:
    std::mt19937_64 engine_;
    uint64_t previous_ = 0;
};

Answer answer(const hex_float::Result<uint32_t>& r) { return {uint64_t{r.value} << 32, 0, r.exception}; }
Answer answer(const hex_float::Result<uint64_t>& r) { return {r.value, 0, r.exception}; }
Answer answer(const hex_float::Result<hex_float::Extended>& r) {
    return {r.value.high, r.value.low, r.exception};
}

uint32_t left(uint64_t x) { return static_cast<uint32_t>(x >> 32); }

}  // namespace

// Chapter 9, "Extended Results": the low-order characteristic is 14 less than the other, modulo 128.
TEST_CASE("an extended zero that is a significance exception has a low-order characteristic") {
    const hex_float::Extended a{0x0012345678ABCDEF, 0x7213579BDF02468A};
    const hex_float::Extended b{a.high | uint64_t{1} << 63, a.low | uint64_t{1} << 63};
    const Answer expected{0, 0x7200000000000000, ProgramCode::significance};
    CHECK(answer(hex_float::add(a, b, kMaskSignificance)) == expected);
    CHECK(slow_add(take_apart(a), take_apart(b), 28, kMaskSignificance) == expected);
}

TEST_CASE("random floating-point operands agree with digit-by-digit arithmetic") {
    Random random(370);
    for (unsigned i = 0; i < 20000; ++i) {
        const uint64_t a = random.number();
        const uint64_t b = random.number();
        const hex_float::Extended xa{a, random.number()};
        const hex_float::Extended xb{b, random.number()};
        const unsigned mask = random.below(16);
        const Slow a6 = take_apart(a, 6);
        const Slow b6 = take_apart(b, 6);
        const Slow a14 = take_apart(a, 14);
        const Slow b14 = take_apart(b, 14);
        const Slow a28 = take_apart(xa);
        const Slow b28 = take_apart(xb);
        CAPTURE(fmt::format("{:016X}", a));
        CAPTURE(fmt::format("{:016X}", b));
        CAPTURE(fmt::format("{:016X}", xa.low));
        CAPTURE(fmt::format("{:016X}", xb.low));
        CAPTURE(mask);

        REQUIRE(answer(hex_float::add(left(a), left(b), mask)) == slow_add(a6, b6, 6, mask));
        REQUIRE(answer(hex_float::add(a, b, mask)) == slow_add(a14, b14, 14, mask));
        REQUIRE(answer(hex_float::add(xa, xb, mask)) == slow_add(a28, b28, 28, mask));
        REQUIRE(answer(hex_float::add_unnormalized(left(a), left(b), mask)) ==
                slow_add_unnormalized(a6, b6, 6, mask));
        REQUIRE(answer(hex_float::add_unnormalized(a, b, mask)) == slow_add_unnormalized(a14, b14, 14, mask));
        REQUIRE(answer(hex_float::multiply(left(a), left(b), mask)) == slow_multiply(a6, b6, 14, mask));
        REQUIRE(answer(hex_float::multiply(a, b, mask)) == slow_multiply(a14, b14, 14, mask));
        REQUIRE(answer(hex_float::multiply_to_extended(a, b, mask)) == slow_multiply(a14, b14, 28, mask));
        REQUIRE(answer(hex_float::multiply(xa, xb, mask)) == slow_multiply(a28, b28, 28, mask));

        const auto short_quotient = hex_float::divide(left(a), left(b), mask);
        REQUIRE(short_quotient.has_value() == !is_zero(b6.digits));
        if (short_quotient) REQUIRE(answer(*short_quotient) == slow_divide(a6, b6, 6, mask));
        const auto long_quotient = hex_float::divide(a, b, mask);
        REQUIRE(long_quotient.has_value() == !is_zero(b14.digits));
        if (long_quotient) REQUIRE(answer(*long_quotient) == slow_divide(a14, b14, 14, mask));

        // Half of a number is its product with 8/16.
        const Slow half6{false, 64, {8, 0, 0, 0, 0, 0}};
        Slow half14 = half6;
        half14.digits.resize(14);
        REQUIRE(answer(hex_float::halve(left(a), mask)) == slow_multiply(a6, half6, 6, mask));
        REQUIRE(answer(hex_float::halve(a, mask)) == slow_multiply(a14, half14, 14, mask));

        // COMPARE is the sign of the unnormalized difference.
        Slow minus_b6 = b6;
        minus_b6.minus = !minus_b6.minus;
        const Slow difference6 = slow_sum(a6, minus_b6, 6);
        REQUIRE(hex_float::compare(left(a), left(b)) == (is_zero(difference6.digits) ? 0u
                                                         : difference6.minus         ? 1u
                                                                                     : 2u));
        Slow minus_b = b14;
        minus_b.minus = !minus_b.minus;
        const Slow difference = slow_sum(a14, minus_b, 14);
        REQUIRE(hex_float::compare(a, b) == (is_zero(difference.digits) ? 0u : difference.minus ? 1u : 2u));
    }
}
