// What an instruction is charged for does not hang on how it comes to be simulated.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include "tests/vmcp/assembled.hpp"
#include "tests/vmcp/guest_pair.hpp"

namespace vmcp::test {
namespace {

/// Turns the external mask on and off again ten times, in EC mode. `mode`: the first byte of its PSW.
std::vector<uint8_t> masking(unsigned mode) {
    return assembled(fmt::format(R"(
         DC    X'00080000',A(X'400')
         ORG   *-8+X'400'
         BALR  12,0
         USING *,12
         LCTL  0,0,NONE
         LCTL  9,11,EVENTS
         LA    5,10
         LPSW  GO
AGAIN    SSM   ON
         SSM   OFF
         BCT   5,AGAIN
         LPSW  GOOD
GO       DC    0D'0',X'{0:02X}080000',A(AGAIN)
GOOD     DC    0D'0',X'000A0000',A(0)
NONE     DC    F'0'
EVENTS   DC    X'20000000',A(X'8000',X'8000')
ON       DC    X'{1:02X}'
OFF      DC    X'{0:02X}'
)",
                                 mode, mode | 1));
}

TEST_CASE("an instruction that turns masks on costs the same while events are recorded") {
    constexpr unsigned kRecording = 0x40;
    for (const unsigned mode : {0u, kRecording}) {
        CAPTURE(mode);
        Host host;
        VirtualMachine& vm = host.start("guest", 64 * 1024, masking(mode));
        host.cp.run(simulation::kSecond);
        REQUIRE(vm.stop == StopReason::disabled_wait);
        CHECK(vm.state.psw.address == 0);
        CHECK(host.cp.ledger().totals().steps[static_cast<unsigned>(Step::find_pending)].count == 10);
    }
}

}  // namespace
}  // namespace vmcp::test
