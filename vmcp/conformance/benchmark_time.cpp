#include "vmcp/conformance/benchmark_time.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

namespace vmcp::conformance {
namespace {

double seconds_of(Implementation& implementation, const RunRequest& request) {
    const Outcome outcome = implementation.run(request);
    if (outcome.stop != Stop::disabled_wait)
        throw std::runtime_error(
            fmt::format("{}: the kernel ended in {} instead of a disabled wait, PSW {:016X}",
                        implementation.name(), name_of(outcome.stop), outcome.psw));
    return outcome.cpu_seconds;
}

}  // namespace

LoopTime time_of(Implementation& implementation, const MakeKernel& make, double seconds, int repeats) {
    constexpr uint32_t kMost = 0x40000000;
    uint32_t many = 1024;
    double with_many = seconds_of(implementation, make(many));
    while (with_many < seconds && many < kMost) {
        many *= 2;
        with_many = seconds_of(implementation, make(many));
    }
    const uint32_t few = many / 8;
    double with_few = seconds_of(implementation, make(few));
    for (int n = 1; n < repeats; ++n) {
        with_many = std::min(with_many, seconds_of(implementation, make(many)));
        with_few = std::min(with_few, seconds_of(implementation, make(few)));
    }
    return {(with_many - with_few) / (many - few), few, many};
}

}  // namespace vmcp::conformance
