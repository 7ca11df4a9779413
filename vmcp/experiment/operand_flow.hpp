// What an instruction's result hangs on and where it goes: registers, and stretches of storage at logical
// addresses. Of rare instructions more than they really use, never less.
#pragma once

#include <cstdint>
#include <optional>

#include "vmcp/experiment/trace_step.hpp"

namespace vmcp::experiment {

struct StorageRange {
    uint32_t address = 0, length = 0;  // wraps at 16M
};

struct OperandFlow {
    uint16_t registers = 0;                     // general registers that are read, bit n: register n
    bool condition = false;                     // the condition code is
    std::optional<StorageRange> first, second;  // storage that is read
    std::optional<StorageRange> stored;
    std::optional<unsigned> stored_register;  // what is stored is just this register
};

/// Of a step that is an instruction.
OperandFlow flow_of(const TraceStep& step);

}  // namespace vmcp::experiment
