// Facility gcc, the instructions that loop: MVCLE and CLCLE, strings with an ending character, logical
// division. SA22-7832, z/Architecture Principles of Operation, chapter 7.
//
// The loops may stop after a part of the work of the CPU's own choice with condition code 3, whereupon the
// program branches back. So no execution takes long, whatever its operands. The registers of MVCLE and CLCLE
// are updated every 256 bytes, so that an access exception in a later one finds them right.
#pragma once

#include "isa/semantics/long_operands.hpp"
#include "isa/semantics/storage_operands.hpp"

namespace isa::semantics {

/// Bytes that one execution processes at most: of MVCLE and CLCLE, and of the string instructions.
inline constexpr uint32_t kLongPart = 4096;
inline constexpr uint32_t kStringPart = 256;

/// An operand of MVCLE or CLCLE: the address has 24 bits, the length all 32 of its register.
struct ExtendedOperand {
    uint32_t address;
    uint32_t length;

    template <class C>
    static ExtendedOperand of(const C& c, unsigned even) {
        return {c.gpr(even) & kAddressMask, c.gpr(even + 1)};
    }
    void advance(uint32_t n) {
        address = (address + n) & kAddressMask;
        length -= n;
    }
    template <class C>
    void write_back(C& c, unsigned even) const {
        c.set_gpr(even, address);
        c.set_gpr(even + 1, length);
    }
};

template <class C>
void move_long_extended(C& c, const Operands& o) {
    ExtendedOperand to = ExtendedOperand::of(c, o.r1), from = ExtendedOperand::of(c, o.r2);
    const auto padding = static_cast<uint8_t>(c.address(o.b2, o.d2));
    const unsigned code = to.length == from.length ? 0 : to.length < from.length ? 1 : 2;
    std::array<uint8_t, 256> unit;
    for (uint32_t moved = 0; to.length != 0;) {
        if (moved >= kLongPart || (moved != 0 && c.interruption_due())) return c.set_condition_code(3);
        uint32_t n = std::min<uint32_t>(to.length, 256 - (to.address & 255));
        if (from.length != 0) {
            n = std::min(n, from.length);
            c.probe_store(to.address, n);
            c.fetch(from.address, unit.data(), n);
            c.store(to.address, unit.data(), n);
            from.advance(n);
        } else {
            std::fill_n(unit.begin(), n, padding);
            c.store(to.address, unit.data(), n);
        }
        to.advance(n);
        to.write_back(c, o.r1);
        from.write_back(c, o.r2);
        c.charge_units(n);
        moved += n;
    }
    to.write_back(c, o.r1);
    from.write_back(c, o.r2);
    c.set_condition_code(code);
}

template <class C>
void compare_logical_long_extended(C& c, const Operands& o) {
    ExtendedOperand a = ExtendedOperand::of(c, o.r1), b = ExtendedOperand::of(c, o.r2);
    const uint32_t padding = c.address(o.b2, o.d2) & 0xFF;
    unsigned code = 0;
    for (uint32_t compared = 0; code == 0 && (a.length != 0 || b.length != 0); compared += 256) {
        if (compared >= kLongPart || (compared != 0 && c.interruption_due())) return c.set_condition_code(3);
        const uint32_t unit = std::min<uint32_t>(256, std::max(a.length, b.length));
        uint32_t i = 0;
        for (; i < unit; ++i) {
            const uint32_t x = a.length != 0 ? c.load8(a.address) : padding;
            const uint32_t y = b.length != 0 ? c.load8(b.address) : padding;
            if (x != y) {
                code = x < y ? 1 : 2;
                break;
            }
            if (a.length != 0) a.advance(1);
            if (b.length != 0) b.advance(1);
        }
        a.write_back(c, o.r1);
        b.write_back(c, o.r2);
        c.charge_units(i);
    }
    a.write_back(c, o.r1);
    b.write_back(c, o.r2);
    c.set_condition_code(code);
}

/// The character in register 0 that ends a string, or that is looked for; the bits left of it must be zero.
template <class C>
uint32_t ending_character(C& c) {
    if ((c.gpr(0) & 0xFFFFFF00) != 0) c.program_check(ProgramCode::specification);
    return c.gpr(0);
}

template <class C>
void search_string(C& c, const Operands& o) {
    const uint32_t wanted = ending_character(c);
    const uint32_t end = c.gpr(o.r1) & kAddressMask;
    uint32_t at = c.gpr(o.r2) & kAddressMask;
    for (uint32_t n = 0; n < kStringPart; ++n) {
        if (at == end) {
            c.charge_units(n);
            return c.set_condition_code(2);
        }
        if (c.load8(at) == wanted) {
            c.charge_units(n + 1);
            c.set_gpr(o.r1, at);
            return c.set_condition_code(1);
        }
        at = (at + 1) & kAddressMask;
    }
    c.charge_units(kStringPart);
    c.set_gpr(o.r2, at);
    c.set_condition_code(3);
}

template <class C>
void move_string(C& c, const Operands& o) {
    const uint32_t ending = ending_character(c);
    uint32_t to = c.gpr(o.r1) & kAddressMask, from = c.gpr(o.r2) & kAddressMask;
    for (uint32_t n = 0; n < kStringPart; ++n) {
        const uint32_t byte = c.load8(from);
        c.store8(to, byte);
        if (byte == ending) {
            c.charge_units(n + 1);
            c.set_gpr(o.r1, to);
            return c.set_condition_code(1);
        }
        to = (to + 1) & kAddressMask;
        from = (from + 1) & kAddressMask;
    }
    c.charge_units(kStringPart);
    c.set_gpr(o.r1, to);
    c.set_gpr(o.r2, from);
    c.set_condition_code(3);
}

template <class C>
void compare_logical_string(C& c, const Operands& o) {
    const uint32_t ending = ending_character(c);
    uint32_t a = c.gpr(o.r1) & kAddressMask, b = c.gpr(o.r2) & kAddressMask;
    for (uint32_t n = 0; n < kStringPart; ++n) {
        const uint32_t x = c.load8(a), y = c.load8(b);
        if (x == y && x != ending) {
            a = (a + 1) & kAddressMask;
            b = (b + 1) & kAddressMask;
            continue;
        }
        c.charge_units(n + 1);
        if (x == y) return c.set_condition_code(0);
        c.set_gpr(o.r1, a);
        c.set_gpr(o.r2, b);
        // The shorter string is the lower one, whatever the ending character.
        return c.set_condition_code(x == ending || (y != ending && x < y) ? 1 : 2);
    }
    c.charge_units(kStringPart);
    c.set_gpr(o.r1, a);
    c.set_gpr(o.r2, b);
    c.set_condition_code(3);
}

template <class C>
void divide_logical_pair(C& c, unsigned even, uint32_t divisor) {
    const uint64_t dividend = gpr_pair(c, even);
    if (divisor == 0 || dividend / divisor > 0xFFFFFFFF) c.program_check(ProgramCode::fixed_point_divide);
    c.set_gpr(even, static_cast<uint32_t>(dividend % divisor));
    c.set_gpr(even + 1, static_cast<uint32_t>(dividend / divisor));
}
template <class C>
void divide_logical_register(C& c, const Operands& o) {
    divide_logical_pair(c, o.r1, c.gpr(o.r2));
}
template <class C>
void divide_logical(C& c, const Operands& o) {
    divide_logical_pair(c, o.r1, c.load32(c.address(o.r2, o.b2, o.d2)));
}

}  // namespace isa::semantics
