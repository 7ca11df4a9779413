// What an instruction is charged for does not hang on how it comes to be simulated.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include "tests/vmcp/assembled.hpp"
#include "tests/vmcp/guest_pair.hpp"

namespace vmcp::test {
namespace {

/// Turns a mask on and off again ten times. `mode`: the first two bytes of its PSW; `mask`: of the system
/// mask.
std::vector<uint8_t> masking(unsigned mode, unsigned mask) {
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
GO       DC    0D'0',X'{0:04X}0000',A(AGAIN)
GOOD     DC    0D'0',X'000A0000',A(0)
NONE     DC    F'0'
EVENTS   DC    X'20000000',A(X'8000',X'8000')
ON       DC    X'{1:02X}'
OFF      DC    X'{2:02X}'
)",
                                 mode, mode >> 8 | mask, mode >> 8));
}

TEST_CASE("an instruction that turns masks on costs more, and the same while events are recorded") {
    struct {
        unsigned mode, mask, times;
    } const cases[] = {
        {0x0008, 0x01, 10},  // EC: external
        {0x0008, 0x02, 10},  // I/O
        {0x4008, 0x01, 10},  // with recording
        {0x0008, 0x40, 0},   // recording itself lets nothing through
        {0x0000, 0x01, 10},  // BC: external
        {0x0000, 0x80, 10},  // channel 0
        {0x0000, 0x02, 10},  // channels 6 and up
        {0x8000, 0x00, 0},   // what is on already
    };
    for (const auto& [mode, mask, times] : cases) {
        CAPTURE(mode);
        CAPTURE(mask);
        Host host;
        VirtualMachine& vm = host.start("guest", 64 * 1024, masking(mode, mask));
        host.cp.run(simulation::kSecond);
        REQUIRE(vm.stop == StopReason::disabled_wait);
        CHECK(vm.state.psw.address == 0);
        // The first LPSW turns on what `mode` has.
        const unsigned first = mode == 0x8000;
        CHECK(host.cp.ledger().totals().steps[static_cast<unsigned>(Step::find_pending)].count ==
              times + first);
    }
}

}  // namespace
}  // namespace vmcp::test
