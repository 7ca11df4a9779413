#include <doctest/doctest.h>

#include <initializer_list>

#include "scheduler/working_set_projection.hpp"

using scheduler::WorkingSetProjection;

TEST_CASE("a working set that grows or shrinks is followed at once") {
    WorkingSetProjection set(10);
    for (const int64_t pages : {20, 30, 45, 60}) {
        set.observe(pages);
        CHECK(set.projected() == pages);
    }
}

TEST_CASE("projections that overshoot and undershoot in turn are damped") {
    WorkingSetProjection set(10);
    set.observe(30);  // 20 too few
    CHECK(set.projected() == 30);
    set.observe(10);  // 20 too many: it swings
    CHECK(set.projected() == 20);
    set.observe(30);  // 10 too few: it swings still
    CHECK(set.projected() == 25);
    set.observe(35);  // 10 too few again: no swing
    CHECK(set.projected() == 35);
}
