// How long one iteration of a loop takes on an implementation, in host CPU time, freed of what a start costs.
#pragma once

#include <cstdint>
#include <functional>

#include "vmcp/conformance/outcome.hpp"

namespace vmcp::conformance {

/// Makes the request that runs a kernel `iterations` times and ends in a disabled wait.
using MakeKernel = std::function<RunRequest(uint32_t iterations)>;

struct LoopTime {
    double seconds_per_iteration = 0;  // host CPU time
    uint32_t few = 0, many = 0;        // the two iteration counts
};

/// Runs the kernel with few and with many iterations, `repeats` times each, and divides the difference of the
/// two smallest CPU times by the difference of the counts: loading, starting and stopping cancel, and the
/// smallest of several runs is the one that the rest of the host disturbed least. `many` is doubled until a
/// run takes at least `seconds` of CPU time. Throws std::runtime_error where a run does not end in a disabled
/// wait.
LoopTime time_of(Implementation& implementation, const MakeKernel& make, double seconds = 0.5,
                 int repeats = 3);

}  // namespace vmcp::conformance
