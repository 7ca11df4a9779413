// The interval timer: the word at location 80, counted down in bit position 23 at the machine's timer rate
// (300 a second: a full count of 2^32 in units of 13 microseconds takes 15.5 hours). GA22-7000 chapter 4,
// "Interval Timer".
#pragma once

#include <cstdint>

#include "simulation/model/time.hpp"

namespace simulation {

class IntervalTimer {
  public:
    explicit IntervalTimer(int64_t hertz) : hertz_(hertz), next_tick_(time_of(1)) {}

    /// When the next tick is due.
    SimTime next_tick() const { return next_tick_; }

    /// Ticks that have become due by `now` since the last call.
    int64_t take_ticks(SimTime now) {
        if (now < next_tick_) return 0;
        const auto due = static_cast<int64_t>(static_cast<__int128>(now) * hertz_ / kSecond);
        const int64_t n = due - ticks_;
        ticks_ = due;
        next_tick_ = time_of(ticks_ + 1);
        return n;
    }

    /// When a timer that now reads `word` will go from positive or zero to negative; kNever if it is
    /// negative.
    SimTime becomes_negative(uint32_t word) const {
        if (word & 0x80000000) return kNever;
        return time_of(ticks_ + (word >> 8) + 1);
    }

    /// The word after `ticks` more; sets `expired` when it became negative on the way.
    static uint32_t count_down(uint32_t word, int64_t ticks, bool& expired) {
        if ((word & 0x80000000) == 0 && ticks > int64_t{word >> 8}) expired = true;
        return word - (static_cast<uint32_t>(ticks) << 8);
    }

  private:
    SimTime time_of(int64_t tick) const {
        return static_cast<SimTime>((static_cast<__int128>(tick) * kSecond + hertz_ - 1) / hertz_);
    }

    int64_t hertz_;
    int64_t ticks_ = 0;
    SimTime next_tick_;
};

}  // namespace simulation
