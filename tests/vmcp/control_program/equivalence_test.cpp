// Popek and Goldberg's equivalence: what a program does under the control program is what it does on the bare
// machine.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include "tests/vmcp/guest_pair.hpp"
#include "tests/vmcp/random_program.hpp"

namespace vmcp::test {
namespace {

/// What guests are told of program events.
struct EventCounter : Observer {
    unsigned alone = 0, with_another = 0;
    void reflected(const VirtualMachine&, const isa::Interruption& i) override {
        const auto* program = std::get_if<isa::ProgramInterruption>(&i);
        if (program != nullptr && program->per) ++(program->only_per ? alone : with_another);
    }
};

void compare_random_programs(unsigned programs, bool translating, unsigned shadow_sets,
                             bool recording = false) {
    CAPTURE(translating);
    CAPTURE(shadow_sets);
    unsigned compared = 0, time_dependent = 0;
    EventCounter events;
    uint64_t interruptions = 0, shadow_entries = 0, invalidations = 0;
    for (uint64_t seed = 1; seed <= programs; ++seed) {
        const RandomProgram program(seed, translating, recording);
        NativeGuest native(kProgramStorage);
        const EndState alone = native.run(program.image(), 20'000);
        // A program that loops for ever cannot be compared at its end; one that set the interval timer sees
        // time.
        if (alone.end == "limit" || alone.timer != 0x7F) continue;
        Host host(simulation::kMebibyte);
        host.cp.observers().add(events);
        VirtualMachine& vm = host.log_on("alpha", kProgramStorage, shadow_sets);
        host.cp.load(vm, SecondLevel(0), program.image());
        host.cp.restart(vm);
        host.cp.run(simulation::kSecond);
        const std::string how = difference(alone, host.end_state(vm));
        if (!how.empty()) {
            // A MOVE LONG over its own text, or its handlers', goes on with whatever is there when it is
            // interrupted; one over its translation tables is followed as far as the TLB does not remember.
            // Such a program ends differently on the bare machine, too, if that is interrupted, and its TLB
            // purged, all the time.
            NativeGuest interrupted(kProgramStorage);
            if (!difference(alone, interrupted.run(program.image(), 20'000, 1)).empty()) {
                ++time_dependent;
                continue;
            }
        }
        CHECK_MESSAGE(how.empty(), fmt::format("seed {}: {}", seed, how));
        ++compared;
        interruptions += host.cp.traps();
        shadow_entries += vm.account.of(Cause::shadow_fill).count;
        invalidations += vm.account.of(Cause::simulated(isa::Op::op_IPTE)).count;
    }
    if (translating) {
        CHECK(shadow_entries > 3 * compared);
        CHECK(invalidations > compared / 10);
    }
    if (recording) {
        CHECK(events.alone > 3 * compared);
        CHECK(events.with_another > compared);
    }
    CHECK(time_dependent <= programs / 100);
    CHECK(compared > programs * 9 / 10);
    CHECK(interruptions > 10 * compared);  // the programs do trap
}

TEST_CASE("random programs of supervisor and problem instructions end alike natively and as guests") {
    compare_random_programs(3000, false, 1);
}

TEST_CASE("random programs with translation tables of their own end alike natively and under shadow tables" *
          doctest::test_suite("translating")) {
    compare_random_programs(2000, true, 1);
    compare_random_programs(1000, true, 4);
}

TEST_CASE("random programs that record their own events are told the same natively and as guests" *
          doctest::test_suite("recording")) {
    compare_random_programs(1500, false, 1, true);
    compare_random_programs(1000, true, 2, true);
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
            if (end.end == "limit" || end.timer != 0x7F) continue;
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
        if (alone.end == "limit" || alone.timer != 0x7F) continue;
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
