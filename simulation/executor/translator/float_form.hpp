// Floating-point arithmetic as translated code has it: the instruction's own body (isa/semantics), run on a
// CPU that has only the two operands. So neither registers nor counts need to be put back for it. What would
// end in an exception, if only after its result is placed, has no result here: the instruction is called.
#pragma once

#include <cstdint>

#include "isa/instruction.hpp"

namespace simulation {

struct FloatForm {
    static constexpr uint32_t kNoResult = 4;
    /// `first`: the register of the first operand, which gets the result. `second`: a register, or an operand
    /// in storage as a number. The condition code, of any value where the instruction sets none; or
    /// kNoResult.
    uint32_t (*compute)(uint64_t* first, uint64_t second, uint32_t program_mask);
    uint8_t bytes_in_storage;  // of the second operand; 0: it is in a register
    bool sets_condition_code;
};

/// Null: the instruction has none.
const FloatForm* float_form(isa::Op op);

}  // namespace simulation
