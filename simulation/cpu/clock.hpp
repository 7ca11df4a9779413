// The time-of-day clock and a CPU's clock comparator and CPU timer. GA22-7000 chapter 4, "Timing".
#pragma once

#include <cstdint>

#include "simulation/model/time.hpp"

namespace simulation {

/// The TOD clock as a function of simulated time; shared by all CPUs of a machine.
class TodClock {
  public:
    /// Clock reading in TOD units (2^-12 microsecond; bit 51 is a microsecond) at a point in simulated time.
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

    /// The first time at which the clock exceeds `comparator`; `now` if it already does, kNever if too far
    /// away.
    SimTime exceeds(uint64_t comparator, SimTime now) const {
        if (read(now) > comparator) return now;
        return time_of_tod_units(static_cast<__int128>(comparator) + 1 - base_);
    }

  private:
    uint64_t base_ = 0;
    uint64_t last_ = 0;
};

/// The CPU timer: counts down TOD units while the CPU runs or waits; negative means that it interrupts.
class CpuTimer {
  public:
    uint64_t read(SimTime now) const { return value_ - static_cast<uint64_t>(tod_units(now - set_at_)); }
    void set(uint64_t value, SimTime now) {
        value_ = value;
        set_at_ = now;
    }
    bool negative(SimTime now) const { return static_cast<int64_t>(read(now)) < 0; }
    /// When it becomes negative: `now` if it is already.
    SimTime becomes_negative(SimTime now) const {
        if (negative(now)) return now;
        const SimTime left = time_of_tod_units(static_cast<__int128>(value_) + 1);
        return left >= kNever - set_at_ ? kNever : set_at_ + left;
    }

  private:
    uint64_t value_ = 0;
    SimTime set_at_ = 0;
};

}  // namespace simulation
