// General instructions that loop, decide or move more than a word. GA22-7000 chapter 7. Each is an ordinary
// function: every executor calls it. All accesses are made or probed before anything changes.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

#include "isa/cpu.hpp"
#include "isa/semantics/bytes_at_hand.hpp"

namespace isa::semantics {

/// True where storing the bytes of `to` one by one changes bytes of `from` that are still to be read.
inline bool destructive_overlap(uint32_t to, uint32_t from, uint32_t length) {
    return ((to - from) & kAddressMask) - 1 < length - 1;
}

template <class C>
void move_characters(C& c, const Operands& o) {
    c.move(c.address(o.b1, o.d1), c.address(o.b2, o.d2), static_cast<unsigned>(o.imm) + 1);
}

/// The form of NC, OC, XC, MVN and MVZ: first operand := f(first, second), byte by byte from the left. `f`
/// works on words of eight bytes, each for itself.
template <class C, class F>
uint64_t combine_characters(C& c, const Operands& o, F f) {
    const uint32_t to = c.address(o.b1, o.d1), from = c.address(o.b2, o.d2);
    const unsigned n = static_cast<unsigned>(o.imm) + 1;
    std::array<uint8_t, 256> result, a_bytes, b_bytes;
    uint64_t any = 0;
    c.probe_store(to, n);
    const uint8_t* const a = fetched(c, to, n, a_bytes);
    const uint8_t* const b = fetched(c, from, n, b_bytes);
    const auto combine = [&]<class Word>(Word, unsigned i, const uint8_t* second) {
        Word x, y;
        std::memcpy(&x, a + i, sizeof x);
        std::memcpy(&y, second, sizeof y);
        x = static_cast<Word>(f(x, y));
        any |= x;
        std::memcpy(&result[i], &x, sizeof x);
    };
    if (destructive_overlap(to, from, n)) {
        // b[i] is the result i - shift, from the point where the operands meet.
        const uint32_t shift = (to - from) & kAddressMask;
        for (unsigned i = 0; i < n; ++i) combine(uint8_t{}, i, i < shift ? b + i : &result[i - shift]);
    } else {
        unsigned i = 0;
        for (; i + 8 <= n; i += 8) combine(uint64_t{}, i, b + i);
        for (; i < n; ++i) combine(uint8_t{}, i, b + i);
    }
    c.store(to, result.data(), n);
    return any;
}

template <class C>
void and_characters(C& c, const Operands& o) {
    const uint64_t any = combine_characters(c, o, [](uint64_t a, uint64_t b) { return a & b; });
    c.set_condition_code(any != 0 ? 1 : 0);
}
template <class C>
void or_characters(C& c, const Operands& o) {
    const uint64_t any = combine_characters(c, o, [](uint64_t a, uint64_t b) { return a | b; });
    c.set_condition_code(any != 0 ? 1 : 0);
}
template <class C>
void exclusive_or_characters(C& c, const Operands& o) {
    const uint64_t any = combine_characters(c, o, [](uint64_t a, uint64_t b) { return a ^ b; });
    c.set_condition_code(any != 0 ? 1 : 0);
}
inline constexpr uint64_t kNumerics = 0x0F0F0F0F0F0F0F0F;  // the right half of each byte
template <class C>
void move_numerics(C& c, const Operands& o) {
    combine_characters(c, o, [](uint64_t a, uint64_t b) { return (a & ~kNumerics) | (b & kNumerics); });
}
template <class C>
void move_zones(C& c, const Operands& o) {
    combine_characters(c, o, [](uint64_t a, uint64_t b) { return (a & kNumerics) | (b & ~kNumerics); });
}

template <class C>
void move_inverse(C& c, const Operands& o) {
    const unsigned n = static_cast<unsigned>(o.imm) + 1;
    const uint32_t to = c.address(o.b1, o.d1);
    const uint32_t from =
        (c.address(o.b2, o.d2) - (n - 1)) & kAddressMask;  // leftmost byte of the second operand
    std::array<uint8_t, 256> bytes;
    c.probe_store(to, n);
    c.fetch(from, bytes.data(), n);
    std::reverse(bytes.begin(), bytes.begin() + n);
    c.store(to, bytes.data(), n);
}

template <class C>
void compare_logical_characters(C& c, const Operands& o) {
    const unsigned n = static_cast<unsigned>(o.imm) + 1;
    std::array<uint8_t, 256> a, b;
    const uint8_t* const first = fetched(c, c.address(o.b1, o.d1), n, a);
    const uint8_t* const second = fetched(c, c.address(o.b2, o.d2), n, b);
    const int order = std::memcmp(first, second, n);
    c.set_condition_code(order == 0 ? 0 : order < 0 ? 1 : 2);
}

// ---- Under mask ----

/// The bytes of `value` that the 4-bit mask selects, left to right. Returns how many.
inline unsigned select_bytes(uint32_t value, unsigned mask, uint8_t* out) {
    unsigned n = 0;
    for (unsigned i = 0; i < 4; ++i)
        if (mask & 8 >> i) out[n++] = static_cast<uint8_t>(value >> (24 - 8 * i));
    return n;
}

template <class C>
void compare_logical_under_mask(C& c, const Operands& o) {
    std::array<uint8_t, 4> mine, theirs;
    const unsigned n = select_bytes(c.gpr(o.r1), o.r2, mine.data());
    const uint32_t a = c.address(o.b2, o.d2);
    c.fetch(a, theirs.data(), std::max(n, 1u));  // a zero mask still recognises exceptions for one byte
    for (unsigned i = 0; i < n; ++i)
        if (mine[i] != theirs[i]) return c.set_condition_code(mine[i] < theirs[i] ? 1 : 2);
    c.set_condition_code(0);
}

template <class C>
void insert_characters_under_mask(C& c, const Operands& o) {
    std::array<uint8_t, 4> bytes{};
    const unsigned n = static_cast<unsigned>(__builtin_popcount(o.r2));
    c.fetch(c.address(o.b2, o.d2), bytes.data(), std::max(n, 1u));
    uint32_t value = c.gpr(o.r1);
    bool zero = true;
    for (unsigned i = 0, k = 0; i < 4; ++i) {
        if ((o.r2 & 8 >> i) == 0) continue;
        const unsigned shift = 24 - 8 * i;
        zero = zero && bytes[k] == 0;
        value = (value & ~(0xFFu << shift)) | uint32_t{bytes[k++]} << shift;
    }
    if (n != 0) c.set_gpr(o.r1, value);
    c.set_condition_code(n == 0 || zero ? 0 : bytes[0] & 0x80 ? 1 : 2);
}

template <class C>
void store_characters_under_mask(C& c, const Operands& o) {
    std::array<uint8_t, 4> bytes;
    const unsigned n = select_bytes(c.gpr(o.r1), o.r2, bytes.data());
    const uint32_t a = c.address(o.b2, o.d2);
    if (n != 0) c.store(a, bytes.data(), n);
}

// ---- Multiple registers: a CPU may have a shorter way where it need not look where the words are ----
template <class C>
void load_multiple(C& c, const Operands& o) {
    const uint32_t a = c.address(o.b2, o.d2);
    if constexpr (requires { c.load_multiple_at_hand(a, o.r1, o.r2); })
        if (c.load_multiple_at_hand(a, o.r1, o.r2)) return;
    const unsigned count = ((o.r2 - o.r1) & 0xFu) + 1;
    std::array<uint8_t, 64> bytes;
    c.fetch(a, bytes.data(), count * 4);
    for (unsigned i = 0; i < count; ++i) {
        const uint8_t* p = &bytes[4 * i];
        c.set_gpr((o.r1 + i) & 0xF, uint32_t{p[0]} << 24 | uint32_t{p[1]} << 16 | uint32_t{p[2]} << 8 | p[3]);
    }
}

template <class C>
void store_multiple(C& c, const Operands& o) {
    const uint32_t a = c.address(o.b2, o.d2);
    if constexpr (requires { c.store_multiple_at_hand(a, o.r1, o.r2); })
        if (c.store_multiple_at_hand(a, o.r1, o.r2)) return;
    const unsigned count = ((o.r2 - o.r1) & 0xFu) + 1;
    std::array<uint8_t, 64> bytes;
    for (unsigned i = 0; i < count; ++i) {
        const uint32_t v = c.gpr((o.r1 + i) & 0xF);
        for (unsigned k = 0; k < 4; ++k) bytes[4 * i + k] = static_cast<uint8_t>(v >> (24 - 8 * k));
    }
    c.store(a, bytes.data(), count * 4);
}

// ---- Swapping: the operand is checked for storing whether or not it will be stored ----
template <class C>
void compare_and_swap(C& c, const Operands& o) {
    const uint32_t a = c.address(o.b2, o.d2);
    c.probe_store(a, 4);
    const uint32_t current = c.load32(a);
    if (current == c.gpr(o.r1)) {
        c.store32(a, c.gpr(o.r2));
        c.set_condition_code(0);
    } else {
        c.set_gpr(o.r1, current);
        c.set_condition_code(1);
    }
}

template <class C>
uint64_t gpr_pair(const C& c, unsigned even) {
    return uint64_t{c.gpr(even)} << 32 | c.gpr(even + 1);
}

template <class C>
void compare_double_and_swap(C& c, const Operands& o) {
    const uint32_t a = c.address(o.b2, o.d2);
    c.probe_store(a, 8);
    const uint64_t current = c.load64(a);
    if (current == gpr_pair(c, o.r1)) {
        c.store64(a, gpr_pair(c, o.r2));
        c.set_condition_code(0);
    } else {
        c.set_gpr_pair(o.r1, current);
        c.set_condition_code(1);
    }
}

template <class C>
void test_and_set(C& c, const Operands& o) {
    const uint32_t a = c.address(o.b1, o.d1);
    const uint32_t byte = c.update8(a);
    c.store8(a, 0xFF);
    c.set_condition_code(byte >> 7);
}

// ---- Division ----
template <class C>
void divide_pair(C& c, unsigned even, uint32_t divisor_bits) {
    const auto dividend = static_cast<int64_t>(gpr_pair(c, even));
    const auto divisor = static_cast<int32_t>(divisor_bits);
    if (divisor == 0) c.program_check(ProgramCode::fixed_point_divide);
    const __int128 quotient = static_cast<__int128>(dividend) / divisor;
    if (quotient != static_cast<int32_t>(quotient)) c.program_check(ProgramCode::fixed_point_divide);
    const auto remainder = static_cast<int32_t>(static_cast<__int128>(dividend) - quotient * divisor);
    c.set_gpr(even, static_cast<uint32_t>(remainder));
    c.set_gpr(even + 1, static_cast<uint32_t>(static_cast<int32_t>(quotient)));
}
template <class C>
void divide_register(C& c, const Operands& o) {
    divide_pair(c, o.r1, c.gpr(o.r2));
}
template <class C>
void divide(C& c, const Operands& o) {
    divide_pair(c, o.r1, c.load32(c.address(o.r2, o.b2, o.d2)));
}

// ---- Arithmetic shifts: the sign stays; a bit unlike the sign shifted out is an overflow ----
template <class C>
void shift_left_single(C& c, const Operands& o) {
    const unsigned n = c.address(o.b2, o.d2) & 63;
    const uint32_t value = c.gpr(o.r1), sign = value & 0x80000000;
    const uint32_t magnitude = value & 0x7FFFFFFF;
    const uint32_t result = sign | (n < 31 ? magnitude << n & 0x7FFFFFFF : 0);
    // The n bits next to the sign leave; they must all equal it.
    const uint32_t leaving = n == 0 ? 0 : n < 31 ? ~(0x7FFFFFFFu >> n) & 0x7FFFFFFF : 0x7FFFFFFF;
    const bool overflow = (magnitude & leaving) != (sign ? leaving : 0) || (n > 31 && sign);
    c.set_gpr(o.r1, result);
    c.set_condition_code(overflow ? 3 : C::sign_code(static_cast<int32_t>(result)));
    c.trap_on_overflow();
}

template <class C>
void set_pair_and_code(C& c, unsigned even, uint64_t value, bool overflow) {
    const auto v = static_cast<int64_t>(value);
    c.set_gpr_pair(even, value);
    c.set_condition_code(overflow ? 3 : v == 0 ? 0 : v < 0 ? 1 : 2);
    c.trap_on_overflow();
}
template <class C>
void shift_left_double(C& c, const Operands& o) {
    const unsigned n = c.address(o.b2, o.d2) & 63;
    constexpr uint64_t kMagnitude = 0x7FFFFFFFFFFFFFFF;
    const uint64_t value = gpr_pair(c, o.r1), sign = value & ~kMagnitude, magnitude = value & kMagnitude;
    const uint64_t leaving = ~(kMagnitude >> n) & kMagnitude;
    set_pair_and_code(c, o.r1, sign | (magnitude << n & kMagnitude),
                      (magnitude & leaving) != (sign ? leaving : 0));
}
template <class C>
void shift_right_double(C& c, const Operands& o) {
    const unsigned n = c.address(o.b2, o.d2) & 63;
    const auto value = static_cast<int64_t>(gpr_pair(c, o.r1)) >> n;
    set_pair_and_code(c, o.r1, static_cast<uint64_t>(value), false);
}
template <class C>
void shift_left_double_logical(C& c, const Operands& o) {
    c.set_gpr_pair(o.r1, gpr_pair(c, o.r1) << (c.address(o.b2, o.d2) & 63));
}
template <class C>
void shift_right_double_logical(C& c, const Operands& o) {
    c.set_gpr_pair(o.r1, gpr_pair(c, o.r1) >> (c.address(o.b2, o.d2) & 63));
}

// ---- Translation ----
template <class C>
void translate(C& c, const Operands& o) {
    const uint32_t to = c.address(o.b1, o.d1), table = c.address(o.b2, o.d2);
    const unsigned n = static_cast<unsigned>(o.imm) + 1;
    std::array<uint8_t, 256> result, argument_bytes, table_bytes;
    c.probe_store(to, n);
    const uint8_t* const argument = fetched(c, to, n, argument_bytes);
    const bool overlap = ((to - table) & kAddressMask) < 256 || ((table - to) & kAddressMask) < n;
    if (overlap) {  // the table changes under way: byte by byte, after recognising every exception
        for (unsigned i = 0; i < n; ++i) c.probe_fetch((table + argument[i]) & kAddressMask, 1);
        for (unsigned i = 0; i < n; ++i) {
            const uint32_t at = (to + i) & kAddressMask;
            c.store8(at, c.load8((table + c.load8(at)) & kAddressMask));
        }
        return;
    }
    if (in_one_block(table, 256)) {
        const uint8_t* const functions = fetched(c, table, 256, table_bytes);
#pragma GCC unroll 4
        for (unsigned i = 0; i < n; ++i) result[i] = functions[argument[i]];
    } else {
        for (unsigned i = 0; i < n; ++i)
            result[i] = static_cast<uint8_t>(c.load8((table + argument[i]) & kAddressMask));
    }
    c.store(to, result.data(), n);
}

template <class C>
void translate_and_test(C& c, const Operands& o) {
    const uint32_t argument = c.address(o.b1, o.d1), table = c.address(o.b2, o.d2);
    const unsigned n = static_cast<unsigned>(o.imm) + 1;
    const bool one_table = in_one_block(table, 256);
    for (unsigned i = 0; i < n;) {
        uint32_t at = (argument + i) & kAddressMask, function = 0;
        const uint8_t* const arguments = at_hand(c, at);
        const uint8_t* const functions = one_table ? at_hand(c, table) : nullptr;
        if (arguments != nullptr && functions != nullptr) {  // to load would do nothing but load
            const unsigned here = std::min(n - i, to_block_end(at));
            unsigned k = 0;
            while (k != here && (function = functions[arguments[k]]) == 0) ++k;
            i += k;
            at += k;
        } else {
            function = c.load8((table + c.load8(at)) & kAddressMask);
            if (function == 0) ++i;
        }
        if (function == 0) continue;
        c.set_gpr(1, (c.gpr(1) & 0xFF000000) | at);
        c.set_gpr(2, (c.gpr(2) & 0xFFFFFF00) | function);
        return c.set_condition_code(i + 1 == n ? 2 : 1);
    }
    c.set_condition_code(0);
}

// ---- Status ----
template <class C>
void supervisor_call(C& c, const Operands& o) {
    c.supervisor_call(static_cast<uint8_t>(o.imm));
}

template <class C>
void execute(C& c, const Operands& o) {
    const uint32_t target = c.address(o.r2, o.b2, o.d2);
    c.execute_at(target, static_cast<uint8_t>(o.r1 != 0 ? c.gpr(o.r1) : 0));
}

template <class C>
void monitor_call(C& c, const Operands& o) {
    const auto monitor_class = static_cast<unsigned>(o.imm);
    if (monitor_class > 15) c.program_check(ProgramCode::specification);
    if (c.cr(8) & 0x8000u >> monitor_class)
        c.raise(ProgramCheck{ProgramCode::monitor_call, 0, static_cast<uint8_t>(monitor_class),
                             c.address(o.b1, o.d1)});
}

template <class C>
void store_clock(C& c, const Operands& o) {
    const uint32_t a = c.address(o.b2, o.d2);
    c.probe_store(a, 8);
    c.store64(a, c.read_clock_unique());
    c.set_condition_code(0);
}

}  // namespace isa::semantics
