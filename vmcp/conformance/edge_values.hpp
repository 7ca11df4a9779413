// Operand values, chosen where instructions change their behaviour: signs, zero, the largest and smallest,
// carries, unnormalized fractions, exponents next to their ends, decimal digits and signs valid and invalid.
#pragma once

#include <cstdint>
#include <vector>

#include "vmcp/conformance/random.hpp"

namespace vmcp::conformance {

/// What an operand is meant to hold.
enum class Data : uint8_t {
    none,         // the instruction does not use it
    fixed,        // signed or logical binary integer
    bytes,        // anything
    packed,       // packed decimal
    zoned,        // zoned decimal
    float_short,  // hexadecimal floating point
    float_long,
    float_extended,  // in a register: a pair
};

uint32_t edge_word(Random& random);

/// An operand of `length` bytes.
std::vector<uint8_t> edge_operand(Random& random, Data data, unsigned length);

/// A packed decimal number with `zeros` leading zero digits at least; now and then with an invalid digit or
/// sign where `may_be_invalid`.
std::vector<uint8_t> edge_packed(Random& random, unsigned length, unsigned zeros, bool may_be_invalid = true);

/// A hexadecimal floating-point number in long form; its left half is a short one.
uint64_t edge_float(Random& random);

}  // namespace vmcp::conformance
