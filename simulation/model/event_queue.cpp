#include "simulation/model/event_queue.hpp"

namespace simulation {
namespace {

/// Has the value for as long as it lives, whichever way its scope is left.
class Temporarily {
  public:
    Temporarily(bool& flag, bool value) : flag_(flag), before_(std::exchange(flag, value)) {}
    ~Temporarily() { flag_ = before_; }
    Temporarily(const Temporarily&) = delete;
    Temporarily& operator=(const Temporarily&) = delete;

  private:
    bool& flag_;
    const bool before_;
};

}  // namespace

void EventQueue::run_due(SimTime when) {
    while (next_ <= when && !events_.empty()) {
        auto node = events_.extract(events_.begin());
        when_of_.erase(node.key().second);
        find_next();
        if (node.key().first > now_) now_ = node.key().first;
        const Temporarily within(within_event_, true);  // an event may throw
        node.mapped().action();
    }
}

}  // namespace simulation
