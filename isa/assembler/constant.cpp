#include "isa/assembler/constant.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "isa/assembler/number.hpp"
#include "isa/ebcdic.hpp"

namespace isa::assembler {
namespace {

constexpr int64_t kMaximumDuplication = 0xFFFFFF;
constexpr unsigned kMaximumStorageLength = 65535;  // DS of types C and X

struct TypeRules {
    char type;
    unsigned implied;      // bytes; 0: the value tells
    unsigned alignment;    // without length modifier
    unsigned least, most;  // length modifier
    bool parentheses;      // the nominal value is in parentheses, not in apostrophes
};

constexpr TypeRules kTypes[] = {
    {'C', 0, 1, 1, 256, false}, {'X', 0, 1, 1, 256, false}, {'B', 0, 1, 1, 256, false},
    {'F', 4, 4, 1, 8, false},   {'H', 2, 2, 1, 8, false},   {'E', 4, 4, 2, 8, false},
    {'D', 8, 8, 2, 8, false},   {'L', 16, 8, 9, 16, false}, {'P', 0, 1, 1, 16, false},
    {'Z', 0, 1, 1, 16, false},  {'A', 4, 4, 1, 4, true},    {'Y', 2, 2, 1, 2, true},
    {'S', 2, 2, 2, 2, true},    {'V', 4, 4, 3, 4, true},
};

const TypeRules* rules_of(char type) {
    const auto* it = std::find_if(std::begin(kTypes), std::end(kTypes),
                                  [&](const TypeRules& r) { return r.type == type; });
    return it == std::end(kTypes) ? nullptr : it;
}

/// A modifier's value: a decimal number, signed if that is meaningful, or an expression in parentheses.
int64_t modifier(Cursor& c, const Scope& scope, const char* what, int64_t low, int64_t high) {
    if (c.peek() == '(') {
        ++c.at;
        const int64_t n = parse_absolute(c, scope, what, low, high);
        c.expect(')', "behind it");
        return n;
    }
    const std::size_t begin = c.at;
    const bool negative = c.peek() == '-';
    if (c.peek() == '-' || c.peek() == '+') ++c.at;
    if (!is_digit(c.peek())) c.fail(fmt::format("expected {}, found {}", what, c.found()));
    int64_t n = 0;
    while (is_digit(c.peek())) {
        n = std::min<int64_t>(n * 10 + (c.peek() - '0'), int64_t{1} << 40);
        ++c.at;
    }
    if (negative) n = -n;
    if (n < low || n > high)
        throw SourceError(begin, fmt::format("{} is {}, which is not in {} to {}", what, n, low, high));
    return n;
}

/// Characters of a C constant: doubled apostrophes and ampersands stand for one.
std::vector<uint8_t> characters(std::string_view text, Field value) {
    std::vector<uint8_t> bytes;
    for (std::size_t i = value.begin; i < value.end; ++i) {
        const char c = text[i];
        if ((c == '\'' || c == '&') && i + 1 < value.end && text[i + 1] == c) ++i;
        if (c == kNoCharacter) throw SourceError(i, "this character has no EBCDIC code");
        bytes.push_back(to_ebcdic(c));
    }
    return bytes;
}

/// Decimal digits of a P or Z value (a point is allowed and has no effect).
struct Digits {
    bool negative = false;
    std::string digits;
};

Digits decimal_digits(std::string_view text, Field value) {
    Digits d;
    std::size_t i = value.begin;
    if (i < value.end && (text[i] == '+' || text[i] == '-')) d.negative = text[i++] == '-';
    bool point = false;
    for (; i < value.end; ++i) {
        if (text[i] == '.' && !point) {
            point = true;
        } else if (is_digit(text[i])) {
            d.digits.push_back(text[i]);
        } else {
            throw SourceError(i, fmt::format("'{}' is not a decimal digit", printable(text.substr(i, 1))));
        }
    }
    if (d.digits.empty()) throw SourceError(value.begin, "expected decimal digits");
    return d;
}

unsigned implied_length(char type, std::string_view text, Field value) {
    const auto size = static_cast<unsigned>(value.end - value.begin);
    switch (type) {
        case 'C': return static_cast<unsigned>(characters(text, value).size());
        case 'X': return (size + 1) / 2;
        case 'B': return (size + 7) / 8;
        case 'P': return static_cast<unsigned>(decimal_digits(text, value).digits.size()) / 2 + 1;
        default: return static_cast<unsigned>(decimal_digits(text, value).digits.size());
    }
}

/// Digits of X and B, right-aligned in `length` bytes, cut off on the left.
std::vector<uint8_t> bit_digits(std::string_view text, Field value, unsigned bits, unsigned length) {
    std::vector<uint8_t> bytes(length, 0);
    unsigned place = 0;  // of the digit, from the right
    for (std::size_t i = value.end; i-- > value.begin; ++place) {
        const char c = upper(text[i]);
        const int digit = is_digit(c) ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : 99;
        if (digit >= 1 << bits)
            throw SourceError(i, fmt::format("'{}' is not a {} digit", printable(text.substr(i, 1)),
                                             bits == 4 ? "hexadecimal" : "binary"));
        const unsigned at = place * bits / 8;
        if (at < length) {
            uint8_t& byte = bytes[length - 1 - at];
            byte = static_cast<uint8_t>(byte | digit << (place * bits % 8));
        }
    }
    return bytes;
}

std::vector<uint8_t> packed(const Digits& d, Field value, unsigned length) {
    std::vector<uint8_t> bytes(length, 0);
    bytes[length - 1] = d.negative ? 0x0D : 0x0C;
    for (std::size_t place = 0; place < d.digits.size(); ++place) {
        const unsigned digit = static_cast<unsigned>(d.digits[d.digits.size() - 1 - place] - '0');
        const std::size_t nibble = place + 1;  // nibble 0 is the sign
        if (nibble / 2 >= length)
            throw SourceError(value.begin, fmt::format("does not fit in {} bytes", length));
        uint8_t& byte = bytes[length - 1 - nibble / 2];
        byte = static_cast<uint8_t>(byte | digit << (nibble % 2 * 4));
    }
    return bytes;
}

std::vector<uint8_t> zoned(const Digits& d, Field value, unsigned length) {
    if (d.digits.size() > length)
        throw SourceError(value.begin, fmt::format("does not fit in {} bytes", length));
    std::vector<uint8_t> bytes(length, 0xF0);
    for (std::size_t i = 0; i < d.digits.size(); ++i)
        bytes[length - d.digits.size() + i] = static_cast<uint8_t>(0xF0 | (d.digits[i] - '0'));
    bytes[length - 1] = static_cast<uint8_t>((bytes[length - 1] & 0x0F) | (d.negative ? 0xD0 : 0xC0));
    return bytes;
}

/// Shifts the fraction of a floating-point field right by hexadecimal digits (scale modifier), rounding.
void unnormalize(std::vector<uint8_t>& field, int digits, std::size_t offset) {
    if (digits == 0) return;
    if (field.size() > 8) throw SourceError(offset, "a scale modifier is not possible with type L");
    uint64_t fraction = 0;
    for (std::size_t i = 1; i < field.size(); ++i) fraction = fraction << 8 | field[i];
    const unsigned bits = static_cast<unsigned>(digits) * 4;
    fraction = bits > 56 ? 0 : (fraction >> bits) + (fraction >> (bits - 1) & 1);
    const int characteristic = (field[0] & 0x7F) + digits;
    if (characteristic > 127) throw SourceError(offset, "the scaled number is too large");
    field[0] = static_cast<uint8_t>((field[0] & 0x80) | characteristic);
    for (std::size_t i = field.size(); i-- > 1; fraction >>= 8) field[i] = static_cast<uint8_t>(fraction);
}

std::vector<uint8_t> number(const Constant& k, std::string_view text, Field value) {
    auto n = parse_decimal_number(text.substr(value.begin, value.end - value.begin));
    if (!n)
        throw SourceError(value.begin,
                          "expected a decimal number: digits, perhaps a sign, point or exponent");
    n->exponent += k.exponent;
    const bool fixed = k.type == 'F' || k.type == 'H';
    auto field =
        fixed ? to_fixed_point(*n, k.scale, k.length) : to_hexadecimal_float(*n, k.length, k.type == 'L');
    if (!field) throw SourceError(value.begin, fmt::format("the number does not fit in {} bytes", k.length));
    if (!fixed) unnormalize(*field, k.scale, value.begin);
    return *field;
}

std::vector<uint8_t> big_endian(int64_t value, unsigned length) {
    std::vector<uint8_t> bytes(length);
    for (unsigned i = 0; i < length; ++i) bytes[length - 1 - i] = static_cast<uint8_t>(value >> (8 * i));
    return bytes;
}

std::vector<uint8_t> address(const Constant& k, const Statement& s, Field value, const Scope& scope,
                             const AddressServices& services, Location at) {
    Cursor c(s, value);
    int64_t result = 0;
    if (k.type == 'V') {
        const std::string name = parse_symbol(c, "an external symbol");
        result = services.address(services.external(name, value.begin), value.begin, at, k.length, k.type);
    } else {
        const Expression e = parse_expression(c, scope);
        if (k.type == 'S') {
            if (c.take('(')) {
                const int64_t base = parse_absolute(c, scope, "the base register", 0, 15);
                c.expect(')', "behind the base register");
                if (!e.value.absolute() || e.value.number < 0 || e.value.number > 4095)
                    throw SourceError(e.begin, "the displacement must be absolute and 0 to 4095");
                result = base << 12 | e.value.number;
            } else {
                result = services.base_displacement(e.value, value.begin);
            }
        } else {
            result = services.address(e.value, value.begin, at, k.length, k.type);
        }
    }
    if (!c.done()) c.fail(fmt::format("expected the end of the value, found {}", c.found()));
    const unsigned bits = k.length * 8;
    if (result >= int64_t{1} << bits || result < -(int64_t{1} << (bits - 1)))
        throw SourceError(value.begin, fmt::format("{} does not fit in {} bytes", result, k.length));
    return big_endian(result, k.length);
}

}  // namespace

Constant parse_constant(Cursor& c, const Scope& scope, bool value_required) {
    Constant k;
    k.extent.begin = c.at;
    if (is_digit(c.peek()) || c.peek() == '(' || c.peek() == '-')
        k.duplication =
            static_cast<uint32_t>(modifier(c, scope, "the duplication factor", 0, kMaximumDuplication));
    k.type = upper(c.peek());
    const TypeRules* rules = rules_of(k.type);
    if (rules == nullptr)
        c.fail(fmt::format("expected a constant's type (one of CXBFHEDLPZAYSV), found {}", c.found()));
    ++c.at;
    if (upper(c.peek()) == 'L') {
        ++c.at;
        if (c.peek() == '.') c.fail("lengths in bits are not supported");
        const bool storage = !value_required && (k.type == 'C' || k.type == 'X');
        k.length = static_cast<unsigned>(
            modifier(c, scope, "the length", rules->least, storage ? kMaximumStorageLength : rules->most));
        k.has_length = true;
    }
    const bool floating = k.type == 'E' || k.type == 'D' || k.type == 'L';
    const bool fixed = k.type == 'F' || k.type == 'H';
    if (upper(c.peek()) == 'S' && (floating || fixed)) {
        ++c.at;
        k.scale = static_cast<int>(modifier(c, scope, "the scale", floating ? 0 : -187, floating ? 13 : 346));
    }
    if (upper(c.peek()) == 'E' && (floating || fixed)) {
        ++c.at;
        k.exponent = static_cast<int>(modifier(c, scope, "the exponent", -85, 75));
    }
    const char open = rules->parentheses ? '(' : '\'';
    if (c.peek() != open) {
        if (value_required || (!c.done() && c.peek() != ',' && c.peek() != '('))
            c.fail(fmt::format("expected {} before the constant's value, found {}",
                               rules->parentheses ? "'('" : "an apostrophe", c.found()));
    } else if (rules->parentheses) {
        int depth = 0;
        std::size_t i = c.at;
        for (; i < c.end; ++i) {
            const char ch = c.text()[i];
            if (ch == '\'' && !is_attribute_apostrophe(c.text(), i)) {
                const std::size_t end = end_of_string(c.text(), i, c.end);
                if (end == std::string_view::npos) throw SourceError(i, "the closing apostrophe is missing");
                i = end - 1;
                continue;
            }
            if (ch == '(') ++depth;
            if (ch == ')' && --depth == 0) break;
        }
        if (i >= c.end) c.fail("the closing parenthesis is missing");
        k.values = split_at_commas(c.text(), {c.at + 1, i});
        if (k.values.empty()) c.fail("the constant's value is empty");
        c.at = i + 1;
    } else {
        const std::size_t close = end_of_string(c.text(), c.at, c.end);
        if (close == std::string_view::npos) c.fail("the closing apostrophe is missing");
        const Field inside{c.at + 1, close - 1};
        if (inside.empty()) c.fail("the constant's value is empty");
        if (k.type == 'C') {
            k.values = {inside};
        } else {
            std::size_t begin = inside.begin;
            for (std::size_t i = inside.begin; i <= inside.end; ++i) {
                if (i < inside.end && c.text()[i] != ',') continue;
                if (i == begin) throw SourceError(i, "a value is missing");
                k.values.push_back({begin, i});
                begin = i + 1;
            }
        }
        c.at = close;
    }
    if (!k.has_length) {
        k.alignment = rules->alignment;
        k.length = rules->implied;
        if (k.length == 0) {
            const unsigned most = value_required ? rules->most : kMaximumStorageLength;
            for (const Field& v : k.values) {
                const unsigned length = implied_length(k.type, c.text(), v);
                if (length > most)
                    throw SourceError(
                        v.begin, fmt::format("the constant is {} bytes long; the most is {}", length, most));
                k.lengths.push_back(length);
            }
            k.length = k.lengths.empty() ? 1 : k.lengths.front();
        }
    }
    k.lengths.resize(k.values.size(), k.length);
    k.extent.end = c.at;
    return k;
}

std::vector<uint8_t> generate_constant(const Constant& k, const Statement& s, Scope scope,
                                       const AddressServices& services, Location at) {
    const std::string_view text = s.text;
    std::vector<uint8_t> bytes;
    bytes.reserve(k.size());
    const std::optional<Location> here = scope.here;
    const auto once = [&] {
        for (std::size_t i = 0; i < k.values.size(); ++i) {
            const Field v = k.values[i];
            const unsigned length = k.lengths[i];
            std::vector<uint8_t> field;
            const auto before = static_cast<uint32_t>(bytes.size());
            const Location place{at.section, at.offset + before};
            if (here) scope.here = Location{here->section, here->offset + before};
            switch (k.type) {
                case 'C': {
                    field = characters(text, v);
                    field.resize(length, kEbcdicBlank);
                    break;
                }
                case 'X': field = bit_digits(text, v, 4, length); break;
                case 'B': field = bit_digits(text, v, 1, length); break;
                case 'P': field = packed(decimal_digits(text, v), v, length); break;
                case 'Z': field = zoned(decimal_digits(text, v), v, length); break;
                case 'F':
                case 'H':
                case 'E':
                case 'D':
                case 'L': field = number(k, text, v); break;
                default: field = address(k, s, v, scope, services, place); break;
            }
            bytes.insert(bytes.end(), field.begin(), field.end());
        }
    };
    once();
    if (k.type == 'A' || k.type == 'Y' || k.type == 'S' || k.type == 'V') {
        // What * means advances from one duplication to the next, and each is relocated by itself.
        for (uint32_t i = 1; i < k.duplication; ++i) once();
        return bytes;
    }
    const std::size_t size = bytes.size();
    bytes.resize(size * k.duplication);
    for (std::size_t i = size; i < bytes.size(); ++i) bytes[i] = bytes[i - size];
    return bytes;
}

}  // namespace isa::assembler
