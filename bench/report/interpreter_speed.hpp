// Host speed of the interpreter on the kernels of bench/kernels, beside Debian's hercules on the same core
// images.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace bench {

struct KernelSpeed {
    std::string kernel;
    std::string what;             // one line
    double mips = 0;              // million simulated instructions a second of host CPU time
    std::optional<double> other;  // of hercules
    // Ours divided by hercules', pair by pair.
    double ratio = 0, lowest_ratio = 0, highest_ratio = 0;
};

/// `pairs` (odd): how often each kernel is run on both, in turn. Prints to standard error that hercules is
/// absent, if it is.
std::vector<KernelSpeed> measure_interpreter(int pairs);

}  // namespace bench
