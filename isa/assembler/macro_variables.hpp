// Variable symbols: SET symbols (arithmetic, binary, character), macro parameters and system variables.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "isa/assembler/macro_operand.hpp"

namespace isa::assembler {

enum class SetType : uint8_t { arithmetic, binary, character };

struct SetSymbol {
    SetType type = SetType::arithmetic;
    bool dimensioned = false;
    std::map<int64_t, int64_t> numbers;      // by subscript; a scalar's is 1
    std::map<int64_t, std::string> strings;  // of type character
};

/// What a variable symbol, or an element of it, stands for at the moment.
struct VariableValue {
    bool numeric = false;  // a SETA or SETB symbol: `number` counts
    int64_t number = 0;
    std::string text;

    /// As it appears in a statement: a number without its sign.
    std::string as_text() const {
        if (!numeric) return text;
        return std::to_string(number < 0 ? -number : number);
    }
};

/// The names that a conditional-assembly expression can use.
class VariableScope {
  public:
    virtual ~VariableScope() = default;

    virtual bool defined(const std::string& name) const = 0;
    /// Whether a parenthesis behind the name is a subscript. Raises SourceError if there is no such variable.
    virtual bool subscripted(const std::string& name, std::size_t at) const = 0;
    /// The value; `subscripts` select an element of a dimensioned SET symbol or of a sublist.
    virtual VariableValue value(const std::string& name, const std::vector<int64_t>& subscripts,
                                std::size_t at) const = 0;
    /// A parameter, or an element of one, as the call had it; empty for other variables.
    virtual std::optional<MacroOperand> operand(const std::string& name,
                                                const std::vector<int64_t>& subscripts,
                                                std::size_t at) const = 0;
    /// N': number of elements.
    virtual int64_t count(const std::string& name, const std::vector<int64_t>& subscripts,
                          std::size_t at) const = 0;

    /// T' of a variable symbol: of what a macro operand names, N of a SETA or SETB symbol, U of a SETC
    /// symbol.
    virtual char type_of_variable(const std::string& name, const std::vector<int64_t>& subscripts,
                                  std::size_t at) const = 0;
    /// T' of an ordinary symbol.
    virtual char type_of_symbol(const std::string& symbol) const = 0;
    /// L', S' or I' of an ordinary symbol.
    virtual int64_t attribute(char which, const std::string& symbol, std::size_t at) const = 0;
    /// The value of an absolute symbol.
    virtual int64_t symbol_value(const std::string& symbol, std::size_t at) const = 0;
};

}  // namespace isa::assembler
