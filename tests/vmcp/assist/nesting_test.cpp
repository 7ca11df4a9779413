// Interpretive execution within interpretive execution, of a guest of ours: it is a host itself, and does
// what it does on the bare machine, whatever its slices are, and whatever pages it has.
#include <fmt/format.h>

#include "tests/simulation/nested_hosts.hpp"
#include "tests/vmcp/guest_pair.hpp"
#include "tests/vmcp/random_program.hpp"

namespace vmcp::test {
namespace {

using simulation::test::NestedHosts;
using Format = simulation::StateDescriptionFormat;

constexpr const char* kModel = "s370-158-interpretive-nested";

struct Setting {
    std::vector<bool> preferred;  // guests of our guest, from its own on: none is
    SimTime slice = 10 * simulation::kMillisecond;
    uint32_t real_storage = 4 * simulation::kMebibyte;
};

struct NestingHost : Host {
    explicit NestingHost(const Setting& setting)
        : Host(setting.real_storage, "round-robin", kModel, setting.slice, {"clock", {"2305-2"}}) {}

    VirtualMachine& run(NestedHosts& hosts, bool interpretive = true) {
        VmOptions options;
        options.name = "HOST";
        options.storage = hosts.bytes(0);
        options.translation = GuestTranslation::nested;
        if (interpretive) options.assists = {Assist::sie};
        VirtualMachine& vm = log_on(std::move(options));
        const uint8_t* const at = hosts.storage().at(0);
        cp.load(vm, SecondLevel(0), std::vector<uint8_t>(at, at + hosts.bytes(0)));
        cp.restart(vm);
        vm.state.gpr[1] = hosts.machine.cpu().gpr(1);
        cp.run(cp.now() + 20 * simulation::kSecond);
        return vm;
    }
};

/// Where storage tells time: what interval timers and descriptions have of it.
bool tells_time(const NestedHosts& hosts, uint32_t a) {
    for (unsigned level = 0; level <= hosts.guest_level(); ++level) {
        if (a - hosts.frame(level, isa::Assigned::interval_timer) < 4) return true;
        if (level != 0 && a - hosts.description(level) - Format::kCpuTimer < 8) return true;
    }
    return false;
}

std::string difference(NestedHosts& native, NestingHost& host, VirtualMachine& vm) {
    const EndState end = host.end_state(vm);
    if (end.end != "disabled-wait") return "end: " + end.end;
    if (end.state.psw.address != 0xACE) return fmt::format("PSW: {:06X}", end.state.psw.address);
    for (uint32_t a = 0; a < native.bytes(0); ++a)
        if (end.storage[a] != *native.storage().at(a) && !tells_time(native, a))
            return fmt::format("storage at {:06X}: {:02X} natively, {:02X} as a guest", a,
                               *native.storage().at(a), end.storage[a]);
    for (uint32_t a = 0; a < native.bytes(0); a += simulation::kBlock)
        if ((end.keys[a / simulation::kBlock] & 0xF8) != (native.storage().key(a) & 0xF8))
            return fmt::format("key of block {:06X}", a);
    return {};
}

void compare(const Setting& setting, bool translating) {
    CAPTURE(translating);
    CAPTURE(setting.preferred.size());
    unsigned compared = 0;
    uint64_t exits = 0, turns = 0, page_ins = 0;
    for (uint64_t seed = 1; seed <= 80; ++seed) {
        const RandomProgram program(seed, translating);
        const auto make = [&] {
            auto hosts = std::make_unique<NestedHosts>(simulation::MachineModel::load(kModel),
                                                       setting.preferred, kProgramStorage);
            hosts->load(program.image());
            hosts->set(Format::kEvent, uint32_t{static_cast<uint8_t>(Format::Event::restart)} << 24);
            return hosts;
        };
        const auto native = make(), as_guest = make();
        native->enter(20'000);
        if (!native->has_ended(0)) continue;
        NestingHost host(setting);
        VirtualMachine& vm = host.run(*as_guest);
        const std::string how = difference(*native, host, vm);
        CHECK_MESSAGE(how.empty(), "seed " << seed << ": " << how);
        exits += vm.exits;
        turns += vm.account.of(Cause::dispatch).count;
        page_ins += vm.account.of(Cause::page_in).count;
        ++compared;
    }
    // All that came out was the end; or slices and pages, too.
    const bool paging = setting.real_storage < simulation::kMebibyte;
    CHECK((turns > 4 * compared) == (paging || setting.slice < simulation::kMillisecond));
    CHECK((page_ins > compared) == paging);
    CHECK(exits <= compared + page_ins);
    CHECK(compared > 40);
}

}  // namespace

TEST_CASE("a guest that executes guests interpretively does what it does natively") {
    for (const bool translating : {false, true}) {
        compare({{false}}, translating);
        compare({{false, false}}, translating);
        compare({{false}, 100 * simulation::kMicrosecond}, translating);
        compare({{false, false}, 100 * simulation::kMicrosecond}, translating);
        compare({{false}, 10 * simulation::kMillisecond, 160 * 1024}, translating);
    }
}

TEST_CASE("without the facility, or out of interpretive execution, a guest has no such instruction") {
    NestedHosts hosts(simulation::MachineModel::load(kModel), {false});
    NestingHost host({});
    VirtualMachine& vm = host.run(hosts, false);
    CHECK(vm.stop == StopReason::disabled_wait);
    CHECK(vm.state.psw.address == 0xBAD + isa::Assigned::program_new);
}

}  // namespace vmcp::test
