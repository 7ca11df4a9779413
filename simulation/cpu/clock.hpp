// The time-of-day clock, and what a CPU's clock comparator and CPU timer (isa::Clocks) mean as time passes.
// GA22-7000 chapter 4, "Timing".
#pragma once

#include <cstdint>
#include <limits>

#include "isa/state.hpp"
#include "simulation/model/time.hpp"

namespace simulation {

/// The TOD clock as a function of simulated time; shared by all CPUs of a machine.
class TodClock {
  public:
    /// Clock reading in TOD units (bit 51 is a microsecond) at a point in simulated time.
    uint64_t read(SimTime now) const { return base_ + static_cast<uint64_t>(tod_units(now)); }

    /// A reading that no earlier call returned (STORE CLOCK: "unique").
    uint64_t read_unique(SimTime now) {
        uint64_t value = read(now);
        if (value <= last_ && last_ - value < (uint64_t{1} << 20)) value = last_ + 1;
        return last_ = value;
    }

    void set(uint64_t value, SimTime now) {
        base_ = value - static_cast<uint64_t>(tod_units(now));
        last_ = 0;
    }

    /// The first time at which the clock, `epoch` added, exceeds `comparator`; `now` if it already does.
    SimTime exceeds(uint64_t comparator, SimTime now, uint64_t epoch = 0) const {
        if (read(now) + epoch > comparator) return now;
        const uint64_t left = comparator - (base_ + epoch);
        return time_of_tod_units(left == std::numeric_limits<uint64_t>::max() ? left : left + 1);
    }

  private:
    uint64_t base_ = 0;
    uint64_t last_ = 0;
};

// The CPU timer counts TOD units down while the CPU runs or waits; negative means that it requests an
// interruption. `now` is in the time that its owner lets it count.

inline uint64_t cpu_timer(const isa::Clocks& clocks, SimTime now) {
    return clocks.timer - static_cast<uint64_t>(tod_units(now - clocks.timer_set_at));
}
inline void set_cpu_timer(isa::Clocks& clocks, uint64_t value, SimTime now) {
    clocks.timer = value;
    clocks.timer_set_at = now;
}
inline bool is_cpu_timer_negative(const isa::Clocks& clocks, SimTime now) {
    return static_cast<int64_t>(cpu_timer(clocks, now)) < 0;
}
/// When it becomes negative: `now` if it is already.
inline SimTime cpu_timer_becomes_negative(const isa::Clocks& clocks, SimTime now) {
    if (is_cpu_timer_negative(clocks, now)) return now;
    return clocks.timer_set_at + time_of_tod_units(clocks.timer + 1);
}

}  // namespace simulation
