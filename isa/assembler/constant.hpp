// One operand of DC, DS, DXD or a literal: [duplication]type[modifiers]nominal value.
//
// The length modifier counts bytes, or bits (L.n). Operands with lengths in bits follow one another without
// gaps; the next one without begins at a byte.
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
    bool has_length = false;     // a length modifier was given (then the constant is not aligned)
    bool bit_length = false;     // and it counts bits
    unsigned length = 1;         // of the first nominal value in bytes, rounded up: the length attribute
    int scale = 0;               // S modifier: binary digits for F and H, hexadecimal digits for E, D and L
    int exponent = 0;            // E modifier: power of ten
    std::vector<Field> values;   // the nominal values; empty where DS gives none
    std::vector<unsigned> bits;  // of each value (of the one that DS reserves where it gives none)
    unsigned alignment = 1;      // bytes

    uint64_t size_in_bits() const {
        uint64_t once = 0;
        for (const unsigned n : bits) once += n;
        return duplication * once;
    }
    /// Bytes, rounded up.
    uint64_t size() const { return (size_in_bits() + 7) / 8; }
};

/// Parses the operand at the cursor. Duplication and modifiers are evaluated (what they name must be defined
/// already), the values are not. Raises SourceError.
Constant parse_constant(Cursor& cursor, const Scope& scope, bool value_required);

/// The boundary that the operand at the cursor will be aligned to, told without evaluating anything; 0 if it
/// has a length in bits and follows the one before without a gap. Raises SourceError only if it has no type.
unsigned boundary_of_constant(Cursor cursor);

/// T' of a symbol that names the constant.
char type_attribute(const Constant& constant);

/// Empty for types that are not numbers.
std::optional<NumberAttributes> number_attributes(const Constant& constant, const Statement& s);

/// A run of bits, as constants make it.
class BitString {
  public:
    /// The leftmost `bits` of `bytes`.
    void append(const std::vector<uint8_t>& bytes, unsigned bits);
    /// Zeros up to the bit `size`.
    void pad(uint64_t size);
    uint64_t size() const { return size_; }
    /// The last byte is filled up with zeros.
    const std::vector<uint8_t>& bytes() const { return bytes_; }

  private:
    std::vector<uint8_t> bytes_;
    uint64_t size_ = 0;  // bits
};

/// What constants need of the module.
struct ConstantServices {
    /// The value to assemble for an address; raises where there is none. `at` is the field's place in the
    /// module, where a loader has to relocate it.
    std::function<int64_t(const Value&, std::size_t offset, Location at, unsigned length, char type)> address;
    /// Base and displacement for S constants.
    std::function<uint16_t(const Expression&)> base_displacement;
    /// The same as `address`, for the symbol of a V constant, and for that of a Q constant.
    std::function<int64_t(const std::string& name, std::size_t offset, Location at, unsigned length)>
        external;
    std::function<int64_t(const std::string& name, std::size_t offset, Location at, unsigned length)>
        dummy_offset;
    std::function<void(std::size_t offset, const std::string& message)> warn;
};

/// Appends all duplications of a constant to the bits that begin at `begin` (`s` is the statement that holds
/// it; what * means advances from one value to the next, beginning with scope.here). Precondition: values not
/// empty.
void generate_constant(const Constant& constant, const Statement& s, Scope scope,
                       const ConstantServices& services, Location begin, BitString& out);

}  // namespace isa::assembler
