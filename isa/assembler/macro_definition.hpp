// A macro as it was defined: its prototype and the statements of its body.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "isa/assembler/macro_operand.hpp"
#include "isa/assembler/statement.hpp"

namespace isa::assembler {

struct MacroDefinition {
    std::string name;
    std::string label_parameter;                   // without &; "" if the prototype has none
    std::vector<std::string> positional;           // names without &
    std::map<std::string, MacroOperand> keywords;  // name to default value
    std::vector<Statement> body;                   // behind the prototype, up to and with MEND
    std::map<std::string, std::size_t> sequence;   // .SYMBOL to index in body

    bool has_parameter(const std::string& parameter) const { return parameters.count(parameter) != 0; }
    std::set<std::string> parameters;  // names of all of them
};

/// From the prototype and the body. Raises SourceError with an offset in the prototype's text.
MacroDefinition define_macro(const Statement& prototype, std::vector<Statement> body);

/// The sequence symbol (.NAME, in upper case) in the label field; "" if there is none.
std::string sequence_symbol(const Statement& statement);

/// Whether the text is one pair of parentheses, with whatever is in it.
bool is_list(std::string_view text);

/// What an attribute of a macro operand is about: the text of its first element where the operand is a list.
std::string_view first_element(std::string_view operand);

/// The symbol that an operand such as FIELD+4, FIELD(3) or (FIELD,5) begins with; empty if it does not.
std::string_view leading_symbol(std::string_view operand);

/// Whether the text is a symbol and nothing else.
bool is_symbol(std::string_view text);

}  // namespace isa::assembler
