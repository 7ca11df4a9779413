// What translated code asks of the host's functions.
#pragma once

#include <cstdint>

#include "simulation/executor/translator/region.hpp"

namespace simulation {

/// A storage operand that is not in the access cache.
struct Accessibility {
    /// One argument for length (1 to 8) and kind of access: what it sets in the key.
    static constexpr uint32_t asked(unsigned length, bool storing) {
        return length | (storing ? kKeyReferenced | kKeyChanged : kKeyReferenced) << 8;
    }
    static constexpr unsigned length(uint32_t asked) { return asked & 0xFF; }
    static constexpr uint8_t used(uint32_t asked) { return static_cast<uint8_t>(asked >> 8); }
    static constexpr bool storing(uint32_t asked) { return (used(asked) & kKeyChanged) != 0; }
};

/// Lets the access cache know the operand at `address` (of which 24 bits count), if that is usual: raises
/// nothing, and changes nothing that the code relies on. Only the time must be in the CPU; the site is not
/// looked at. False: it is not known now.
bool make_usually_accessible(Cpu* cpu, const Site* site, uint32_t asked, uint32_t address);

// The others are given the site of the instruction; general registers, time and counts are in the CPU, and
// TranslatedCode says how the condition code is found. Those that answer: not zero if the code must leave
// off.

/// Lets the access cache know the operand at `address` (of which 24 bits count), as the instruction would.
uint32_t make_accessible(Cpu* cpu, const Site* site, uint32_t asked, uint32_t address);
/// Executes the instruction.
uint32_t call_instruction(Cpu* cpu, const Site* site);
uint32_t settle_condition_code(Cpu* cpu, const Site* site);
/// The instruction, whose result is in place, has overflowed.
[[noreturn]] uint32_t raise_fixed_point_overflow(Cpu* cpu, const Site* site);

}  // namespace simulation
