// What holds for every dispatching policy.
#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <stdexcept>
#include <string>

#include "scheduler/make_policy.hpp"
#include "tests/scheduler/owner.hpp"

using namespace scheduler_test;
using scheduler::make_policy;
using scheduler::Parameters;

namespace {

template <typename Check>
void for_every_policy(Check&& check) {
    for (const std::string_view name : scheduler::policy_names()) {
        SUBCASE(std::string(name).c_str()) { check(name); }
    }
}

// Jain's fairness index: 1 if all have the same, 1/n if one has everything.
double fairness(const Owner& owner, Id n) {
    double sum = 0;
    double squares = 0;
    for (Id id = 0; id < n; ++id) {
        const auto used = static_cast<double>(owner.book(id).used);
        sum += used;
        squares += used * used;
    }
    return sum * sum / (n * squares);
}

}  // namespace

TEST_CASE("the factory knows each policy by its name, and says which it knows") {
    for (const std::string_view name : scheduler::policy_names())
        CHECK(make_policy(name, {})->name() == name);
    CHECK_THROWS_WITH_AS(make_policy("lottery", {}),
                         "unknown dispatching policy 'lottery'; expected one of round-robin, q1q2, stride, "
                         "or a file whose name ends with .so",
                         std::invalid_argument);
}

TEST_CASE("parameters out of range are refused") {
    for_every_policy([](std::string_view name) {
        CHECK_THROWS_AS(make_policy(name, {.slice = 0}), std::invalid_argument);
        const auto policy = make_policy(name, {});
        CHECK_THROWS_AS(policy->add(1, {.priority = 0}, 0), std::invalid_argument);
        CHECK_THROWS_AS(policy->add(1, {.priority = 100}, 0), std::invalid_argument);
        CHECK_THROWS_AS(policy->add(1, {.share = 0}, 0), std::invalid_argument);
        CHECK_THROWS_AS(policy->add(1, {.working_set = -1}, 0), std::invalid_argument);
        CHECK(policy->size() == 0);
        policy->add(1, {.priority = 1}, 0);
        CHECK_THROWS_AS(policy->change(1, {.priority = 100}), std::invalid_argument);
        CHECK(policy->parameters_of(1).priority == 1);
    });
}

TEST_CASE("misuse is refused") {
    for_every_policy([](std::string_view name) {
        const auto policy = make_policy(name, {});
        CHECK_THROWS_AS(policy->ready(7, 0), std::logic_error);
        CHECK_THROWS_AS(policy->state_of(7), std::logic_error);
        policy->add(7, {}, 0);
        CHECK_THROWS_AS(policy->add(7, {}, 0), std::logic_error);
        CHECK_THROWS_AS(policy->charge(7, 1, 0), std::logic_error);
        CHECK_THROWS_AS(policy->requeue(7, 0), std::logic_error);
        policy->remove(7, 0);
        CHECK_FALSE(policy->contains(7));
        CHECK_THROWS_AS(policy->remove(7, 0), std::logic_error);
    });
}

TEST_CASE("only what is ready is picked, and by one processor only") {
    for_every_policy([](std::string_view name) {
        const auto policy = make_policy(name, {});
        CHECK_FALSE(policy->pick(0));
        policy->add(0, {}, 0);
        policy->add(1, {}, 0);
        policy->add(2, {}, 0);
        CHECK_FALSE(policy->pick(0));
        policy->ready(0, 0);
        policy->ready(0, 0);
        policy->ready(1, 0);
        policy->block(1, 0, Wait::io);
        policy->ready(2, 0);
        policy->remove(2, 0);
        const auto choice = policy->pick(0);
        REQUIRE(choice);
        CHECK(choice->id == 0);
        CHECK_FALSE(policy->pick(0));
        policy->ready(0, 0);  // runs already: no effect
        CHECK_FALSE(policy->pick(0));
        policy->block(0, 0, Wait::idle);
        CHECK_FALSE(policy->pick(0));
        policy->add(2, {}, 0);
        policy->ready(2, 0);
        CHECK(policy->pick(0)->id == 2);
        policy->remove(2, 0);
        CHECK(policy->size() == 2);
    });
}

TEST_CASE("one alone has the whole processor") {
    for_every_policy([](std::string_view name) {
        const auto policy = make_policy(name, {.slice = 10 * kMs});
        Owner owner(*policy);
        owner.add(3);
        owner.run_until(1000 * kMs);
        CHECK(owner.book(3).used == 1000 * kMs);
    });
}

TEST_CASE("equal computing entities get equal parts, and nobody waits much longer than a round") {
    for_every_policy([](std::string_view name) {
        const auto policy = make_policy(name, {.slice = 10 * kMs});
        Owner owner(*policy);
        constexpr Id n = 20;
        for (Id id = 0; id < n; ++id) owner.add(id);
        owner.run_until(20'000 * kMs);
        CHECK(owner.idle() == 0);
        for (Id id = 0; id < n; ++id) {
            CHECK(owner.book(id).used >= 990 * kMs);
            CHECK(owner.book(id).used <= 1010 * kMs);
            CHECK(owner.book(id).longest_delay <= n * 10 * kMs * 9 / 8);  // a stay in Q1, and a slice
        }
    });
}

TEST_CASE("nobody starves: 40 entities of random habits, priorities and shares") {
    for_every_policy([](std::string_view name) {
        for (unsigned seed = 1; seed <= 20; ++seed) {
            CAPTURE(seed);
            std::mt19937 random(seed);
            const auto below = [&](unsigned n) { return static_cast<int>(random() % n); };
            const auto policy =
                make_policy(name, {.slice = 8 * kMs, .queue_limit = 6, .storage_limit = 1000});
            Owner owner(*policy, 1 + seed % 3);
            constexpr Id n = 40;
            for (Id id = 0; id < n; ++id) {
                Habit habit;
                if (below(2) == 0) {
                    habit = {.burst = 1 + below(20) * kMs,
                             .pause = 1 + below(200) * kMs,
                             .wait = static_cast<Wait>(below(3))};
                }
                owner.add(id, habit,
                          {.priority = 1 + below(99),
                           .share = 1 + static_cast<uint32_t>(below(50)),
                           .working_set = below(1200)});
            }
            owner.run_until(120'000 * kMs);
            int64_t fewest_turns = 1000;
            Duration longest_delay = 0;
            for (Id id = 0; id < n; ++id) {
                fewest_turns = std::min(fewest_turns, owner.book(id).turns);
                longest_delay = std::max(longest_delay, owner.book(id).longest_delay);
            }
            CHECK(fewest_turns > 10);
            CHECK(longest_delay < 30'000 * kMs);
        }
    });
}

TEST_CASE("no processor is idle while somebody is ready") {
    for_every_policy([](std::string_view name) {
        const auto policy = make_policy(name, {.slice = 5 * kMs});
        Owner owner(*policy, 3);
        for (Id id = 0; id < 3; ++id) owner.add(id);
        owner.add(3, {.burst = 1 * kMs, .pause = 7 * kMs, .wait = Wait::terminal});
        owner.run_until(1000 * kMs);
        CHECK(owner.idle() == 0);
    });
}

TEST_CASE("the same calls give the same choices") {
    for_every_policy([](std::string_view name) {
        const auto run = [&] {
            const auto policy = make_policy(name, {.slice = 8 * kMs, .queue_limit = 5});
            Owner owner(*policy);
            std::mt19937 random(11);
            for (Id id = 0; id < 30; ++id) {
                owner.add(id, {.burst = static_cast<Duration>(1 + random() % 9) * kMs,
                               .pause = static_cast<Duration>(random() % 50) * kMs,
                               .wait = static_cast<Wait>(random() % 3)});
            }
            owner.run_until(10'000 * kMs);
            std::vector<Duration> used;
            for (Id id = 0; id < 30; ++id) used.push_back(owner.book(id).used);
            return used;
        };
        CHECK(run() == run());
    });
}

TEST_CASE("10,000 entities get equal parts") {
    for_every_policy([](std::string_view name) {
        const auto policy = make_policy(name, {.slice = 1 * kMs});
        Owner owner(*policy);
        constexpr Id n = 10'000;
        for (Id id = 0; id < n; ++id) owner.add(id);
        owner.run_until(50'000 * kMs);
        CHECK(fairness(owner, n) > 0.95);
        for (Id id = 0; id < n; ++id) CHECK_MESSAGE(owner.book(id).turns > 0, id);
    });
}
