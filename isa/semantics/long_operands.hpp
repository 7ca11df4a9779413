// MOVE LONG and COMPARE LOGICAL LONG: the interruptible instructions. GA22-7000 chapter 7 and chapter 5,
// "Interruptible Instructions". Registers are updated after each unit of operation, so that an interruption
// between two units, or an exception in a later one, finds them right; `repeat_instruction` leaves the PSW at
// the instruction.
#pragma once

#include <algorithm>
#include <array>
#include <cstring>

#include "isa/cpu.hpp"
#include "isa/semantics/bytes_at_hand.hpp"

namespace isa::semantics {

struct LongOperand {
    uint32_t address;
    uint32_t length;

    template <class C>
    static LongOperand of(const C& c, unsigned even) {
        return {c.gpr(even) & kAddressMask, c.gpr(even + 1) & kAddressMask};
    }
    void advance(uint32_t n) {
        address = (address + n) & kAddressMask;
        length -= n;
    }
    /// The address register loses its high byte; the length register keeps it (a padding byte in the second
    /// operand).
    template <class C>
    void write_back(C& c, unsigned even) const {
        c.set_gpr(even, address);
        c.set_gpr(even + 1, (c.gpr(even + 1) & ~kAddressMask) | length);
    }
};

template <class C>
void move_long(C& c, const Operands& o) {
    LongOperand to = LongOperand::of(c, o.r1), from = LongOperand::of(c, o.r2);
    const auto padding = static_cast<uint8_t>(c.gpr(o.r2 + 1u) >> 24);
    const unsigned code = to.length == from.length ? 0 : to.length < from.length ? 1 : 2;
    const uint32_t moved = std::min(to.length, from.length);
    if (moved > 1 && ((to.address - from.address) & kAddressMask) - 1 < moved - 1) {
        to.write_back(c, o.r1);
        from.write_back(c, o.r2);
        return c.set_condition_code(3);  // destructive overlap: nothing moves
    }
    std::array<uint8_t, 256> unit;
    bool padded = false;  // `unit` is full of the padding byte
    while (to.length != 0) {
        // A unit ends at a 256-byte boundary of the first operand, or where the second operand is used up.
        uint32_t n = std::min<uint32_t>(to.length, 256 - (to.address & 255));
        if (from.length != 0) {
            n = std::min(n, from.length);
            c.probe_store(to.address, n);
            c.store(to.address, fetched(c, from.address, n, unit), n);
            from.advance(n);
        } else {
            if (!padded) unit.fill(padding);
            padded = true;
            c.store(to.address, unit.data(), n);
        }
        to.advance(n);
        to.write_back(c, o.r1);
        from.write_back(c, o.r2);
        c.charge_units(n);
        if (to.length != 0 && c.interruption_due()) return c.repeat_instruction();
    }
    to.write_back(c, o.r1);
    from.write_back(c, o.r2);
    c.set_condition_code(code);
}

/// Compares up to `most` bytes of the rest of two operands, of which the shorter one is padded, and advances
/// both over those that are equal: returns how many. `code`: 1 or 2 where a byte differs, else left alone.
/// One byte of each is loaded after the other; what lies behind it in the same blocks is compared at once
/// where both are at hand, for then a load does nothing but load.
template <class C, class Operand>
uint32_t compare_padded(C& c, Operand& a, Operand& b, uint32_t padding, uint32_t most, unsigned& code) {
    uint32_t compared = 0;
    while (compared < most && (a.length != 0 || b.length != 0)) {
        const uint32_t x = a.length != 0 ? c.load8(a.address) : padding;
        const uint32_t y = b.length != 0 ? c.load8(b.address) : padding;
        if (x != y) {
            code = x < y ? 1 : 2;
            break;
        }
        const uint8_t* const p = a.length != 0 ? at_hand(c, a.address) : nullptr;
        const uint8_t* const q = b.length != 0 ? at_hand(c, b.address) : nullptr;
        uint32_t equal = 1;
        const bool all = (p != nullptr || a.length == 0) && (q != nullptr || b.length == 0);
        if (all && (p != nullptr || q != nullptr)) {
            uint32_t n = most - compared;
            if (p != nullptr) n = std::min({n, a.length, to_block_end(a.address)});
            if (q != nullptr) n = std::min({n, b.length, to_block_end(b.address)});
            // Bytes that all equal the first one equal those in front of them.
            equal = p == nullptr   ? 1 + equal_bytes(q, q + 1, n - 1)
                    : q == nullptr ? 1 + equal_bytes(p, p + 1, n - 1)
                                   : equal_bytes(p, q, n);
        }
        if (a.length != 0) a.advance(equal);
        if (b.length != 0) b.advance(equal);
        compared += equal;
    }
    return compared;
}

template <class C>
void compare_logical_long(C& c, const Operands& o) {
    LongOperand a = LongOperand::of(c, o.r1), b = LongOperand::of(c, o.r2);
    const uint32_t padding = c.gpr(o.r2 + 1u) >> 24;
    while (a.length != 0 || b.length != 0) {
        unsigned code = 0;
        const uint32_t compared = compare_padded(c, a, b, padding, 256, code);
        a.write_back(c, o.r1);
        b.write_back(c, o.r2);
        c.charge_units(compared);
        if (code != 0) return c.set_condition_code(code);
        if ((a.length != 0 || b.length != 0) && c.interruption_due()) return c.repeat_instruction();
    }
    a.write_back(c, o.r1);
    b.write_back(c, o.r2);
    c.set_condition_code(0);
}

}  // namespace isa::semantics
