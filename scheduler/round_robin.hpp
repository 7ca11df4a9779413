// Round-robin: one queue, first come first served, the same slice for everybody. Priorities and shares are
// not looked at. One that is preempted goes on with the rest of its slice before anybody else; one that has
// waited joins the end with a whole one.
#pragma once

#include <list>
#include <vector>

#include "scheduler/policy.hpp"

namespace scheduler {

class RoundRobin final : public Policy {
  public:
    using Policy::Policy;

    std::string_view name() const override { return "round-robin"; }

  private:
    struct Entity {
        std::list<Id>::iterator place;  // in queue_, while ready
        Duration left = 0;              // of its slice
    };

    void join(Id id);

    void on_add(Id id, Time now) override;
    void on_remove(Id id, State was, Time now) override;
    void on_ready(Id id, Time now) override;
    std::optional<Choice> choose(Time now) override;
    void on_charge(Id id, Duration used, Time now) override;
    void on_requeue(Id id, Time now) override;
    void on_block(Id id, State was, Wait wait, Time now) override;
    bool does_preempt(Id, Id, Duration) const override { return false; }

    std::list<Id> queue_;
    std::vector<Entity> entities_;
};

}  // namespace scheduler
