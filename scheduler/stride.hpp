// Proportional share by stride scheduling (C. A. Waldspurger and W. E. Weihl, "Stride Scheduling:
// Deterministic Proportional-Share Resource Management", MIT/LCS/TM-528, 1995).
//
// Goal: entities that always want to run get processor time in proportion to their shares, over every
// interval and not only on the average: of any two, neither is ever more than one slice away from its due.
//
// Terms: the *pass* of an entity is its used processor time divided by its share; the entity with the lowest
// pass runs next. (The paper's "stride", what one quantum adds to the pass, is slice / share here. Charging
// what was really used instead of whole quanta is the paper's own remedy for those that stop early.) *Virtual
// time* is the highest pass with which anybody was ever picked; it never goes back.
//
// Waiting earns nothing: who becomes ready goes on from its own pass or from virtual time, whichever is
// higher. That is the rule of start-time fair queueing (P. Goyal, H. Vin and H. Cheng, SIGCOMM 1996). The
// paper keeps a global pass and the distance to it instead; the rule here needs no division by a changing sum
// of shares, so that it stays exact in integers however often entities come and go.
//
// A pass is in nanoseconds per share. What the division leaves over is carried to the next charge: no time is
// lost.
#pragma once

#include <set>
#include <utility>
#include <vector>

#include "scheduler/policy.hpp"

namespace scheduler {

class Stride final : public Policy {
  public:
    using Policy::Policy;

    std::string_view name() const override { return "stride"; }

  private:
    struct Entity {
        int64_t pass = 0;
        Duration rest = 0;   // ns that are not in the pass yet; below the share
        uint64_t order = 0;  // among those of the same pass: who came first
    };
    struct Place {
        int64_t pass;
        uint64_t order;
        Id id;

        auto operator<=>(const Place&) const = default;
    };

    Place place_of(Id id) const { return {entities_[id].pass, entities_[id].order, id}; }
    void join(Id id);

    void on_add(Id id, Time now) override;
    void on_remove(Id id, State was, Time now) override;
    void on_ready(Id id, Time now) override;
    std::optional<Choice> choose(Time now) override;
    void on_charge(Id id, Duration used, Time now) override;
    void on_requeue(Id id, Time now) override;
    void on_block(Id id, State was, Wait wait, Time now) override;
    bool does_preempt(Id newcomer, Id running, Duration used) const override;

    std::set<Place> queue_;
    std::vector<Entity> entities_;
    int64_t virtual_time_ = 0;
    uint64_t last_order_ = 0;
};

}  // namespace scheduler
