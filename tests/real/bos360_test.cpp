// Basic Operating System/360 of 1966, from its production tape. The tape lies outside the repository; without
// it the test says so and skips.
#include "tests/real/real_machine.hpp"

namespace vmcp::test {
namespace {

TEST_CASE("BOS/360: IPL from tape, and the table of its units") {
    const std::string tape = shared_guests() + "/bos360/bos360.aws";
    if (!std::filesystem::exists(tape)) {
        MESSAGE("skipped: the tape of BOS/360 is not here");
        return;
    }
    RealRun real;
    real.device(0x180, "2400", tape, true);
    for (const uint16_t address : {0x181, 0x182, 0x183, 0x184}) {
        const std::string scratch = real.path(fmt::format("{:03X}", address));
        simulation::images::TapeImage::create(scratch, simulation::images::Compression::none);
        real.device(address, "2400", scratch);
    }
    const auto result = real.run("BOS/360", 0x180, 64 * 1024,
                                 attention(10) + answer("0I10A", "set date=09/07/66,clock=00/00/00") +
                                     answer("1C00A", "log") + "[[step]]\npause_s = 2\ntype = 'listio sys'\n" +
                                     wait_for("SYSRLB"));
    const std::string console = RealRun::console_of(result);
    INFO(console);
    CHECK(has(console, "0I20I IPL COMPLETE"));
    CHECK(has(console, "*** SYSTEM ***"));
    CHECK(has(console, "SYSRES     1   80"));
    CHECK_FALSE(has(console, "0I21A"));
}

}  // namespace
}  // namespace vmcp::test
