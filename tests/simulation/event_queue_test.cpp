// The event queue: a queue that follows another one's time, and events that throw.
#include "simulation/model/event_queue.hpp"

#include <doctest/doctest.h>

#include <stdexcept>

using simulation::EventQueue;

TEST_CASE("an event that throws is over: the queue's time is its leader's again") {
    EventQueue leader;
    EventQueue queue(leader, [] {});
    queue.schedule(10, [] { throw std::runtime_error("an event failed"); });
    bool second = false;
    queue.schedule(20, [&] { second = true; });
    CHECK_THROWS_AS(queue.run_until(10), std::runtime_error);

    leader.run_until(15);
    CHECK(queue.now() == 15);
    CHECK(queue.next() == 20);  // the other one stands
    queue.run_until(20);
    CHECK(second);
}

TEST_CASE("within an event a queue has the time of that event, not its leader's") {
    EventQueue leader;
    EventQueue queue(leader, [] {});
    leader.run_until(30);
    simulation::SimTime seen = 0, after_nested = 0;
    queue.schedule(40, [&] {
        leader.run_until(50);
        seen = queue.now();
        queue.schedule(40, [] {});
        queue.run_until(40);  // which does not end the event under way
        after_nested = queue.now();
    });
    queue.run_until(40);
    CHECK(seen == 40);
    CHECK(after_nested == 40);
    CHECK(queue.now() == 50);
}
