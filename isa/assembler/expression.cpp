#include "isa/assembler/expression.hpp"

#include <fmt/format.h>

#include "isa/ebcdic.hpp"

namespace isa::assembler {
namespace {

constexpr int64_t kMaximumMagnitude = int64_t{1} << 32;
constexpr int kMaximumNesting = 64;
constexpr std::size_t kMaximumSymbol = 63;

class Parser {
  public:
    Parser(Cursor& cursor, const Scope& scope) : c_(cursor), scope_(scope) {}

    Expression sum() {
        Expression e = product();
        while (c_.peek() == '+' || c_.peek() == '-') {
            const std::size_t at = c_.at;
            const int sign = c_.peek() == '+' ? 1 : -1;
            ++c_.at;
            e.value.add(product().value, sign);
            e.symbol = nullptr;
            check(e.value, at);
        }
        return e;
    }

  private:
    Expression product() {
        Expression e = term();
        while (c_.peek() == '*' || c_.peek() == '/') {
            const std::size_t at = c_.at;
            const bool times = c_.peek() == '*';
            ++c_.at;
            const Expression right = term();
            e.symbol = nullptr;
            if (!e.value.absolute() || !right.value.absolute())
                throw SourceError(at, times ? "only absolute values can be multiplied"
                                            : "only absolute values can be divided");
            if (times) {
                e.value.number *= right.value.number;
            } else {
                // The assembler language defines division by zero as zero.
                e.value.number = right.value.number == 0 ? 0 : e.value.number / right.value.number;
            }
            check(e.value, at);
        }
        return e;
    }

    void check(const Value& v, std::size_t at) const {
        if (v.number > kMaximumMagnitude || v.number < -kMaximumMagnitude)
            throw SourceError(at, "the value of the expression exceeds 32 bits");
    }

    Expression term() {
        const std::size_t begin = c_.at;
        Expression e = bare_term();
        e.begin = begin;
        return e;
    }

    Expression bare_term() {
        Expression e;
        if (++depth_ > kMaximumNesting) c_.fail("the expression is nested too deeply");
        const struct Leave {
            int& depth;
            ~Leave() { --depth; }
        } leave{depth_};
        const char c = c_.peek();
        if (c == '(') {
            ++c_.at;
            e = sum();
            c_.expect(')', "to close the parenthesis");
            return e;
        }
        if (c == '+' || c == '-') {
            ++c_.at;
            const Expression right = term();
            e.length = right.length;
            e.value.add(right.value, c == '+' ? 1 : -1);
            return e;
        }
        if (c == '*') {
            if (!scope_.here) c_.fail("there is no location counter here");
            ++c_.at;
            e.value = Value(*scope_.here);
            e.length = scope_.here_length;
            return e;
        }
        if (c == '=') {
            if (!scope_.literal) c_.fail("a literal is not allowed here");
            e.value = scope_.literal(c_, e.length);
            return e;
        }
        if (c_.peek(1) == '\'' && is_attribute_apostrophe(c_.text().substr(0, c_.end), c_.at + 1))
            return attribute();
        if (const auto number = parse_self_defining(c_)) {
            e.value = Value(*number);
            return e;
        }
        if (is_letter(c)) {
            Symbol& s = symbol();
            e.value = s.value;
            e.length = s.length;
            e.symbol = &s;
            return e;
        }
        c_.fail(fmt::format("expected a term, found {}", c_.found()));
    }

    Symbol& symbol() {
        const std::size_t at = c_.at;
        const std::string name = parse_symbol(c_, "a symbol");
        Symbol* s = scope_.symbols == nullptr ? nullptr : scope_.symbols->find(name);
        if (s == nullptr)
            throw UnknownName(at, scope_.first_pass
                                      ? fmt::format("{} must be defined before this statement", name)
                                      : fmt::format("{} is not defined", name));
        if (s->references.empty() || s->references.back() != scope_.statement)
            s->references.push_back(scope_.statement);
        if (s->in_error) throw SourceError(at, "");
        return *s;
    }

    Expression attribute() {
        const char which = upper(c_.peek());
        if (which != 'L') c_.fail(fmt::format("the attribute {}' is not allowed here", which));
        c_.at += 2;
        Expression e;
        if (c_.take('*')) {
            e.value = Value(scope_.here_length);
        } else if (c_.peek() == '=') {
            if (!scope_.literal) c_.fail("a literal is not allowed here");
            unsigned length = 1;
            scope_.literal(c_, length);
            e.value = Value(length);
        } else {
            e.value = Value(symbol().length);
        }
        return e;
    }

    Cursor& c_;
    const Scope& scope_;
    int depth_ = 0;
};

int digit_value(char c) {
    c = upper(c);
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return 99;
}

}  // namespace

std::string Cursor::found() const {
    if (done()) return "the end of the operand";
    return fmt::format("'{}'", printable(text().substr(at, 1)));
}

void Cursor::expect(char c, const char* what) {
    if (!take(c)) fail(fmt::format("expected '{}' {}, found {}", c, what, found()));
}

std::string parse_symbol(Cursor& c, const char* what) {
    const std::size_t begin = c.at;
    if (!is_letter(c.peek())) c.fail(fmt::format("expected {}, found {}", what, c.found()));
    while (is_symbol_character(c.peek())) ++c.at;
    if (c.at - begin > kMaximumSymbol)
        throw SourceError(begin, fmt::format("a symbol has at most {} characters", kMaximumSymbol));
    return to_upper(c.text().substr(begin, c.at - begin));
}

std::optional<int64_t> parse_self_defining(Cursor& c) {
    const std::size_t begin = c.at;
    if (is_digit(c.peek())) {
        int64_t n = 0;
        while (is_digit(c.peek())) {
            n = n * 10 + (c.peek() - '0');
            if (n > 0x7FFFFFFF + int64_t{1}) throw SourceError(begin, "a decimal term is at most 2147483648");
            ++c.at;
        }
        if (is_letter(c.peek())) c.fail(fmt::format("'{}' cannot follow a decimal term", c.peek()));
        return n;
    }
    const char kind = upper(c.peek());
    if ((kind != 'X' && kind != 'B' && kind != 'C') || c.peek(1) != '\'') return std::nullopt;
    const std::size_t close = end_of_string(c.text(), c.at + 1, c.end);
    if (close == std::string_view::npos) c.fail("the closing apostrophe is missing");
    uint64_t bits = 0;
    unsigned used = 0;
    for (std::size_t i = c.at + 2; i < close - 1; ++i) {
        const char ch = c.text()[i];
        if (kind == 'C') {
            if ((ch == '\'' || ch == '&') && c.text()[i + 1] == ch && i + 1 < close - 1) ++i;
            if (ch == kNoCharacter) throw SourceError(i, "this character has no EBCDIC code");
            bits = bits << 8 | to_ebcdic(ch);
            used += 8;
        } else {
            const int base_bits = kind == 'X' ? 4 : 1;
            const int value = digit_value(ch);
            if (value >= 1 << base_bits)
                throw SourceError(i, fmt::format("'{}' is not a {} digit", printable(c.text().substr(i, 1)),
                                                 kind == 'X' ? "hexadecimal" : "binary"));
            bits = bits << base_bits | static_cast<unsigned>(value);
            used += static_cast<unsigned>(base_bits);
        }
        if (used > 32) throw SourceError(begin, "a self-defining term has at most 32 bits");
    }
    if (used == 0) throw SourceError(begin, "a self-defining term cannot be empty");
    c.at = close;
    // A term is a 32-bit two's-complement number.
    return static_cast<int32_t>(static_cast<uint32_t>(bits));
}

Expression parse_expression(Cursor& cursor, const Scope& scope) { return Parser(cursor, scope).sum(); }

namespace {

int64_t in_range(const Expression& e, std::size_t at, const char* what, int64_t low, int64_t high) {
    if (!e.value.absolute()) throw SourceError(at, fmt::format("{} must be absolute, not relocatable", what));
    if (e.value.number < low || e.value.number > high)
        throw SourceError(at,
                          fmt::format("{} is {}, which is not in {} to {}", what, e.value.number, low, high));
    return e.value.number;
}

}  // namespace

int64_t parse_absolute(Cursor& cursor, const Scope& scope, const char* what, int64_t low, int64_t high) {
    const std::size_t at = cursor.at;
    return in_range(parse_expression(cursor, scope), at, what, low, high);
}

unsigned parse_register(Cursor& cursor, const Scope& scope, const char* what) {
    const std::size_t at = cursor.at;
    const Expression e = parse_expression(cursor, scope);
    const int64_t number = in_range(e, at, what, 0, 15);
    if (e.symbol != nullptr) e.symbol->names_register = true;
    return static_cast<unsigned>(number);
}

}  // namespace isa::assembler
