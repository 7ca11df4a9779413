// The symbols of a module. Names are kept in upper case: lower case in the source means the same.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "isa/assembler/value.hpp"

namespace isa::assembler {

/// S' and I' of a symbol that names a constant: digits behind and before the point, binary, hexadecimal or
/// decimal ones as its type has them.
struct NumberAttributes {
    int scale = 0;
    int integer = 0;
};

struct Symbol {
    std::string name;
    Value value;
    unsigned length = 1;    // length attribute, bytes
    char type = 'U';        // type attribute: the constant's type, I for instructions, J for sections, ...
    bool in_error = false;  // its definition was wrong, which has been reported: uses of it stay silent
    bool names_register = false;               // used where the number of a register is wanted
    std::optional<NumberAttributes> number{};  // S' and I', of constants that are numbers
    std::size_t statement = 0;                 // number of the defining statement
    std::vector<std::size_t> references{};     // numbers of the statements that use it, ascending
};

class SymbolTable {
  public:
    Symbol* find(std::string_view name) {
        const auto it = symbols_.find(name);
        return it == symbols_.end() ? nullptr : &it->second;
    }
    const Symbol* find(std::string_view name) const { return const_cast<SymbolTable*>(this)->find(name); }
    /// False if the name is there already.
    bool define(Symbol symbol) {
        std::string name = symbol.name;
        return symbols_.emplace(std::move(name), std::move(symbol)).second;
    }
    const std::map<std::string, Symbol, std::less<>>& all() const { return symbols_; }

  private:
    std::map<std::string, Symbol, std::less<>> symbols_;
};

}  // namespace isa::assembler
