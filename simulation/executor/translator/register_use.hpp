// Which general registers an instruction reads and writes, and where its storage operand is. For rows that
// can be emitted, their bodies tell by being run on a CPU that only takes notes; for the others it is what
// their operands say.
#pragma once

#include <cstdint>

#include "simulation/executor/block.hpp"

namespace simulation {

/// A storage operand of an instruction that is emitted.
struct StorageOperand {
    unsigned length = 0;  // bytes; 0: there is none
    bool storing = false;
    uint8_t index = 0, base = 0;
    uint32_t displacement = 0;
};

/// Bit r of a set is register r.
struct RegisterUse {
    uint16_t read = 0, written = 0;
    bool may_write_any = false;  // `written` is not known
    StorageOperand operand;
};

/// Of what is translated by a call `written`, where it is known, may be more than what is really changed,
/// never less.
RegisterUse register_use(isa::Op op, const isa::Operands& operands);

}  // namespace simulation
