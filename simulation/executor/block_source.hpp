// Who decodes blocks, as those see him who keep them or translate them.
#pragma once

#include <cstdint>

#include "simulation/executor/block.hpp"

namespace simulation {

class BlockSource {
  public:
    virtual ~BlockSource() = default;
    /// A block that begins with the instruction there, which lies in one 2K block, for the mode that the CPU
    /// is in. It may have no others. Null: programs rewrite it.
    virtual Block* instruction_at(Cpu& cpu, uint32_t absolute) = 0;
    /// Makes a block of one instruction be what is in storage now. False: it must be retired.
    virtual bool decode_again(Block& block) = 0;
    /// The same where nothing but its second byte has been stored into.
    virtual bool decode_second_byte(Block& block) { return decode_again(block); }
};

}  // namespace simulation
