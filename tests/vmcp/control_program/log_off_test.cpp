// Machines that are logged on and off while others run leave nothing behind.
#include <doctest/doctest.h>
#include <malloc.h>

#include "tests/vmcp/guest_pair.hpp"
#include "tests/vmcp/random_program.hpp"

namespace vmcp::test {
namespace {

TEST_CASE("who is logged on under an id that was used before gets nothing of who had it") {
    Host host(2 * simulation::kMebibyte);
    unsigned compared = 0;
    for (uint64_t seed = 1; seed <= 300; ++seed) {
        const RandomProgram program(seed);
        NativeGuest native(kProgramStorage);
        const EndState alone = native.run(program.image(), 20'000);
        if (!alone.is_comparable()) continue;
        // Frames change hands: the machine before lay where this one's neighbour will.
        VirtualMachine& before = host.log_on("before", kProgramStorage);
        host.cp.load(before, SecondLevel(0), program.image());
        host.cp.restart(before);
        host.cp.run(simulation::kNever, host.cp.now() + simulation::kMillisecond);
        host.cp.log_off(before);
        VirtualMachine& vm = host.log_on("after", kProgramStorage);
        CHECK(vm.id == 0);
        VirtualMachine& neighbour = host.log_on("neighbour", kProgramStorage);
        host.cp.load(neighbour, SecondLevel(0), std::vector<uint8_t>(0x8000, 0xFF));
        host.cp.load(vm, SecondLevel(0), program.image());
        host.cp.restart(vm);
        host.cp.run(host.cp.now() + simulation::kSecond);
        const std::string how = difference(alone, host.end_state(vm));
        CHECK_MESSAGE(how.empty(), fmt::format("seed {}: {}", seed, how));
        ++compared;
        host.cp.log_off(vm);
        host.cp.log_off(neighbour);
    }
    CHECK(compared > 200);
}

TEST_CASE("ten thousand machines come and go, and nothing grows") {
    Host host(2 * simulation::kMebibyte);
    host.start("stays", kProgramStorage, RandomProgram(1).image());
    const auto one = [&](unsigned n) {
        VmOptions options;
        options.name = "guest";
        options.storage = kProgramStorage;
        options.shadow_sets = 2;
        simulation::DeviceDescription& printer = options.devices.emplace_back();
        printer.address = 0x01E;
        printer.type = "1403";
        VirtualMachine& vm = host.log_on(std::move(options));
        host.cp.load(vm, SecondLevel(0), RandomProgram(2 + n % 50, n % 2 != 0).image());
        host.cp.restart(vm);
        // Some end by themselves, most are in the middle of something: a turn, a wait, a channel program.
        host.cp.run(simulation::kNever, host.cp.now() + (n % 7) * 300 * simulation::kMicrosecond);
        vm.io.devices.console->request();
        const VmId id = vm.id;
        host.cp.log_off(vm);
        host.console.clear();
        return id;
    };
    for (unsigned n = 0; n < 1000; ++n) one(n);
    const uint32_t frames = host.cp.frames().free_frames();
    const size_t bytes = mallinfo2().uordblks;
    for (unsigned n = 0; n < 9000; ++n) CHECK(one(n) == 1);
    CHECK(host.cp.frames().free_frames() == frames);
    CHECK(host.cp.virtual_machines().size() == 1);
    CHECK(mallinfo2().uordblks < bytes + 20'000);
    unsigned events = 0;
    for (SimTime now = host.cp.now(); host.machine.events().next() != simulation::kNever && events < 100;
         ++events)
        host.machine.events().run_until(std::max(now, host.machine.events().next()));
    CHECK(events < 10);
}

}  // namespace
}  // namespace vmcp::test
