// Host speed of the kernels of bench/kernels on every side: interpreter, translator, Debian's hercules on the
// same core images, and as guests under the control program.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "bench/support/kernel_runner.hpp"

namespace bench {

/// A comparison of two sides: taken in turns, pair by pair.
struct Ratio {
    Side of, to;
    const char* key;  // in JSON
};
inline constexpr Ratio kRatios[] = {
    {Side::translator, Side::interpreter, "translator_to_interpreter"},
    {Side::translator, Side::hercules, "translator_to_hercules"},
    {Side::interpreter, Side::hercules, "interpreter_to_hercules"},
    {Side::guest_interpreter, Side::interpreter, "guest_to_native_interpreter"},
    {Side::guest_translator, Side::translator, "guest_to_native_translator"},
};

struct Spread {
    double median = 0, lowest = 0, highest = 0;
};

struct KernelSpeed {
    std::string kernel;
    std::string what = {};  // one line
    /// Million instructions of the kernel a second of host CPU time, medians; nothing where a side is absent.
    OfSides<std::optional<double>> mips = {};
    std::array<std::optional<Spread>, std::size(kRatios)> ratios = {};
};

struct KernelSpeeds {
    int repeats = 0;  // that medians are of
    std::vector<KernelSpeed> kernels = {};
    KernelSpeed mean = {};                  // geometric, over all kernels that a side can run
    std::string hercules = {};              // its name and version; empty: it is not there
    std::vector<std::string> remarks = {};  // what is to be said of the figures, one line each
};

/// `repeats` (odd): how often each kernel is run on every side, in turn. `only`: names of kernels; none: all.
/// Throws std::runtime_error where a kernel's result is wrong anywhere.
KernelSpeeds measure_kernels(int repeats, const std::vector<std::string>& only);

}  // namespace bench
