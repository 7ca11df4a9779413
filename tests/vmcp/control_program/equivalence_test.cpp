// Popek and Goldberg's equivalence: what a program does under the control program is what it does on the bare
// machine.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include "tests/vmcp/random_comparison.hpp"

namespace vmcp::test {
namespace {

TEST_CASE("random programs of supervisor and problem instructions end alike natively and as guests") {
    compare_random_programs({.programs = 3000});
}

TEST_CASE("random programs with translation tables of their own end alike natively and under shadow tables" *
          doctest::test_suite("translating")) {
    compare_random_programs({.programs = 2000, .translating = true});
    compare_random_programs({.programs = 1000, .translating = true, .shadow_sets = 4});
}

TEST_CASE("random programs that record their own events are told the same natively and as guests" *
          doctest::test_suite("recording")) {
    compare_random_programs({.programs = 1500, .recording = true});
    compare_random_programs({.programs = 1000, .translating = true, .recording = true, .shadow_sets = 2});
}

TEST_CASE("neighbours change nothing: random programs beside one another end as they do alone") {
    for (const char* policy : {"round-robin", "q1q2", "stride"}) {
        // A slice so short that every program is interrupted and switched many times.
        Host host(4 * simulation::kMebibyte, policy, "s370-158", 20 * simulation::kMicrosecond);
        constexpr unsigned kGuests = 40;
        std::vector<EndState> alone;
        std::vector<VirtualMachine*> guests;
        for (uint64_t seed = 10'000; guests.size() < kGuests; ++seed) {
            const RandomProgram program(seed);
            NativeGuest native(kProgramStorage);
            EndState end = native.run(program.image(), 20'000);
            if (!end.is_comparable()) continue;
            alone.push_back(std::move(end));
            guests.push_back(
                &host.start(fmt::format("vm{}", guests.size()), kProgramStorage, program.image()));
        }
        host.cp.run(10 * simulation::kSecond);
        CHECK(host.cp.switches() > 10 * kGuests);
        for (unsigned g = 0; g < kGuests; ++g) {
            const std::string how = difference(alone[g], host.end_state(*guests[g]));
            CHECK_MESSAGE(how.empty(), fmt::format("{}, guest {}: {}", policy, g, how));
        }
    }
}

TEST_CASE("page frames above 16 MiB serve guests like those below") {
    // Frames are taken from the high end: every page of these guests needs more than 24 bits.
    Host host(64 * simulation::kMebibyte);
    for (uint64_t seed = 20'000; seed < 20'050; ++seed) {
        const RandomProgram program(seed);
        NativeGuest native(kProgramStorage);
        const EndState alone = native.run(program.image(), 20'000);
        if (!alone.is_comparable()) continue;
        VirtualMachine& vm = host.start(fmt::format("vm{}", seed), kProgramStorage, program.image());
        host.cp.run(host.cp.now() + simulation::kSecond);
        CHECK(vm.storage.locate(SecondLevel(0))->value >= 16 * simulation::kMebibyte);
        const std::string how = difference(alone, host.end_state(vm));
        CHECK_MESSAGE(how.empty(), fmt::format("seed {}: {}", seed, how));
    }
}

TEST_CASE("the ledger accounts for every nanosecond") {
    Host host(4 * simulation::kMebibyte, "stride", "s370-158", 50 * simulation::kMicrosecond);
    for (uint64_t seed = 1; seed <= 20; ++seed)
        host.start(fmt::format("vm{}", seed), kProgramStorage, RandomProgram(seed).image());
    host.cp.run(5 * simulation::kMillisecond);
    SimTime sum = host.cp.ledger().own().control_program + host.cp.ledger().idle();
    SimTime steps = host.cp.ledger().totals().hardware.time;
    for (const LedgerEntry& step : host.cp.ledger().totals().steps) steps += step.time;
    SimTime control_program = host.cp.ledger().own().control_program;
    for (const VirtualMachine& vm : host.cp.virtual_machines()) {
        SimTime causes = 0;
        for (const LedgerEntry& entry : vm.account.causes) causes += entry.time;
        CHECK(causes == vm.account.control_program);
        sum += vm.account.guest + vm.account.control_program;
        control_program += vm.account.control_program;
    }
    CHECK(sum == host.cp.now());
    CHECK(steps == control_program);
}

}  // namespace
}  // namespace vmcp::test
