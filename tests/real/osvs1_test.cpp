// OS/VS1 Release 6.0 from its starter tape: the stand-alone utilities format and restore a 3330, the system
// starts cold, assembles, links and runs a program, lists the volume, and starts warm again. The tape lies
// outside the repository; without it the test says so and skips.
#include "tests/real/real_machine.hpp"

namespace vmcp::test {
namespace {

constexpr uint16_t kDisk = 0x150, kTape = 0x180;
constexpr uint32_t kStorage = 4 * simulation::kMebibyte;

std::string cold_start() {
    return answer("IEA760A", "") + answer("IEA101A", "r 00,'auto=starter,page=(v=dliba1,blk=4096),q=(,f)'") +
           answer("IEA135A", "") + wait_for("IEE101A READY") + answer("\\*00 IEF068A", "r 00,'formatv'") +
           answer("\\*01 IEC107D", "r 01,u") + answer("\\*02 IEC107D", "r 02,u") + wait_for("IEE048I") +
           wait_for("IEF005I");
}

std::string warm_start() {
    return answer("IEA760A", "") + answer("IEA101A", "r 00,'auto=starter,page=(v=dliba1,blk=4096)'") +
           answer("IEA135A", "") + wait_for("IEE101A READY") + answer("\\*00 IEC107D", "r 00,u") +
           wait_for("IEE048I") + wait_for("IEF005I");
}

TEST_CASE("OS/VS1: format and restore a 3330, start cold, run a job, start warm") {
    if (!present(
            {"osvs1/vs1r60_starter_3330.aws", "osvs1/dasdi.cards", "osvs1/restore.cards", "osvs1/hello.jcl"}))
        return;
    const std::string guests = shared_guests();
    const std::string tape = guests + "/osvs1/vs1r60_starter_3330.aws";
    RealRun real;
    const std::string disk = real.path("disk");
    // With alternate tracks: DASDI formats these too.
    const auto& geometry = *simulation::images::disk_geometry("3330");
    simulation::images::create_ckd(disk, geometry, geometry.all_cylinders(),
                                   {true, simulation::images::Compression::zlib});
    real.device(kDisk, "3330", disk);
    real.device(kTape, "3420", tape, true);

    const auto utility = [&](const std::string& cards) {
        return attention(5) +
               fmt::format("[[step]]\nwait = 'IBC105A'\ncards = '{}/osvs1/{}'\ntype = 'input=2540,00c'\n",
                           guests, cards) +
               wait_for("IBC163A", 20000);
    };
    // The second load goes on where the tape stands: there is the other utility.
    const auto restored =
        real.run("OS/VS1 restore", kTape, kStorage,
                 utility("dasdi.cards") + "[[step]]\npause_s = 5\nipl = '180'\n" + utility("restore.cards"));
    INFO(RealRun::console_of(restored));
    CHECK(has(RealRun::console_of(restored), "DASDI  7.87"));
    CHECK(has(RealRun::console_of(restored), "DUMPRESTORE 7.91"));

    // hello.jcl is text; the reader takes cards of that kind from files that end so.
    std::filesystem::copy_file(guests + "/osvs1/hello.jcl", real.path("hello.txt"));
    const std::string job =
        "[[step]]\npause_s = 2\ntype = 'startf ,00e'\n[[step]]\npause_s = 20\ncards = 'hello.txt'\n"
        "[[step]]\npause_s = 2\ntype = 'startf ,00c'\n" +
        wait_for("HELLO FROM OS/VS1 RELEASE 6.0", 1000) + wait_for("IEF404I HELLO", 1000) +
        "[[step]]\npause_s = 200\ntype = 'd a'\n" + wait_for("ACTIVE DISPLAY");
    std::filesystem::copy_file(disk, real.path("copy"));
    const auto cold = real.run("OS/VS1 cold start and job", kDisk, kStorage, cold_start() + job);
    INFO(RealRun::console_of(cold));
    CHECK(has(RealRun::console_of(cold), "IEE048I INITIALIZATION COMPLETED"));
    CHECK(has(cold.output.printer, "CONTENTS OF VTOC ON VOL DLIBA1"));
    CHECK(has(cold.output.printer, "SYS1.NUCLEUS"));
    CHECK(has(cold.output.printer, "HELLO    CSECT"));

    // The same again from the same disk, byte for byte.
    RealRun again;
    std::filesystem::copy_file(real.path("copy"), again.path("disk"));
    std::filesystem::copy_file(guests + "/osvs1/hello.jcl", again.path("hello.txt"));
    again.device(kDisk, "3330", again.path("disk"));
    again.device(kTape, "3420", tape, true);
    const auto repeated = again.run("OS/VS1 the same again", kDisk, kStorage, cold_start() + job);
    CHECK(repeated.instructions == cold.instructions);
    CHECK(repeated.elapsed == cold.elapsed);
    CHECK(repeated.output.printer == cold.output.printer);
    CHECK(RealRun::console_of(repeated) == RealRun::console_of(cold));

    // Warm, and idle for ten hours: the system's timers alone keep the machine awake.
    constexpr simulation::SimTime kIdle = 36'000 * simulation::kSecond;
    const auto warm = real.run("OS/VS1 warm start and ten idle hours", kDisk, kStorage,
                               warm_start() + "[[step]]\npause_s = 36000\nlimit_s = 40000\ntype = 'd a'\n" +
                                   wait_for("ACTIVE DISPLAY"));
    INFO(RealRun::console_of(warm));
    CHECK(warm.elapsed > kIdle);
    CHECK(warm.elapsed - warm.busy > kIdle * 99 / 100);
    CHECK(warm.instructions < cold.instructions);
    CHECK(has(RealRun::console_of(warm), "IEE048I INITIALIZATION COMPLETED"));
    CHECK_FALSE(has(RealRun::console_of(warm), "REQUIRES FORMATTING"));
}

}  // namespace
}  // namespace vmcp::test
