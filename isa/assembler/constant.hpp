// One operand of DC, DS or a literal: [duplication]type[modifiers]nominal value.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "isa/assembler/expression.hpp"
#include "isa/assembler/statement.hpp"

namespace isa::assembler {

struct Constant {
    Field extent;  // in the statement's text
    uint32_t duplication = 1;
    char type = 'C';
    bool has_length = false;    // a length modifier was given (then the constant is not aligned)
    unsigned length = 1;        // bytes of the first nominal value: the length attribute
    int scale = 0;              // S modifier: binary digits for F and H, hexadecimal digits for E, D and L
    int exponent = 0;           // E modifier: power of ten
    std::vector<Field> values;  // the nominal values; empty where DS gives none
    std::vector<unsigned> lengths;  // of each value: they differ where the values imply them
    unsigned alignment = 1;         // bytes

    uint64_t size() const {
        uint64_t once = values.empty() ? length : 0;
        for (unsigned n : lengths) once += n;
        return duplication * once;
    }
};

/// Parses the operand at the cursor. Duplication and modifiers are evaluated (what they name must be defined
/// already), the values are not. Raises SourceError.
Constant parse_constant(Cursor& cursor, const Scope& scope, bool value_required);

/// What an address constant needs of the module.
struct AddressServices {
    /// The assembled address of a value that may stand in an address constant; raises otherwise. `at` is the
    /// field's place in the module, where a loader has to relocate it.
    std::function<int64_t(const Value&, std::size_t offset, Location at, unsigned length, char type)> address;
    /// Base and displacement for S constants.
    std::function<uint16_t(const Value&, std::size_t offset)> base_displacement;
    /// The value of a V constant's symbol.
    std::function<Value(const std::string& name, std::size_t offset)> external;
};

/// The bytes of all duplications, for a constant that begins at `at` (S is the statement that holds it).
/// Precondition: values not empty.
std::vector<uint8_t> generate_constant(const Constant& constant, const Statement& s, Scope scope,
                                       const AddressServices& services, Location at);

}  // namespace isa::assembler
