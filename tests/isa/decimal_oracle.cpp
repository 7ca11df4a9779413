// Random decimal instructions against a second formulation: schoolbook arithmetic on strings of digits, and
// for editing the rows of the manual's table "Summary of Editing Functions" (GA22-7000 chapter 8).
#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <string>

#include "tests/isa/test_cpu.hpp"

using namespace isa;
using namespace isa::test;

namespace {

/// Decimal digits, most significant first, all of the same length within one computation; and a sign.
struct Digits {
    std::string text;
    bool minus = false;
};

bool is_zero(const std::string& digits) { return digits.find_first_not_of('0') == std::string::npos; }

std::string widen(const std::string& digits, size_t width) {
    return digits.size() >= width ? digits : std::string(width - digits.size(), '0') + digits;
}

/// Drops digits on the left; `lost` tells whether any of them was not zero.
std::string narrow(const std::string& digits, size_t width, bool& lost) {
    const std::string full = widen(digits, width);
    lost = !is_zero(full.substr(0, full.size() - width));
    return full.substr(full.size() - width);
}

std::string add_magnitudes(const std::string& a, const std::string& b) {
    const size_t width = std::max(a.size(), b.size()) + 1;
    std::string x = widen(a, width);
    const std::string y = widen(b, width);
    int carry = 0;
    for (size_t i = width; i-- > 0;) {
        const int sum = (x[i] - '0') + (y[i] - '0') + carry;
        x[i] = static_cast<char>('0' + sum % 10);
        carry = sum / 10;
    }
    return x;
}

/// a - b, where a >= b.
std::string subtract_magnitudes(const std::string& a, const std::string& b) {
    const size_t width = std::max(a.size(), b.size());
    std::string x = widen(a, width);
    const std::string y = widen(b, width);
    int borrow = 0;
    for (size_t i = width; i-- > 0;) {
        int difference = x[i] - y[i] - borrow;
        borrow = difference < 0 ? 1 : 0;
        if (difference < 0) difference += 10;
        x[i] = static_cast<char>('0' + difference);
    }
    return x;
}

bool less(const std::string& a, const std::string& b) {
    const size_t width = std::max(a.size(), b.size());
    return widen(a, width) < widen(b, width);
}

Digits sum(const Digits& a, const Digits& b) {
    if (a.minus == b.minus) return {add_magnitudes(a.text, b.text), a.minus};
    if (less(a.text, b.text)) return {subtract_magnitudes(b.text, a.text), b.minus};
    return {subtract_magnitudes(a.text, b.text), a.minus};
}

Digits read_packed(const std::string& hex) {
    return {hex.substr(0, hex.size() - 1), hex.back() == 'B' || hex.back() == 'D'};
}

std::string write_packed(const Digits& d) { return d.text + (d.minus ? 'D' : 'C'); }

struct Expected {
    std::string first;
    unsigned condition = 2;  // as before the instruction
    ProgramCode exception = kNoException;
};

/// What a field of `digits` digits shows of a true result, with condition code and overflow.
Expected fitted(const Digits& result, size_t digits, unsigned mask) {
    bool lost = false;
    Digits kept{narrow(result.text, digits, lost), result.minus};
    Expected e;
    if (lost) {
        e.condition = 3;
        if ((mask & 4) != 0) e.exception = ProgramCode::decimal_overflow;
    } else if (is_zero(kept.text)) {
        kept.minus = false;
        e.condition = 0;
    } else {
        e.condition = kept.minus ? 1 : 2;
    }
    e.first = write_packed(kept);
    return e;
}

bool packed_valid(const std::string& hex) {
    return hex.back() > '9' && hex.find_first_of("ABCDEF") == hex.size() - 1;
}

class Random {
  public:
    explicit Random(unsigned seed) : engine_(seed) {}
    unsigned below(unsigned n) { return static_cast<unsigned>(engine_() % n); }
    bool one_in(unsigned n) { return below(n) == 0; }

    /// A packed field: often with leading zeros, sometimes with an invalid code.
    std::string packed(unsigned bytes) {
        std::string hex;
        const unsigned zeros = one_in(2) ? below(2 * bytes) : 0;
        const bool nines = one_in(8);
        for (unsigned i = 0; i + 1 < 2 * bytes; ++i)
            hex += i < zeros ? '0' : nines ? '9' : static_cast<char>('0' + below(10));
        hex += one_in(8) ? "ABEF"[below(4)] : "CD"[below(2)];
        if (one_in(40)) hex[below(static_cast<unsigned>(hex.size()))] = "0123456789ABCDEF"[below(16)];
        return hex;
    }

  private:
    std::minstd_rand engine_;
};

std::string hex_digits(unsigned value, unsigned digits) {
    std::string text(digits, '0');
    for (unsigned i = digits; i-- > 0; value >>= 4) text[i] = "0123456789ABCDEF"[value & 0xF];
    return text;
}

constexpr unsigned kRounds = 3000;

Expected expect_arithmetic(const std::string& op, const std::string& a, const std::string& b, unsigned mask) {
    const size_t n1 = a.size() / 2;
    const size_t n2 = b.size() / 2;
    Expected same{a};
    if (op == "FC" || op == "FD") {
        if (n2 > 8 || n2 >= n1) return {a, 2, ProgramCode::specification};
    }
    if (!packed_valid(b) || (op != "F8" && !packed_valid(a))) return {a, 2, ProgramCode::data};
    const Digits x = op == "F8" ? Digits{"0"} : read_packed(a);
    Digits y = read_packed(b);
    if (op == "FA" || op == "F8") return fitted(sum(x, y), 2 * n1 - 1, mask);
    if (op == "FB" || op == "F9") {
        y.minus = !y.minus;
        if (op == "FB") return fitted(sum(x, y), 2 * n1 - 1, mask);
        const Digits difference = sum(x, y);
        same.condition = is_zero(difference.text) ? 0 : difference.minus ? 1 : 2;
        return same;
    }
    if (op == "FC") {
        if (!is_zero(x.text.substr(0, 2 * n2))) return {a, 2, ProgramCode::data};
        std::string product = "0";
        for (size_t i = 0; i < y.text.size(); ++i) {
            product += '0';
            for (char n = '0'; n < y.text[i]; ++n) product = add_magnitudes(product, x.text);
        }
        bool lost = false;
        same.first = write_packed({narrow(product, 2 * n1 - 1, lost), x.minus != y.minus});
        CHECK(!lost);
        return same;
    }
    // Long division, digit by digit, by repeated subtraction.
    if (is_zero(y.text)) return {a, 2, ProgramCode::decimal_divide};
    std::string remainder = "0";
    std::string quotient;
    for (const char digit : x.text) {
        remainder += digit;
        char q = '0';
        for (; !less(remainder, y.text); ++q) remainder = subtract_magnitudes(remainder, y.text);
        quotient += q;
    }
    bool lost = false;
    quotient = narrow(quotient, 2 * (n1 - n2) - 1, lost);
    if (lost) return {a, 2, ProgramCode::decimal_divide};
    same.first = write_packed({quotient, x.minus != y.minus}) +
                 write_packed({narrow(remainder, 2 * n2 - 1, lost), x.minus});
    return same;
}

}  // namespace

TEST_CASE("random AP, SP, ZAP, CP, MP, DP agree with schoolbook arithmetic on digits") {
    Random random(370);
    for (const std::string op : {"FA", "FB", "F8", "F9", "FC", "FD"}) {
        const bool factors = op == "FC" || op == "FD";
        for (unsigned i = 0; i < kRounds; ++i) {
            const unsigned n1 = 1 + random.below(16);
            const unsigned n2 =
                factors && !random.one_in(20) ? 1 + random.below(std::min(8u, n1)) : 1 + random.below(16);
            const std::string a = random.packed(n1);
            const std::string b = random.packed(n2);
            const unsigned mask = random.below(16);
            const Expected e = expect_arithmetic(op, a, b, mask);

            TestCpu cpu;
            cpu.set_gpr(12, 0x2000);
            cpu.set_gpr(13, 0x3000);
            cpu.put_hex(0x2000, a);
            cpu.put_hex(0x3000, b);
            cpu.state.psw.condition_code = 2;
            cpu.state.psw.program_mask = static_cast<uint8_t>(mask);
            const auto exception = execute(cpu, op + hex_digits((n1 - 1) << 4 | (n2 - 1), 2) + "C000D000");
            CAPTURE(op);
            CAPTURE(a);
            CAPTURE(b);
            CAPTURE(mask);
            REQUIRE(exception == e.exception);
            REQUIRE(cpu.condition_code() == e.condition);
            REQUIRE(cpu.hex(0x2000, n1) == e.first);
            REQUIRE(cpu.hex(0x3000, n2) == b);
        }
    }
}

namespace {

/// One of these instructions on two fields in a storage of which nothing else may change. What it is to do is
/// told by what the fields contain, whether or not they overlap.
class TwoFields {
  public:
    TwoFields() { cpu_.put_hex(kOutside, std::string(2 * kOutsideBytes, '7')); }

    struct Field {
        uint32_t at;
        unsigned bytes;
    };
    void put(const Field& field, const std::string& hex) { cpu_.put_hex(field.at, hex); }

    void check(const std::string& op, const Field& first, const Field& second, unsigned mask) {
        const std::string a = cpu_.hex(first.at, first.bytes), b = cpu_.hex(second.at, second.bytes);
        Expected e = expect_arithmetic(op, a, b, mask);
        const auto ends_before = static_cast<int>(second.at + second.bytes - first.at - first.bytes);
        if (op == "F8" && ends_before > 0 && ends_before < static_cast<int>(second.bytes))
            e = {a, 2, ProgramCode::data};
        std::string all = cpu_.hex(kOutside, kOutsideBytes);
        all.replace(2 * (first.at - kOutside), a.size(), e.first);

        cpu_.set_gpr(12, first.at);
        cpu_.set_gpr(13, second.at);
        cpu_.state.psw.condition_code = 2;
        cpu_.state.psw.program_mask = static_cast<uint8_t>(mask);
        const unsigned lengths = (first.bytes - 1) << 4 | (second.bytes - 1);
        const auto exception = execute(cpu_, op + hex_digits(lengths, 2) + "C000D000");
        CAPTURE(op);
        CAPTURE(a);
        CAPTURE(b);
        CAPTURE(mask);
        CAPTURE(first.at);
        CAPTURE(second.at);
        REQUIRE(exception == e.exception);
        REQUIRE(cpu_.condition_code() == e.condition);
        REQUIRE(cpu_.hex(first.at, first.bytes) == e.first);
        REQUIRE((cpu_.hex(kOutside, kOutsideBytes) == all));
    }

    /// A place of a field that ends within 40 bytes of a boundary of storage protection.
    static Field anywhere(Random& random, unsigned bytes) {
        return {(random.one_in(2) ? 0x2800 : 0x3000) - 40 + random.below(80) - bytes, bytes};
    }

  private:
    static constexpr uint32_t kOutside = 0x2700;
    static constexpr unsigned kOutsideBytes = 0xA00;
    TestCpu cpu_;
};

const std::string kTwoFieldInstructions[] = {"FA", "FB", "F8", "F9", "FC", "FD"};

}  // namespace

TEST_CASE("AP, SP, ZAP, CP, MP, DP: every pair of lengths, anywhere in storage, overlapping or not") {
    Random random(374);
    TwoFields fields;
    for (const std::string& op : kTwoFieldInstructions)
        for (unsigned n1 = 1; n1 <= 16; ++n1)
            for (unsigned n2 = 1; n2 <= 16; ++n2)
                for (unsigned i = 0; i < 12; ++i) {
                    const auto first = TwoFields::anywhere(random, n1);
                    auto second = TwoFields::anywhere(random, n2);
                    // Fields that overlap mostly end at the same byte: else nearly all are in error.
                    if (i % 4 == 1) second.at = first.at + n1 - n2;
                    if (i % 4 == 2) second.at = first.at + random.below(33) - 16;
                    std::string a = random.packed(n1);
                    if (op == "FC" && n2 < n1 && i % 2 == 0)  // a factor that fits
                        a = std::string(2 * n2, '0') + a.substr(2 * n2);
                    fields.put(first, a);
                    fields.put(second, random.packed(n2));
                    fields.check(op, first, second, random.below(16));
                }
}

TEST_CASE("AP, SP, ZAP, CP, MP, DP: every code in every place of an operand") {
    Random random(375);
    TwoFields fields;
    for (const std::string& op : kTwoFieldInstructions)
        for (unsigned n = 1; n <= 16; ++n)
            for (unsigned place = 0; place < 2 * n; ++place)
                for (unsigned code = 0; code < 16; ++code) {
                    const bool second_operand = n <= 8 && (place + code) % 2 == 0;
                    const unsigned n1 = second_operand ? 16 : n, n2 = second_operand ? n : 1 + n / 8;
                    const auto first = TwoFields::anywhere(random, n1);
                    TwoFields::Field second{first.at + 0x40, n2};
                    std::string a(2 * n1 - 1, '0'), b(2 * n2 - 1, '0');
                    a += 'C';
                    b += random.one_in(2) ? 'C' : 'D';
                    b[b.size() > 2 ? b.size() - 2 : 0] = '1';
                    (second_operand ? b : a)[place] = "0123456789ABCDEF"[code];
                    fields.put(first, a);
                    fields.put(second, b);
                    fields.check(op, first, second, random.below(16));
                }
}

TEST_CASE("AP, SP, ZAP: carries and borrows through all digits, and out of them") {
    TwoFields fields;
    for (const std::string op : {"FA", "FB", "F8"})
        for (unsigned n1 = 1; n1 <= 16; ++n1)
            for (unsigned n2 = 1; n2 <= 16; ++n2)
                for (const char digit1 : {'0', '5', '9'})
                    for (const char digit2 : {'0', '5', '9'})
                        for (const char* signs : {"CC", "CD", "DC", "DD"}) {
                            const TwoFields::Field first{0x2900, n1}, second{0x2940, n2};
                            fields.put(first, std::string(2 * n1 - 1, digit1) + signs[0]);
                            fields.put(second, std::string(2 * n2 - 2, digit2) + '1' + signs[1]);
                            fields.check(op, first, second, 4);
                        }
}

TEST_CASE("random SRP agrees with shifting a string of digits") {
    Random random(371);
    for (unsigned i = 0; i < 4 * kRounds; ++i) {
        const unsigned n = 1 + random.below(16);
        const std::string a = random.packed(n);
        const unsigned shift = random.below(64);
        const unsigned rounding = random.one_in(30) ? random.below(16) : random.below(10);
        const unsigned mask = random.below(16);
        Expected e{a};
        if (!packed_valid(a) || rounding > 9) {
            e.exception = ProgramCode::data;
        } else {
            Digits d = read_packed(a);
            if (shift < 32) {
                d.text += std::string(shift, '0');
            } else {
                // Keep one digit more than the result has, add there, drop it.
                const unsigned right = 64 - shift;
                std::string text = std::string(32, '0') + d.text;
                text.resize(text.size() - (right - 1));
                text = add_magnitudes(text, std::string(1, static_cast<char>('0' + rounding)));
                text.pop_back();
                d.text = text;
            }
            e = fitted(d, 2 * n - 1, mask);
        }
        TestCpu cpu;
        cpu.set_gpr(12, 0x2000);
        cpu.put_hex(0x2000, a);
        cpu.state.psw.condition_code = 2;
        cpu.state.psw.program_mask = static_cast<uint8_t>(mask);
        const auto exception =
            execute(cpu, "F0" + hex_digits((n - 1) << 4 | rounding, 2) + "C0000" + hex_digits(shift, 3));
        CAPTURE(a);
        CAPTURE(shift);
        CAPTURE(rounding);
        REQUIRE(exception == e.exception);
        REQUIRE(cpu.condition_code() == e.condition);
        REQUIRE(cpu.hex(0x2000, n) == e.first);
    }
}

TEST_CASE("random ED and EDMK agree with the table of editing functions") {
    Random random(372);
    for (unsigned i = 0; i < 4 * kRounds; ++i) {
        TestCpu cpu;
        cpu.set_gpr(12, 0x2000);
        cpu.set_gpr(13, 0x3000);
        cpu.set_gpr(1, 0x12345678);
        cpu.state.psw.condition_code = 3;
        const unsigned length = 1 + random.below(random.one_in(20) ? 256 : 16);
        for (unsigned j = 0; j < length; ++j) {
            static constexpr uint8_t kBytes[] = {0x20, 0x20, 0x20, 0x20, 0x21, 0x22, 0x6B, 0x4B, 0x40, 0xC3};
            cpu.storage[0x2000 + j] = kBytes[random.below(10)];
        }
        for (unsigned j = 0; j < 256; ++j) {
            const unsigned left = random.one_in(60)  ? random.below(16)
                                  : random.one_in(3) ? 0
                                                     : random.below(10);
            const unsigned right = random.one_in(4)   ? 10 + random.below(6)
                                   : random.one_in(3) ? 0
                                                      : random.below(10);
            cpu.storage[0x3000 + j] = static_cast<uint8_t>(left << 4 | right);
        }

        // The table, row by row. `at` counts half bytes of the source.
        std::string pattern;
        for (unsigned j = 0; j < length; ++j) pattern += static_cast<char>(cpu.storage[0x2000 + j]);
        const std::string before = pattern;
        const char fill = pattern[0];
        unsigned at = 0;
        bool on = false;
        bool bad = false;
        bool nonzero = false;
        uint32_t mark = 0x12345678;
        for (unsigned j = 0; j < length && !bad; ++j) {
            const auto p = static_cast<uint8_t>(pattern[j]);
            if (p == 0x20 || p == 0x21) {
                const uint8_t source = cpu.storage[0x3000 + at / 2];
                const bool left = at % 2 == 0;
                const unsigned digit = left ? source >> 4 : source & 0xF;
                const unsigned right = source & 0xF;
                if (digit > 9) bad = true;
                const bool sign = left && right > 9;
                const bool plus = sign && right != 0xB && right != 0xD;
                at += sign ? 2 : 1;
                if (digit != 0) nonzero = true;
                if (!on && digit == 0) {
                    pattern[j] = fill;
                    on = p == 0x21 && !plus;
                } else {
                    if (!on) mark = 0x12000000 | (0x2000 + j);
                    pattern[j] = static_cast<char>(0xF0 | digit);
                    on = !plus;
                }
            } else if (p == 0x22) {
                pattern[j] = fill;
                on = false;
                nonzero = false;
            } else if (!on) {
                pattern[j] = fill;
            }
        }
        const bool marking = random.one_in(2);
        const auto exception = execute(cpu, (marking ? "DF" : "DE") + hex_digits(length - 1, 2) + "C000D000");
        std::string after;
        for (unsigned j = 0; j < length; ++j) after += static_cast<char>(cpu.storage[0x2000 + j]);
        REQUIRE(exception == (bad ? ProgramCode::data : kNoException));
        REQUIRE((after == (bad ? before : pattern)));
        REQUIRE(cpu.condition_code() == (bad ? 3 : !nonzero ? 0 : on ? 1 : 2));
        REQUIRE(cpu.gpr(1) == (marking && !bad ? mark : 0x12345678));
    }
}

TEST_CASE("random CVB and CVD agree with 64-bit arithmetic, and undo each other") {
    Random random(373);
    for (unsigned i = 0; i < 4 * kRounds; ++i) {
        TestCpu cpu;
        cpu.set_gpr(12, 0x2000);
        cpu.set_gpr(7, 0x12345678);
        std::string a = random.packed(8);
        if (random.one_in(2)) a = "00000" + a.substr(5);
        cpu.put_hex(0x2000, a);
        const auto exception = execute(cpu, "4F70C000");
        if (!packed_valid(a)) {
            REQUIRE(exception == ProgramCode::data);
            REQUIRE(cpu.gpr(7) == 0x12345678);
            continue;
        }
        const Digits d = read_packed(a);
        int64_t value = std::stoll(d.text);
        if (d.minus) value = -value;
        const bool fits = value >= -2147483648LL && value <= 2147483647LL;
        CAPTURE(a);
        REQUIRE(exception == (fits ? kNoException : ProgramCode::fixed_point_divide));
        REQUIRE(cpu.gpr(7) == static_cast<uint32_t>(value));
        if (fits) {
            REQUIRE(execute(cpu, "4E70C008") == kNoException);
            const bool minus = value < 0;
            REQUIRE(cpu.hex(0x2008, 8) == write_packed({d.text, minus}));
        }
    }
}
