// How large the working set of a virtual machine will probably be during its next stay in queue, from what it
// was during the last ones. VM/370 does this when somebody drops from queue (Logic and Problem Determination,
// SY20-0886, scheduling): the last observation is taken as it is, unless the projections have begun to
// overshoot and undershoot in turn; then the mean of projection and observation damps the swing.
#pragma once

#include <cstdint>

namespace scheduler {

class WorkingSetProjection {
  public:
    WorkingSetProjection() = default;

    /// `pages`: what is believed at first; 0 if nothing is known.
    explicit WorkingSetProjection(int64_t pages) : projected_(pages) {}

    int64_t projected() const { return projected_; }

    /// A stay in queue has ended, in which `actual` pages were used.
    void observe(int64_t actual) {
        const int64_t error = projected_ - actual;
        const bool swings = (last_error_ < 0 && error > 0) || (last_error_ > 0 && error < 0);
        projected_ = swings ? (actual + projected_) / 2 : actual;
        last_error_ = error;
    }

  private:
    int64_t projected_ = 0;   // pages
    int64_t last_error_ = 0;  // projected less actual, the time before
};

}  // namespace scheduler
