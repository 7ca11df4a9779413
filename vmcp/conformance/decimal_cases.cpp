// Cases of the decimal instructions whose operands depend on each other: multiplication, division, shifting,
// editing.
#include <algorithm>

#include "vmcp/conformance/case_generator.hpp"

namespace vmcp::conformance {
namespace {

using Bytes = std::vector<uint8_t>;

uint8_t u8(unsigned value) { return static_cast<uint8_t>(value); }

/// MP and DP: the second operand is shorter than the first and at most 8 bytes; the multiplicand has as many
/// leading zero bytes as the multiplier has bytes.
Bytes multiply_or_divide(CaseBuilder& b, isa::Decoded& d) {
    isa::Operands& o = d.operands;
    const bool multiply = d.row().mnemonic == "MP";
    b.draw_places(2);
    o.r2 = u8(b.random.below(8));
    o.r1 = u8(b.random.between(o.r2 + 1u, 15));
    if (b.random.chance(5)) o.r1 = u8(b.random.below(16)), o.r2 = u8(b.random.below(16));
    const unsigned length1 = o.r1 + 1u, length2 = o.r2 + 1u;
    const uint32_t address1 = b.place(0, length1), address2 = b.place(1, length2);
    b.address(o.b1, o.d1, address1);
    b.address(o.b2, o.d2, address2);
    unsigned zeros = multiply ? 2 * length2 : b.random.below(2 * length1);
    if (multiply && b.random.chance(6)) zeros = b.random.below(zeros + 1);
    Bytes divisor = edge_packed(b.random, length2, b.random.chance(60) ? b.random.below(2 * length2) : 0);
    Bytes first = edge_packed(b.random, length1, zeros);
    // A dividend that is the divisor, moved: quotients at the edge of what fits.
    if (!multiply && length1 > length2 && b.random.chance(25)) {
        first.assign(length1, 0);
        std::copy(divisor.begin(), divisor.end(), first.begin() + b.random.below(length1 - length2 + 1));
        first.back() = u8((first.back() & 0xF0) | 0xC);
        for (unsigned n = 0; n + 1 < length1; ++n)
            if ((first[n] & 0xF) > 9) first[n] &= 0xF0;
    }
    b.put(address1, first);
    b.put(address2, divisor);
    return {};
}

Bytes shift_and_round(CaseBuilder& b, isa::Decoded& d) {
    isa::Operands& o = d.operands;
    b.draw_places(1);
    o.r1 = u8(length_code(b.random, 15));
    o.imm = static_cast<int32_t>(b.random.chance(94) ? b.random.below(10) : b.random.below(16));
    const unsigned length = o.r1 + 1u;
    const uint32_t address = b.place(0, length);
    b.address(o.b1, o.d1, address);
    // The low six bits of the second address are the signed shift.
    const uint32_t shift = b.random.chance(80) ? b.random.below(2 * length + 2) : b.random.below(32);
    const uint32_t amount = b.random.chance(50) ? shift : 0u - shift;
    if (b.random.chance(50))
        o.d2 = static_cast<uint16_t>(amount & 0x3F);
    else
        b.address(o.b2, o.d2, (amount & 0x3F) | (b.random.next32() & 0xFFFFC0));
    b.put(address, edge_packed(b.random, length, b.random.chance(50) ? b.random.below(2 * length) : 0));
    return {};
}

/// ED and EDMK: patterns of a fill byte, digit selectors, significance starters, field separators and message
/// bytes.
Bytes edit(CaseBuilder& b, isa::Decoded& d) {
    isa::Operands& o = d.operands;
    b.draw_places(2);
    o.imm = static_cast<int32_t>(b.random.chance(80) ? b.random.below(32) : length_code(b.random, 255));
    const unsigned length = static_cast<unsigned>(o.imm) + 1;
    const uint32_t address = b.place(0, length);
    const uint32_t source = b.place(1, 128);
    b.address(o.b1, o.d1, address);
    b.address(o.b2, o.d2, source);
    Bytes pattern(length);
    for (uint8_t& p : pattern) {
        const uint32_t lot = b.random.below(20);
        p = lot < 11 ? 0x20 : lot < 13 ? 0x21 : lot < 15 ? 0x22 : lot < 18 ? 0x6B : b.random.byte();
    }
    if (b.random.chance(85)) pattern[0] = b.random.chance(50) ? 0x40 : 0x5C;
    b.put(address, pattern);
    Bytes digits;
    while (digits.size() < 128) {
        const unsigned n = b.random.between(1, 8);
        Bytes number = edge_packed(b.random, n, b.random.below(2 * n), b.random.chance(20));
        digits.insert(digits.end(), number.begin(), number.end());
    }
    digits.resize(128);
    b.put(source, digits);
    return {};
}

struct Entry {
    std::string_view mnemonic;
    Fill fill;
};
constexpr Entry kFills[] = {
    {"MP", multiply_or_divide},
    {"DP", multiply_or_divide},
    {"SRP", shift_and_round},
    {"ED", edit},
    {"EDMK", edit},
};

}  // namespace

Fill decimal_fill(std::string_view mnemonic) {
    for (const Entry& entry : kFills)
        if (entry.mnemonic == mnemonic) return entry.fill;
    return nullptr;
}

}  // namespace vmcp::conformance
