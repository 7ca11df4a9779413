// Expressions: self-defining terms, symbols, *, attributes (L'SYMBOL), literals, + - * / and parentheses.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "isa/assembler/statement.hpp"
#include "isa/assembler/symbol_table.hpp"
#include "isa/assembler/value.hpp"

namespace isa::assembler {

/// A place in a statement, and how far the field goes.
struct Cursor {
    const Statement* statement;
    std::size_t at;
    std::size_t end;

    Cursor(const Statement& s, Field field) : statement(&s), at(field.begin), end(field.end) {}

    bool done() const { return at >= end; }
    char peek() const { return done() ? '\0' : statement->text[at]; }
    char peek(std::size_t ahead) const { return at + ahead < end ? statement->text[at + ahead] : '\0'; }
    bool take(char c) {
        if (peek() != c) return false;
        ++at;
        return true;
    }
    std::string_view text() const { return statement->text; }
    /// What is next, for messages: "'X'" or "the end of the operand".
    std::string found() const;
    [[noreturn]] void fail(const std::string& message) const { throw SourceError(at, message); }
    /// Raises unless `c` is next; `what` says where it is wanted.
    void expect(char c, const char* what);
};

/// What the names in an expression mean.
struct Scope {
    SymbolTable* symbols = nullptr;
    std::optional<Location> here;  // the location counter
    bool here_moves = true;        // from one value of a constant to the next; not in a literal
    unsigned here_length = 1;      // L'*
    bool first_pass = false;       // a name that is not there may yet be defined below
    std::size_t statement = 0;     // number, for the cross-reference
    /// Value of the literal at the cursor (which stands on '='); moves it behind. Sets the length attribute.
    std::function<Value(Cursor&, unsigned& length)> literal;
};

struct Expression {
    Value value;
    unsigned length = 1;  // length attribute of the leftmost term
    std::size_t begin = 0;
    Symbol* symbol = nullptr;  // where the expression is a symbol and nothing else
};

/// Parses and evaluates; stops before the first character that cannot go on. Raises SourceError.
Expression parse_expression(Cursor& cursor, const Scope& scope);

/// The same, and it must be absolute and in [low, high]; `what` names it in messages.
int64_t parse_absolute(Cursor& cursor, const Scope& scope, const char* what, int64_t low, int64_t high);

/// The same for the number of a register, 0 to 15; a symbol that stands for it is marked as such.
unsigned parse_register(Cursor& cursor, const Scope& scope, const char* what);

/// The symbol at the cursor in upper case; raises if there is none. `what` says what is wanted.
std::string parse_symbol(Cursor& cursor, const char* what);

/// A self-defining term's value: decimal, X'..', B'..', C'..'. Empty if there is none at the cursor.
std::optional<int64_t> parse_self_defining(Cursor& cursor);

}  // namespace isa::assembler
