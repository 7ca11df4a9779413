// Interpretive I/O: START I/O of a guest to a device of its own, and its interruptions, without the control
// program; waits that do not come out.
#include <doctest/doctest.h>

#include "simulation/devices/device_configuration.hpp"
#include "tests/vmcp/assist/ten_times.hpp"

namespace vmcp::test {
namespace {

using isa::Op;

constexpr uint32_t kStorage = 64 * 1024;
constexpr uint16_t kDisk = 0x350;

struct Kind {
    const char* name;
    StorageKind storage;
    WayOfIo way;
};
constexpr Kind kKinds[] = {{"direct", StorageKind::resident, WayOfIo::direct},
                           {"translating channel", StorageKind::paged, WayOfIo::translating_channel}};

/// A guest in interpretive execution with a disk of its own.
struct OwnDiskHost : Host {
    explicit OwnDiskHost(SimTime slice = simulation::kSecond,
                         const std::string& model = "s370-158-interpretive-io")
        : Host(4 * simulation::kMebibyte, "round-robin", model, slice) {
        simulation::DeviceDescription disk;
        disk.address = kDisk;
        disk.type = "3330";
        disk.file = std::string(VMCP_SOURCE_DIR) + "/examples/disks/demo.cckd";
        disk.read_only = true;
        cp.real_io().attach(disk);
    }
    VmOptions options(const Kind& kind, bool interpretive) {
        VmOptions options;
        options.name = "GUEST";
        options.storage = kStorage;
        options.storage_kind = kind.storage;
        options.translation = GuestTranslation::nested;
        options.assists = {Assist::sie};
        MappedDevice& disk = options.mapped_devices.emplace_back();
        disk.address = disk.real = kDisk;
        disk.dedicated = true;
        disk.way = kind.way;
        disk.interpretive = interpretive;
        return options;
    }
    VirtualMachine& start(VmOptions options, const std::vector<uint8_t>& image) {
        VirtualMachine& vm = Host::log_on(std::move(options));
        cp.load(vm, SecondLevel(0), image);
        cp.restart(vm);
        return vm;
    }
    VirtualMachine& finish(VirtualMachine& vm) {
        cp.run(cp.now() + 100 * simulation::kSecond);
        REQUIRE(vm.stop == StopReason::disabled_wait);
        CHECK(vm.state.psw.address == 0);
        return vm;
    }
    uint64_t steps(Step step) { return cp.ledger().totals().steps[static_cast<unsigned>(step)].count; }
};

uint64_t simulated(const VirtualMachine& vm, Op op) { return vm.account.of(Cause::simulated(op)).count; }
uint64_t refused(const VirtualMachine& vm, Op op, AssistRefusal why) {
    return vm.assist_counts[Cause::simulated(op)].refused[static_cast<unsigned>(why)];
}

/// Reads the home address of a track. `behind` comes behind START I/O; register 6 gathers status and data,
/// and register 4 counts interruptions.
std::vector<uint8_t> reads(const std::string& behind) {
    return ten_times(R"(
         MVC   X'78'(8),IONEW
         MVC   X'48'(4),=A(READ)
         STC   5,ARGUMENT+3
         SIO   X'350'
         BNZ   BAD
)" + behind + R"(
WOKEN    AL    6,HOME
         X     6,X'44'
         MVC   HOME(5),=XL5'00'
         B     BEHIND
BAD      LPSW  WRONG
IO       LA    4,1(4)
         MVI   DONE,1
         NI    X'38',X'FD'         what waited goes on, not enabled
         NI    X'39',X'FD'
         LPSW  X'38'
IONEW    DC    0D'0',X'00080000',A(IO)
WRONG    DC    0D'0',X'000A0000',A(X'BAD')
WAITS    DC    0D'0',X'020A0000',A(WOKEN)
READ     DC    0D'0',X'07',AL3(ARGUMENT),X'40000006'
         DC    X'1A',AL3(HOME),X'20000005'
ARGUMENT DC    XL6'00'
HOME     DC    F'0,0'
DONE     DC    X'00'
         DS    0H
BEHIND   EQU   *
)");
}

const std::string kPolls = R"(
         TIO   X'350'
         BNZ   *-4
)";
const std::string kInterrupted = R"(
         STOSM WORK,X'02'
         TM    DONE,1
         BZ    *-4
         STNSM WORK,X'FD'
         MVI   DONE,0
)";
const std::string kLate = R"(
         LA    2,X'FFF'            the device has ended when it looks
         MH    2,=H'16'
         BCT   2,*
         STOSM WORK,X'02'
         STNSM WORK,X'FD'
         CLI   DONE,1
         BNE   BAD
         MVI   DONE,0
)";
const std::string kWaits = R"(
         LPSW  WAITS
)";
const std::string kHalts = R"(
         HIO   X'350'
         TIO   X'350'
         BNZ   *-4
)";

TEST_CASE("a device of the guest's own is started without the control program") {
    for (const Kind& kind : kKinds) {
        CAPTURE(kind.name);
        const auto image = reads(kPolls);
        OwnDiskHost plain, machine;
        const VirtualMachine& without = plain.finish(plain.start(plain.options(kind, false), image));
        const VirtualMachine& with = machine.finish(machine.start(machine.options(kind, true), image));
        CHECK(with.state.gpr[6] == without.state.gpr[6]);
        CHECK(with.state.gpr[6] != 0);
        // Of a translating channel the first one maps the guest.
        const unsigned first = kind.way == WayOfIo::direct ? 0 : 1;
        CHECK(simulated(with, Op::op_SIO) == first);
        CHECK(refused(with, Op::op_SIO, AssistRefusal::not_mapped) == first);
        CHECK(hits(with, Op::op_SIO) == 10 - first);
        CHECK(simulated(without, Op::op_SIO) == 10);
        CHECK(simulated(with, Op::op_TIO) == 0);
        CHECK(hits(with, Op::op_TIO) > 10);
        CHECK(with.account.of(Cause::real_io).count == first);
        CHECK(without.account.of(Cause::real_io).count == 10);
        CHECK(machine.steps(Step::queue_io) == first);
        CHECK(machine.steps(Step::start_device) == first);
        CHECK(machine.steps(Step::take_io_interruption) == first);
        CHECK(with.exits < 12);
        const RelayCounts& counts = with.io.relayed(kDisk)->counts();
        CHECK(counts.starts == 10);
        CHECK(counts.by_machine == 10 - first);
    }
}

TEST_CASE("interruptions of a device of the guest's own are presented without the control program") {
    for (const Kind& kind : kKinds)
        for (const std::string& behind : {kInterrupted, kLate}) {
            CAPTURE(kind.name);
            CAPTURE(behind);
            const auto image = reads(behind);
            OwnDiskHost plain, machine;
            const VirtualMachine& without = plain.finish(plain.start(plain.options(kind, false), image));
            const VirtualMachine& with = machine.finish(machine.start(machine.options(kind, true), image));
            CHECK(with.state.gpr[6] == without.state.gpr[6]);
            CHECK(with.state.gpr[4] == 10);
            CHECK(with.account.of(Cause::reflect_io).count == 0);
            CHECK(without.account.of(Cause::reflect_io).count == 10);
            CHECK(with.exits < 12);
            CHECK(with.account.of(Cause::real_io).count <= 1);
        }
}

TEST_CASE("what takes the guest an own device takes as long as on a machine of its own") {
    const auto image = reads(kInterrupted);
    NativeGuest native(kStorage, "s370-158-interpretive-io");
    simulation::DeviceDescription disk;
    disk.address = kDisk;
    disk.type = "3330";
    disk.file = std::string(VMCP_SOURCE_DIR) + "/examples/disks/demo.cckd";
    disk.read_only = true;
    simulation::attach(native.machine.channels(), native.machine.model(), disk);
    native.machine.channels().test_io(kDisk);
    native.run(image, 10'000'000);
    OwnDiskHost machine;
    const VirtualMachine& vm = machine.finish(machine.start(machine.options(kKinds[0], true), image));
    CHECK(vm.state.gpr[6] == native.machine.cpu().state().gpr[6]);
    const SimTime alone = native.machine.cpu().now();
    CHECK(vm.ended - vm.started > alone);
    CHECK(vm.ended - vm.started < alone + alone / 10);
}

TEST_CASE("who waits for a device of its own is woken by the control program, which hears of nothing else") {
    const auto image = reads(kWaits);
    OwnDiskHost plain, machine;
    const VirtualMachine& without = plain.finish(plain.start(plain.options(kKinds[0], false), image));
    const VirtualMachine& with = machine.finish(machine.start(machine.options(kKinds[0], true), image));
    CHECK(with.state.gpr[6] == without.state.gpr[6]);
    CHECK(with.state.gpr[4] == 10);
    // A device may end before the control program has put the guest on its list of those that wait.
    CHECK(machine.steps(Step::take_io_interruption) == with.responses);
    CHECK(machine.steps(Step::untranslate_csw) == 0);
    CHECK(machine.steps(Step::end_device) == 0);
    CHECK(machine.steps(Step::start_device) == 0);
    CHECK(with.account.of(Cause::reflect_io).count == 0);
    CHECK(with.responses > 3);
    CHECK(with.responses <= 10);
    CHECK(with.account.control_program < without.account.control_program / 2);
}

TEST_CASE("with wait completion a wait does not come out") {
    const auto image = reads(kWaits);
    OwnDiskHost outside, inside;
    const VirtualMachine& comes_out = outside.finish(outside.start(outside.options(kKinds[0], true), image));
    VmOptions options = inside.options(kKinds[0], true);
    options.wait_completion = true;
    const VirtualMachine& stays = inside.finish(inside.start(options, image));
    CHECK(stays.state.gpr[6] == comes_out.state.gpr[6]);
    CHECK(stays.state.gpr[4] == 10);
    CHECK(inside.steps(Step::take_io_interruption) == 0);
    CHECK(stays.exits < 4);
    CHECK(stays.waited > 10 * simulation::kMillisecond);
    // Every nanosecond is somebody's.
    CHECK(stays.account.guest + stays.account.control_program + inside.cp.ledger().own().control_program +
              inside.cp.ledger().idle() ==
          inside.cp.now());
    CHECK(inside.cp.ledger().idle() > stays.waited - simulation::kMillisecond);  // it was loaded before
}

TEST_CASE("pauses change nothing of interpretive I/O, nor of waits within") {
    for (const bool within : {false, true}) {
        CAPTURE(within);
        const auto image = reads(kWaits);
        OwnDiskHost at_a_stretch(5 * simulation::kMillisecond), with_pauses(5 * simulation::kMillisecond);
        VmOptions options = at_a_stretch.options(kKinds[1], true);
        options.wait_completion = within;
        const VirtualMachine& one = at_a_stretch.finish(at_a_stretch.start(options, image));
        const VirtualMachine& other = with_pauses.start(options, image);
        unsigned pauses = 0;
        while (
            with_pauses.cp.run(simulation::kSecond, with_pauses.cp.now() + 70 * simulation::kMicrosecond) ==
            DispatchEnd::paused)
            ++pauses;
        CHECK(pauses > 20);
        CHECK(other.ended == one.ended);
        CHECK(other.exits == one.exits);
        CHECK(other.account.control_program == one.account.control_program);
        CHECK(other.waited == one.waited);
    }
}

TEST_CASE("who waits without coming out takes turns with others") {
    const auto image = reads(kWaits);
    OwnDiskHost host(2 * simulation::kMillisecond);
    VmOptions options = host.options(kKinds[0], true);
    options.wait_completion = true;
    VirtualMachine& vm = host.start(options, image);
    VmOptions spinner;
    spinner.name = "SPINNER";
    spinner.storage = kStorage;
    VirtualMachine& other = host.log_on(std::move(spinner));
    host.cp.load(other, SecondLevel(0),
                 ten_times("         LA    2,X'FFF'\n         MH    2,=H'8'\n         BCT   2,*\n"));
    host.cp.restart(other);
    host.cp.run(host.cp.now() + 10 * simulation::kSecond);
    CHECK(vm.stop == StopReason::disabled_wait);
    CHECK(vm.state.gpr[4] == 10);
    CHECK(other.stop == StopReason::disabled_wait);
    CHECK(vm.was_ready > 0);
    CHECK(host.steps(Step::take_io_interruption) == 0);
}

TEST_CASE("an operation is halted without the control program") {
    const auto image = reads(kHalts);
    OwnDiskHost machine;
    const VirtualMachine& with = machine.finish(machine.start(machine.options(kKinds[0], true), image));
    CHECK(hits(with, Op::op_HIO) == 10);
    CHECK(simulated(with, Op::op_HIO) == 0);
    CHECK(with.exits < 4);
}

TEST_CASE("with SET ASSIST NOSIE the control program starts it again") {
    OwnDiskHost host;
    VirtualMachine& vm = host.start(host.options(kKinds[0], true), reads(kPolls));
    vm.assists = {};
    host.finish(vm);
    CHECK(simulated(vm, Op::op_SIO) == 10);
    CHECK(host.steps(Step::start_device) == 10);
    CHECK(host.steps(Step::take_io_interruption) == 10);
    CHECK(vm.io.relayed(kDisk)->counts().by_machine == 0);
}

TEST_CASE("without interpretive I/O the control program starts it, which is said") {
    struct Lack {
        const char* model;
        bool sie;
        WayOfIo way;
        const char* why;
    };
    for (const Lack& lack :
         {Lack{"s370-158-interpretive", true, WayOfIo::direct, "the machine model has no interpretive I/O"},
          Lack{"s370-158-interpretive-io", false, WayOfIo::direct,
               "the guest is not in interpretive execution"},
          Lack{"s370-158-interpretive-io", true, WayOfIo::translation,
               "its channel programs are translated"}}) {
        CAPTURE(std::string(lack.why));
        OwnDiskHost host(simulation::kSecond, lack.model);
        VmOptions options = host.options({"", StorageKind::resident, lack.way}, true);
        if (!lack.sie) options.assists = {};
        VirtualMachine& vm = host.start(options, reads(kPolls));
        CHECK(vm.io.relayed(kDisk)->what().not_interpretive == lack.why);
        CHECK_FALSE(vm.io.relayed(kDisk)->what().interpretive);
        host.finish(vm);
        CHECK(simulated(vm, Op::op_SIO) == 10);
    }
}

}  // namespace
}  // namespace vmcp::test
