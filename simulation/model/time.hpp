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

/// TOD-clock units (2^-12 microsecond; GA22-7000 chapter 4, "Time-of-Day Clock") in a duration, rounded down.
constexpr int64_t tod_units(SimTime t) { return static_cast<int64_t>(static_cast<__int128>(t) * 512 / 125); }

/// The first point in time at which `units` TOD units have passed (rounded up; kNever if it does not fit).
constexpr SimTime time_of_tod_units(__int128 units) {
    const __int128 t = (units * 125 + 511) / 512;
    return t >= kNever ? kNever : static_cast<SimTime>(t);
}

}  // namespace simulation
