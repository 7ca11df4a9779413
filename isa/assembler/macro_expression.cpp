#include "isa/assembler/macro_expression.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "isa/assembler/macro_definition.hpp"
#include "isa/ebcdic.hpp"

namespace isa::assembler {
namespace {

constexpr int kMaximumNesting = 64;
constexpr int64_t kMaximumString = 4096;

enum class Relation : uint8_t { eq, ne, lt, gt, le, ge };

/// The collating sequence is that of EBCDIC, and a shorter string is less than any longer one.
int compare(const std::string& a, const std::string& b) {
    if (a.size() != b.size()) return a.size() < b.size() ? -1 : 1;
    for (std::size_t i = 0; i < a.size(); ++i) {
        const int difference = int{to_ebcdic(a[i])} - int{to_ebcdic(b[i])};
        if (difference != 0) return difference;
    }
    return 0;
}

template <class T>
bool holds(Relation r, const T& sign) {
    switch (r) {
        case Relation::eq: return sign == 0;
        case Relation::ne: return sign != 0;
        case Relation::lt: return sign < 0;
        case Relation::gt: return sign > 0;
        case Relation::le: return sign <= 0;
        case Relation::ge: return sign >= 0;
    }
    return false;
}

class Evaluator {
  public:
    Evaluator(Cursor& cursor, const VariableScope& scope, int depth = 0)
        : c_(cursor), scope_(scope), depth_(depth) {}

    // ---- Arithmetic ---------------------------------------------------------------------------------------

    int64_t arithmetic() {
        int64_t n = product();
        while (c_.peek() == '+' || c_.peek() == '-') {
            const std::size_t at = c_.at;
            const bool plus = c_.peek() == '+';
            ++c_.at;
            const int64_t right = product();
            n = in_range(plus ? n + right : n - right, at);
        }
        return n;
    }

    // ---- Logical ------------------------------------------------------------------------------------------

    bool logical() {
        bool b = conjunction();
        while (word("OR")) {
            const bool right = conjunction();
            b = b || right;
        }
        return b;
    }

    // ---- Character ----------------------------------------------------------------------------------------

    std::string characters() {
        std::string text = character_term();
        while (c_.peek() == '.' || (c_.peek() == '\'' && text_before_is_term_end())) {
            c_.take('.');
            text += character_term();
            limit(text);
        }
        return text;
    }

    VariableReference variable() {
        const std::size_t at = c_.at;
        ++c_.at;  // the ampersand
        if (!is_letter(c_.peek())) throw SourceError(at, "expected the name of a variable symbol behind &");
        VariableReference v{parse_symbol(c_, "a variable symbol"), {}};
        if (v.name.find('_') != std::string::npos) leave_underscores(v.name);
        if (c_.peek() == '(' && scope_.subscripted(v.name, at)) {
            const Nest nest(*this);
            ++c_.at;
            do v.subscripts.push_back(arithmetic());
            while (c_.take(','));
            c_.expect(')', "behind the subscript");
        }
        return v;
    }

    VariableValue variable_value() {
        const std::size_t at = c_.at;
        const VariableReference v = variable();
        return scope_.value(v.name, v.subscripts, at);
    }

  private:
    /// The classic assemblers have no _ in names: &A_&B are two of them there. Here a longer name goes first.
    void leave_underscores(std::string& name) {
        std::string shorter = name;
        for (auto n = name.rfind('_'); n != std::string::npos && !scope_.defined(shorter);
             n = shorter.rfind('_'))
            shorter.resize(n);
        if (!scope_.defined(shorter)) return;
        c_.at -= name.size() - shorter.size();
        name = shorter;
    }

    struct Nest {
        explicit Nest(Evaluator& e) : evaluator(e) {
            if (++e.depth_ > kMaximumNesting) e.c_.fail("the expression is nested too deeply");
        }
        ~Nest() { --evaluator.depth_; }
        Nest(const Nest&) = delete;
        Nest& operator=(const Nest&) = delete;
        Evaluator& evaluator;
    };

    static int64_t in_range(int64_t n, std::size_t at) {
        if (n > 0x7FFFFFFF || n < -0x7FFFFFFF - int64_t{1})
            throw SourceError(at, "the value of the expression exceeds 32 bits");
        return n;
    }

    int64_t product() {
        int64_t n = term();
        while (c_.peek() == '*' || c_.peek() == '/') {
            const std::size_t at = c_.at;
            const bool times = c_.peek() == '*';
            ++c_.at;
            const int64_t right = term();
            n = in_range(times ? n * right : right == 0 ? 0 : n / right, at);
        }
        return n;
    }

    int64_t term() {
        const Nest nest(*this);
        const std::size_t at = c_.at;
        const char ch = c_.peek();
        if (c_.take('(')) {
            const int64_t n = arithmetic();
            c_.expect(')', "to close the parenthesis");
            return n;
        }
        if (ch == '+' || ch == '-') {
            ++c_.at;
            const int64_t n = term();
            return ch == '-' ? in_range(-n, at) : n;
        }
        if (ch == '&') {
            const VariableValue v = variable_value();
            return v.numeric ? v.number : number(v.text, at);
        }
        if (c_.peek(1) == '\'' && is_attribute_apostrophe(c_.text().substr(0, c_.end), c_.at + 1))
            return attribute();
        if (const auto n = parse_self_defining(c_)) return *n;
        if (is_letter(ch)) return scope_.symbol_value(parse_symbol(c_, "a symbol"), at);
        c_.fail(fmt::format("expected a term, found {}", c_.found()));
    }

    /// The number that a character value stands for: a self-defining term.
    static int64_t number(const std::string& text, std::size_t at) {
        Statement s;
        s.text = text;
        Cursor c(s, {0, text.size()});
        const bool negative = c.take('-');
        try {
            const auto n = parse_self_defining(c);
            if (n && c.done()) return negative ? -*n : *n;
        } catch (const SourceError&) {
            // said below, with the place in the statement
        }
        throw SourceError(at, fmt::format("'{}' is not a number", printable(text)));
    }

    int64_t attribute() {
        const std::size_t at = c_.at;
        const char which = upper(c_.peek());
        c_.at += 2;
        if (which == 'K' || which == 'N') {
            if (c_.peek() != '&') c_.fail(fmt::format("{}' needs a variable symbol", which));
            const VariableReference v = variable();
            if (which == 'N') return scope_.count(v.name, v.subscripts, at);
            return static_cast<int64_t>(scope_.value(v.name, v.subscripts, at).as_text().size());
        }
        const std::string name = c_.peek() == '&' ? to_upper(leading_symbol(variable_value().as_text()))
                                                  : parse_symbol(c_, "a symbol");
        return scope_.attribute(which, name, at);
    }

    void blanks() {
        while (c_.peek() == ' ') ++c_.at;
    }

    /// Takes the word if it comes next, with blanks around.
    bool word(std::string_view w) {
        const std::size_t before = c_.at;
        blanks();
        const std::string_view rest = c_.text().substr(c_.at, c_.end - c_.at);
        const bool here = rest.size() >= w.size() && to_upper(rest.substr(0, w.size())) == w &&
                          (rest.size() == w.size() || !is_symbol_character(rest[w.size()]));
        if (!here) {
            c_.at = before;
            return false;
        }
        c_.at += w.size();
        blanks();
        return true;
    }

    bool conjunction() {
        bool b = negation();
        while (word("AND")) {
            const bool right = negation();
            b = b && right;
        }
        return b;
    }

    bool negation() {
        const Nest nest(*this);
        if (word("NOT")) return !negation();
        return comparison();
    }

    std::optional<Relation> relation() {
        static constexpr std::pair<std::string_view, Relation> kRelations[] = {
            {"EQ", Relation::eq}, {"NE", Relation::ne}, {"LT", Relation::lt},
            {"GT", Relation::gt}, {"LE", Relation::le}, {"GE", Relation::ge}};
        for (const auto& [name, r] : kRelations)
            if (word(name)) return r;
        return std::nullopt;
    }

    bool at_characters() const {
        if (c_.peek() == '\'') return true;
        return upper(c_.peek()) == 'T' && c_.peek(1) == '\'';
    }

    bool comparison() {
        blanks();
        const std::size_t begin = c_.at;
        if (at_characters()) {
            const std::string left = characters();
            const auto r = relation();
            if (!r) c_.fail(fmt::format("expected a comparison (EQ NE LT GT LE GE), found {}", c_.found()));
            blanks();
            if (!at_characters()) c_.fail("a character expression can only be compared with another");
            return holds(*r, compare(left, characters()));
        }
        // A parenthesis may belong to an arithmetic expression or hold a logical one: the first is tried
        // first.
        std::optional<int64_t> left;
        try {
            left = arithmetic();
        } catch (const SourceError&) {
            if (c_.text()[begin] != '(') throw;
        }
        if (left) {
            if (const auto r = relation()) {
                blanks();
                if (at_characters()) c_.fail("an arithmetic expression can only be compared with another");
                const int64_t right = arithmetic();
                return holds(*r, *left - right);
            }
            if (c_.text()[begin] != '(') return *left != 0;
        }
        c_.at = begin + 1;
        const bool b = logical();
        blanks();
        c_.expect(')', "to close the parenthesis");
        return b;
    }

    bool text_before_is_term_end() const { return c_.at > 0 && c_.text()[c_.at - 1] == ')'; }

    std::string character_term() {
        const Nest nest(*this);
        int64_t copies = 1;
        const std::size_t at = c_.at;
        if (c_.take('(')) {
            copies = arithmetic();
            c_.expect(')', "behind the duplication factor");
            if (copies < 0 || copies > kMaximumString)
                throw SourceError(at, "the duplication factor is out of range");
        }
        std::string text;
        if (upper(c_.peek()) == 'T' && c_.peek(1) == '\'') {
            c_.at += 2;
            text = std::string(1, type_attribute());
        } else if (c_.peek() == '\'') {
            text = quoted();
            if (c_.peek() == '(') substring(text);
        } else {
            c_.fail(fmt::format("expected a string in apostrophes, found {}", c_.found()));
        }
        std::string repeated;
        for (int64_t i = 0; i < copies; ++i) {
            repeated += text;
            limit(repeated);
        }
        return repeated;
    }

    char type_attribute() {
        const std::size_t at = c_.at;
        if (c_.peek() != '&') return scope_.type_of_symbol(parse_symbol(c_, "a symbol"));
        const VariableReference v = variable();
        return scope_.type_of_variable(v.name, v.subscripts, at);
    }

    std::string quoted() {
        const std::size_t close = end_of_string(c_.text(), c_.at, c_.end);
        if (close == std::string_view::npos) c_.fail("the closing apostrophe is missing");
        const std::size_t outer_end = c_.end;
        ++c_.at;
        c_.end = close - 1;
        std::string text;
        while (!c_.done()) {
            if (c_.peek() == '\'') {
                text.push_back('\'');
                c_.at += 2;  // doubled
            } else {
                piece(text);
            }
            limit(text);
        }
        c_.end = outer_end;
        c_.at = close;
        return text;
    }

    void substring(std::string& text) {
        const std::size_t at = c_.at;
        ++c_.at;
        const int64_t start = arithmetic();
        c_.expect(',', "between start and length of a substring");
        const int64_t length = arithmetic();
        c_.expect(')', "behind the substring");
        if (length < 0) throw SourceError(at, "the length of a substring cannot be negative");
        if (length == 0) {
            text.clear();
            return;
        }
        if (start < 1 || start > static_cast<int64_t>(text.size()))
            throw SourceError(at, fmt::format("the substring begins at {}, but the string has {} characters",
                                              start, text.size()));
        text = text.substr(static_cast<std::size_t>(start - 1), static_cast<std::size_t>(length));
    }

    void limit(const std::string& text) const {
        if (static_cast<int64_t>(text.size()) > kMaximumString)
            c_.fail(fmt::format("a character value has at most {} characters", kMaximumString));
    }

  public:
    /// The next character, or the value of the variable symbol that begins here, is added to `text`.
    void piece(std::string& text) {
        if (c_.peek() != '&') {
            text.push_back(c_.peek());
            ++c_.at;
        } else if (c_.peek(1) == '&') {
            text += "&&";
            c_.at += 2;
        } else {
            text += variable_value().as_text();
            c_.take('.');
        }
    }

  private:
    Cursor& c_;
    const VariableScope& scope_;
    int depth_;
};

}  // namespace

VariableReference parse_variable(Cursor& c, const VariableScope& scope) {
    return Evaluator(c, scope).variable();
}

int64_t evaluate_arithmetic(Cursor& c, const VariableScope& scope) {
    return Evaluator(c, scope).arithmetic();
}

bool evaluate_logical(Cursor& c, const VariableScope& scope) { return Evaluator(c, scope).logical(); }

std::string evaluate_characters(Cursor& c, const VariableScope& scope) {
    return Evaluator(c, scope).characters();
}

std::string substitute(const Statement& statement, Field field, const VariableScope& scope) {
    std::string text;
    Cursor c(statement, field);
    Evaluator e(c, scope);
    while (!c.done()) e.piece(text);
    return text;
}

}  // namespace isa::assembler
