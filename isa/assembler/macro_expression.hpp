// Expressions of conditional assembly: arithmetic (SETA), logical (SETB, AIF) and character (SETC), and the
// substitution of variable symbols in statements.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "isa/assembler/expression.hpp"
#include "isa/assembler/macro_variables.hpp"

namespace isa::assembler {

/// A variable symbol and its subscripts as they stand in a statement.
struct VariableReference {
    std::string name;  // upper case, without &
    std::vector<int64_t> subscripts;
};

/// The cursor stands on '&'. Raises SourceError, as all of these do.
VariableReference parse_variable(Cursor& cursor, const VariableScope& scope);

/// Terms: self-defining ones, variable symbols, attributes (K' N' L' S' I'), absolute symbols; + - * / and
/// parentheses.
int64_t evaluate_arithmetic(Cursor& cursor, const VariableScope& scope);

/// Comparisons (EQ NE LT GT LE GE) of arithmetic or character expressions, joined with NOT, AND, OR and
/// parentheses.
bool evaluate_logical(Cursor& cursor, const VariableScope& scope);

/// 'string' with substring notation (start,length) behind it, T'operand, a duplication factor in parentheses
/// before them, joined with periods.
std::string evaluate_characters(Cursor& cursor, const VariableScope& scope);

/// The field with every variable symbol replaced with its value; a period behind one is taken away. Doubled
/// ampersands stay.
std::string substitute(const Statement& statement, Field field, const VariableScope& scope);

}  // namespace isa::assembler
