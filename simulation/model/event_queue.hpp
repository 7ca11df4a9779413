// The event queue: what will happen, in the order of simulated time; events of one instant in the order they
// were scheduled, so that every run is the same.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <utility>

#include "simulation/model/time.hpp"

namespace simulation {

class EventQueue {
  public:
    /// Names a scheduled event so that it can be cancelled. Zero is never used.
    using Handle = uint64_t;

    /// Schedules `action` for `when` (not before now()). It runs from within run_until.
    Handle schedule(SimTime when, std::function<void()> action) {
        if (when < now_) when = now_;
        const Handle handle = ++last_;
        events_.emplace(Key{when, handle}, std::move(action));
        when_of_.emplace(handle, when);
        next_ = std::min(next_, when);
        return handle;
    }

    /// Forgets an event; harmless when it has already run.
    void cancel(Handle handle) {
        const auto it = when_of_.find(handle);
        if (it == when_of_.end()) return;
        events_.erase(Key{it->second, handle});
        when_of_.erase(it);
        find_next();
    }

    /// When the next event is due; kNever if none is.
    SimTime next() const { return next_; }

    SimTime now() const { return now_; }

    /// Runs every event due up to and including `when`, in order, and lets time be `when`.
    void run_until(SimTime when) {
        if (next_ <= when) [[unlikely]]
            run_due(when);
        if (when > now_) now_ = when;
    }

    bool empty() const { return events_.empty(); }

  private:
    void run_due(SimTime when);
    void find_next() { next_ = events_.empty() ? kNever : events_.begin()->first.first; }

    using Key = std::pair<SimTime, Handle>;
    std::map<Key, std::function<void()>> events_;
    std::map<Handle, SimTime> when_of_;
    SimTime now_ = 0;
    SimTime next_ = kNever;  // when the first event is due
    Handle last_ = 0;
};

}  // namespace simulation
