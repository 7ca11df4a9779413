// What an EXECUTE in a region will execute: known where its address depends only on registers that the region
// relies on (Anchor). Then the subject is emitted as if it stood in EXECUTE's place. Its text is a block of
// the region, so that a store into it has the region dropped.
#pragma once

#include <cstdint>
#include <optional>

#include "simulation/cpu/cpu.hpp"
#include "simulation/executor/block_source.hpp"

namespace simulation {

/// What the subject costs beside EXECUTE itself, in ns.
struct SubjectPrice {
    uint32_t fixed = 0, per_unit = 0;
    uint8_t modifier = 0;  // the general register whose last byte is or-ed to `code`; 0: there is none
    uint8_t code = 0;      // length code of the operands: that many units more

    SimTime of(const Cpu& cpu) const;
};

struct ExpectedSubject {
    Block* block = nullptr;  // that it is the first instruction of
    uint32_t entry = 0;      // its logical address
    Slot slot;               // with the length and the place of EXECUTE
    uint8_t modifier = 0;    // the general register whose last byte is or-ed to its second; 0: there is none
    SubjectPrice price;
};

/// Of an EXECUTE, with the registers as they are now. None: what cannot be emitted, or is not known without a
/// table walk.
std::optional<ExpectedSubject> expect_subject(Cpu& cpu, const Slot& execute, const MachineModel& model,
                                              BlockSource& source);

}  // namespace simulation
