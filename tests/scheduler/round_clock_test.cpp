#include <doctest/doctest.h>

#include "scheduler/round_clock.hpp"

using scheduler::RoundClock;

TEST_CASE("a round is a slice for each competitor") {
    RoundClock clock(100);
    CHECK(clock.at(100) == RoundClock::kRound);
    clock.set_competitors(4, 100);
    CHECK(clock.at(100) == RoundClock::kRound);
    CHECK(clock.at(300) == RoundClock::kRound * 3 / 2);
    CHECK(clock.at(500) == RoundClock::kRound * 2);
    clock.set_competitors(0, 500);  // counts as one
    CHECK(clock.at(600) == RoundClock::kRound * 3);
}

TEST_CASE("changes in quick succession lose no time") {
    RoundClock clock(50'000'000);
    scheduler::Time now = 0;
    // Less than a unit passes between changes: 9,999.5 slices are one round on average.
    for (int i = 0; i < 1'000'000; ++i) {
        now += 10'000;
        clock.set_competitors(i % 2 == 0 ? 10'000 : 9'999, now);
    }
    const double rounds = static_cast<double>(clock.at(now)) / RoundClock::kRound;
    CHECK(rounds == doctest::Approx(10'000.0 * 1'000'000 / (9'999.5 * 50'000'000)).epsilon(0.001));
}

TEST_CASE("long runs fit") {
    RoundClock clock(1'000);
    const scheduler::Time day = 86'400'000'000'000;
    CHECK(clock.at(5 * day) == 5 * (day / 1'000) * RoundClock::kRound);
}
