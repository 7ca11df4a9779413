#include <doctest/doctest.h>

#include <initializer_list>

#include "scheduler/round_robin.hpp"
#include "tests/scheduler/owner.hpp"

using namespace scheduler_test;

TEST_CASE("round-robin: in the order of arrival, each for a slice") {
    scheduler::RoundRobin policy({.slice = 10});
    for (const Id id : {2, 0, 1}) {
        policy.add(id, {}, 0);
        policy.ready(id, 0);
    }
    Time now = 0;
    for (const Id expected : {2, 0, 1, 2, 0, 1, 2}) {
        CHECK(policy.pick(now) == Choice{expected, 10});
        now += 10;
        policy.charge(expected, 10, now);
        policy.requeue(expected, now);
    }
}

TEST_CASE("round-robin: a preempted one goes on with the rest, one that waited begins anew at the end") {
    scheduler::RoundRobin policy({.slice = 10});
    for (const Id id : {0, 1, 2}) {
        policy.add(id, {}, 0);
        policy.ready(id, 0);
    }
    CHECK(policy.pick(0) == Choice{0, 10});
    policy.charge(0, 4, 4);
    policy.requeue(0, 4);
    CHECK(policy.state_of(0) == "ready");
    CHECK(policy.pick(4) == Choice{0, 6});
    CHECK(policy.state_of(0) == "running");
    policy.charge(0, 1, 5);
    policy.block(0, 5, Wait::io);
    CHECK(policy.state_of(0) == "waiting");
    CHECK(policy.pick(5) == Choice{1, 10});
    policy.ready(0, 6);
    CHECK_FALSE(policy.preempts(0, 1, 1));
    policy.charge(1, 10, 15);
    policy.requeue(1, 15);
    CHECK(policy.pick(15) == Choice{2, 10});
    policy.block(2, 16, Wait::io);
    CHECK(policy.pick(16) == Choice{0, 10});
}

TEST_CASE("round-robin: an entity that runs over its slice has no debt") {
    scheduler::RoundRobin policy({.slice = 10});
    policy.add(0, {}, 0);
    policy.ready(0, 0);
    policy.pick(0);
    policy.charge(0, 13, 13);
    policy.requeue(0, 13);
    CHECK(policy.pick(13) == Choice{0, 10});
}
