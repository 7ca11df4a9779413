// Host time for measurements: CPU time of this thread, so that other programs on the host disturb little.
#pragma once

#include <ctime>

#include <algorithm>
#include <vector>

namespace bench {

inline double cpu_seconds() {
    timespec t{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) * 1e-9;
}

/// CPU seconds that `work` takes.
template <class F>
double seconds_of(F&& work) {
    const double before = cpu_seconds();
    work();
    return cpu_seconds() - before;
}

/// The middle one of an odd number of samples.
inline double median(std::vector<double> samples) {
    const auto middle = samples.begin() + static_cast<std::ptrdiff_t>(samples.size() / 2);
    std::nth_element(samples.begin(), middle, samples.end());
    return *middle;
}

}  // namespace bench
