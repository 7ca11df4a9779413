// A control program that is a task of a host: what is charged for that, and how often.
#include <doctest/doctest.h>

#include <utility>

#include "tests/vmcp/assembled.hpp"
#include "tests/vmcp/guest_pair.hpp"

namespace vmcp::test {
namespace {

/// Masks ten times, asks a device ten times, ends.
std::vector<uint8_t> asking() {
    return assembled(R"(
         DC    X'00080000',A(X'400')
         ORG   *-8+X'400'
         BALR  12,0
         USING *,12
         LA    5,10
AGAIN    SSM   OFF
         TIO   9
         BCT   5,AGAIN
         LPSW  GOOD
GOOD     DC    0D'0',X'000A0000',A(0)
OFF      DC    X'00'
)");
}

struct Hosted {
    explicit Hosted(const std::string& control_program, std::optional<DeviceServer> devices = {},
                    AssistSet assists = {})
        : machine(simulation::MachineModel::load("s370-158-interpretive"), 4 * simulation::kMebibyte),
          model(ControlProgramModel::load(control_program, machine.model())),
          cp(machine,
             {model,
              scheduler::make_policy("round-robin", scheduler::Parameters{.slice = simulation::kSecond}),
              {},
              0}) {
        VmOptions options;
        options.name = "GUEST";
        options.storage = 64 * 1024;
        options.device_server = devices;
        options.assists = assists;
        if (assists.has(Assist::sie)) options.translation = GuestTranslation::nested;
        vm = &cp.log_on(std::move(options), {});
        const auto image = asking();
        cp.load(*vm, SecondLevel(0), image);
        cp.restart(*vm);
        cp.run(simulation::kSecond);
        REQUIRE(vm->stop == StopReason::disabled_wait);
        CHECK(vm->state.psw.address == 0);
        // The parts add up to the whole.
        const StepTotals totals = cp.ledger().totals();
        SimTime steps = totals.hardware.time + totals.transitions.time, causes = 0;
        for (const LedgerEntry& entry : totals.steps) steps += entry.time;
        for (const Account* account : {&std::as_const(cp).ledger().own(), &std::as_const(vm->account)})
            for (const LedgerEntry& entry : account->causes) causes += entry.time;
        CHECK(steps == causes);
        CHECK(vm->account.guest + vm->account.control_program + cp.ledger().own().control_program +
                  cp.ledger().idle() ==
              cp.now());
    }
    uint64_t count(Step step) { return cp.ledger().totals().steps[static_cast<unsigned>(step)].count; }
    SimTime time(isa::Op op) const { return vm->account.of(Cause::simulated(op)).time; }

    simulation::Machine machine;
    ControlProgramModel model;
    ControlProgram cp;
    VirtualMachine* vm = nullptr;
};

TEST_CASE("without a host nothing of it is charged") {
    Hosted plain("vm370-notrace");
    for (unsigned i = 0; i < kSteps; ++i)
        if (is_of_host(i)) CHECK(plain.count(static_cast<Step>(i)) == 0);
}

TEST_CASE("in its host's kernel worlds are switched whenever the guest is let go on") {
    Hosted plain("vm370-notrace"), kernel("kvm"), process("kvm", DeviceServer::process);
    for (Hosted* one : {&kernel, &process}) {
        CHECK(one->count(Step::world_switch) == one->count(Step::dispatch));
        CHECK(one->count(Step::dispatch) == plain.count(Step::dispatch));
        CHECK(one->count(Step::host_schedule) == one->vm->account.of(Cause::dispatch).count);
        // The guest is none the wiser.
        CHECK(one->vm->state.gpr == plain.vm->state.gpr);
        CHECK(one->vm->account.guest == plain.vm->account.guest);
    }
    CHECK(kernel.count(Step::return_to_process) == 0);
    CHECK(kernel.count(Step::host_call) == 0);
    CHECK(process.count(Step::return_to_process) == 10);
    CHECK(process.count(Step::host_call) == 10);
    CHECK(process.time(isa::Op::op_SSM) == kernel.time(isa::Op::op_SSM));
    CHECK(process.time(isa::Op::op_TIO) - kernel.time(isa::Op::op_TIO) ==
          10 * (kernel.model.price(Step::return_to_process) + kernel.model.price(Step::host_call)));
    CHECK(kernel.time(isa::Op::op_SSM) - plain.time(isa::Op::op_SSM) ==
          10 * kernel.model.price(Step::world_switch));
}

TEST_CASE("beside its host's kernel worlds are switched where the host is needed") {
    Hosted plain("vm370-notrace"), kernel("hosted", DeviceServer::kernel), process("hosted");
    for (Hosted* one : {&kernel, &process}) {
        // Not for SSM, but for each TIO, for pages, and at the beginning of the turn.
        CHECK(one->time(isa::Op::op_SSM) == plain.time(isa::Op::op_SSM));
        const Account& account = one->vm->account;
        CHECK(one->count(Step::world_switch) >= 10);
        CHECK(one->count(Step::world_switch) <=
              10 + account.of(Cause::page_fill).count + account.of(Cause::dispatch).count);
        CHECK(one->count(Step::world_switch) < one->count(Step::dispatch) - 9);
    }
    CHECK(kernel.count(Step::return_to_process) == 0);
    CHECK(process.count(Step::return_to_process) == 10);
}

TEST_CASE("with interpretive execution what does not come out needs no host") {
    Hosted inside("kvm", DeviceServer::process, {Assist::sie});
    CHECK(inside.vm->account.of(Cause::simulated(isa::Op::op_SSM)).count == 0);
    CHECK(inside.count(Step::world_switch) == inside.count(Step::dispatch));
    CHECK(inside.count(Step::return_to_process) == 10);
    CHECK(inside.cp.ledger().totals().transitions.count > 10);
}

TEST_CASE("where devices are served is a question only where there is a host") {
    Host host;
    VmOptions options;
    options.name = "GUEST";
    options.device_server = DeviceServer::process;
    CHECK_THROWS_WITH(
        host.cp.log_on(std::move(options), {}),
        "virtual machine 'GUEST' says where its devices are served, but the control program vm370 "
        "is no task of a host");
}

}  // namespace
}  // namespace vmcp::test
