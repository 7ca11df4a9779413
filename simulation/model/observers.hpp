// Who looks on. Everything that can be looked at (an executor's instructions, a machine's interruptions,
// channels, a control program) has a list of observers; an observer is an abstract class whose members may
// all be left as they are. Looking on changes nothing: not a byte of storage, not a nanosecond of simulated
// time.
#pragma once

#include <algorithm>
#include <vector>

namespace simulation {

template <class Observer>
class Observers {
  public:
    Observers() = default;
    Observers(const Observers&) = delete;
    Observers& operator=(const Observers&) = delete;

    /// They are told in the order in which they were added. An observer must be removed before it dies.
    void add(Observer& observer) {
        list_.push_back(&observer);
        any_ = true;
    }
    void remove(Observer& observer) {
        std::erase(list_, &observer);
        any_ = !list_.empty();
    }

    bool any() const { return any_; }
    /// tell([&](Observer& o) { o.something(...); })
    template <class Telling>
    void tell(Telling&& telling) const {
        if (any_) [[unlikely]]
            for (Observer* observer : list_) telling(*observer);
    }

  private:
    std::vector<Observer*> list_;
    bool any_ = false;
};

/// Adds an observer for as long as it lives.
template <class Observer>
class Observation {
  public:
    Observation(Observers<Observer>& observers, Observer& observer)
        : observers_(observers), observer_(observer) {
        observers_.add(observer_);
    }
    ~Observation() { observers_.remove(observer_); }
    Observation(const Observation&) = delete;
    Observation& operator=(const Observation&) = delete;

  private:
    Observers<Observer>& observers_;
    Observer& observer_;
};

}  // namespace simulation
