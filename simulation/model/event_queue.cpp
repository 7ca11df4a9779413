#include "simulation/model/event_queue.hpp"

namespace simulation {

void EventQueue::run_due(SimTime when) {
    while (next_ <= when && !events_.empty()) {
        auto node = events_.extract(events_.begin());
        when_of_.erase(node.key().second);
        find_next();
        if (node.key().first > now_) now_ = node.key().first;
        within_event_ = true;
        node.mapped().action();
        within_event_ = false;
    }
}

}  // namespace simulation
