#include <doctest/doctest.h>

#include <algorithm>
#include <initializer_list>
#include <vector>

#include "scheduler/q1q2.hpp"
#include "scheduler/round_robin.hpp"
#include "tests/scheduler/owner.hpp"

using namespace scheduler_test;
using scheduler::Q1q2;
using State = scheduler::Q1q2::UserState;

namespace {

constexpr Duration kSlice = 80;

// Adds an entity and makes it ready.
void start(Q1q2& policy, Id id, Time now = 0, EntityParameters parameters = {}) {
    policy.add(id, parameters, now);
    policy.ready(id, now);
}

// Picks, which must give `id`, lets it use all that it may, and requeues it.
Time spend(Q1q2& policy, Id id, Time now) {
    const auto choice = policy.pick(now);
    REQUIRE(choice);
    REQUIRE(choice->id == id);
    now += choice->slice;
    policy.charge(id, choice->slice, now);
    policy.requeue(id, now);
    return now;
}

}  // namespace

TEST_CASE("q1q2: an eighth of a slice in Q1, whole slices in Q2 after that") {
    Q1q2 policy({.slice = kSlice});
    start(policy, 0);
    CHECK(policy.user_state(0) == State::q1_dispatchable);
    CHECK(policy.pick(0) == Choice{0, kSlice / 8});
    policy.charge(0, 10, 10);
    policy.requeue(0, 10);
    CHECK(policy.user_state(0) == State::q2_dispatchable);
    CHECK(policy.pick(10) == Choice{0, kSlice});
    policy.charge(0, 80, 90);
    policy.requeue(0, 90);
    CHECK(policy.user_state(0) == State::q2_dispatchable);
    CHECK(policy.pick(90) == Choice{0, kSlice});
}

TEST_CASE("q1q2: the eight states and what leads from one to the other") {
    Q1q2 policy({.slice = kSlice, .queue_limit = 1});
    policy.add(0, {}, 0);
    CHECK(policy.user_state(0) == State::idle);
    CHECK(policy.state_of(0) == "idle");
    policy.ready(0, 0);
    CHECK(policy.user_state(0) == State::q1_dispatchable);
    start(policy, 1);
    CHECK(policy.user_state(1) == State::q1_eligible);
    CHECK(policy.state_of(1) == "eligible for Q1");

    policy.pick(0);
    policy.block(0, 0, Wait::io);
    CHECK(policy.user_state(0) == State::q1_waiting);
    CHECK(policy.user_state(1) == State::q1_eligible);  // a short wait gives up no place
    policy.ready(0, 1);
    CHECK(policy.user_state(0) == State::q1_dispatchable);
    policy.pick(1);
    policy.block(0, 1, Wait::terminal);
    CHECK(policy.user_state(0) == State::terminal_wait);
    CHECK(policy.user_state(1) == State::q1_dispatchable);  // a long wait does

    const Time now = spend(policy, 1, 1);
    CHECK(policy.user_state(1) == State::q2_dispatchable);
    policy.pick(now);
    policy.block(1, now, Wait::io);
    CHECK(policy.user_state(1) == State::q2_waiting);
    policy.ready(0, now);
    CHECK(policy.user_state(0) == State::q1_eligible);
    policy.ready(1, now);
    CHECK(policy.user_state(1) == State::q2_dispatchable);
    spend(policy, 1, now);
    CHECK(policy.user_state(1) == State::q2_eligible);
    CHECK(policy.user_state(0) == State::q1_dispatchable);
    policy.block(0, 200, Wait::idle);  // stopped while it was ready
    CHECK(policy.user_state(0) == State::idle);
    CHECK(policy.user_state(1) == State::q2_dispatchable);
    policy.block(1, 200, Wait::io);
    policy.block(1, 200, Wait::idle);  // stopped while it waited in queue
    CHECK(policy.user_state(1) == State::idle);
    CHECK(policy.counts().in_queue == 0);
    CHECK(policy.counts().eligible == 0);
}

TEST_CASE("q1q2: a stay that is spent at the beginning of a short wait ends with it") {
    Q1q2 policy({.slice = kSlice});
    start(policy, 0);
    policy.pick(0);
    policy.charge(0, 10, 10);
    policy.block(0, 10, Wait::io);
    CHECK(policy.user_state(0) == State::q1_waiting);
    policy.ready(0, 20);
    CHECK(policy.user_state(0) == State::q2_dispatchable);
    CHECK(policy.pick(20)->slice == kSlice);
}

TEST_CASE("q1q2: a stay lasts eight rounds of those that compete, at most") {
    Q1q2 policy({.slice = kSlice});
    for (Id id = 0; id < 10; ++id) start(policy, id);
    for (Id id = 1; id < 10; ++id) policy.block(id, 0, Wait::idle);
    CHECK(policy.pick(0) == Choice{0, 10});
    policy.charge(0, 5, 5);
    policy.block(0, 5, Wait::io);
    policy.ready(0, 8 * kSlice - 1);
    CHECK(policy.pick(8 * kSlice - 1) == Choice{0, 5});
    policy.block(0, 8 * kSlice - 1, Wait::io);
    policy.ready(0, 8 * kSlice);
    CHECK(policy.user_state(0) == State::q1_dispatchable);
    CHECK(policy.pick(8 * kSlice) == Choice{0, 10});
}

TEST_CASE("q1q2: a preempted stay goes on where it was") {
    Q1q2 policy({.slice = kSlice});
    start(policy, 0);
    Time now = spend(policy, 0, 0);
    start(policy, 1, now);
    now = spend(policy, 1, now);
    CHECK(policy.pick(now) == Choice{0, 80});
    policy.charge(0, 30, now + 30);
    start(policy, 2, now + 30);
    CHECK(policy.preempts(2, 0, 0));
    policy.requeue(0, now + 30);
    now = spend(policy, 2, now + 30);
    CHECK(policy.pick(now) == Choice{0, 50});  // before 1, which never ran in Q2
}

TEST_CASE("q1q2: Q1 goes before Q2, whatever the priorities") {
    Q1q2 policy({.slice = kSlice});
    Time now = 0;
    for (Id id = 0; id < 10; ++id) start(policy, id, 0, {.priority = 1});
    for (Id id = 0; id < 10; ++id) now = spend(policy, id, now);
    for (Id id = 0; id < 10; ++id) CHECK(policy.user_state(id) == State::q2_dispatchable);
    start(policy, 10, now, {.priority = 99});
    CHECK(policy.user_state(10) == State::q1_dispatchable);
    CHECK(policy.pick(now)->id == 10);
}

TEST_CASE("q1q2: the lower priority goes first, in either queue") {
    Q1q2 policy({.slice = kSlice});
    const std::vector<int> priorities = {70, 10, 99, 40};
    for (Id id = 0; id < 4; ++id) start(policy, id, 0, {.priority = priorities[id]});
    Time now = 0;
    for (const Id id : {1, 3, 0, 2}) now = spend(policy, id, now);
}

TEST_CASE("q1q2: who computes gets more of the processor at the better priority, but not all") {
    Q1q2 policy({.slice = 8 * kMs});
    Owner owner(policy);
    owner.add(0, {}, {.priority = 20});
    owner.add(1, {}, {.priority = 90});
    owner.run_until(10'000 * kMs);
    CHECK(owner.book(0).used > 2 * owner.book(1).used);
    CHECK(owner.book(1).used > 1'000 * kMs);
}

TEST_CASE("q1q2: at equal priority who mostly waits goes before who computes") {
    // Eight never wait. Number 8 does 2 ms between waits of 18 ms for a device, which keeps it in Q2.
    const auto mean_delay = [](scheduler::Policy& policy) {
        Owner owner(policy);
        for (Id id = 0; id < 8; ++id) owner.add(id);
        owner.add(8, {.burst = 2 * kMs, .pause = 18 * kMs});
        owner.run_until(20'000 * kMs);
        return owner.book(8).total_delay / owner.book(8).bursts;
    };
    Q1q2 policy({.slice = 40 * kMs});
    scheduler::RoundRobin round_robin({.slice = 40 * kMs});
    const Duration delay = mean_delay(policy);
    CHECK(delay < 80 * kMs);
    CHECK(4 * delay < mean_delay(round_robin));
    CHECK((policy.user_state(8) == State::q2_dispatchable || policy.user_state(8) == State::q2_waiting));
}

TEST_CASE("q1q2: a person at a terminal has the answer soon, however many compute") {
    for (const Id computing : {1, 10, 100}) {
        CAPTURE(computing);
        Q1q2 policy({.slice = 40 * kMs});
        Owner owner(policy);
        for (Id id = 0; id < computing; ++id) owner.add(id);
        owner.run_until(1'000 * kMs);
        owner.add(computing, {.burst = 4 * kMs, .pause = 500 * kMs, .wait = Wait::terminal});
        owner.run_until(60'000 * kMs);
        CHECK(owner.book(computing).bursts > 100);
        CHECK(owner.book(computing).longest_delay <= 5 * kMs);  // a Q1 stay at most
    }
}

TEST_CASE("q1q2: a Q1 that never runs empty does not starve Q2") {
    // Each of 50 wants 4 ms every 100 ms, twice the processor; each looks interactive.
    Q1q2 policy({.slice = 40 * kMs});
    Owner owner(policy);
    for (Id id = 0; id < 50; ++id)
        owner.add(id, {.burst = 4 * kMs, .pause = 100 * kMs, .wait = Wait::terminal});
    owner.add(50);
    owner.run_until(120'000 * kMs);
    CHECK(policy.user_state(50) == State::q2_dispatchable);
    CHECK(owner.book(50).turns > 5);
    CHECK(owner.book(50).used < 60'000 * kMs);
}

TEST_CASE("q1q2: the multiprogramming limit is kept, Q1 is admitted before Q2") {
    Q1q2 policy({.slice = kSlice, .queue_limit = 3});
    Owner owner(policy);
    for (Id id = 0; id < 9; ++id) owner.add(id);
    size_t most = 0;
    owner.run_until(10'000, [&] { most = std::max(most, policy.counts().in_queue); });
    CHECK(most == 3);
    CHECK(policy.counts().eligible == 6);
    const Time arrival = owner.now();
    owner.add(9, {.burst = 5, .pause = 1'000'000, .wait = Wait::terminal});
    owner.run_until(arrival + 1'000);
    CHECK(owner.book(9).bursts == 1);
    CHECK(owner.book(9).longest_delay <= kSlice);  // until somebody dropped from queue, not until six had
    for (Id id = 0; id < 9; ++id) CHECK(owner.book(id).turns > 5);
}

TEST_CASE("q1q2: working sets in queue fit into storage, or are alone there") {
    Q1q2 policy({.slice = kSlice, .storage_limit = 100});
    start(policy, 0, 0, {.working_set = 60});
    start(policy, 1, 0, {.working_set = 40});
    CHECK(policy.counts().pages == 100);
    start(policy, 2, 0, {.working_set = 1});
    CHECK(policy.user_state(2) == State::q1_eligible);
    policy.remove(1, 0);
    CHECK(policy.user_state(2) == State::q1_dispatchable);
    CHECK(policy.counts().pages == 61);
    start(policy, 3, 0, {.working_set = 500});
    CHECK(policy.user_state(3) == State::q1_eligible);
    policy.remove(0, 0);
    CHECK(policy.user_state(3) == State::q1_eligible);
    policy.remove(2, 0);
    CHECK(policy.user_state(3) == State::q1_dispatchable);
    CHECK(policy.counts().pages == 500);
}

TEST_CASE("q1q2: of two that are eligible at the same time the smaller working set goes first") {
    Q1q2 policy({.slice = kSlice, .queue_limit = 1, .storage_limit = 100});
    start(policy, 0);
    start(policy, 1, 0, {.working_set = 90});
    start(policy, 2, 0, {.working_set = 10});
    policy.block(0, 0, Wait::terminal);
    CHECK(policy.user_state(1) == State::q1_eligible);
    CHECK(policy.user_state(2) == State::q1_dispatchable);
}

TEST_CASE("q1q2: for Q2 three quarters of a working set will do") {
    Q1q2 policy({.slice = kSlice, .storage_limit = 100});
    start(policy, 0, 0, {.working_set = 40});
    start(policy, 1, 0, {.working_set = 60});
    const Time now = spend(policy, 0, 0);  // drops, and is eligible for Q2
    CHECK(policy.user_state(0) == State::q2_dispatchable);
    policy.block(0, now, Wait::idle);
    start(policy, 2, now, {.working_set = 80});
    CHECK(policy.user_state(2) == State::q1_eligible);  // 60 of 80 would not fit either
    policy.block(2, now, Wait::idle);

    start(policy, 3, now, {.working_set = 50});
    CHECK(policy.user_state(3) == State::q1_eligible);  // three quarters would fit, but it is for Q1
    policy.block(1, now, Wait::idle);
    CHECK(policy.user_state(3) == State::q1_dispatchable);
    start(policy, 4, now, {.working_set = 50});
    Time later = spend(policy, 3, now);
    later = spend(policy, 4, later);
    CHECK(policy.counts().pages == 100);
    policy.pick(later);  // 3
    policy.charge(3, kSlice, later + kSlice);
    policy.observe_working_set(3, 64);
    policy.requeue(3, later + kSlice);
    CHECK(policy.projected_working_set(3) == 64);
    CHECK(policy.user_state(3) == State::q2_dispatchable);
    CHECK(policy.counts().pages == 50 + 48);
}

TEST_CASE("q1q2: what does not fit is not passed by for ever") {
    Q1q2 policy({.slice = 8 * kMs, .storage_limit = 100});
    Owner owner(policy);
    for (Id id = 0; id < 10; ++id) owner.add(id, {}, {.working_set = 20});
    owner.add(10, {}, {.working_set = 100});
    owner.run_until(10'000 * kMs);
    CHECK(owner.book(10).used > 500 * kMs);
}

TEST_CASE("q1q2: a working set nobody looked at stays projected as it was") {
    Q1q2 policy({.slice = kSlice});
    start(policy, 0, 0, {.working_set = 33});
    spend(policy, 0, 0);
    CHECK(policy.projected_working_set(0) == 33);
}
