// Simulated time: the only time that results speak of. Nanoseconds in a 64-bit integer, so that every sum is
// exact.
#pragma once

#include <cstdint>
#include <limits>

namespace simulation {

/// A point in simulated time or a duration, in nanoseconds. 292 years fit.
using SimTime = int64_t;

inline constexpr SimTime kNever = std::numeric_limits<SimTime>::max();
inline constexpr SimTime kMicrosecond = 1'000;
inline constexpr SimTime kMillisecond = 1'000'000;
inline constexpr SimTime kSecond = 1'000'000'000;

// Of TOD-clock units (2^-12 microsecond; GA22-7000 chapter 4, "Time-of-Day Clock") 512 are 125 ns.

/// TOD-clock units in a duration, rounded down.
constexpr int64_t tod_units(SimTime t) { return t / 125 * 512 + t % 125 * 512 / 125; }

/// The first point in time at which `units` TOD units have passed (rounded up).
constexpr SimTime time_of_tod_units(uint64_t units) {
    return static_cast<SimTime>(units / 512 * 125 + (units % 512 * 125 + 511) / 512);
}

}  // namespace simulation
