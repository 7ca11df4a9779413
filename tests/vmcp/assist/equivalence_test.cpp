// An assist never does what the control program would not have done: random programs end with it as they do
// natively, and in lockstep with a guest without it nothing differs at any instruction.
#include <cstdlib>

#include "tests/vmcp/random_comparison.hpp"
#include "vmcp/experiment/step_recorder.hpp"

namespace vmcp::test {
namespace {

const AssistSet kBasic = {Assist::vma};
const AssistSet kInterpretive = {Assist::sie};
const AssistSet kAll = {Assist::vma, Assist::evma, Assist::vtimer, Assist::ecps};

TEST_CASE("random programs end alike natively and with assists") {
    for (const AssistSet& assists : {kBasic, kAll}) {
        const AssistedTotals totals =
            compare_random_programs({.programs = 1500, .model = "s370-158-assists", .assists = assists});
        CHECK(totals.hits > 1500);
        CHECK(totals.svc_hits > 150);
    }
}

TEST_CASE("random programs that translate end alike natively and with assists") {
    for (const AssistSet& assists : {kBasic, kAll}) {
        const AssistedTotals totals = compare_random_programs({.programs = 1000,
                                                               .translating = true,
                                                               .shadow_sets = 2,
                                                               .model = "s370-158-assists",
                                                               .assists = assists});
        CHECK(totals.shadow_hits > 500);
    }
}

TEST_CASE("random programs that translate end alike natively and as a preferred machine") {
    AssistSet preferred = kAll;
    preferred.add(Assist::pma);
    for (const AssistSet& assists : {AssistSet{Assist::pma}, preferred}) {
        const AssistedTotals totals = compare_random_programs({.programs = 1000,
                                                               .translating = true,
                                                               .model = "s370-158-assists",
                                                               .assists = assists,
                                                               .kind = StorageKind::real});
        CHECK(totals.shadow_hits == 0);
    }
}

TEST_CASE("random programs that record their own events are told the same with assists") {
    compare_random_programs(
        {.programs = 500, .recording = true, .model = "s370-158-assists", .assists = kAll});
}

TEST_CASE("random programs end alike natively and in interpretive execution") {
    for (const bool translating : {false, true})
        for (const bool recording : {false, true}) {
            const AssistedTotals totals = compare_random_programs({.programs = 1000,
                                                                   .translating = translating,
                                                                   .recording = recording,
                                                                   .model = "s370-158-interpretive",
                                                                   .assists = kInterpretive,
                                                                   .translation = GuestTranslation::nested});
            if (!recording) CHECK(totals.hits > 5000);
            if (!recording) CHECK(totals.svc_hits > 100);
        }
}

TEST_CASE("random programs end alike natively and interpretively over shadow tables") {
    for (const bool translating : {false, true})
        for (const bool recording : {false, true})
            compare_random_programs({.programs = 300,
                                     .translating = translating,
                                     .recording = recording,
                                     .model = "s370-158-interpretive",
                                     .assists = kInterpretive});
}

TEST_CASE("random programs end alike natively and with exits handled together") {
    for (const bool translating : {false, true}) {
        const AssistedTotals totals = compare_random_programs({.programs = 1000,
                                                               .translating = translating,
                                                               .model = "s370-158-interpretive",
                                                               .assists = kInterpretive,
                                                               .translation = GuestTranslation::nested,
                                                               .exits_together = true});
        CHECK(totals.exits_spared > 1000);
    }
}

/// What a guest executes, and what it is told of.
std::vector<experiment::TraceStep> steps_of(const RandomProgram& program, AssistSet assists, uint64_t& asked,
                                            bool exits_together = false,
                                            Technique technique = Technique::trap_and_emulate) {
    std::vector<experiment::TraceStep> steps;
    const bool interpretive = assists.has(Assist::sie);
    Host host(simulation::kMebibyte, "round-robin",
              interpretive ? "s370-158-interpretive" : "s370-158-assists");
    VmOptions options;
    options.name = "alpha";
    if (interpretive) options.translation = GuestTranslation::nested;
    options.storage = kProgramStorage;
    options.assists = assists;
    options.technique = technique;
    if (exits_together) take_exits_together(options);
    VirtualMachine& vm = host.log_on(std::move(options));
    experiment::GuestStepRecorder recorder("alpha", [&](const experiment::TraceStep& step) {
        if (steps.size() < 20'000) steps.push_back(step);
    });
    host.cp.observers().add(recorder);
    host.machine.executor().observers.add(recorder);
    host.cp.load(vm, SecondLevel(0), program.image());
    host.cp.restart(vm);
    host.cp.run((technique == Technique::interpretation ? 1000 : 10) * simulation::kSecond);
    recorder.flush();
    for (const AssistCount& count : vm.assist_counts.of) asked += count.calls;
    host.cp.observers().remove(recorder);
    host.machine.executor().observers.remove(recorder);
    return steps;
}

/// For so many instructions and supervisor calls that an assist was asked for as VMCP_OPERATIONS says;
/// nightly a million.
TEST_CASE("a guest that is assisted, interpreted or translated goes in lockstep with one that is not" *
          doctest::test_suite("lockstep")) {
    const char* const operations = std::getenv("VMCP_OPERATIONS");
    const uint64_t wanted = operations != nullptr ? std::strtoull(operations, nullptr, 10) : 60'000;
    uint64_t asked = 0, none = 0, compared = 0;
    for (uint64_t seed = 50'000; asked < wanted; ++seed) {
        const bool translating = seed % 2 != 0;
        const RandomProgram program(seed, translating);
        NativeGuest native(kProgramStorage);
        const EndState end = native.run(program.image(), 20'000);
        if (!end.is_comparable()) continue;
        const auto plain = steps_of(program, {}, none);
        struct Way {
            AssistSet assists;
            bool exits_together = false;
            Technique technique = Technique::trap_and_emulate;
        };
        for (const Way& way :
             {Way{kBasic}, Way{kAll}, Way{kInterpretive}, Way{kInterpretive, true},
              Way{{}, false, Technique::interpretation}, Way{{}, false, Technique::binary_translation}}) {
            const auto assisted = steps_of(program, way.assists, asked, way.exits_together, way.technique);
            const size_t shorter = std::min(plain.size(), assisted.size());
            size_t same = 0;
            while (same < shorter && plain[same].address == assisted[same].address &&
                   plain[same].kind == assisted[same].kind && plain[same].cpu == assisted[same].cpu)
                ++same;
            if (same != shorter || plain.size() != assisted.size()) {
                // A program that goes by time does not come again natively either.
                NativeGuest interrupted(kProgramStorage);
                if (!difference(end, interrupted.run(program.image(), 20'000, 1)).empty()) continue;
            }
            CHECK_MESSAGE((same == shorter && plain.size() == assisted.size()),
                          fmt::format("seed {}, {}, {}{}: {} of {} and {} steps are the same", seed,
                                      name_of(way.technique), way.assists.text(),
                                      way.exits_together ? ", exits together" : "", same, plain.size(),
                                      assisted.size()));
            compared += same;
        }
    }
    CHECK(compared > wanted);
}

}  // namespace
}  // namespace vmcp::test
