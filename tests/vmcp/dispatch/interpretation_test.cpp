// A guest that the control program interprets, instruction by instruction, is what it is on the bare machine.
#include <doctest/doctest.h>

#include <stdexcept>

#include "tests/vmcp/assembled.hpp"
#include "tests/vmcp/random_comparison.hpp"

namespace vmcp::test {
namespace {

VirtualMachine& log_on_interpreted(Host& host, const std::string& name, uint32_t storage = kProgramStorage) {
    VmOptions options;
    options.name = name;
    options.storage = storage;
    options.technique = Technique::interpretation;
    return host.log_on(std::move(options));
}

TEST_CASE("random programs end alike natively and interpreted") {
    compare_random_programs({.programs = 800, .technique = Technique::interpretation});
}

TEST_CASE("random programs that translate end alike natively and interpreted") {
    compare_random_programs({.programs = 500, .translating = true, .technique = Technique::interpretation});
}

TEST_CASE("random programs that record their own events are told the same natively and interpreted") {
    for (const bool translating : {false, true})
        compare_random_programs({.programs = 500,
                                 .translating = translating,
                                 .recording = true,
                                 .technique = Technique::interpretation});
}

TEST_CASE("random programs end alike on a bare machine with holes and interpreted on one") {
    unsigned compared = 0;
    for (uint64_t seed = 1; seed <= 300; ++seed)
        compared += ends_alike(RandomProgram(seed), "s370-holes", Technique::interpretation,
                               fmt::format("seed {}", seed), [](const VirtualMachine&) {});
    CHECK(compared > 270);
}

TEST_CASE("interpreted guests beside others that trap, in short slices and with few page frames") {
    ends_alike_beside_others(Technique::interpretation, 160 * 1024, 12, 30'000);
}

TEST_CASE("each instruction is charged by its class, and all of it to the control program") {
    Host host(simulation::kMebibyte, "round-robin", "s370-158", simulation::kSecond);
    VirtualMachine& vm = log_on_interpreted(host, "alpha");
    host.cp.load(vm, SecondLevel(0), counting(1000));  // BALR, L, 1000 times BCT, LPSW
    host.cp.restart(vm);
    host.cp.run(10 * simulation::kSecond);
    CHECK(vm.stop == StopReason::disabled_wait);
    CHECK(vm.instructions == 1003);
    const auto times = [&](Step step) {
        return host.cp.ledger().totals().steps[static_cast<unsigned>(step)].count;
    };
    CHECK(times(Step::interpret_fetch) == 1003);
    CHECK(times(Step::interpret_branch) == 1001);
    CHECK(times(Step::interpret_general) == 1);
    CHECK(times(Step::interpret_operand) == 1);
    CHECK(times(Step::interpret_walk) == 0);
    CHECK(times(Step::simulate_lpsw) == 1);
    CHECK(times(Step::enter_from_trap) == 0);
    CHECK(vm.account.of(Cause::interpretation).count == 1003);
    CHECK(vm.account.of(Cause::simulated(isa::Op::op_LPSW)).count == 1);
    CHECK(vm.exits == 0);
    CHECK(vm.account.guest == 0);
    CHECK(vm.account.control_program + host.cp.ledger().own().control_program + host.cp.ledger().idle() ==
          host.cp.now());
    // Virtual time is that of the real CPU.
    Host trapping;
    const VirtualMachine& run = trapping.start("alpha", kProgramStorage, counting(1000));
    trapping.cp.run(simulation::kSecond);
    CHECK(vm.virtual_cpu_time() == vm.interpreted_time);
    const SimTime walks = run.table_references * trapping.machine.model().table_reference_ns.value;
    CHECK(vm.interpreted_time == run.account.guest - walks);
}

TEST_CASE("what takes long takes the control program as long as it would have taken the guest") {
    Host host(simulation::kMebibyte, "round-robin", "s370-158", simulation::kSecond);
    VirtualMachine& vm = log_on_interpreted(host, "alpha");
    host.cp.load(vm, SecondLevel(0), assembled(R"(
         DC    X'00080000',A(X'400')
         ORG   *-8+X'400'
         BALR  12,0
         USING *,12
         MVC   X'800'(200),X'900'  200 bytes
         LA    2,X'800'
         LA    3,600
         LA    4,X'C00'
         LR    5,3
         MVCL  2,4                 three units of operation, 600 bytes
         LPSW  GOOD
GOOD     DC    0D'0',X'000A0000',A(0)
)"));
    host.cp.restart(vm);
    host.cp.run(simulation::kSecond);
    CHECK(vm.stop == StopReason::disabled_wait);
    const auto totals = host.cp.ledger().totals();
    CHECK(totals.steps[static_cast<unsigned>(Step::interpret_long)].count == 3);
    CHECK(totals.steps[static_cast<unsigned>(Step::interpret_field)].count == 1);
    const simulation::MachineModel& model = host.machine.model();
    const auto long_price = model.prices[static_cast<unsigned>(isa::CostClass::move_long)];
    CHECK(totals.in_place.count == 4);
    CHECK(totals.in_place.time == model.cost(isa::CostClass::move_bytes, 200) + 600 * long_price.per_unit);
    SimTime steps = totals.in_place.time + totals.hardware.time;
    for (const LedgerEntry& step : totals.steps) steps += step.time;
    CHECK(steps == vm.account.control_program + host.cp.ledger().own().control_program);
}

TEST_CASE("a machine that is interpreted says so, and has no assist to set") {
    Host host(simulation::kMebibyte, "round-robin", "s370-158-assists");
    VirtualMachine& vm = log_on_interpreted(host, "alpha");
    CHECK(host.cp.command(vm, "SET ASSIST ON") == 3);
    CHECK(vm.assists.empty());
    host.console.clear();
    CHECK(host.cp.command(vm, "QUERY SET") == 0);
    CHECK(host.console["alpha"].ends_with("ASSIST OFF, INTERPRETED\n"));
}

TEST_CASE("an assist or nested translation is of no use to an interpreted machine") {
    Host host(simulation::kMebibyte, "round-robin", "s370-158-interpretive");
    VmOptions options;
    options.name = "alpha";
    options.technique = Technique::interpretation;
    options.translation = GuestTranslation::nested;
    CHECK_THROWS_WITH_AS(
        host.log_on(options),
        "virtual machine 'alpha' is interpreted: no assist and no nested translation can help",
        std::runtime_error);
    options.translation = GuestTranslation::shadow;
    options.assists = {Assist::vma};
    CHECK_THROWS_AS(host.log_on(options), std::runtime_error);
}

}  // namespace
}  // namespace vmcp::test
