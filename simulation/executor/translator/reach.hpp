// Storage that several operands of a block lie in: those that are based on one register, which does not
// change between them. All of it is looked for when the first of them is; where it lies in one 2K block that
// is at hand, the others need not be looked for. Nothing that might change what is at hand comes in between.
#pragma once

#include <cstdint>
#include <vector>

#include "simulation/executor/block.hpp"

namespace simulation {

struct Reach {
    unsigned first = 0, last = 0;  // slots
    uint8_t base = 0;              // register
    uint32_t low = 0, high = 0;    // displacements: from the first byte to behind the last one
    bool storing = false;          // some of them are stored into
    unsigned pointer = 0;          // which of the host's registers has the address of `low`

    bool covers(unsigned slot) const { return first <= slot && slot <= last; }
};

/// So many at a time.
inline constexpr unsigned kReaches = 2;

/// `is_called`: whether a slot is executed by a call, which may change what is at hand.
std::vector<Reach> plan_reaches(const Block& block, bool (*is_called)(const Slot&));

}  // namespace simulation
