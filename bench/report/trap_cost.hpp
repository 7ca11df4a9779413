// Host time of a trap: a guest's instruction interrupts the simulated CPU, the control program simulates or
// reflects it, and the guest goes on.
#pragma once

#include <string>
#include <vector>

namespace bench {

struct TrapCost {
    std::string kind;
    double ns = 0;  // host CPU time of one, all included
};

/// `repeats` (odd): of which the median is taken.
std::vector<TrapCost> measure_traps(int repeats);

}  // namespace bench
