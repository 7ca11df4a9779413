// An owner of entities, for the tests: some processors, some entities with simple habits, and the clock. It
// uses a policy as a control program would and keeps books that a test can look at.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "scheduler/policy.hpp"

namespace scheduler_test {

using scheduler::Choice;
using scheduler::Duration;
using scheduler::EntityParameters;
using scheduler::Id;
using scheduler::Policy;
using scheduler::Time;
using scheduler::Wait;

inline constexpr Duration kMs = 1'000'000;
inline constexpr Time kNever = std::numeric_limits<Time>::max();

/// What an entity does: computes for `burst`, then waits for `pause`, for ever. A burst of kNever never
/// waits.
struct Habit {
    Duration burst = kNever;
    Duration pause = 0;
    Wait wait = Wait::io;
};

struct Book {
    Duration used = 0;           // processor time
    int64_t turns = 0;           // times picked
    int64_t bursts = 0;          // completed
    Duration longest_delay = 0;  // from ready to pick
    Duration total_delay = 0;    // the same, added up over all bursts that waited
};

class Owner {
  public:
    explicit Owner(Policy& policy, unsigned processors = 1) : policy_(policy), processors_(processors) {}

    void add(Id id, Habit habit = {}, EntityParameters parameters = {}) {
        policy_.add(id, parameters, now_);
        if (id >= entities_.size()) entities_.resize(id + 1);
        entities_[id] = Entity{habit, habit.burst, now_, {}};
        wake_ups_.emplace(now_, id);
    }

    Time now() const { return now_; }
    const Book& book(Id id) const { return entities_[id].book; }
    Duration idle() const { return idle_; }

    /// Called after every step with the time; for bounds that hold always.
    template <typename Check>
    void run_until(Time end, Check&& check) {
        while (now_ < end) {
            step(end);
            check();
        }
    }
    void run_until(Time end) {
        run_until(end, [] {});
    }

  private:
    struct Entity {
        Habit habit;
        Duration burst_left = 0;
        Time ready_since = 0;
        Book book;
    };
    struct Processor {
        std::optional<Choice> running;
        Duration slice_left = 0;
    };

    // Lets everybody due wake up, gives idle processors something to do, and lets time pass until something
    // happens on a processor or somebody wakes up.
    void step(Time end) {
        while (!wake_ups_.empty() && wake_ups_.begin()->first <= now_) {
            const Id id = wake_ups_.begin()->second;
            wake_ups_.erase(wake_ups_.begin());
            entities_[id].ready_since = now_;
            policy_.ready(id, now_);
            for (Processor& processor : processors_) {
                if (!processor.running || !policy_.preempts(id, processor.running->id, 0)) continue;
                const Id preempted = processor.running->id;
                processor.running.reset();
                entities_[preempted].ready_since = now_;
                policy_.requeue(preempted, now_);
                break;
            }
        }
        Time next = end;
        if (!wake_ups_.empty()) next = std::min(next, wake_ups_.begin()->first);
        for (Processor& processor : processors_) {
            if (!processor.running) dispatch(processor);
            if (!processor.running) continue;
            next = std::min(
                next, now_ + std::min(processor.slice_left, entities_[processor.running->id].burst_left));
        }
        const Duration passed = next - now_;
        now_ = next;
        for (Processor& processor : processors_) {
            if (processor.running) {
                execute(processor, passed);
            } else {
                idle_ += passed;
            }
        }
    }

    void dispatch(Processor& processor) {
        processor.running = policy_.pick(now_);
        if (!processor.running) return;
        REQUIRE(processor.running->slice > 0);
        processor.slice_left = processor.running->slice;
        Book& book = entities_[processor.running->id].book;
        const Duration delay = now_ - entities_[processor.running->id].ready_since;
        ++book.turns;
        book.longest_delay = std::max(book.longest_delay, delay);
        book.total_delay += delay;
    }

    void execute(Processor& processor, Duration passed) {
        const Id id = processor.running->id;
        Entity& entity = entities_[id];
        policy_.charge(id, passed, now_);
        entity.book.used += passed;
        processor.slice_left -= passed;
        if (entity.burst_left != kNever) entity.burst_left -= passed;
        if (entity.burst_left == 0) {
            ++entity.book.bursts;
            entity.burst_left = entity.habit.burst;
            policy_.block(id, now_, entity.habit.wait);
            wake_ups_.emplace(now_ + entity.habit.pause, id);
            processor.running.reset();
        } else if (processor.slice_left == 0) {
            entity.ready_since = now_;
            policy_.requeue(id, now_);
            processor.running.reset();
        }
    }

    Policy& policy_;
    std::vector<Processor> processors_;
    std::vector<Entity> entities_;
    std::set<std::pair<Time, Id>> wake_ups_;
    Time now_ = 0;
    Duration idle_ = 0;
};

}  // namespace scheduler_test
