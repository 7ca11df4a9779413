// The condition code as what set it. Most condition codes are never asked for, so translated code keeps the
// operands of the last instruction that set one, and how it is found from them; it is worked out where it is
// needed: in a branch, in a PSW that is stored.
#pragma once

#include <cstdint>

#include "simulation/cpu/cpu.hpp"

namespace simulation {

/// How it is found from a first operand a and a second operand b.
enum class Condition : uint8_t {
    stored,            // the PSW has it
    sign,              // 0, 1, 2: a is zero, negative, positive
    bits,              // 0, 1: a is zero, or not
    compared,          // 0, 1, 2: a is equal to b, less, greater, as signed numbers
    compared_logical,  // the same of unsigned numbers
    added,             // of a + b: 0, 1, 2 by its sign, 3 overflow
    subtracted,        // of a - b, the same
    added_logical,     // of a + b: bit 0 not zero, bit 1 carry
    subtracted_logical,
    masked,           // a is what a mask b selected: 0 zeros, 1 mixed, 3 ones
    masked_halfword,  // the same; of mixed bits the leftmost tells 1 (zero) from 2 (one)
    by_memory,        // TranslatedCode::condition says how
};

/// The condition code that these operands lead to.
unsigned condition_code_of(Condition condition, uint32_t a, uint32_t b);

/// Makes the PSW of the CPU have it, whose translated code has left off.
inline void settle_condition(Cpu& cpu) {
    TranslatedCode& code = cpu.execution().translated;
    const auto condition = static_cast<Condition>(code.condition);
    if (condition == Condition::stored) return;
    cpu.set_condition_code(condition_code_of(condition, code.first_operand, code.second_operand));
    code.condition = static_cast<uint8_t>(Condition::stored);
}

}  // namespace simulation
