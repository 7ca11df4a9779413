#include "simulation/model/time.hpp"

namespace simulation {
static_assert(tod_units(kSecond) == 4'096'000'000);
static_assert(time_of_tod_units(4096) == kMicrosecond);
static_assert(time_of_tod_units(1) == 1 && tod_units(1) == 4);
static_assert(time_of_tod_units(~uint64_t{0}) < kNever);
}  // namespace simulation
