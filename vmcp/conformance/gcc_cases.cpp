// Cases of the instructions of facility gcc that loop: extended long operands, and strings with an ending
// character. How much one execution does is the CPU's choice; it then sets condition code 3, and the case
// branches back as every program does.
#include <algorithm>
#include <array>

#include "vmcp/conformance/case_generator.hpp"

namespace vmcp::conformance {
namespace {

using Bytes = std::vector<uint8_t>;

constexpr unsigned kMost = 200;  // SRST and CLST do 256 bytes at once, here and there

uint8_t u8(unsigned value) { return static_cast<uint8_t>(value); }

unsigned length_of_operand(CaseBuilder& b) {
    return b.random.chance(10) ? 0 : b.random.chance(60) ? b.random.below(24) : b.random.below(kMost + 1);
}

/// BRC 1,*-4: all of these instructions, and EXECUTE, are 4 bytes long.
const Bytes kAgain = {0xA7, 0x14, 0xFF, 0xFE};

/// Bits 0-7 of a register that holds an address are ignored.
uint32_t with_junk(CaseBuilder& b, uint32_t address) {
    return address | (b.random.chance(40) ? b.random.next32() & 0xFF000000 : 0);
}

/// MVCLE and CLCLE: lengths of zero, equal, shorter and longer than the other; padding.
Bytes extended_operands(CaseBuilder& b, isa::Decoded& d) {
    isa::Operands& o = d.operands;
    o.r1 = u8(b.operand_pair());
    o.r2 = u8(b.operand_pair());
    const unsigned length1 = length_of_operand(b);
    const unsigned length2 = b.random.chance(35) ? length1 : length_of_operand(b);
    // How far a comparison gets before an exception behind its first byte is the CPU's choice as well.
    const auto is_open = [&](unsigned n) {
        return b.place_of(n) == Place::protected_edge || b.place_of(n) == Place::storage_end;
    };
    do b.draw_places(2);
    while (d.row().mnemonic == "CLCLE" && (is_open(0) || is_open(1)));
    const uint32_t address1 = b.place(0, std::max(length1, 1u)), address2 = b.place(1, std::max(length2, 1u));
    const uint8_t padding = b.random.chance(50) ? 0x40 : b.random.byte();
    b.address(o.b2, o.d2, (b.random.next32() & 0xFFFF00) | padding);
    // Equal for as long as possible, then perhaps not; the longer one goes on with the padding byte.
    const unsigned longer = std::max(length1, length2);
    Bytes text = edge_operand(b.random, Data::bytes, longer);
    std::fill(text.begin() + std::min(length1, length2), text.end(), padding);
    b.put(address2, Bytes(text.begin(), text.begin() + length2));
    if (longer > 0 && b.random.chance(60)) text[b.random.below(longer)] ^= u8(1u << b.random.below(8));
    b.put(address1, Bytes(text.begin(), text.begin() + length1));
    const unsigned r1 = o.r1 & 14u, r2 = o.r2 & 14u;
    // Whether bits 0-7 become zero where nothing is moved is left to the CPU, so they are zero.
    b.set(r1, address1);
    b.set(r1 + 1, length1);
    b.set(r2, address2);
    b.set(r2 + 1, length2);
    return kAgain;
}

/// Two registers that are neither equal nor register 0, which holds the ending character; now and then with
/// bits on that must be zero.
uint8_t string_registers(CaseBuilder& b, isa::Operands& o) {
    const uint8_t ending = b.random.chance(50) ? 0 : b.random.byte();
    b.set(0, ending | (b.random.chance(5) ? 1u << b.random.between(8, 31) : 0));
    o.r1 = u8(b.fresh_register(true));
    o.r2 = u8(b.fresh_register(true));
    return ending;
}

/// A string: no ending character but the last, which may be missing only where `length` is 0.
Bytes string_of(CaseBuilder& b, unsigned length, uint8_t ending) {
    Bytes text = edge_operand(b.random, Data::bytes, length + 1);
    for (uint8_t& c : text)
        if (c == ending) c ^= 1;
    text[length] = ending;
    return text;
}

/// MVST, and CLST with strings that are equal for a while.
Bytes string_operands(CaseBuilder& b, isa::Decoded& d) {
    const uint8_t ending = string_registers(b, d.operands);
    Bytes source = string_of(b, length_of_operand(b), ending), target = source;
    if (b.random.chance(60)) {
        target = string_of(b, length_of_operand(b), ending);
        const size_t same = b.random.below(static_cast<unsigned>(std::min(source.size(), target.size())));
        std::copy_n(source.begin(), same, target.begin());
    }
    const auto longer = static_cast<unsigned>(std::max(source.size(), target.size()));
    b.draw_places(2);
    const uint32_t address1 = b.place(0, longer), address2 = b.place(1, longer);
    b.put(address1, target);
    b.put(address2, source);
    b.set(d.operands.r1, with_junk(b, address1));
    b.set(d.operands.r2, with_junk(b, address2));
    return kAgain;
}

/// SRST: R1 is the end of the string that begins at R2.
Bytes search(CaseBuilder& b, isa::Decoded& d) {
    const uint8_t wanted = string_registers(b, d.operands);
    const unsigned length = length_of_operand(b);
    Bytes text = string_of(b, length, wanted);
    if (b.random.chance(30)) text[length] ^= 1;  // not there
    b.draw_places(1);
    const uint32_t address = b.place(0, length + 1);
    b.put(address, text);
    const uint32_t end = address + (b.random.chance(40) ? length + 1 : b.random.below(length + 2));
    b.set(d.operands.r1, with_junk(b, end));
    b.set(d.operands.r2, with_junk(b, address));
    return kAgain;
}

struct Entry {
    std::string_view mnemonic;
    Fill fill;
};
constexpr Entry kFills[] = {
    {"MVCLE", extended_operands},
    {"CLCLE", extended_operands},
    {"MVST", string_operands},
    {"CLST", string_operands},
    {"SRST", search},
};

}  // namespace

Fill gcc_fill(std::string_view mnemonic) {
    for (const Entry& entry : kFills)
        if (entry.mnemonic == mnemonic) return entry.fill;
    return nullptr;
}

}  // namespace vmcp::conformance
