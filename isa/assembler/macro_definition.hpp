// A macro as it was defined: its prototype and the statements of its body.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "isa/assembler/statement.hpp"

namespace isa::assembler {

struct MacroDefinition {
    std::string name;
    std::string label_parameter;                  // without &; "" if the prototype has none
    std::vector<std::string> positional;          // names without &
    std::map<std::string, std::string> keywords;  // name to default value
    std::vector<Statement> body;                  // behind the prototype, up to and with MEND
    std::map<std::string, std::size_t> sequence;  // .SYMBOL to index in body
};

/// From the prototype and the body. Raises SourceError with an offset in the prototype's text.
MacroDefinition define_macro(const Statement& prototype, std::vector<Statement> body);

/// The sequence symbol (.NAME, in upper case) in the label field; "" if there is none.
std::string sequence_symbol(const Statement& statement);

/// A macro operand's value as a list: "(A,B,(C,D))" has three elements. What is not in parentheses is a list
/// of one, and "" of none.
std::vector<std::string> sublist(std::string_view value);

}  // namespace isa::assembler
