// One source statement: a card, or several where column 72 continues it, split into its fields.
#pragma once

#include <cstddef>
#include <cstdint>
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
    std::shared_ptr<const std::vector<std::string>> lines;  // as they stand in the file (UTF-8)
    unsigned first_line = 0;
    std::string generated;  // of what a macro generates: the line that the listing shows in place of `lines`
    std::string card;       // of REPRO: the 80 columns of the card behind it, which is part of the statement

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

/// Finds label, operation and operands in a statement's text, also while it still grows: each call goes on
/// where the one before ended.
class FieldSplitter {
  public:
    void split(Statement& statement);

    /// Whether the operands ended before the text did: what follows is a remark.
    bool at_remark() const { return part_ == Part::remark; }
    /// Takes away the remark behind operands that broke off; they go on with what is added.
    void resume_operands(Statement& statement);

  private:
    enum class Part : uint8_t { comment, label, operation, operands, remark };
    void begin(const Statement& s);
    void scan_operands(const std::string& text);

    Part part_ = Part::comment;
    bool begun_ = false;
    std::size_t at_ = 0;
    int depth_ = 0;             // of parentheses
    bool in_string_ = false;    // inside apostrophes
    bool keep_blanks_ = false;  // blanks inside parentheses belong to the operand
};

/// The same for a text that is complete.
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

/// Where the parenthesis at `at` is closed; npos if it is not.
std::size_t closing_parenthesis(std::string_view text, std::size_t at);

/// Where operands that begin the text end: at the first blank outside apostrophes.
std::size_t end_of_operands(std::string_view text);

/// Splits a field at commas outside parentheses and strings. An empty field gives no part; "A,,B" gives
/// three.
std::vector<Field> split_at_commas(std::string_view text, Field field);

}  // namespace isa::assembler
