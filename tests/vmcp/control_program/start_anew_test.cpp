// A machine that is restarted, loaded or put to sleep from outside: what it waited for before comes to
// nothing.
#include <doctest/doctest.h>

#include "tests/vmcp/guest_pair.hpp"

namespace vmcp::test {
namespace {

/// Touches all of its pages again and again.
std::vector<uint8_t> toucher() {
    std::vector<uint8_t> bytes(0x1000);
    const uint8_t code[] = {
        0x58, 0x20, 0x02, 0x1C,  // 200 L   2,21C
        0x41, 0x30, 0x00, 0x00,  // 204 LA  3,0
        0x5E, 0x30, 0x02, 0x20,  // 208 AL  3,220
        0x50, 0x23, 0x00, 0x80,  // 20C ST  2,80(3)
        0x46, 0x20, 0x02, 0x08,  // 210 BCT 2,208
        0x47, 0xF0, 0x02, 0x00,  // 214 B   200
        0,    0,    0,    0,     // 218
        0,    0,    0,    100,   // 21C
        0,    0,    0x10, 0,     // 220
    };
    bytes[6] = 2;  // restart: 200
    std::copy(std::begin(code), std::end(code), bytes.begin() + 0x200);
    return bytes;
}

TEST_CASE("a restart in a page wait does not wait for the page's arrival any more") {
    Host host(128 * 1024 + 64 * 1024, "round-robin", "s370-158", simulation::kMillisecond,
              {.replacement = "clock", .devices = {"2305-2"}});
    VirtualMachine& vm = host.start("toucher", 512 * 1024, toucher());
    for (unsigned pieces = 0; vm.status != VmState::page_wait && pieces < 100'000; ++pieces)
        host.cp.run(simulation::kNever, host.cp.now() + 50 * simulation::kMicrosecond);
    REQUIRE(vm.status == VmState::page_wait);
    REQUIRE(vm.page_arrival != 0);
    host.cp.restart(vm);
    CHECK(vm.status == VmState::ready);
    CHECK(vm.page_arrival == 0);
    CHECK(host.machine.events().empty());
    host.cp.run(host.cp.now() + 100 * simulation::kMillisecond);
    CHECK(vm.status != VmState::stopped);
    host.cp.log_off(vm);
    CHECK(host.machine.events().empty());
}

TEST_CASE("a machine in a page wait for a real disk is restarted, stopped and logged off") {
    Host host(128 * 1024 + 64 * 1024, "round-robin", "s370-158", simulation::kMillisecond,
              {.replacement = "clock", .devices = {}});
    host.page_on("3330");
    VirtualMachine& vm = host.start("toucher", 512 * 1024, toucher());
    VirtualMachine& other = host.start("other", 512 * 1024, toucher());
    const auto until_page_wait = [&](const VirtualMachine& one) {
        for (unsigned pieces = 0; one.status != VmState::page_wait && pieces < 1'000'000; ++pieces)
            host.cp.run(simulation::kNever, host.cp.now() + 50 * simulation::kMicrosecond);
        REQUIRE(one.status == VmState::page_wait);
        REQUIRE(one.storage.pages_under_way());
    };
    until_page_wait(vm);
    CHECK(vm.pages != nullptr);
    CHECK(vm.page_arrival == 0);
    host.cp.restart(vm);
    CHECK(vm.status == VmState::ready);
    CHECK(vm.pages == nullptr);
    // It is executed again, but not before its pages are there.
    const uint64_t before = vm.instructions;
    host.cp.run(host.cp.now() + 500 * simulation::kMillisecond);
    CHECK(vm.status != VmState::stopped);
    CHECK(vm.instructions > before);
    until_page_wait(vm);
    host.cp.stop(vm, StopReason::logged_off);
    CHECK(vm.pages == nullptr);
    host.cp.run(host.cp.now() + 500 * simulation::kMillisecond);
    until_page_wait(other);
    host.cp.log_off(other);
    host.cp.log_off(vm);
    while (host.machine.events().next() != simulation::kNever) {
        host.cp.ledger().idle_until(std::max(host.cp.now(), host.machine.events().next()), false);
        host.machine.catch_up();
        host.cp.real_io().take_interruptions(nullptr);
    }
    CHECK(!host.cp.real_io().find(0x2B0)->busy());
    CHECK(host.cp.real_io().find(0x2B0)->waiting() == 0);
}

TEST_CASE("who sleeps and is put to sleep again, or restarted, is not woken for the first sleep") {
    Host host;
    VirtualMachine& vm = host.start("sleeper", 64 * 1024, toucher());
    host.cp.run(simulation::kNever, simulation::kMillisecond);
    host.cp.command(vm, "SLEEP 1 SEC");
    host.cp.command(vm, "SLEEP 5 SEC");
    host.cp.run(host.cp.now() + 2 * simulation::kSecond);
    CHECK(vm.asleep);
    host.cp.restart(vm);
    CHECK_FALSE(vm.asleep);
    CHECK(vm.wake_up == 0);
    host.cp.command(vm, "SLEEP 1 SEC");
    host.cp.command(vm, "SLEEP 2 SEC");
    host.cp.log_off(vm);
    CHECK(host.machine.events().empty());
}

}  // namespace
}  // namespace vmcp::test
