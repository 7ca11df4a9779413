#include <doctest/doctest.h>

#include <cstdlib>
#include <initializer_list>
#include <random>
#include <vector>

#include "scheduler/stride.hpp"
#include "tests/scheduler/owner.hpp"

using namespace scheduler_test;
using scheduler::Stride;

namespace {

// How far i is from its part of what i and j have used together, times the sum of the shares (to stay in
// integers).
int64_t pair_error(Duration used_i, Duration used_j, int64_t share_i, int64_t share_j) {
    return std::abs(used_i * share_j - used_j * share_i);
}

}  // namespace

// The paper's example of 3 : 2 : 1 tickets. Passes begin at 0 here, not at one stride, and equal passes go to
// whoever came first.
TEST_CASE("stride: the choices for shares of 3 : 2 : 1") {
    Stride policy({.slice = 6});
    for (const Id id : {0, 1, 2}) {
        policy.add(id, {.share = 3 - id}, 0);
        policy.ready(id, 0);
    }
    Time now = 0;
    // Passes before each choice: 0 0 0, 2 0 0, 2 3 0, 2 3 6, 4 3 6, 4 6 6, 6 6 6.
    for (const Id expected : {0, 1, 2, 0, 1, 0}) {
        CHECK(policy.pick(now) == Choice{expected, 6});
        now += 6;
        policy.charge(expected, 6, now);
        policy.requeue(expected, now);
    }
}

TEST_CASE("stride: of any two that compute, none is ever more than a slice from its due") {
    for (unsigned seed = 1; seed <= 30; ++seed) {
        CAPTURE(seed);
        std::mt19937 random(seed);
        constexpr Duration slice = 10 * kMs;
        Stride policy({.slice = slice});
        Owner owner(policy);
        std::vector<int64_t> shares;
        const Id n = 2 + random() % 12;
        for (Id id = 0; id < n; ++id) {
            shares.push_back(1 + static_cast<int64_t>(random() % 1000));
            owner.add(id, {}, {.share = static_cast<uint32_t>(shares.back())});
        }
        bool within = true;
        owner.run_until(5'000 * kMs, [&] {
            for (Id i = 0; i < n; ++i) {
                for (Id j = 0; j < i; ++j) {
                    // Passes are whole nanoseconds: less than a share's worth of each is not in them yet.
                    const int64_t bound = slice * std::max(shares[i], shares[j]) + 2 * shares[i] * shares[j];
                    within = within && pair_error(owner.book(i).used, owner.book(j).used, shares[i],
                                                  shares[j]) <= bound;
                }
            }
        });
        CHECK(within);
    }
}

TEST_CASE("stride: turns that end early are charged for what they used") {
    // 0 preempts nobody and gives up after 1 ms of 10; it still gets half of the time that it wants to.
    Stride policy({.slice = 10 * kMs});
    Owner owner(policy);
    owner.add(0, {.burst = 1 * kMs, .pause = 0});
    owner.add(1);
    owner.run_until(10'000 * kMs);
    CHECK(owner.book(0).used >= 4'980 * kMs);
    CHECK(owner.book(0).used <= 5'020 * kMs);
}

TEST_CASE("stride: waiting earns no credit") {
    Stride policy({.slice = 10 * kMs});
    Owner owner(policy);
    owner.add(0);
    owner.add(1, {.burst = 2'000 * kMs, .pause = 10'000 * kMs});
    owner.run_until(4'000 * kMs);  // 1 had its 2 s out of these 4, and now sleeps for 10 s
    CHECK(owner.book(1).used >= 1'980 * kMs);
    owner.run_until(14'100 * kMs);
    const Duration before_0 = owner.book(0).used;
    const Duration before_1 = owner.book(1).used;
    owner.run_until(15'100 * kMs);
    CHECK(owner.book(0).used - before_0 >= 480 * kMs);
    CHECK(owner.book(1).used - before_1 >= 480 * kMs);
}

TEST_CASE("stride: a newcomer starts level with the others") {
    Stride policy({.slice = 10 * kMs});
    Owner owner(policy);
    owner.add(0, {}, {.share = 1});
    owner.add(1, {}, {.share = 3});
    owner.run_until(10'000 * kMs);
    owner.add(2, {}, {.share = 4});
    const Duration before_0 = owner.book(0).used;
    owner.run_until(18'000 * kMs);
    CHECK(owner.book(2).used >= 3'970 * kMs);
    CHECK(owner.book(2).used <= 4'030 * kMs);
    CHECK(owner.book(0).used - before_0 >= 970 * kMs);
}

TEST_CASE("stride: the debt of a turn does not go away by waiting") {
    Stride policy({.slice = 10});
    for (const Id id : {0, 1}) {
        policy.add(id, {.share = 1}, 0);
        policy.ready(id, 0);
    }
    CHECK(policy.pick(0)->id == 0);
    policy.charge(0, 30, 30);  // ran over
    policy.block(0, 30, Wait::io);
    policy.ready(0, 30);
    Time now = 30;
    for (const Id expected : {1, 1, 1, 0}) {
        CHECK(policy.pick(now)->id == expected);
        now += 10;
        policy.charge(expected, 10, now);
        policy.requeue(expected, now);
    }
}

TEST_CASE("stride: shares can change") {
    Stride policy({.slice = 10 * kMs});
    Owner owner(policy);
    owner.add(0, {}, {.share = 100});
    owner.add(1, {}, {.share = 100});
    owner.run_until(1'000 * kMs);
    policy.change(0, {.share = 300});
    const Duration before = owner.book(0).used;
    owner.run_until(5'000 * kMs);
    CHECK(owner.book(0).used - before >= 2'980 * kMs);
    CHECK(owner.book(0).used - before <= 3'020 * kMs);
}

TEST_CASE("stride: whoever is behind preempts whoever is ahead") {
    Stride policy({.slice = 10});
    for (const Id id : {0, 1}) policy.add(id, {.share = 2}, 0);
    policy.ready(0, 0);
    CHECK(policy.pick(0)->id == 0);
    policy.ready(1, 1);
    CHECK_FALSE(policy.preempts(1, 0, 1));
    CHECK(policy.preempts(1, 0, 2));
    CHECK_FALSE(policy.preempts(0, 1, 2));
}

TEST_CASE("stride: no time is lost to rounding") {
    // Turns of 7 ns are less than a share of 1000: the pass still moves by 7 in 1000 turns.
    Stride policy({.slice = 7});
    Owner owner(policy);
    owner.add(0, {}, {.share = 1000});
    owner.add(1, {}, {.share = 3000});
    owner.run_until(4'000'000);
    CHECK(owner.book(0).used >= 998'000);
    CHECK(owner.book(0).used <= 1'002'000);
}
