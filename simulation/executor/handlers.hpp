// From the row of an instruction to what executes it.
#pragma once

#include "isa/holes.hpp"
#include "simulation/executor/block.hpp"

namespace simulation {

/// The handler of a row for a variant of code (Cpu::code_variant): the checks that the row demands, the body,
/// and then the next slot's handler unless the row ends a block. `op` may be invalid: operation exception.
/// `hole`: the one that the machine has there.
Handler handler_of(isa::Op op, const isa::Operands& operands, unsigned variant, isa::Hole hole);

/// Whether the instruction is a conditional branch that may stand inside of a block, and its handler there.
bool may_stand_inside(const isa::Decoded& instruction);
Handler handler_inside_of(isa::Op op);

/// That of a slot as it was decoded.
inline Handler handler_of(const Slot& slot, unsigned variant, const isa::Holes& holes) {
    if (slot.branch != 0) return handler_inside_of(slot.op);
    return handler_of(slot.op, slot.operands, variant, holes.of(slot.op));
}

/// The checks and the body alone: the subject of EXECUTE.
using Body = void (*)(Cpu&, const isa::Operands&);
Body body_of(isa::Op op);
/// The same of a slot of this variant of code: its checks, and the body, perhaps through a hole.
Body body_of(const Slot& slot, unsigned variant, const isa::Holes& holes);

}  // namespace simulation
