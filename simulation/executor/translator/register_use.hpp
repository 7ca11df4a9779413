// Which general registers an instruction reads and writes. For rows that can be emitted, their bodies tell by
// being run on a CPU that only takes notes; for the others it is what their operands say.
#pragma once

#include <cstdint>

#include "simulation/executor/block.hpp"

namespace simulation {

/// Bit r of a set is register r.
struct RegisterUse {
    uint16_t read = 0, written = 0;
};

/// Of what is translated by a call `written` may be more than what is really changed, never less.
RegisterUse register_use(isa::Op op, const isa::Operands& operands);

}  // namespace simulation
