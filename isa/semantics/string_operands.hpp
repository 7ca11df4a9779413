// Facility gcc, the instructions that loop: MVCLE and CLCLE, strings with an ending character, logical
// division. SA22-7832, z/Architecture Principles of Operation, chapter 7.
//
// The loops may stop after a part of the work of the CPU's own choice with condition code 3, whereupon the
// program branches back. So no execution takes long, whatever its operands, and MVCLE and CLCLE stop in front
// of every block that they might not be allowed to access: an exception finds the registers pointing there.
#pragma once

#include "isa/semantics/long_operands.hpp"
#include "isa/semantics/storage_operands.hpp"

namespace isa::semantics {

/// Bytes that one execution of SRST and CLST processes at most.
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
    uint32_t part = std::min(to.length, to_block_end(to.address));
    if (from.length > to_block_end(from.address)) part = std::min(part, to_block_end(from.address));
    c.charge_units(part);
    std::array<uint8_t, 256> unit;
    for (uint32_t n; part != 0; part -= n) {
        n = std::min<uint32_t>(part, 256);
        if (from.length != 0) {
            n = std::min(n, from.length);
            c.probe_store(to.address, n);
            c.store(to.address, fetched(c, from.address, n, unit), n);
            from.advance(n);
        } else {
            std::fill_n(unit.begin(), n, padding);
            c.store(to.address, unit.data(), n);
        }
        to.advance(n);
    }
    to.write_back(c, o.r1);
    from.write_back(c, o.r2);
    c.set_condition_code(to.length != 0 ? 3 : code);
}

template <class C>
void compare_logical_long_extended(C& c, const Operands& o) {
    ExtendedOperand a = ExtendedOperand::of(c, o.r1), b = ExtendedOperand::of(c, o.r2);
    const uint32_t padding = c.address(o.b2, o.d2) & 0xFF;
    uint32_t part = 2048;
    for (const ExtendedOperand* operand : {&a, &b})
        if (operand->length > to_block_end(operand->address))
            part = std::min(part, to_block_end(operand->address));
    unsigned code = 0;
    const uint32_t compared = compare_padded(c, a, b, padding, part, code);
    c.charge_units(compared);
    a.write_back(c, o.r1);
    b.write_back(c, o.r2);
    c.set_condition_code(code == 0 && (a.length != 0 || b.length != 0) ? 3 : code);
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

/// MVST goes up to a 4K boundary of either operand.
template <class C>
void move_string(C& c, const Operands& o) {
    const uint32_t ending = ending_character(c);
    uint32_t to = c.gpr(o.r1) & kAddressMask, from = c.gpr(o.r2) & kAddressMask;
    uint32_t moved = 0;
    do {
        const uint32_t byte = c.load8(from);
        c.store8(to, byte);
        ++moved;
        if (byte == ending) {
            c.charge_units(moved);
            c.set_gpr(o.r1, to);
            return c.set_condition_code(1);
        }
        to = (to + 1) & kAddressMask;
        from = (from + 1) & kAddressMask;
    } while ((to & 4095) != 0 && (from & 4095) != 0);
    c.charge_units(moved);
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
