// The room for assists: what a privileged instruction of a guest meets before it traps.
#include <doctest/doctest.h>

#include "simulation/cpu/sequencer.hpp"
#include "tests/vmcp/guest_pair.hpp"
#include "tests/vmcp/random_program.hpp"

namespace vmcp::test {
namespace {

/// Simulates SSM by changing nothing, and counts; leaves everything else to the control program.
struct MockAssist final : simulation::PrivilegedAssist {
    bool execute(simulation::Cpu& /*cpu*/, const isa::Decoded& instruction) override {
        ++asked;
        if (instruction.op != isa::Op::op_SSM) return false;
        ++done;
        return true;
    }
    unsigned asked = 0, done = 0;
};

/// Ten times SSM, STOSM; then the end.
std::vector<uint8_t> image() {
    std::vector<uint8_t> bytes(0x1000);
    const auto put = [&](uint32_t at, std::initializer_list<unsigned> what) {
        for (const unsigned b : what) bytes[at++] = static_cast<uint8_t>(b);
    };
    put(0, {0, 0, 0, 0, 0, 0, 2, 0});
    put(0x200, {0x41, 0x10, 0x00, 0x0A});  // LA 1,10
    put(0x204, {0x80, 0x00, 0x03, 0x00});  // SSM 300
    put(0x208, {0xAD, 0x00, 0x03, 0x01});  // STOSM 301,0
    put(0x20C, {0x46, 0x10, 0x02, 0x00});  // BCT 1,... (the base is 0)
    bytes[0x20E] = 0x02;
    bytes[0x20F] = 0x04;
    put(0x210, {0x82, 0x00, 0x03, 0x08});  // LPSW 308
    put(0x308, {0, 2, 0, 0, 0, 0, 0, 0});
    return bytes;
}

TEST_CASE("an assist is asked before a privileged instruction traps, and only for its own guest") {
    Host host;
    VirtualMachine& assisted = host.log_on("assisted", kProgramStorage);
    auto mock = std::make_unique<MockAssist>();
    const MockAssist& assist = *mock;
    assisted.assist = std::move(mock);
    VirtualMachine& plain = host.log_on("plain", kProgramStorage);
    for (VirtualMachine* vm : {&assisted, &plain}) {
        host.cp.load(*vm, SecondLevel(0), image());
        host.cp.restart(*vm);
    }
    host.cp.run(simulation::kSecond);
    CHECK(assisted.stop == StopReason::disabled_wait);
    CHECK(plain.stop == StopReason::disabled_wait);
    CHECK(assist.asked == 21);
    CHECK(assist.done == 10);
    const auto count = [](const VirtualMachine& vm, isa::Op op) {
        return vm.account.of(Cause::simulated(op)).count;
    };
    CHECK(count(assisted, isa::Op::op_SSM) == 0);
    CHECK(count(assisted, isa::Op::op_STOSM) == 10);
    CHECK(count(assisted, isa::Op::op_LPSW) == 1);
    CHECK(count(plain, isa::Op::op_SSM) == 10);
    CHECK(count(plain, isa::Op::op_STOSM) == 10);
    // An instruction is an instruction, whoever simulates it.
    CHECK(assisted.instructions == plain.instructions);
    CHECK(assisted.account.control_program < plain.account.control_program);
}

}  // namespace
}  // namespace vmcp::test
