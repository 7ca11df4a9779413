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
    unsigned least, most;  // length modifier in bytes
    bool bits;             // whether it may count bits
    bool parentheses;      // the nominal value is in parentheses, not in apostrophes
};

constexpr TypeRules kTypes[] = {
    {'C', 0, 1, 1, 256, true, false}, {'X', 0, 1, 1, 256, true, false}, {'B', 0, 1, 1, 256, true, false},
    {'F', 4, 4, 1, 8, true, false},   {'H', 2, 2, 1, 8, true, false},   {'E', 4, 4, 1, 8, true, false},
    {'D', 8, 8, 1, 8, true, false},   {'L', 16, 8, 1, 16, true, false}, {'P', 0, 1, 1, 16, true, false},
    {'Z', 0, 1, 1, 16, true, false},  {'A', 4, 4, 1, 4, true, true},    {'Y', 2, 2, 1, 2, true, true},
    {'S', 2, 2, 2, 2, false, true},   {'V', 4, 4, 3, 4, false, true},   {'Q', 4, 4, 1, 4, false, true},
};
constexpr const char* kTypeLetters = "CXBFHEDLPZAYSVQ";

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

/// Decimal digits of a P or Z value (a point is allowed, and only tells the scale attribute).
struct Digits {
    bool negative = false;
    std::string digits;
    unsigned behind_point = 0;
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
            if (point) ++d.behind_point;
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

/// The rightmost digits that `length` bytes hold.
std::vector<uint8_t> packed(const Digits& d, unsigned length) {
    std::vector<uint8_t> bytes(length, 0);
    bytes[length - 1] = d.negative ? 0x0D : 0x0C;
    const std::size_t digits = std::min<std::size_t>(d.digits.size(), 2 * length - 1);
    for (std::size_t place = 0; place < digits; ++place) {
        const unsigned digit = static_cast<unsigned>(d.digits[d.digits.size() - 1 - place] - '0');
        const std::size_t nibble = place + 1;  // nibble 0 is the sign
        uint8_t& byte = bytes[length - 1 - nibble / 2];
        byte = static_cast<uint8_t>(byte | digit << (nibble % 2 * 4));
    }
    return bytes;
}

std::vector<uint8_t> zoned(const Digits& d, unsigned length) {
    std::vector<uint8_t> bytes(length, 0xF0);
    const std::size_t digits = std::min<std::size_t>(d.digits.size(), length);
    for (std::size_t place = 0; place < digits; ++place)
        bytes[length - 1 - place] =
            static_cast<uint8_t>(0xF0 | (d.digits[d.digits.size() - 1 - place] - '0'));
    bytes[length - 1] = static_cast<uint8_t>((bytes[length - 1] & 0x0F) | (d.negative ? 0xD0 : 0xC0));
    return bytes;
}

/// The rightmost `bits` of a number, left-aligned.
BitField rightmost(const std::vector<uint8_t>& number, unsigned bits) {
    BitField field;
    field.bits = bits;
    field.bytes.assign((bits + 7) / 8, 0);
    const auto size = static_cast<unsigned>(number.size()) * 8;
    for (unsigned i = 0; i < bits; ++i) {
        const unsigned from = size - bits + i;
        if ((number[from / 8] >> (7 - from % 8) & 1) != 0)
            field.bytes[i / 8] = static_cast<uint8_t>(field.bytes[i / 8] | 0x80u >> i % 8);
    }
    return field;
}

BitField number(const Constant& k, std::string_view text, Field value, unsigned bits) {
    auto n = parse_decimal_number(text.substr(value.begin, value.end - value.begin));
    if (!n)
        throw SourceError(value.begin,
                          "expected a decimal number: digits, perhaps a sign, point or exponent");
    n->exponent += k.exponent;
    if (k.type == 'F' || k.type == 'H') return to_fixed_point(*n, k.scale, bits);
    auto field = to_hexadecimal_float(*n, k.scale, bits);
    if (!field)
        throw SourceError(value.begin, "the number is beyond what hexadecimal floating point can express");
    return *field;
}

std::vector<uint8_t> big_endian(int64_t value, unsigned length) {
    std::vector<uint8_t> bytes(length);
    for (unsigned i = 0; i < length; ++i) bytes[length - 1 - i] = static_cast<uint8_t>(value >> (8 * i));
    return bytes;
}

std::string size_text(const Constant& k, unsigned bits) {
    const unsigned n = k.bit_length ? bits : bits / 8;
    return fmt::format("{} {}{}", n, k.bit_length ? "bit" : "byte", n == 1 ? "" : "s");
}

/// Of types A, Y, S, V and Q; the rightmost bits count.
std::vector<uint8_t> address(const Constant& k, const Statement& s, Field value, const Scope& scope,
                             const ConstantServices& services, Location at, unsigned bits) {
    Cursor c(s, value);
    int64_t result = 0;
    const auto finish = [&] {
        if (!c.done()) c.fail(fmt::format("expected the end of the value, found {}", c.found()));
    };
    if (k.type == 'V' || k.type == 'Q') {
        const std::string name =
            parse_symbol(c, k.type == 'V' ? "an external symbol" : "a dummy section's name");
        finish();
        const auto& service = k.type == 'V' ? services.external : services.dummy_offset;
        return big_endian(service(name, value.begin, at, bits / 8), bits / 8);
    }
    const Expression e = parse_expression(c, scope);
    if (k.type == 'S' && c.take('(')) {
        const int64_t base = parse_absolute(c, scope, "the base register", 0, 15);
        c.expect(')', "behind the base register");
        if (!e.value.absolute() || e.value.number < 0 || e.value.number > 4095)
            throw SourceError(e.begin, "the displacement must be absolute and 0 to 4095");
        result = base << 12 | e.value.number;
    } else if (k.type == 'S') {
        result = services.base_displacement(e);
    } else if (k.bit_length) {
        if (!e.value.absolute())
            throw SourceError(e.begin, "an address constant with a length in bits must be absolute");
        result = e.value.number;
    } else {
        result = services.address(e.value, value.begin, at, bits / 8, k.type);
    }
    finish();
    if (result >= int64_t{1} << bits || result < -(int64_t{1} << (bits - 1)))
        services.warn(value.begin, fmt::format("{} does not fit in {}: its high-order bits are cut off",
                                               result, size_text(k, bits)));
    return big_endian(result, (bits + 7) / 8);
}

/// One value in its field.
BitField field_of(const Constant& k, std::size_t n, const Statement& s, const Scope& scope,
                  const ConstantServices& services, Location at) {
    const Field v = k.values[n];
    const unsigned bits = k.bits[n];
    const unsigned bytes = (bits + 7) / 8;
    switch (k.type) {
        case 'C': {
            BitField field;
            field.bytes = characters(s.text, v);
            field.bits = bits;
            field.bytes.resize(bytes, kEbcdicBlank);
            return field;
        }
        case 'X': return rightmost(bit_digits(s.text, v, 4, bytes), bits);
        case 'B': return rightmost(bit_digits(s.text, v, 1, bytes), bits);
        case 'P':
        case 'Z': {
            const Digits d = decimal_digits(s.text, v);
            BitField field = rightmost(k.type == 'P' ? packed(d, bytes) : zoned(d, bytes), bits);
            const std::size_t room = k.type == 'P' ? 2 * std::size_t{bytes} - 1 : bytes;
            field.truncated = !k.bit_length && d.digits.size() > room;
            return field;
        }
        case 'F':
        case 'H':
        case 'E':
        case 'D':
        case 'L': return number(k, s.text, v, bits);
        default: return rightmost(address(k, s, v, scope, services, at, bits), bits);
    }
}

void parse_length(Cursor& c, const Scope& scope, const TypeRules& rules, bool value_required, Constant& k) {
    ++c.at;
    k.has_length = true;
    if (c.take('.')) {
        if (!rules.bits) c.fail(fmt::format("the length of a constant of type {} cannot be in bits", k.type));
        k.bit_length = true;
        k.bits = {static_cast<unsigned>(modifier(c, scope, "the length in bits", 1, 8 * rules.most))};
    } else {
        const bool storage = !value_required && (k.type == 'C' || k.type == 'X');
        k.bits = {8 * static_cast<unsigned>(modifier(c, scope, "the length", rules.least,
                                                     storage ? kMaximumStorageLength : rules.most))};
    }
    k.length = (k.bits[0] + 7) / 8;
}

void parse_values_in_parentheses(Cursor& c, Constant& k) {
    const std::size_t close = closing_parenthesis(c.text().substr(0, c.end), c.at);
    if (close == std::string_view::npos) c.fail("the closing parenthesis is missing");
    k.values = split_at_commas(c.text(), {c.at + 1, close});
    if (k.values.empty()) c.fail("the constant's value is empty");
    c.at = close + 1;
}

void parse_values_in_apostrophes(Cursor& c, Constant& k) {
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

/// Lengths that were not given: those of the type, or those of the values.
void imply_lengths(const TypeRules& rules, std::string_view text, bool value_required, Constant& k) {
    k.alignment = rules.alignment;
    if (rules.implied != 0) {
        k.length = rules.implied;
        k.bits = {8 * rules.implied};
        return;
    }
    const unsigned most = value_required ? rules.most : kMaximumStorageLength;
    for (const Field& v : k.values) {
        const unsigned length = implied_length(k.type, text, v);
        if (length > most)
            throw SourceError(v.begin,
                              fmt::format("the constant is {} bytes long; the most is {}", length, most));
        k.bits.push_back(8 * length);
    }
    k.length = k.bits.empty() ? 1 : k.bits.front() / 8;
}

}  // namespace

void BitString::append(const std::vector<uint8_t>& bytes, unsigned bits) {
    if (size_ % 8 == 0 && bits % 8 == 0) {
        bytes_.insert(bytes_.end(), bytes.begin(), bytes.begin() + bits / 8);
        size_ += bits;
        return;
    }
    for (unsigned i = 0; i < bits; ++i, ++size_) {
        if (size_ % 8 == 0) bytes_.push_back(0);
        if ((bytes[i / 8] >> (7 - i % 8) & 1) != 0)
            bytes_.back() = static_cast<uint8_t>(bytes_.back() | 0x80u >> size_ % 8);
    }
}

void BitString::pad(uint64_t size) {
    if (size <= size_) return;
    size_ = size;
    bytes_.resize((size + 7) / 8, 0);
}

unsigned boundary_of_constant(Cursor c) {
    if (c.peek() == '-') ++c.at;
    while (is_digit(c.peek())) ++c.at;
    if (c.peek() == '(') {
        const std::size_t close = closing_parenthesis(c.text().substr(0, c.end), c.at);
        if (close == std::string_view::npos) c.fail("the closing parenthesis is missing");
        c.at = close + 1;
    }
    const TypeRules* rules = rules_of(upper(c.peek()));
    if (rules == nullptr)
        c.fail(fmt::format("expected a constant's type (one of {}), found {}", kTypeLetters, c.found()));
    if (upper(c.peek(1)) != 'L') return rules->alignment;
    return c.peek(2) == '.' ? 0 : 1;
}

Constant parse_constant(Cursor& c, const Scope& scope, bool value_required) {
    Constant k;
    k.extent.begin = c.at;
    if (is_digit(c.peek()) || c.peek() == '(' || c.peek() == '-')
        k.duplication =
            static_cast<uint32_t>(modifier(c, scope, "the duplication factor", 0, kMaximumDuplication));
    k.type = upper(c.peek());
    const TypeRules* rules = rules_of(k.type);
    if (rules == nullptr)
        c.fail(fmt::format("expected a constant's type (one of {}), found {}", kTypeLetters, c.found()));
    ++c.at;
    if (upper(c.peek()) == 'L') parse_length(c, scope, *rules, value_required, k);
    const bool floating = k.type == 'E' || k.type == 'D' || k.type == 'L';
    const bool fixed = k.type == 'F' || k.type == 'H';
    if (upper(c.peek()) == 'S' && (floating || fixed)) {
        ++c.at;
        const int most = fixed ? 346 : k.type == 'L' ? 28 : 14;
        k.scale = static_cast<int>(modifier(c, scope, "the scale", fixed ? -187 : 0, most));
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
        parse_values_in_parentheses(c, k);
    } else {
        parse_values_in_apostrophes(c, k);
    }
    if (!k.has_length) imply_lengths(*rules, c.text(), value_required, k);
    k.bits.resize(std::max<std::size_t>(k.values.size(), 1), 8 * k.length);
    if (k.bit_length) std::fill(k.bits.begin(), k.bits.end(), k.bits.front());
    k.extent.end = c.at;
    return k;
}

char type_attribute(const Constant& k) {
    if (!k.has_length) return k.type;
    switch (k.type) {
        case 'F':
        case 'H': return 'G';
        case 'E':
        case 'D':
        case 'L': return 'K';
        case 'A':
        case 'Y':
        case 'S':
        case 'V':
        case 'Q': return 'R';
        default: return k.type;
    }
}

std::optional<NumberAttributes> number_attributes(const Constant& k, const Statement& s) {
    const int length = static_cast<int>(k.length);
    switch (k.type) {
        case 'F':
        case 'H': return NumberAttributes{k.scale, 8 * length - k.scale - 1};
        case 'E':
        case 'D': return NumberAttributes{k.scale, 2 * (length - 1) - k.scale};
        case 'L': return NumberAttributes{k.scale, 2 * (length - 1) - k.scale - (length > 8 ? 2 : 0)};
        case 'P':
        case 'Z': {
            const int scale =
                k.values.empty() ? 0 : static_cast<int>(decimal_digits(s.text, k.values[0]).behind_point);
            return NumberAttributes{scale, (k.type == 'P' ? 2 * length - 1 : length) - scale};
        }
        default: return std::nullopt;
    }
}

void generate_constant(const Constant& k, const Statement& s, Scope scope, const ConstantServices& services,
                       Location begin, BitString& out) {
    const uint64_t first = out.size() / 8;
    const std::optional<Location> here = scope.here;
    const auto once = [&](BitString& to) {
        for (std::size_t i = 0; i < k.values.size(); ++i) {
            const auto byte = static_cast<uint32_t>(to.size() / 8);
            if (here && scope.here_moves)
                scope.here = Location{here->section, here->offset + byte - static_cast<uint32_t>(first)};
            const Location place{begin.section, begin.offset + byte};
            const BitField field = field_of(k, i, s, scope, services, place);
            if (field.truncated)
                services.warn(k.values[i].begin,
                              fmt::format("the number does not fit in {}: its high-order digits are cut off",
                                          size_text(k, k.bits[i])));
            if (field.lost)
                services.warn(k.values[i].begin,
                              fmt::format("no digit of the number fits in {}", size_text(k, k.bits[i])));
            to.append(field.bytes, field.bits);
        }
    };
    if (rules_of(k.type)->parentheses) {
        // What * means advances from one duplication to the next, and each is relocated by itself.
        for (uint32_t i = 0; i < k.duplication; ++i) once(out);
        return;
    }
    BitString one;
    once(one);
    for (uint32_t i = 0; i < k.duplication; ++i) out.append(one.bytes(), static_cast<unsigned>(one.size()));
}

}  // namespace isa::assembler
