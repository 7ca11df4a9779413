// Time as those see it who share a processor: it passes in *rounds*. One round passes while each of the
// present competitors could have one slice, so that the more there are the slower it goes. What is n rounds
// away is n turns away, whether 2 compete or 2,000, and stays comparable while they come and go.
#pragma once

#include <algorithm>
#include <cstdint>

#include "scheduler/policy.hpp"

namespace scheduler {

class RoundClock {
  public:
    /// Fixed point: this many units are one round. 2^39 rounds fit.
    static constexpr int64_t kRound = int64_t{1} << 24;

    /// Starts at 0, with one competitor. `slice` in ns, at least 1.
    explicit RoundClock(Duration slice) : slice_(slice) {}

    /// What the clock shows, in units. Times must not go back.
    int64_t at(Time now) const { return shown_ + static_cast<int64_t>(parts_at(now) / parts_of_unit()); }

    /// From now on there are so many competitors (none counts as one).
    void set_competitors(int64_t competitors, Time now) {
        const Parts parts = parts_at(now);
        shown_ += static_cast<int64_t>(parts / parts_of_unit());
        // The rest is carried over, or many changes in a short time would stop the clock.
        const Parts rest = parts % parts_of_unit();
        const int64_t before = competitors_;
        competitors_ = std::max<int64_t>(1, competitors);
        rest_ = rest * competitors_ / before;
        since_ = now;
    }

  private:
    // A unit has competitors * slice parts: in one nanosecond kRound parts pass.
    using Parts = __int128;

    Parts parts_of_unit() const { return Parts{competitors_} * slice_; }
    Parts parts_at(Time now) const { return Parts{now - since_} * kRound + rest_; }

    Duration slice_;
    int64_t competitors_ = 1;
    int64_t shown_ = 0;  // units, when the competitors last changed
    Parts rest_ = 0;     // parts of a unit, then
    Time since_ = 0;     // then
};

}  // namespace scheduler
