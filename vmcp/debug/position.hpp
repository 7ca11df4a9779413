// A point of a run. Runs are deterministic, so a point that was reached once is reached again.
#pragma once

#include <compare>
#include <cstdint>

namespace vmcp::debug {

struct Position {
    /// Instructions completed on all CPUs, and those that the control program has interpreted.
    uint64_t instructions = 0;
    /// What has happened since the last of them (Moment): 0 right behind it.
    uint32_t event = 0;
    /// Of the end of the run, whatever has happened since the last instruction.
    static constexpr uint32_t kEnd = ~uint32_t{0};

    auto operator<=>(const Position&) const = default;
};

}  // namespace vmcp::debug
