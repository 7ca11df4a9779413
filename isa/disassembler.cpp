#include "isa/disassembler.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "isa/assembler/operation.hpp"

namespace isa {
namespace {

/// What stands beside hexadecimal addresses is hexadecimal, and says so where it matters.
std::string distance(int64_t n) { return n < 10 ? fmt::format("{}", n) : fmt::format("X'{:X}'", n); }

std::string with_base(unsigned displacement, unsigned base) {
    return base == 0 ? distance(displacement) : fmt::format("{}({})", distance(displacement), base);
}

/// How far to shift: bits or digits, which are counted in decimal.
std::string amount(unsigned displacement, unsigned base) {
    return base == 0 ? fmt::format("{}", displacement) : fmt::format("{}({})", displacement, base);
}

std::string with_index(unsigned displacement, unsigned index, unsigned base) {
    if (index == 0 && base == 0) return distance(displacement);
    return fmt::format("{}({},{})", distance(displacement), index, base);
}

std::string with_length(unsigned displacement, unsigned length, unsigned base) {
    return fmt::format("{}({},{})", distance(displacement), distance(length), base);
}

/// Halfwords from the instruction, as an expression. No single term holds more than 31 bits.
std::string relative(int32_t halfwords) {
    constexpr int64_t kLargestTerm = 0x7FFFFFFE;
    int64_t bytes = int64_t{halfwords} * 2;
    const char sign = bytes < 0 ? '-' : '+';
    bytes = bytes < 0 ? -bytes : bytes;
    std::string text = "*";
    do {
        const int64_t part = std::min(bytes, kLargestTerm);
        text += sign + distance(part);
        bytes -= part;
    } while (bytes > 0);
    return text;
}

std::string operands(const Decoded& d, bool mask_is_implied) {
    const Operands& o = d.operands;
    const std::string mask = mask_is_implied ? "" : fmt::format("{},", o.r1);
    switch (d.row().format) {
        case Format::E:
        case Format::S_0:
        case Format::RRE_0: return "";
        case Format::RR:
        case Format::RRE: return fmt::format("{},{}", o.r1, o.r2);
        case Format::RR_R:
        case Format::RRE_R: return fmt::format("{}", o.r1);
        case Format::RR_M: return fmt::format("{}{}", mask, o.r2);
        case Format::RR_I: return fmt::format("{}", o.imm);
        case Format::RX:
        case Format::RXE: return fmt::format("{},{}", o.r1, with_index(o.d2, o.r2, o.b2));
        case Format::RX_M: return fmt::format("{}{}", mask, with_index(o.d2, o.r2, o.b2));
        case Format::RS:
        case Format::RSE: return fmt::format("{},{},{}", o.r1, o.r2, with_base(o.d2, o.b2));
        case Format::RS_M: return fmt::format("{},B'{:04b}',{}", o.r1, o.r2, with_base(o.d2, o.b2));
        case Format::RS_R: return fmt::format("{},{}", o.r1, amount(o.d2, o.b2));
        case Format::SI: return fmt::format("{},X'{:02X}'", with_base(o.d1, o.b1), o.imm & 0xFF);
        case Format::SI_S: return with_base(o.d1, o.b1);
        case Format::S: return with_base(o.d2, o.b2);
        case Format::SS_L:
            return fmt::format("{},{}", with_length(o.d1, static_cast<unsigned>(o.imm) + 1, o.b1),
                               with_base(o.d2, o.b2));
        case Format::SS_LL:
            return fmt::format("{},{}", with_length(o.d1, o.r1 + 1u, o.b1),
                               with_length(o.d2, o.r2 + 1u, o.b2));
        case Format::SS_LI:
            return fmt::format("{},{},{}", with_length(o.d1, o.r1 + 1u, o.b1), amount(o.d2, o.b2), o.imm);
        case Format::SS_R:
            return fmt::format("{},{},{}", with_length(o.d1, o.r1, o.b1), with_base(o.d2, o.b2), o.r2);
        case Format::SSE: return fmt::format("{},{}", with_base(o.d1, o.b1), with_base(o.d2, o.b2));
        case Format::RI: return fmt::format("{},{}", o.r1, o.imm);
        case Format::RI_U: return fmt::format("{},X'{:04X}'", o.r1, o.imm & 0xFFFF);
        case Format::RI_M:
        case Format::RIL_M: return fmt::format("{}{}", mask, relative(o.imm));
        case Format::RI_B:
        case Format::RIL: return fmt::format("{},{}", o.r1, relative(o.imm));
        case Format::RSI: return fmt::format("{},{},{}", o.r1, o.r2, relative(o.imm));
    }
    return "";
}

std::string hex(std::span<const uint8_t> bytes) {
    std::string text;
    for (const uint8_t b : bytes) text += fmt::format("{:02X}", b);
    return text;
}

}  // namespace

std::string disassemble(const Decoded& d) {
    if (d.op == Op::invalid) return "";
    const std::string_view extended = assembler::extended_mnemonic(d.op, d.operands.r1);
    std::string text = fmt::format("{:5} {}", extended.empty() ? d.row().mnemonic : extended,
                                   operands(d, !extended.empty()));
    text.erase(text.find_last_not_of(' ') + 1);
    return text;
}

unsigned disassembled_length(std::span<const uint8_t> bytes) {
    if (bytes.size() >= 2 && bytes.size() >= length_of_opcode(bytes[0])) {
        const Decoded d = decode(bytes.data());
        if (d.op != Op::invalid) return d.length;
    }
    return static_cast<unsigned>(std::min<std::size_t>(2, bytes.size()));
}

std::string disassemble(std::span<const uint8_t> bytes, FacilitySet facilities) {
    if (bytes.empty()) return "";
    if (bytes.size() >= 2 && bytes.size() >= length_of_opcode(bytes[0])) {
        const Decoded d = decode(bytes.data(), facilities);
        if (d.op != Op::invalid) return disassemble(d);
    }
    return fmt::format("DC    X'{}'", hex(bytes.first(disassembled_length(bytes))));
}

std::string disassemble_range(std::span<const uint8_t> bytes, uint32_t address, FacilitySet facilities) {
    std::string text;
    while (!bytes.empty()) {
        const unsigned length = disassembled_length(bytes);
        std::string source = disassemble(bytes, facilities);
        if (length >= 4) {
            const Decoded d = decode(bytes.data(), facilities);
            if (is_relative(d.row().format))
                source += fmt::format("  -> {:06X}",
                                      (address + 2 * static_cast<uint32_t>(d.operands.imm)) & 0xFFFFFF);
        }
        text += fmt::format("{:06X}  {:12}  {}\n", address & 0xFFFFFF, hex(bytes.first(length)), source);
        address += length;
        bytes = bytes.subspan(length);
    }
    return text;
}

}  // namespace isa
