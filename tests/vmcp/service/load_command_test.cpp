// IPL as a command, by a user and by the guest itself; and what a user does at a device.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include "tests/vmcp/assembled.hpp"
#include "tests/vmcp/guest_pair.hpp"

namespace vmcp::test {
namespace {

using simulation::kSecond;

/// Counts its beginnings in storage that lasts over a load, and asks to be loaded anew until there were
/// three. Whatever it does behind that, it shall not do.
std::vector<uint8_t> loading_itself(const char* command) {
    return assembled(kPageZeroOfEcMode + fmt::format(R"(
BEGIN    L     10,X'800'
         A     10,ONE
         ST    10,X'800'
         C     10,THREE
         BNL   DONE
         LA    2,COMMAND
         LA    3,L'COMMAND
         DIAG  2,3,X'08'
         ST    3,X'808'           the return code, if it was refused
         MVI   X'804',X'FF'
         LTR   3,3
         BNZ   DONE
         B     *
DONE     LPSW  END
END      DC    0D'0',X'000A0000',A(0)
ONE      DC    F'1'
THREE    DC    F'3'
COMMAND  DC    C'{}'
)",
                                                     command));
}

uint32_t word(VirtualMachine& vm, uint32_t at) { return vm.storage.peek32(SecondLevel(at)); }

NamedSystem system_of(std::string name, std::vector<uint8_t> bytes) {
    NamedSystem system;
    system.name = std::move(name);
    system.bytes = std::move(bytes);
    return system;
}

TEST_CASE("a guest loads a system by its name, in the middle of its own turn") {
    Host host;
    const auto image = loading_itself("IPL LOOP");
    host.cp.define_system(system_of("LOOP", image));
    VirtualMachine& vm = host.start("guest", 64 * 1024, image);
    const auto clearing = loading_itself("IPL CLEARS CLEAR");
    host.cp.define_system(system_of("CLEARS", clearing));
    VirtualMachine& other = host.start("other", 64 * 1024, clearing);
    host.cp.run(kSecond);
    CHECK(vm.stop == StopReason::disabled_wait);
    CHECK(vm.state.psw.address == 0);
    CHECK(word(vm, 0x800) == 3);
    CHECK(word(vm, 0x804) == 0);
    // Where storage is cleared each time, it begins for ever.
    CHECK(other.status != VmState::stopped);
    CHECK(word(other, 0x800) <= 1);
    CHECK(word(other, 0x804) == 0);
}

TEST_CASE("what cannot be loaded is refused, and the guest goes on") {
    const std::pair<const char*, uint32_t> rows[] = {
        {"IPL", 26}, {"IPL 777", 40}, {"IPL NOSUCH", 44}, {"IPL BIG", 174}, {"IPL 00C NONSENSE", 3}};
    for (const auto& [command, code] : rows) {
        CAPTURE(command);
        Host host;
        NamedSystem big = system_of("BIG", {1});
        big.address = 64 * 1024;
        host.cp.define_system(big);
        VirtualMachine& vm = host.start("guest", 64 * 1024, loading_itself(command));
        host.cp.run(kSecond);
        CHECK(vm.stop == StopReason::disabled_wait);
        CHECK(vm.state.psw.address == 0);
        CHECK(word(vm, 0x808) == code);
        CHECK(word(vm, 0x804) == 0xFF000000);
    }
}

TEST_CASE("a saved system goes on where it was, with its registers and keys") {
    Host host;
    NamedSystem system = system_of("SAVED", std::vector<uint8_t>(0x3000, 0x40));
    SavedState& state = system.state.emplace();
    for (unsigned i = 0; i < 16; ++i) state.gpr[i] = 0x100 + i;
    state.keys = {0x00, 0x10, 0x20, 0x38};
    state.cr = isa::initial_control_registers();
    state.psw = isa::decode_psw(0x000A000000001234);
    host.cp.define_system(system);
    VirtualMachine& vm = host.log_on("guest", 64 * 1024);
    CHECK(host.cp.command(vm, "IPL SAVED") == 0);
    host.cp.run(kSecond);
    CHECK(vm.stop == StopReason::disabled_wait);
    CHECK(vm.state.psw.address == 0x1234);
    CHECK(vm.state.gpr[7] == 0x107);
    CHECK(word(vm, 0x2FFC) == 0x40404040);
    CHECK((vm.storage.key(SecondLevel(0x1800)) & 0xF8) == 0x38);
}

TEST_CASE("a user loads a machine that runs, waits, has stopped, or is asleep") {
    Host host;
    host.cp.define_system(system_of("LOOP", loading_itself("SLEEP 10 MIN")));
    VirtualMachine& vm = host.start("guest", 64 * 1024, loading_itself("SLEEP 10 MIN"));
    VirtualMachine& waits = host.start("waits", 64 * 1024, assembled(R"(
ZERO     DC    X'FF0A0000',A(0)
)"));
    for (unsigned n = 1; n <= 3; ++n) {
        host.cp.run(simulation::kNever, host.cp.now() + kSecond);
        CHECK(word(vm, 0x800) == n);
        CHECK(vm.asleep == (n < 3));
        host.cp.command(waits, "IPL LOOP");
        if (n < 3) CHECK(host.cp.command(vm, "IPL LOOP") == 0);
    }
    CHECK(vm.stop == StopReason::disabled_wait);
    // Once more, although it has ended.
    CHECK(host.cp.command(vm, "ipl loop clear") == 0);
    host.cp.run(simulation::kNever, host.cp.now() + kSecond);
    CHECK(word(vm, 0x800) == 1);
    // Not when it is logged off.
    host.cp.stop(vm, StopReason::logged_off);
    host.cp.command(vm, "IPL LOOP");
    CHECK(vm.status == VmState::stopped);
    CHECK(host.console["guest"].find("logged off") != std::string::npos);
}

TEST_CASE("a machine loads itself a great many times, and storage stays flat") {
    Host host(2 * simulation::kMebibyte);
    const auto image = assembled(R"(
ZERO     DC    X'00080000',A(BEGIN)
         USING ZERO,0
         ORG   ZERO+X'400'
BEGIN    L     10,X'800'
         LA    10,1(10)
         ST    10,X'800'
         LA    2,COMMAND
         LA    3,L'COMMAND
         DIAG  2,3,X'08'
         DC    X'0000'
COMMAND  DC    C'IPL LOOP'
)");
    host.cp.define_system(system_of("LOOP", image));
    VirtualMachine& vm = host.start("guest", 64 * 1024, image);
    const auto until = [&](uint32_t count) {
        for (unsigned i = 0; i < 100'000 && word(vm, 0x800) < count; ++i)
            host.cp.run(simulation::kNever, host.cp.now() + kSecond / 10);
        CHECK(word(vm, 0x800) >= count);
    };
    until(500);
    const uint32_t free = host.cp.frames().free_frames();
    until(5000);
    CHECK(host.cp.frames().free_frames() == free);
}

// ---- At a device ----

TEST_CASE("NOTREADY stops a spooled device, READY tells that it goes on, RESET forgets what it had to tell") {
    Host host;
    VirtualMachine& vm = host.log_on("guest", 64 * 1024);
    Work work(host.cp.ledger(), vm.account, Cause::ccw);
    const std::vector<uint8_t> program = {0x09, 0, 0x20, 0, 0x20, 0, 0, 5};
    host.cp.load(vm, SecondLevel(0x1000), program);
    const auto print = [&] {
        const simulation::IoResult result = vm.io.start_io(work, 0x00E, 0x1000, false);
        for (unsigned i = 0; i < 100 && vm.device_events.next() != simulation::kNever; ++i)
            vm.device_events.run_until(vm.device_events.next());
        unsigned status = result.condition_code == 1 ? result.csw.unit_status : 0;
        while (const auto one = vm.io.channels.take(0x00E)) status |= one->csw.unit_status;
        return status;
    };
    CHECK(print() == 0x0C);
    CHECK(host.cp.command(vm, "NOTREADY 00E") == 0);
    CHECK((print() & simulation::kUnitCheck) != 0);
    CHECK(vm.io.channels.device(0x00E)->sense()[0] == simulation::kSenseInterventionRequired);
    CHECK(host.cp.command(vm, "READY 00E") == 0);
    const auto told = vm.io.channels.take(0x00E);
    REQUIRE(told);
    CHECK(told->csw.unit_status == simulation::kDeviceEnd);
    CHECK(print() == 0x0C);
    CHECK(host.cp.command(vm, "READY 00C") == 0);
    CHECK(vm.io.channels.interruption_pending(0x00C));
    CHECK(host.cp.command(vm, "RESET 00C") == 0);
    CHECK_FALSE(vm.io.channels.interruption_pending(0x00C));
    CHECK(host.cp.command(vm, "ATTN") == 0);
    const auto attention = vm.io.channels.take(0x009);
    REQUIRE(attention);
    CHECK(attention->csw.unit_status == simulation::kAttention);
    CHECK(host.cp.command(vm, "REWIND 00E") == 6);
    CHECK(host.cp.command(vm, "RESET") == 22);
    CHECK(host.cp.command(vm, "READY 444") == 40);
}

}  // namespace
}  // namespace vmcp::test
