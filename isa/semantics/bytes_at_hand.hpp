// Storage operands as bytes of the host, where the CPU knows where they lie without looking: then all of a
// stretch can be worked on at once, for an access to it would change nothing and raise nothing. A CPU that
// has to look, or to be told of each access, has no known_readable; for it nothing is ever at hand.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>

#include "isa/cpu.hpp"

namespace isa::semantics {

/// Bytes up to the next boundary of a 2K block, the unit of protection.
constexpr uint32_t to_block_end(uint32_t address) { return 2048 - address % 2048; }

/// Whether the bytes lie in one block: what may be said of one may be said of all, and to fetch more of them
/// than the instruction needs does not show.
constexpr bool in_one_block(uint32_t address, unsigned length) { return length <= to_block_end(address); }

/// Where the bytes from `address` to the end of its block lie, for fetching; null: they are not at hand.
template <class C>
const uint8_t* at_hand(C& c, uint32_t address) {
    if constexpr (requires { c.known_readable(address); })
        return c.known_readable(address);
    else
        return nullptr;
}

/// Fetches `length` bytes, 256 at most: into `buffer`, unless they are at hand where they lie.
template <class C>
const uint8_t* fetched(C& c, uint32_t address, unsigned length, std::array<uint8_t, 256>& buffer) {
    if (in_one_block(address, length))
        if (const uint8_t* const known = at_hand(c, address)) return known;
    c.fetch(address, buffer.data(), length);
    return buffer.data();
}

/// How many bytes are equal before the first that differ.
inline uint32_t equal_bytes(const uint8_t* a, const uint8_t* b, uint32_t length) {
    if (std::memcmp(a, b, length) == 0) return length;
    uint32_t n = 0;
    for (uint64_t x, y; n + 8 <= length; n += 8) {
        std::memcpy(&x, a + n, 8);
        std::memcpy(&y, b + n, 8);
        if (x != y) break;
    }
    while (a[n] == b[n]) ++n;  // one of them differs
    return n;
}

}  // namespace isa::semantics
