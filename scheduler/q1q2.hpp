// Dispatching in the manner of VM/370: Q1 for the interactive, Q2 for the rest, an eligible list before both.
//
// Goal. A person at a terminal who types a small command should have the answer at once, however many long
// jobs there are; long jobs should move on all the same; and no more of them should be active at a time than
// real storage can hold without thrashing.
//
// Terms. An entity is *in queue* while it competes for the processor, in Q1 or in Q2. A *stay* in queue is
// limited by the processor time that it gives: one slice in Q2, an eighth of that in Q1 (as in VM/SP). An
// entity *drops from queue* when its stay is spent, or when it begins a long wait (for the terminal, or for
// nothing that is under way). Short waits (for a device or a page) are spent in queue. An entity that would
// run but is not in queue is *eligible*. The *dispatch list* holds those in queue that can run now.
//
// Life. The numbers are those that VM/370 gives the eight states of a user (SY20-0886, scheduling):
//
//     state                  left by
//     8 idle                 ready: 3
//     4 terminal wait        ready: 3
//     3 eligible for Q1      admission: 1
//     1 Q1 dispatchable      short wait: 2    stay spent: 7    long wait: 4 or 8
//     2 Q1 waiting           ready: 1, or 7 if the stay is spent
//     7 eligible for Q2      admission: 5
//     5 Q2 dispatchable      short wait: 6    stay spent: 7    long wait: 4 or 8
//     6 Q2 waiting           ready: 5, or 7 if the stay is spent
//
// So whatever comes back from a long wait is taken for interactive until it has computed for a stay in Q1.
//
// Admission. The head of the eligible list is admitted while fewer are in queue than the multiprogramming
// limit and its projected working set fits into the pages that are left. An entity for Q2 that does not fit
// is tried again at three quarters of that, and an empty queue admits anybody (System Programmer's Guide,
// GC20-1807). The head is never passed by: what needs much storage waits until it is there, but not for ever.
//
// A stay ends also after eight rounds (see below) of elapsed time, at the next opportunity: otherwise an
// entity that nearly always waits for devices could hold its storage for ever. It then becomes eligible for
// the queue that it was in. Nothing ends a wait, however: the owner has to call long waits long.
//
// Order. The documents name what orders the lists (queue, user priority, ratio of processor to elapsed time;
// for the eligible list the share of storage wanted instead of the ratio), but we know of no formula in them.
// Ours is a *deadline* in rounds, where a round is the time in which all that are in queue or eligible could
// have one slice each (scheduler/round_clock.hpp). The earliest goes first.
//
//     deadline = when it joined the list + priority / 32 + penalty + 5 if for Q2
//
// The penalty lies between 0 and 1. In the dispatch list it is the fraction of the processor that was used of
// late, where an equal share counts 1; in the eligible list it is the fraction of storage that the working
// set takes. From the numbers follows:
//   - Priority and penalty add up to less than 5 rounds, so an entity that joins for Q1 goes before all that
//     joined for Q2 at the same time.
//   - At equal priority, what mostly waits for devices goes before what computes.
//   - 32 steps of priority are worth one round of waiting.
//   - Deadlines stand still while time passes. Everybody's turn comes, even behind a Q1 that never runs
//   empty.
// A preempted entity keeps its deadline and the rest of its stay.
//
// Assumed: the slice in milliseconds and the weights of the deadline. No document known to us has VM/370's.
#pragma once

#include <set>
#include <string_view>
#include <vector>

#include "scheduler/policy.hpp"
#include "scheduler/round_clock.hpp"
#include "scheduler/working_set_projection.hpp"

namespace scheduler {

class Q1q2 final : public Policy {
  public:
    /// The states of a user, with the numbers that VM/370 gives them.
    enum class UserState : uint8_t {
        q1_dispatchable = 1,
        q1_waiting = 2,
        q1_eligible = 3,
        terminal_wait = 4,
        q2_dispatchable = 5,
        q2_waiting = 6,
        q2_eligible = 7,
        idle = 8,
    };

    struct Counts {
        size_t in_queue = 0;
        size_t eligible = 0;
        int64_t pages = 0;  // that the working sets in queue were admitted with
    };

    explicit Q1q2(const Parameters& parameters) : Policy(parameters), clock_(parameters.slice) {}

    std::string_view name() const override { return "q1q2"; }
    UserState user_state(Id id) const { return entities_.at(id).state; }
    Counts counts() const { return {in_queue_, eligible_.size(), pages_}; }
    int64_t projected_working_set(Id id) const { return entities_.at(id).working_set.projected(); }

  private:
    struct Place {
        int64_t deadline;  // units of the round clock
        uint64_t order;
        Id id;

        auto operator<=>(const Place&) const = default;
    };
    struct Entity {
        UserState state = UserState::idle;
        Place place{};          // in the dispatch list or the eligible list, or the last one there
        Duration left = 0;      // of the stay
        int64_t stay_ends = 0;  // at the latest; units of the round clock
        int64_t pages = 0;      // of real storage that the stay counts with
        int64_t observed = -1;  // working set seen during the stay; -1 if nobody looked
        WorkingSetProjection working_set;
        // The ratio of processor to elapsed time, where RoundClock::kRound is 1: the mean of the last period
        // and of what was before.
        Time period_start = 0;
        Duration period_used = 0;
        int64_t ratio = 0;
    };

    static bool in_queue(const Entity& entity);
    int64_t competitors() const { return static_cast<int64_t>(in_queue_ + eligible_.size()); }
    Duration stay(bool q2) const;
    int64_t deadline(Id id, bool q2, int64_t penalty, Time now) const;
    void measure_ratio(Entity& entity, Time now) const;

    void join_eligible(Id id, bool q2, Time now);
    void join_dispatch_list(Id id, Time now);
    bool stay_is_over(const Entity& entity, Time now) const;
    void end_stay(Id id, Time now);
    void leave_queue(Entity& entity);
    void withdraw(Id id, bool was_ready, Time now);
    std::optional<int64_t> room_for(const Entity& entity) const;
    void admit(Time now);

    void on_add(Id id, Time now) override;
    void on_remove(Id id, State was, Time now) override;
    void on_ready(Id id, Time now) override;
    std::optional<Choice> choose(Time now) override;
    void on_charge(Id id, Duration used, Time now) override;
    void on_requeue(Id id, Time now) override;
    void on_block(Id id, State was, Wait wait, Time now) override;
    bool does_preempt(Id newcomer, Id running, Duration used) const override;
    void on_observe_working_set(Id id, int64_t pages) override;
    std::string_view describe(Id id) const override;

    std::vector<Entity> entities_;
    std::set<Place> dispatch_list_;
    std::set<Place> eligible_;
    size_t in_queue_ = 0;
    int64_t pages_ = 0;
    uint64_t last_order_ = 0;
    RoundClock clock_;
};

}  // namespace scheduler
