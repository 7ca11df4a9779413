// What virtual-machine assist does by itself, where it gives up, and what that takes.
#include <doctest/doctest.h>

#include "tests/vmcp/assist/ten_times.hpp"
#include "vmcp/assist/virtual_machine_assist.hpp"

namespace vmcp::test {
namespace {

using isa::Op;

constexpr uint32_t kStorage = 64 * 1024;

struct AssistedHost : Host {
    explicit AssistedHost(const std::string& model = "s370-158-assists")
        : Host(4 * simulation::kMebibyte, "round-robin", model) {}
    VirtualMachine& start(const std::vector<uint8_t>& image, AssistSet assists) {
        VmOptions options;
        options.name = "GUEST";
        options.storage = kStorage;
        options.assists = assists;
        options.classes = "AG";
        VirtualMachine& vm = log_on(std::move(options));
        cp.load(vm, SecondLevel(0), image);
        cp.restart(vm);
        return vm;
    }
    VirtualMachine& finish(const std::vector<uint8_t>& image, AssistSet assists) {
        VirtualMachine& vm = start(image, assists);
        cp.run(cp.now() + simulation::kSecond);
        REQUIRE(vm.stop == StopReason::disabled_wait);
        CHECK(vm.state.psw.address == 0);
        return vm;
    }
};

const AssistSet kNone, kBasic = {Assist::vma}, kExpanded = {Assist::vma, Assist::evma};

uint64_t refused(const VirtualMachine& vm, Op op, AssistRefusal why) {
    return vm.assist_counts[Cause::simulated(op)].refused[static_cast<unsigned>(why)];
}

TEST_CASE("what is assisted is not simulated, and the other way round") {
    const auto image = ten_times(R"(
         SSM   OFF
         STNSM WORK,X'FF'
         STOSM WORK,X'00'
         IPK
         SPKA  0
         LA    3,X'800'
         ISK   4,3
         SSK   4,3
         RRB   X'800'
         STCTL 0,0,WORK
         STIDP WORK
)");
    AssistedHost plain, assisted;
    const VirtualMachine& without = plain.finish(image, kNone);
    const VirtualMachine& with = assisted.finish(image, kBasic);
    for (const Op op : {Op::op_SSM, Op::op_STNSM, Op::op_STOSM, Op::op_IPK, Op::op_SPKA, Op::op_ISK,
                        Op::op_SSK, Op::op_RRB, Op::op_STCTL}) {
        CAPTURE(isa::row_of(op).mnemonic);
        CHECK(hits(with, op) == 10);
        CHECK(with.account.of(Cause::simulated(op)).count == 0);
        CHECK(hits(without, op) == 0);
        CHECK(without.account.of(Cause::simulated(op)).count == 10);
    }
    CHECK(with.account.of(Cause::simulated(Op::op_STIDP)).count == 10);
    CHECK(with.instructions == without.instructions);
    CHECK(with.state.gpr == without.state.gpr);
    CHECK(with.exits == without.exits - 90);
}

TEST_CASE("an assist takes what the machine model says, as a part of the guest's time") {
    const auto image = ten_times("         SSM   OFF\n");
    AssistedHost plain, assisted;
    const VirtualMachine& without = plain.finish(image, kNone);
    const VirtualMachine& with = assisted.finish(image, kBasic);
    const simulation::AssistFigures& figures = assisted.machine.model().assist;
    // Ten are done, and the last LPSW, which waits, is refused.
    const SimTime time = 10 * figures.simulate_ns.value + figures.refuse_ns.value;
    CHECK(with.assist_counts.time == time);
    CHECK(with.account.guest == without.account.guest + time);
    CHECK(refused(with, Op::op_LPSW, AssistRefusal::wait) == 1);
    CHECK(with.assist_counts[Cause::simulated(Op::op_LPSW)].calls == 1);
}

TEST_CASE("a supervisor call is given to the guest without the control program") {
    const auto image = ten_times("         SVC   17\n");
    AssistedHost plain, assisted;
    const VirtualMachine& without = plain.finish(image, kNone);
    const VirtualMachine& with = assisted.finish(image, kBasic);
    CHECK(without.account.of(Cause::reflect_supervisor_call).count == 10);
    CHECK(with.account.of(Cause::reflect_supervisor_call).count == 0);
    CHECK(with.assist_counts[Cause::reflect_supervisor_call].hits == 10);
    CHECK(hits(with, Op::op_LPSW) == 10);
    CHECK(with.instructions == without.instructions);
    // The interruption code, at location 136 in EC mode.
    CHECK(with.storage.peek32(SecondLevel(isa::Assigned::supervisor_call_identification)) == 0x00020011);
    CHECK(without.storage.peek32(SecondLevel(isa::Assigned::supervisor_call_identification)) == 0x00020011);
}

TEST_CASE("SVC 76 is the control program's") {
    AssistedHost host;
    const VirtualMachine& vm = host.finish(ten_times("         SVC   76\n"), kExpanded);
    CHECK(vm.assist_counts[Cause::reflect_supervisor_call].hits == 0);
    CHECK(vm.account.of(Cause::reflect_supervisor_call).count == 10);
}

TEST_CASE("the expanded assist has clocks, PTLB and TCH besides") {
    const auto image = ten_times(R"(
         PTLB
         TCH   0
         STPT  WORK
         SPT   WORK
         SCKC  NEVER
)");
    AssistedHost basic, expanded;
    const VirtualMachine& less = basic.finish(image, kBasic);
    const VirtualMachine& more = expanded.finish(image, kExpanded);
    for (const Op op : {Op::op_PTLB, Op::op_TCH, Op::op_STPT, Op::op_SPT, Op::op_SCKC}) {
        CAPTURE(isa::row_of(op).mnemonic);
        CHECK(less.account.of(Cause::simulated(op)).count == 10);
        CHECK(less.assist_counts[Cause::simulated(op)].calls == 0);
        CHECK(more.account.of(Cause::simulated(op)).count == 0);
        CHECK(hits(more, op) == 10);
    }
}

TEST_CASE("masks are opened by the assist unless an interruption may come through") {
    // A clock comparator whose time is over, while only the mask of I/O is opened: it cannot come through,
    // but it is pending, unless control register 0 masks it.
    const auto image = [](const char* cr0) {
        return ten_times(std::string("         LCTL  0,0,=X'") + cr0 + R"('
         SCKC  WORK
         SSM   OPEN
         SSM   OFF
         B     BEHIND
OPEN     DC    X'0200'
BEHIND   EQU   *
)");
    };
    AssistedHost masked, basic, expanded;
    CHECK(hits(masked.finish(image("00000000"), kBasic), Op::op_SSM) == 20);
    const VirtualMachine& careful = basic.finish(image("00000800"), kBasic);
    CHECK(refused(careful, Op::op_SSM, AssistRefusal::pending) == 10);
    CHECK(hits(careful, Op::op_SSM) == 10);
    CHECK(hits(expanded.finish(image("00000800"), kExpanded), Op::op_SSM) == 20);
}

TEST_CASE("an interruption comes when masks are opened, with an assist as without") {
    // The external new PSW leads to the end of the round.
    const std::string body = R"(
         MVC   X'58'(8),NEWPSW
         LCTL  0,0,=X'00000800'
         SCKC  WORK
         SSM   OPEN
         B     BAD
         B     BEHIND
OPEN     DC    X'0100'
NEWPSW   DC    0D'0',X'00080000',A(BEHIND)
BAD      LPSW  WRONG
WRONG    DC    0D'0',X'000A0000',A(X'BAD0')
BEHIND   SSM   OFF
)";
    for (const AssistSet& assists : {kNone, kBasic, kExpanded}) {
        CAPTURE(assists.text());
        AssistedHost host;
        const VirtualMachine& vm = host.finish(ten_times(body), assists);
        CHECK(vm.account.of(Cause::reflect_external).count == 10);
        CHECK(hits(vm, Op::op_SSM) == (assists.empty() ? 0 : 10));
    }
}

TEST_CASE("a timer that was set while interruptions were closed interrupts when the assist has opened them") {
    // The CPU timer runs out 1 ms behind SPT; the guest opens its mask at once and counts until then.
    const auto image = assembled(R"(
         DC    X'00080000',A(X'400')
         ORG   *-8+X'58'
         DC    X'00080000',A(OVER)
         ORG   *-X'60'+X'400'
         BALR  12,0
         USING *,12
         LCTL  0,0,=X'00000400'
         SPT   TIMER
         SSM   OPEN
LOOP     A     6,=F'1'
         B     LOOP
OVER     LPSW  GOOD
OPEN     DC    X'0100'
TIMER    DC    0D'0',X'00000000003E8000'
GOOD     DC    0D'0',X'000A0000',A(0)
         LTORG
)");
    uint32_t counted = 0;
    for (const AssistSet& assists : {kNone, kBasic, kExpanded}) {
        CAPTURE(assists.text());
        AssistedHost host;
        const VirtualMachine& vm = host.finish(image, assists);
        CHECK(hits(vm, Op::op_SSM) == (assists.empty() ? 0 : 1));
        if (counted == 0) counted = vm.state.gpr[6];
        CHECK(counted > 50);
        // As long as the timer says, whoever set it, to the few rounds that an assist takes of it.
        CHECK(vm.state.gpr[6] + 10 >= counted);
        CHECK(vm.state.gpr[6] <= counted + 10);
    }
}

TEST_CASE("control register 6 and its block in real storage say what the guest's state is") {
    struct Look : Observer {
        explicit Look(Host& one) : host(one) {}
        void trapped(const VirtualMachine& vm, const Trap&) override {
            const auto& assist = dynamic_cast<const VirtualMachineAssist&>(*vm.assist);
            simulation::RealStorage& storage = host.machine.storage();
            const uint32_t at = assist.block().address(), cr6 = host.machine.cpu().cr(6);
            CHECK((cr6 & AssistControl::block) == at);
            CHECK((cr6 & AssistControl::on) != 0);
            CHECK(storage.get32(at) == vm.storage.cr1());
            CHECK((storage.get32(at + 8) & 0x00FFFFFF) == at + AssistBlock::kPsw);
            // But for what the CPU itself has of it.
            const uint64_t fixed = ~isa::Psw::kChanging;
            CHECK((storage.get64(at + AssistBlock::kPsw) & fixed) == (isa::encode(vm.state.psw) & fixed));
            for (uint32_t r = 0; r < 16; ++r)
                CHECK(storage.get32(storage.get32(at + 4) + 4 * r) == vm.state.cr[r]);
            ++looks;
        }
        Host& host;
        unsigned looks = 0;
    };
    AssistedHost host;
    Look look(host);
    host.cp.observers().add(look);
    host.finish(ten_times("         SPKA  X'10'\n         SSM   OFF\n         TIO   9\n         SPKA  0\n"),
                kBasic);
    CHECK(look.looks > 10);
}

TEST_CASE("a page without a frame is not brought in by the assist") {
    const auto image = ten_times(R"(
         L     3,=A(X'8000')
         STNSM 0(3),X'FF'
)");
    AssistedHost host;
    const VirtualMachine& vm = host.finish(image, kBasic);
    CHECK(refused(vm, Op::op_STNSM, AssistRefusal::no_frame) == 1);
    CHECK(hits(vm, Op::op_STNSM) == 9);
}

TEST_CASE("SET ASSIST switches for the machine, SASSIST and CPASSIST for all") {
    AssistedHost host;
    VirtualMachine& vm = host.start(ten_times("         SVC   17\n         SSM   OFF\n"), kNone);
    const auto settings = [&] {
        host.console.clear();
        CHECK(host.cp.command(vm, "QUERY SET") == 0);
        return host.console["GUEST"];
    };
    CHECK(settings() == "MSG ON , PAGEX OFF\nASSIST OFF\n");
    CHECK(host.cp.command(vm, "SET ASSIST ON NOSVC") == 0);
    CHECK(settings() == "MSG ON , PAGEX OFF\nASSIST ON NOSVC NOTMR\n");
    CHECK(host.cp.command(vm, "SET ASSIST TMR") == 0);
    CHECK(settings() == "MSG ON , PAGEX OFF\nASSIST ON NOSVC TMR\n");
    CHECK(host.cp.command(vm, "SET ASSIST MAYBE") == 7);
    CHECK(host.cp.command(vm, "SET CPASSIST ON") == 0);
    CHECK(vm.assists.has(Assist::ecps));
    host.cp.run(simulation::kSecond);
    CHECK(vm.stop == StopReason::disabled_wait);
    CHECK(hits(vm, Op::op_SSM) == 10);
    CHECK(vm.assist_counts[Cause::reflect_supervisor_call].hits == 0);
    CHECK(host.cp.command(vm, "SET SASSIST OFF") == 0);
    CHECK_FALSE(vm.assists.has(Assist::vma));

    Host bare(4 * simulation::kMebibyte);
    VirtualMachine& other = bare.log_on("OTHER", kStorage);
    CHECK(bare.cp.command(other, "SET ASSIST ON") == 3);
    CHECK(bare.console["OTHER"] == "DMKCFS003E INVALID OPTION - ASSIST; NOT INSTALLED\n");
    bare.console.clear();
    CHECK(bare.cp.command(other, "SET SASSIST ON") == 3);  // not of its privilege class
    CHECK(bare.console["OTHER"] == "DMKCFS003E INVALID OPTION - SASSIST\n");
}

TEST_CASE("a machine is not given what the real one lacks") {
    Host host(4 * simulation::kMebibyte);
    VmOptions options;
    options.name = "GUEST";
    options.storage = kStorage;
    options.assists = kBasic;
    CHECK_THROWS_WITH(
        host.log_on(options),
        "virtual machine 'GUEST' asks for the assist vma, which the machine model s370-158 does not have");
}

TEST_CASE("ECPS makes the control program's time shorter and changes nothing else") {
    const auto image = ten_times("         STIDP WORK\n         SSM   OFF\n");
    const auto run = [&](const char* model, std::initializer_list<Assist> assists) {
        AssistedHost host(model);
        const VirtualMachine& vm = host.finish(image, AssistSet(assists));
        return std::pair(vm.account, host.cp.ledger().totals());
    };
    const auto [plain, plain_steps] = run("s370-158-assists", {});
    const auto [tenth, tenth_steps] = run("s370-158-assists", {Assist::ecps});
    const auto [same, same_steps] = run("s370-158-horizontal", {Assist::ecps});
    CHECK(tenth.control_program < plain.control_program);
    CHECK(same.control_program == plain.control_program);
    CHECK(tenth.guest == plain.guest);
    SimTime sum = tenth_steps.hardware.time;
    for (unsigned i = 0; i < kSteps; ++i) {
        CHECK(tenth_steps.steps[i].count == plain_steps.steps[i].count);
        sum += tenth_steps.steps[i].time;
    }
    CHECK(sum == tenth.control_program);
}

}  // namespace
}  // namespace vmcp::test
