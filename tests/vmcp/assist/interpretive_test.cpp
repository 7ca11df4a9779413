// Interpretive execution: what the hardware does with a guest by itself, what comes out, and what the state
// description says of it.
#include <doctest/doctest.h>

#include "tests/vmcp/assist/ten_times.hpp"
#include "vmcp/assist/interpretive_execution.hpp"

namespace vmcp::test {
namespace {

using isa::Op;

struct InterpretiveHost : Host {
    InterpretiveHost() : Host(4 * simulation::kMebibyte, "round-robin", "s370-158-interpretive") {}
    static VmOptions options(bool interpretive, std::initializer_list<Intercept> intercepts) {
        VmOptions options;
        options.name = "GUEST";
        options.storage = 64 * 1024;
        options.translation = GuestTranslation::nested;
        if (interpretive) options.assists = {Assist::sie};
        for (const Intercept one : intercepts) options.intercepts.add(one);
        return options;
    }
    VirtualMachine& load(const std::vector<uint8_t>& image, bool interpretive,
                         std::initializer_list<Intercept> intercepts = {}) {
        return load(image, options(interpretive, intercepts));
    }
    VirtualMachine& load(const std::vector<uint8_t>& image, VmOptions options) {
        VirtualMachine& vm = log_on(std::move(options));
        cp.load(vm, SecondLevel(0), image);
        cp.restart(vm);
        return vm;
    }
    VirtualMachine& finish(VirtualMachine& vm) {
        cp.run(cp.now() + simulation::kSecond);
        REQUIRE(vm.stop == StopReason::disabled_wait);
        CHECK(vm.state.psw.address == 0);
        return vm;
    }
    VirtualMachine& finish(const std::vector<uint8_t>& image, bool interpretive,
                           std::initializer_list<Intercept> intercepts = {}) {
        return finish(load(image, interpretive, intercepts));
    }
};

uint64_t simulated(const VirtualMachine& vm, Op op) { return vm.account.of(Cause::simulated(op)).count; }

const std::string kPrivileged = R"(
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
         LCTL  0,0,NONE
         STIDP WORK
         STPT  WORK
         SPT   WORK
         SCKC  NEVER
         PTLB
         SVC   17
)";
constexpr Op kWithin[] = {Op::op_SSM, Op::op_STNSM, Op::op_STOSM, Op::op_IPK,   Op::op_SPKA,
                          Op::op_ISK, Op::op_SSK,   Op::op_RRB,   Op::op_STCTL, Op::op_STIDP,
                          Op::op_SPT, Op::op_STPT,  Op::op_SCKC,  Op::op_PTLB};

TEST_CASE("privileged instructions and supervisor calls do not come out") {
    const auto image = ten_times(kPrivileged);
    InterpretiveHost plain, hardware;
    const VirtualMachine& without = plain.finish(image, false);
    const VirtualMachine& with = hardware.finish(image, true);
    for (const Op op : kWithin) {
        CAPTURE(isa::row_of(op).mnemonic);
        CHECK(hits(with, op) == 10);
        CHECK(simulated(with, op) == 0);
        CHECK(hits(without, op) == 0);
        CHECK(simulated(without, op) == 10);
    }
    CHECK(with.assist_counts[Cause::reflect_supervisor_call].hits == 10);
    CHECK(hits(with, Op::op_LPSW) == 10);
    CHECK(hits(with, Op::op_LCTL) == 11);
    CHECK(with.instructions == without.instructions);
    CHECK(with.state.gpr == without.state.gpr);
    // What is left: first touches of pages, and the PSW that waits.
    CHECK(simulated(with, Op::op_LPSW) == 1);
    CHECK(with.exits <= 3);
}

TEST_CASE("within, everything takes what it takes natively") {
    const auto image = ten_times(kPrivileged);
    NativeGuest native(64 * 1024, "s370-158-interpretive");
    native.run(image, 1'000'000);
    InterpretiveHost host;
    const VirtualMachine& vm = host.finish(image, true);
    // But for the walks through two levels of tables, and what is fetched again behind a page fault.
    const SimTime alone = native.machine.cpu().now();
    CHECK(vm.account.guest >= alone);
    CHECK(vm.account.guest < alone + alone / 4);
}

TEST_CASE("what the control program asks for comes out") {
    const auto image = ten_times(kPrivileged);
    InterpretiveHost host;
    const VirtualMachine& vm =
        host.finish(image, true, {Intercept::masks, Intercept::keys, Intercept::svc, Intercept::clocks});
    for (const Op op : {Op::op_SSM, Op::op_STNSM, Op::op_STOSM, Op::op_ISK, Op::op_SSK, Op::op_RRB,
                        Op::op_SPT, Op::op_STPT, Op::op_SCKC}) {
        CAPTURE(isa::row_of(op).mnemonic);
        CHECK(simulated(vm, op) == 10);
        CHECK(hits(vm, op) == 0);
        CHECK(vm.assist_counts[Cause::simulated(op)]
                  .refused[static_cast<unsigned>(AssistRefusal::intercepted)] == 10);
    }
    CHECK(vm.account.of(Cause::reflect_supervisor_call).count == 10);
    for (const Op op : {Op::op_IPK, Op::op_SPKA, Op::op_STCTL, Op::op_PTLB}) CHECK(hits(vm, op) == 10);
}

TEST_CASE("exits that follow one another are handled together") {
    const auto image = ten_times(kPrivileged);
    VmOptions options = InterpretiveHost::options(
        true, {Intercept::masks, Intercept::keys, Intercept::clocks, Intercept::control});
    InterpretiveHost apart, together;
    const VirtualMachine& one_by_one = apart.finish(apart.load(image, options));
    options.exits_together = true;
    const VirtualMachine& at_once = together.finish(together.load(image, options));
    CHECK(at_once.instructions == one_by_one.instructions);
    CHECK(at_once.state.gpr == one_by_one.state.gpr);
    CHECK(at_once.state.psw == one_by_one.state.psw);
    // SSM STNSM STOSM; ISK SSK RRB STCTL LCTL; STPT SPT SCKC: each but the first of its row, and where a turn
    // ended between two.
    const uint64_t following = 10 * (2 + 4 + 2), turns = at_once.account.of(Cause::dispatch).count;
    CHECK(turns < 10);
    CHECK(at_once.exits_spared <= following);
    CHECK(at_once.exits_spared + turns > following);
    CHECK(at_once.exits + at_once.exits_spared == one_by_one.exits);
    for (const Op op : {Op::op_SSM, Op::op_RRB, Op::op_LCTL, Op::op_SPT}) {
        CAPTURE(isa::row_of(op).mnemonic);
        CHECK(simulated(at_once, op) == simulated(one_by_one, op));
    }
    const LedgerEntry before = apart.cp.ledger().totals().transitions,
                      after = together.cp.ledger().totals().transitions;
    CHECK(before.count - after.count == 2 * at_once.exits_spared);
    CHECK(at_once.account.control_program < one_by_one.account.control_program);
}

TEST_CASE("pauses change nothing of exits that are handled together") {
    const auto image = ten_times(kPrivileged);
    VmOptions options = InterpretiveHost::options(
        true, {Intercept::masks, Intercept::keys, Intercept::clocks, Intercept::control});
    options.exits_together = true;
    InterpretiveHost at_a_stretch, with_pauses;
    const VirtualMachine& one = at_a_stretch.finish(at_a_stretch.load(image, options));
    const VirtualMachine& other = with_pauses.load(image, options);
    unsigned pauses = 0;
    while (with_pauses.cp.run(simulation::kSecond, with_pauses.cp.now() + 70 * simulation::kMicrosecond) ==
           DispatchEnd::paused)
        ++pauses;
    CHECK(pauses > 20);
    CHECK(other.exits_spared == one.exits_spared);
    CHECK(other.ended == one.ended);
    CHECK(other.account.control_program == one.account.control_program);
}

TEST_CASE("what follows an exit is left to the hardware where it is not the guest's to do") {
    const std::string bodies[] = {
        R"(
         LPSW  PROBLEM
PROBLEM  DC    0D'0',X'00090000',A(THERE)
THERE    SSM   OFF                 a privileged-operation exception
         SVC   3
)",
        R"(
         SSM   OFF
         EX    0,TARGET            what it executes is not looked at
         B     BEHIND
TARGET   SSM   OFF
BEHIND   SSM   OFF
         SSM   OFF
)"};
    const uint64_t spared[] = {0, 10};
    for (size_t i = 0; i < std::size(bodies); ++i) {
        CAPTURE(i);
        const auto image = ten_times(bodies[i]);
        VmOptions options = InterpretiveHost::options(true, {Intercept::masks, Intercept::psw});
        options.exits_together = true;
        InterpretiveHost plain, together;
        const VirtualMachine& without = plain.finish(image, false);
        const VirtualMachine& with = together.finish(together.load(image, options));
        CHECK(with.state.gpr == without.state.gpr);
        CHECK(with.instructions == without.instructions);
        CHECK(with.exits_spared == spared[i]);
    }
}

TEST_CASE("nothing is looked at behind an exit that switches interpretive execution off") {
    // DIAGNOSE X'08' comes out, and so would the mask behind it.
    const auto after = [](const std::string& command) {
        const auto image = ten_times(
            "         LA    1,CPLINE\n         LA    2,L'CPLINE\n         DC    X'83120008'\n"
            "         SSM   OFF\n         B     *+4+L'CPLINE\nCPLINE   DC    C'" +
            command + "'\n");
        VmOptions options = InterpretiveHost::options(true, {Intercept::masks});
        options.exits_together = true;
        InterpretiveHost host;
        const VirtualMachine& vm = host.finish(host.load(image, options));
        CHECK(simulated(vm, Op::op_SSM) == 10);
        return vm.exits_spared;
    };
    CHECK(after("SET ASSIST NOSIE") == 0);
    CHECK(after("SET ASSIST SIE  ") > 0);  // all but where a turn ended between the two
}

TEST_CASE("a guest's program interruptions are its own") {
    // An invalid operation code, a fixed-point overflow, a privileged instruction in the problem state.
    const auto image = ten_times(R"(
         DC    X'0000'
         LA    1,8
         SLL   1,24
         SPM   1
         L     1,=X'7FFFFFFF'
         A     1,=F'1'
         LPSW  PROBLEM
PROBLEM  DC    0D'0',X'00090000',A(THERE)
THERE    SSM   OFF
         SVC   3
)");
    InterpretiveHost plain, hardware;
    const VirtualMachine& without = plain.finish(image, false);
    const VirtualMachine& with = hardware.finish(image, true);
    CHECK(without.state.gpr[7] == with.state.gpr[7]);
    CHECK(with.state.gpr[7] == 30);
    CHECK(with.instructions == without.instructions);
    CHECK(with.account.of(Cause::reflect_program).count == 0);
    CHECK(with.assist_counts[Cause::reflect_program].hits ==
          without.account.of(Cause::reflect_program).count);
}

TEST_CASE("a guest's timers interrupt it without the control program") {
    const auto image = ten_times(R"(
         LCTL  0,0,=X'00000800'
         STCK  WORK
         L     1,WORK+4
         AL    1,=X'00100000'
         ST    1,WORK+4
         SCKC  WORK
         LR    9,8
         SSM   ON
WAIT     CR    9,8
         BE    WAIT
         SSM   OFF
)");
    InterpretiveHost plain, hardware;
    const VirtualMachine& without = plain.finish(image, false);
    const VirtualMachine& with = hardware.finish(image, true);
    CHECK(without.state.gpr[8] == 10);
    CHECK(with.state.gpr[8] == 10);
    CHECK(without.account.of(Cause::reflect_external).count == 10);
    CHECK(with.account.of(Cause::reflect_external).count == 0);
    // The only stops of the real machine's timer are ends of slices.
    CHECK(with.account.of(Cause::timer).count <= 1);
}

TEST_CASE("entering and leaving take what the machine model says") {
    InterpretiveHost host;
    const VirtualMachine& vm = host.finish(ten_times("         SIO   X'FFF'\n"), true);
    const simulation::InterpretiveFigures& figures = host.machine.model().interpretive;
    const LedgerEntry transitions = host.cp.ledger().totals().transitions;
    CHECK(transitions.count % 2 == 0);
    CHECK(transitions.count >= 22);
    CHECK(transitions.time ==
          static_cast<SimTime>(transitions.count / 2) * (figures.entry_ns.value + figures.exit_ns.value));
    CHECK(simulated(vm, Op::op_SIO) == 10);
    // An interception interrupts nothing: PSWs are swapped for first touches of pages alone.
    CHECK(host.cp.ledger().totals().hardware.count == vm.exits - 11);
}

TEST_CASE("the state description says what the guest's state is, and why it came out") {
    struct Look : Observer {
        explicit Look(Host& one) : host(one) {}
        void trapped(const VirtualMachine& vm, const Trap& trap) override {
            const auto& hardware = dynamic_cast<const InterpretiveExecution&>(*vm.interpretive_execution);
            using D = StateDescription;
            simulation::RealStorage& storage = host.machine.storage();
            const uint32_t at = hardware.description().address();
            CHECK((storage.get32(at) >> 24) == D::kValid);
            CHECK(storage.get32(at + D::kHostTable) == vm.storage.cr1());
            CHECK(storage.get32(at + D::kExtent) == vm.storage.size());
            CHECK(storage.get64(at + D::kPsw) == isa::encode(vm.state.psw));
            CHECK(storage.get64(at + D::kComparator) == vm.state.clocks.comparator);
            for (uint32_t r = 0; r < 16; ++r)
                CHECK(storage.get32(at + D::kControlRegisters + 4 * r) == vm.state.cr[r]);
            for (uint32_t r = 0; r < 16; ++r)
                CHECK(storage.get32(at + D::kRegisters + 4 * r) == vm.state.gpr[r]);
            const auto reason = static_cast<D::Reason>(storage.get32(at + D::kReason) >> 24);
            if (trap.instruction) {
                CHECK(trap.intercepted);
                CHECK(reason == D::Reason::instruction);
                CHECK((storage.get32(at + D::kReason) & 0xFFFF) == trap.instruction->row().opcode);
                ++instructions;
            } else if (reason == D::Reason::host_translation) {
                CHECK_FALSE(trap.intercepted);
                CHECK(storage.get32(at + D::kParameter) < vm.storage.size());
                ++pages;
            }
        }
        Host& host;
        unsigned instructions = 0, pages = 0;
    };
    InterpretiveHost host;
    Look look(host);
    host.cp.observers().add(look);
    const VirtualMachine& vm = host.finish(ten_times(R"(
         SSM   OFF
         STCK  WORK
         SCKC  WORK
         TIO   9
         L     3,=A(X'8000')
         L     1,0(3)
)"),
                                           true);
    CHECK(look.instructions == 11);  // TIO, and the PSW that waits
    CHECK(look.pages >= 1);
    const auto& hardware = dynamic_cast<const InterpretiveExecution&>(*vm.interpretive_execution);
    CHECK((host.machine.storage().get32(hardware.description().address()) >> 24) == StateDescription::kValid);
}

TEST_CASE("the state description is not in use while another machine runs, whatever ended the turn") {
    // Two machines that count, for more than a time slice.
    InterpretiveHost host;
    const auto image = ten_times("         L     9,=F'3000'\nCOUNT    BCT   9,COUNT\n");
    VirtualMachine& one = host.load(image, true);
    VmOptions options = one.options;
    options.name = "OTHER";
    VirtualMachine& two = host.log_on(std::move(options));
    host.cp.load(two, SecondLevel(0), image);
    host.cp.restart(two);
    struct Look : Observer {
        explicit Look(Host& one) : host(one) {}
        void guest_ran(const VirtualMachine& vm, SimTime, SimTime) override {
            for (const VirtualMachine* other : {first, second}) {
                const auto& hardware =
                    dynamic_cast<const InterpretiveExecution&>(*other->interpretive_execution);
                const uint32_t word = host.machine.storage().get32(hardware.description().address());
                if (word == 0) continue;  // not entered yet
                CHECK(((word >> 24 & StateDescription::kInUse) != 0) == (other == &vm));
                ++looks;
            }
        }
        Host& host;
        const VirtualMachine *first = nullptr, *second = nullptr;
        unsigned looks = 0;
    } look(host);
    look.first = &one;
    look.second = &two;
    host.cp.observers().add(look);
    host.finish(one);
    CHECK(look.looks > 5);
}

TEST_CASE("a mask that lets an I/O interruption through comes out, others do not") {
    // The attention of the console is pending: only the masks of I/O matter, and only once. It is taken in
    // front of what follows the SSM.
    const auto image = ten_times(R"(
         LCTL  2,2,=X'80000000'
         MVC   X'78'(8),IONEW
         SSM   ON
         SSM   OFF
         SSM   IO
         SSM   OFF
         B     BEHIND
IO       DC    X'02'
IONEW    DC    0D'0',X'00080000',A(TAKE)
TAKE     LA    6,1(6)
         LPSW  X'38'
BEHIND   EQU   *
)");
    for (const bool interpretive : {false, true}) {
        CAPTURE(interpretive);
        InterpretiveHost host;
        VirtualMachine& vm = host.load(image, interpretive);
        CHECK(host.cp.command(vm, "ATTN 009") == 0);
        host.finish(vm);
        CHECK(vm.state.gpr[6] == 1);
        CHECK(vm.account.of(Cause::reflect_io).count == 1);
        if (!interpretive) continue;
        const AssistCount& asked = vm.assist_counts[Cause::simulated(Op::op_SSM)];
        CHECK(asked.calls == 40);
        CHECK(asked.hits == 39);
        CHECK(asked.refused[static_cast<unsigned>(AssistRefusal::pending)] == 1);
    }
}

TEST_CASE("SET ASSIST switches it at run time") {
    InterpretiveHost host;
    VmOptions options;
    options.name = "GUEST";
    options.storage = 64 * 1024;
    options.translation = GuestTranslation::nested;
    VirtualMachine& vm = host.log_on(options);
    const auto settings = [&] {
        host.console.clear();
        CHECK(host.cp.command(vm, "QUERY SET") == 0);
        return host.console["GUEST"];
    };
    CHECK(settings() == "MSG ON , PAGEX OFF\nASSIST OFF NOSIE\n");
    CHECK(host.cp.command(vm, "SET ASSIST SIE") == 0);
    CHECK(settings() == "MSG ON , PAGEX OFF\nASSIST OFF SIE\n");
    CHECK(host.cp.command(vm, "SET ASSIST ON") == 7);  // the machine has no virtual-machine assist
    host.cp.load(vm, SecondLevel(0), ten_times("         SSM   OFF\n"));
    host.cp.restart(vm);
    host.cp.run(simulation::kSecond);
    CHECK(vm.stop == StopReason::disabled_wait);
    CHECK(hits(vm, Op::op_SSM) == 10);

    options.name = "SHADOWED";
    options.translation = GuestTranslation::shadow;
    CHECK(host.cp.command(host.log_on(options), "SET ASSIST SIE") == 0);
}

}  // namespace
}  // namespace vmcp::test
