// Popek and Goldberg's equivalence over random programs: what one does as a guest is what it does on the bare
// machine, whatever the guest is asked to be.
#pragma once

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "tests/vmcp/guest_pair.hpp"
#include "tests/vmcp/random_program.hpp"

namespace vmcp::test {

/// What guests are told of program events.
struct EventCounter : Observer {
    unsigned alone = 0, with_another = 0;
    void reflected(const VirtualMachine&, const isa::Interruption& i) override {
        const auto* program = std::get_if<isa::ProgramInterruption>(&i);
        if (program != nullptr && program->per) ++(program->only_per ? alone : with_another);
    }
};

/// As much comes out of interpretive execution as may, and is handled together.
inline void take_exits_together(VmOptions& options) {
    options.exits_together = true;
    for (const Intercept one : kIntercepts) options.intercepts.add(one);
}

/// Which programs, and as what kind of guest.
struct RandomComparison {
    unsigned programs = 0;
    bool translating = false, recording = false;
    unsigned shadow_sets = 1;
    std::string model = "s370-158";
    AssistSet assists = {};
    StorageKind kind = StorageKind::paged;
    GuestTranslation translation = GuestTranslation::shadow;
    bool exits_together = false;  // and as much comes out as may
    Technique technique = Technique::trap_and_emulate;
};

/// One program natively and as a guest of a machine of this model (with holes, say). False: it says nothing,
/// for it does not end, or hangs on time. `look` sees the guest at the end.
template <class Look>
bool ends_alike(const RandomProgram& program, const std::string& model, Technique technique,
                const std::string& what, Look&& look) {
    NativeGuest native(kProgramStorage, model);
    const EndState alone = native.run(program.image(), 20'000);
    if (!alone.is_comparable()) return false;
    Host host(simulation::kMebibyte, "round-robin", model);
    VmOptions options;
    options.name = "alpha";
    options.storage = kProgramStorage;
    options.technique = technique;
    VirtualMachine& vm = host.log_on(std::move(options));
    host.cp.load(vm, SecondLevel(0), program.image());
    host.cp.restart(vm);
    host.cp.run(100 * simulation::kSecond);
    const std::string how = difference(alone, host.end_state(vm));
    if (!how.empty()) {
        NativeGuest interrupted(kProgramStorage, model);
        if (!difference(alone, interrupted.run(program.image(), 20'000, 1)).empty()) return false;
    }
    CHECK_MESSAGE(how.empty(), fmt::format("{}: {}", what, how));
    look(vm);
    return true;
}

/// So many random programs as guests beside one another, every other one by this technique, in short slices
/// and in so little real storage that those page; each ends as it does alone.
inline void ends_alike_beside_others(Technique technique, uint32_t real_storage, unsigned count,
                                     uint64_t seed) {
    Host host(real_storage, "round-robin", "s370-158", 200 * simulation::kMicrosecond,
              {.devices = {"2305-2"}});
    std::vector<EndState> alone;
    std::vector<VirtualMachine*> guests;
    for (; guests.size() < count; ++seed) {
        const RandomProgram program(seed);
        NativeGuest native(kProgramStorage);
        EndState end = native.run(program.image(), 20'000);
        if (!end.is_comparable()) continue;
        alone.push_back(std::move(end));
        VmOptions options;
        options.name = fmt::format("vm{}", guests.size());
        options.storage = kProgramStorage;
        if (guests.size() % 2 == 0) options.technique = technique;
        VirtualMachine& vm = host.log_on(std::move(options));
        host.cp.load(vm, SecondLevel(0), program.image());
        host.cp.restart(vm);
        guests.push_back(&vm);
    }
    host.cp.run(1000 * simulation::kSecond);
    uint64_t read = 0;
    for (unsigned g = 0; g < count; ++g) {
        const std::string how = difference(alone[g], host.end_state(*guests[g]));
        CHECK_MESSAGE(how.empty(), fmt::format("guest {}: {}", g, how));
        if (g % 2 == 0) read += guests[g]->storage.counts().reads;
    }
    CHECK(read > 0);
}

/// What the guests' assists were asked for in all, and did.
struct AssistedTotals {
    uint64_t calls = 0, hits = 0, shadow_hits = 0, svc_hits = 0, exits_spared = 0;
};

inline AssistedTotals compare_random_programs(const RandomComparison& what) {
    CAPTURE(what.translating);
    CAPTURE(what.shadow_sets);
    const std::string assists = what.assists.text();
    CAPTURE(assists);
    unsigned compared = 0, time_dependent = 0;
    EventCounter events;
    AssistedTotals totals;
    uint64_t instructions = 0, interruptions = 0, interpreted = 0, shadow_entries = 0, invalidations = 0;
    for (uint64_t seed = 1; seed <= what.programs; ++seed) {
        const RandomProgram program(seed, what.translating, what.recording);
        NativeGuest native(kProgramStorage);
        const EndState alone = native.run(program.image(), 20'000);
        if (!alone.is_comparable()) continue;
        const uint32_t v_equals_r = what.kind == StorageKind::real ? kProgramStorage : 0;
        Host host(simulation::kMebibyte, "round-robin", what.model, 10 * simulation::kMillisecond, {},
                  v_equals_r);
        host.cp.observers().add(events);
        VmOptions options;
        options.name = "alpha";
        options.storage = kProgramStorage;
        options.shadow_sets = what.shadow_sets;
        options.assists = what.assists;
        options.storage_kind = what.kind;
        options.translation = what.translation;
        options.technique = what.technique;
        if (what.exits_together) take_exits_together(options);
        VirtualMachine& vm = host.log_on(std::move(options));
        host.cp.load(vm, SecondLevel(0), program.image());
        host.cp.restart(vm);
        host.cp.run((what.technique == Technique::interpretation ? 100 : 1) * simulation::kSecond);
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
        instructions += vm.instructions;
        interruptions += host.cp.traps();
        interpreted += vm.account.of(Cause::interpretation).count;
        shadow_entries += vm.account.of(Cause::shadow_fill).count;
        invalidations += vm.account.of(Cause::simulated(isa::Op::op_IPTE)).count +
                         vm.assist_counts[Cause::simulated(isa::Op::op_IPTE)].hits;
        for (const AssistCount& count : vm.assist_counts.of) {
            totals.calls += count.calls;
            totals.hits += count.hits;
        }
        totals.shadow_hits += vm.assist_counts[Cause::shadow_fill].hits;
        totals.exits_spared += vm.exits_spared;
        totals.svc_hits += vm.assist_counts[Cause::reflect_supervisor_call].hits;
    }
    if (what.translating) {
        if (what.translation == GuestTranslation::nested || what.technique == Technique::interpretation)
            CHECK(shadow_entries == 0);
        else if (what.assists.has(Assist::pma))
            CHECK(shadow_entries < compared / 10);  // while a prefix is set
        else
            CHECK(shadow_entries + totals.shadow_hits > 3 * compared);
        CHECK(invalidations > compared / 10);
    }
    if (what.recording) {
        CHECK(events.alone > 3 * compared);
        CHECK(events.with_another > compared);
    }
    CAPTURE(instructions);
    CHECK(instructions > 100 * compared);
    if (what.programs > 10'000) MESSAGE("instructions: ", instructions);
    CHECK(time_dependent <= what.programs / 100);
    CHECK(compared > what.programs * 9 / 10);
    if (what.technique == Technique::interpretation) {
        CHECK(interpreted > 100 * compared);
        CHECK(interruptions == 0);
    } else {
        CHECK(interruptions + totals.hits > 10 * compared);  // the programs do trap
    }
    return totals;
}

}  // namespace vmcp::test
