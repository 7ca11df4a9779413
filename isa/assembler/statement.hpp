// One source statement: a card, or several where column 72 continues it, split into its fields.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "isa/assembler/diagnostic.hpp"

namespace isa::assembler {

/// A stretch of Statement::text.
struct Field {
    std::size_t begin = 0;
    std::size_t end = 0;
    bool empty() const { return begin == end; }
};

struct Statement {
    std::shared_ptr<const std::string> file;
    std::vector<std::string> lines;  // as they stand in the file (UTF-8), for the listing
    unsigned first_line = 0;

    std::string
        text;  // columns 1-71 joined with columns 16-71 of the continuations, one Latin-1 byte a column
    bool comment = false;
    Field label;          // empty if column 1 is blank
    Field operation;      // empty if the statement is blank
    Field operands;       // up to the first blank outside apostrophes
    std::string op;       // the operation in upper case
    std::string context;  // of statements that a macro generates: which, called where

    /// Where the pieces of `text` come from.
    struct Segment {
        std::size_t offset;
        unsigned line;
        unsigned column;
    };
    std::vector<Segment> segments;

    std::string_view view(Field f) const { return std::string_view(text).substr(f.begin, f.end - f.begin); }

    /// A diagnostic that points at an offset of `text`.
    Diagnostic diagnose(std::size_t offset, Severity severity, std::string message) const;
};

/// Finds label, operation and operands in `text`.
void split_fields(Statement& statement);

/// Characters of the classic assembler's alphabet: A-Z $ # @ _ and digits, letters in either case.
bool is_letter(char c);
bool is_digit(char c);
bool is_symbol_character(char c);
char upper(char c);
std::string to_upper(std::string_view text);

/// Stands in Statement::text for characters that are not Latin-1, and for control characters.
inline constexpr char kNoCharacter = 0x1A;

/// A piece of a statement's text for messages and listings: UTF-8, '?' for what cannot be shown.
std::string printable(std::string_view latin1);

/// Whether the apostrophe at `at` is that of an attribute reference (L'FIELD), not the beginning of a string.
bool is_attribute_apostrophe(std::string_view text, std::size_t at);

/// The end of the apostrophe-delimited string that begins at `at` (doubled apostrophes belong to it): the
/// offset behind the closing one, or npos if there is none before `end`.
std::size_t end_of_string(std::string_view text, std::size_t at, std::size_t end);

/// Splits a field at commas outside parentheses and strings. An empty field gives no part; "A,,B" gives
/// three.
std::vector<Field> split_at_commas(std::string_view text, Field field);

}  // namespace isa::assembler
