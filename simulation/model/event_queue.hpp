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
    /// `motion`: a device goes on with what it does; nobody is told by that alone.
    enum class Kind : uint8_t { notice, motion };
    /// On whose account something happens: a number that who schedules gives a meaning.
    using Owner = uint32_t;
    static constexpr Owner kNobody = ~Owner{0};

    EventQueue() = default;
    /// A queue that somebody else runs, at times of his own; its time is that of `leader`, which must outlive
    /// it, except within an event, where it is the event's. `on_next_changed`: next() is not what it was, by
    /// schedule or cancel.
    EventQueue(const EventQueue& leader, std::function<void()> on_next_changed)
        : leader_(&leader), on_next_changed_(std::move(on_next_changed)) {}
    EventQueue(const EventQueue&) = delete;
    EventQueue& operator=(const EventQueue&) = delete;

    /// Schedules `action` for `when` (not before now()). It runs from within run_until.
    Handle schedule(SimTime when, std::function<void()> action, Kind kind = Kind::notice,
                    Owner owner = kNobody) {
        when = std::max(when, now());
        const Handle handle = ++last_;
        events_.emplace(Key{when, handle}, Event{std::move(action), kind, owner});
        when_of_.emplace(handle, when);
        if (when < next_) {
            next_ = when;
            if (on_next_changed_) on_next_changed_();
        }
        return handle;
    }

    /// The same for the motion of a device.
    Handle schedule_motion(SimTime when, std::function<void()> action) {
        return schedule(when, std::move(action), Kind::motion);
    }

    /// The same for what is done for somebody.
    Handle schedule_for(Owner owner, SimTime when, std::function<void()> action) {
        return schedule(when, std::move(action), Kind::notice, owner);
    }

    /// Forgets an event; harmless when it has already run.
    void cancel(Handle handle) {
        const auto it = when_of_.find(handle);
        if (it == when_of_.end()) return;
        events_.erase(Key{it->second, handle});
        when_of_.erase(it);
        const SimTime before = next_;
        find_next();
        if (on_next_changed_ && next_ != before) on_next_changed_();
    }

    /// When the next event is due; kNever if none is.
    SimTime next() const { return next_; }
    /// Whether that is the motion of a device.
    bool next_is_motion() const { return !events_.empty() && events_.begin()->second.kind == Kind::motion; }
    /// On whose account it is.
    Owner next_owner() const { return events_.empty() ? kNobody : events_.begin()->second.owner; }

    SimTime now() const {
        return leader_ == nullptr || within_event_ ? now_ : std::max(now_, leader_->now());
    }

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
    struct Event {
        std::function<void()> action;
        Kind kind;
        Owner owner;
    };
    std::map<Key, Event> events_;
    std::map<Handle, SimTime> when_of_;
    SimTime now_ = 0;
    SimTime next_ = kNever;  // when the first event is due
    Handle last_ = 0;
    const EventQueue* leader_ = nullptr;
    std::function<void()> on_next_changed_;
    bool within_event_ = false;
};

}  // namespace simulation
