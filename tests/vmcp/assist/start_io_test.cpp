// What the expanded assist does of START I/O: it answers where no channel program is needed, and otherwise
// hands over to the control program behind the part that it has done.
#include <doctest/doctest.h>

#include "simulation/devices/device_configuration.hpp"
#include "tests/vmcp/assist/ten_times.hpp"
#include "vmcp/conformance/random.hpp"

namespace vmcp::test {
namespace {

using isa::Op;

constexpr uint32_t kStorage = 64 * 1024;
const AssistSet kNone, kBasic = {Assist::vma}, kExpanded = {Assist::vma, Assist::evma};

/// A host with a disk of its own at 350, which the guest has for itself.
struct DiskHost : Host {
    /// One slice is enough for all, so that no way back to the guest is another turn's.
    DiskHost() : Host(4 * simulation::kMebibyte, "round-robin", "s370-158-assists", simulation::kSecond) {
        simulation::DeviceDescription disk;
        disk.address = 0x350;
        disk.type = "3330";
        disk.file = std::string(VMCP_SOURCE_DIR) + "/examples/disks/demo.cckd";
        disk.read_only = true;
        cp.real_io().attach(disk);
    }
    VirtualMachine& log_on(AssistSet assists) {
        VmOptions options;
        options.name = "GUEST";
        options.storage = kStorage;
        options.assists = assists;
        MappedDevice& disk = options.mapped_devices.emplace_back();
        disk.address = disk.real = 0x350;
        disk.dedicated = true;
        return Host::log_on(std::move(options));
    }
    VirtualMachine& finish(const std::vector<uint8_t>& image, AssistSet assists) {
        VirtualMachine& vm = log_on(assists);
        cp.load(vm, SecondLevel(0), image);
        cp.restart(vm);
        cp.run(cp.now() + 100 * simulation::kSecond);
        REQUIRE(vm.stop == StopReason::disabled_wait);
        CHECK(vm.state.psw.address == 0);
        return vm;
    }
    SimTime price(Step step) const { return ControlProgramModel::load("vm370", machine.model()).price(step); }
};

uint64_t refused(const VirtualMachine& vm, Op op, AssistRefusal why) {
    return vm.assist_counts[Cause::simulated(op)].refused[static_cast<unsigned>(why)];
}

/// Behind an instruction: register 9 gathers its condition code, and the status that it stored.
std::string noted(const std::string& instruction) {
    return "         " + instruction + R"(
         BALR  2,0
         N     2,=X'30000000'
         M     8,=F'31'
         AR    9,2
         X     9,X'44'
)";
}

TEST_CASE("the expanded assist answers START I/O where no channel program is needed") {
    // There is no such device, a bit of the CAW must be zero, it lies on no doubleword.
    const auto image =
        ten_times(noted("SIO   X'123'") + noted("SIOF  X'7FF'") + "         MVC   X'48'(4),=X'01000800'\n" +
                  noted("SIO   9") + "         MVC   X'48'(4),=X'00000804'\n" + noted("SIOF  X'00E'") +
                  noted("SIO   X'350'"));
    DiskHost plain, basic, expanded;
    VirtualMachine& without = plain.finish(image, kNone);
    VirtualMachine& less = basic.finish(image, kBasic);
    VirtualMachine& with = expanded.finish(image, kExpanded);
    CHECK(less.assist_counts[Cause::simulated(Op::op_SIO)].calls == 0);
    CHECK(less.account.of(Cause::simulated(Op::op_SIO)).count == 30);
    CHECK(hits(with, Op::op_SIO) == 30);
    CHECK(hits(with, Op::op_SIOF) == 20);
    CHECK(with.account.of(Cause::simulated(Op::op_SIO)).count == 0);
    CHECK(with.account.of(Cause::simulated(Op::op_SIOF)).count == 0);
    CHECK(with.exits == less.exits - 50);
    CHECK(with.storage.peek32(SecondLevel(isa::Assigned::csw + 4)) == 0x00200000);  // program check
    CHECK(difference(plain.end_state(without), expanded.end_state(with)).empty());
    CHECK(difference(plain.end_state(without), basic.end_state(less)).empty());
}

TEST_CASE("the expanded assist answers START I/O to a device that works, or has something to tell") {
    // A line takes the console seconds; its interruption is masked, and cleared by TIO at the end.
    const auto image = ten_times(R"(
         MVC   X'48'(4),=A(WRITE)
)" + noted("SIO   9") + noted("SIO   9") +
                                 R"(
         TCH   0
         BALR  2,0
         N     2,=X'30000000'
         BZ    *-10
)" + noted("SIOF  9") + R"(
         TIO   9
         B     BEHIND
WRITE    DC    0D'0',X'01',AL3(LINE),X'20000004'
LINE     DC    C'BUSY'
BEHIND   EQU   *
)");
    DiskHost plain, expanded;
    VirtualMachine& without = plain.finish(image, kNone);
    VirtualMachine& with = expanded.finish(image, kExpanded);
    CHECK(refused(with, Op::op_SIO, AssistRefusal::handed_over) == 10);
    CHECK(hits(with, Op::op_SIO) == 10);
    CHECK(hits(with, Op::op_SIOF) == 10);
    CHECK(with.account.of(Cause::simulated(Op::op_SIO)).count == 10);
    CHECK(with.state.gpr[9] == without.state.gpr[9]);
    CHECK(expanded.console["GUEST"] == plain.console["GUEST"]);
}

TEST_CASE("what the assist hands over costs the control program less by what has been done") {
    struct Kind {
        const char* device;
        bool finding_is_a_step;
    };
    for (const Kind& kind : {Kind{"X'350'", true}, Kind{"X'009'", false}, Kind{"X'00E'", false}}) {
        CAPTURE(kind.device);
        const auto image = ten_times(std::string("         MVC   X'48'(4),=A(NOTHING)\n         SIO   ") +
                                     kind.device + "\n         TIO   " + kind.device + R"(
         BNZ   *-4
         B     BEHIND
NOTHING  DC    0D'0',X'0300000020000001'
BEHIND   EQU   *
)");
        DiskHost plain, expanded;
        const VirtualMachine& without = plain.finish(image, kNone);
        const VirtualMachine& with = expanded.finish(image, kExpanded);
        CHECK(hits(with, Op::op_SIO) == 0);
        CHECK(refused(with, Op::op_SIO, AssistRefusal::handed_over) == 10);
        const LedgerEntry &before = without.account.of(Cause::simulated(Op::op_SIO)),
                          &now = with.account.of(Cause::simulated(Op::op_SIO));
        CHECK(now.count == before.count);
        const SimTime spared = plain.price(Step::enter_from_trap) + plain.price(Step::decode_io) +
                               (kind.finding_is_a_step ? plain.price(Step::find_device) : 0);
        CHECK(before.time - now.time == 10 * spared);
        // It has looked as long as for what it does; the LPSW at the end waits, and is refused.
        const simulation::AssistFigures& figures = expanded.machine.model().assist;
        CHECK(with.assist_counts.time == 10 * figures.simulate_ns.value + figures.refuse_ns.value);
        CHECK_FALSE(with.io.found_by_assist);
    }
}

/// Starts of devices that there are and are not, one behind the other, with channel-address words that may be
/// used, and others. What takes time is waited for.
std::string random_starts(conformance::Random& random) {
    static constexpr const char* words[] = {"NOTHING",     "SENSE",       "X'01000000'",
                                            "X'00000804'", "X'00FFF000'", "TIC"};
    static constexpr const char* devices[] = {"X'009'", "X'00E'", "X'00D'", "X'350'", "X'123'", "X'7FF'"};
    std::string source;
    for (unsigned i = 0; i < 12; ++i) {
        const std::string device = devices[random.below(6)];
        const std::string word = words[random.below(6)];
        source += "         L     2,=A(" + word + ")\n         ST    2,X'48'\n";
        source += noted((random.below(3) == 0 ? "SIOF  " : "SIO   ") + device);
        if (random.below(2) == 0) source += noted("SIO   " + device);
        if (random.below(4) == 0) source += "         SSM   OFF\n";
        source +=
            "         TIO   " + device + "\n         BC    6,*-4\n";  // until there is nothing, or no device
    }
    return source + R"(
         B     BEHIND
TIC      DC    0D'0',X'08000800',A(0)
NOTHING  DC    0D'0',X'0300000020000001'
SENSE    DC    0D'0',X'04',AL3(BYTES),X'20000004'
BYTES    DC    F'0'
BEHIND   EQU   *
)";
}

TEST_CASE("random starts end alike with the expanded assist and without") {
    uint64_t answered = 0, handed_over = 0;
    for (uint64_t seed = 1; seed <= 60; ++seed) {
        CAPTURE(seed);
        conformance::Random random(370, seed);
        const auto image = ten_times(random_starts(random));
        DiskHost plain, expanded;
        const EndState without = plain.end_state(plain.finish(image, kNone));
        VirtualMachine& vm = expanded.finish(image, kExpanded);
        const EndState with = expanded.end_state(vm);
        CHECK(with.state.gpr == without.state.gpr);
        CHECK(with.storage == without.storage);
        CHECK(with.keys == without.keys);
        for (const Op op : {Op::op_SIO, Op::op_SIOF}) {
            answered += hits(vm, op);
            handed_over += refused(vm, op, AssistRefusal::handed_over);
        }
    }
    CHECK(answered > 4000);
    CHECK(handed_over > 2000);
}

TEST_CASE("START I/O is not begun in the problem state") {
    const auto problem = ten_times(R"(
         MVI   X'69',X'08'
         LPSW  USER
USER     DC    0D'0',X'00090000',A(OUT)
OUT      SIO   X'123'
)");
    DiskHost host;
    // The program interruption goes on behind the instruction, in the problem state, where LPSW interrupts.
    VirtualMachine& vm = host.log_on(kExpanded);
    host.cp.load(vm, SecondLevel(0), problem);
    host.cp.restart(vm);
    host.cp.run(simulation::kMillisecond * 20);
    CHECK(hits(vm, Op::op_SIO) == 0);
    CHECK(refused(vm, Op::op_SIO, AssistRefusal::problem_state) >= 1);
    CHECK(refused(vm, Op::op_SIO, AssistRefusal::handed_over) == 0);
    CHECK_FALSE(vm.io.found_by_assist);
}

}  // namespace
}  // namespace vmcp::test
