// A machine that is started while another has the real CPU: each pays for its own.
#include <doctest/doctest.h>

#include "isa/assembler/assembler.hpp"
#include "tests/vmcp/guest_pair.hpp"

namespace vmcp::test {
namespace {

std::vector<uint8_t> assembled(const std::string& source) {
    const auto result = isa::assembler::assemble(source, "test");
    REQUIRE(result.ok);
    return result.image;
}

}  // namespace

TEST_CASE("a start during another machine's turn is charged as that start, and nothing else is") {
    const std::vector<uint8_t> busy = assembled(
        "T START 0\n USING T,0\n DC A(0,BEGIN)\n ORG T+512\nBEGIN LA 1,3000\n BCT 1,*\n LPSW END\n DS "
        "0D\nEND DC "
        "X'0002000000000000'\n END\n");
    const std::vector<uint8_t> brief = assembled("T START 0\n DC X'0002000000000000'\n END\n");
    const auto run = [&](SimTime second_start) {
        Host host;
        host.log_on("second", 64 * 1024);
        VirtualMachine& first = host.start("first", 64 * 1024, busy);
        host.cp.load(*host.cp.find("second"), SecondLevel(0), brief);
        host.machine.events().schedule(second_start, [&] { host.cp.restart(*host.cp.find("second")); });
        host.cp.run(simulation::kSecond);
        CHECK(first.stop == StopReason::disabled_wait);
        CHECK(host.cp.find("second")->stop == StopReason::disabled_wait);
        return std::pair(first.account, host.cp.find("second")->account);
    };
    const auto [first_alone, second_alone] = run(500 * simulation::kMillisecond);
    const auto [first, second] = run(1 * simulation::kMillisecond);
    CHECK(second.of(Cause::ipl).count == 1);
    CHECK(first.of(Cause::ipl).count == 1);
    CHECK(second.of(Cause::ipl).time == second_alone.of(Cause::ipl).time);
    CHECK(first.of(Cause::ipl).time == first_alone.of(Cause::ipl).time);
    // The event ended the first machine's run once more, for which it is dispatched once more.
    CHECK(first.of(Cause::dispatch).time >= first_alone.of(Cause::dispatch).time);
}

}  // namespace vmcp::test
