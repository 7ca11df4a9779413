// The operand of a macro call: a text, and perhaps a list of operands, (A,B,C).
//
// Where commas, parentheses and equals signs stand in the call tells what is an operand, a list or a keyword;
// what variable symbols bring along is text and nothing else. But an operand (or element) that is one
// parameter passes on what the outer macro got, a list included.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "isa/assembler/statement.hpp"

namespace isa::assembler {

class VariableScope;

struct MacroOperand {
    std::string text;
    /// Of a list, else null. Shared, as macros that call macros pass lists on, each in a list of its own.
    std::shared_ptr<const std::vector<MacroOperand>> elements{};
    char type = '\0';  // T', where that is not what the text names

    bool list() const { return elements != nullptr; }
    /// N': 0 where the operand is omitted.
    std::size_t count() const { return list() ? elements->size() : text.empty() ? 0 : 1; }
    /// Element n, from 1; what is no list is its own first one.
    const MacroOperand& element(std::size_t n) const;
};

/// A text without variable symbols.
MacroOperand plain_operand(std::string_view text);

/// A field of a call in a macro or in open code.
MacroOperand evaluate_operand(const Statement& s, Field field, const VariableScope& scope);

}  // namespace isa::assembler
