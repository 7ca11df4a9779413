// OS/VS1's start, natively and as a guest: they agree but for what hangs on time. The system
// lies outside the repository; without it the test says so and skips.
#include "vmcp/experiment/diff_trace.hpp"
#include "tests/real/real_machine.hpp"

namespace vmcp::test {
namespace {

std::string utility(const std::string& cards) {
    return attention(5) +
           fmt::format("[[step]]\nwait = 'IBC105A'\ncards = '{}/osvs1/{}'\ntype = 'input=2540,00c'\n",
                       shared_guests(), cards) +
           wait_for("IBC163A", 20000);
}

TEST_CASE("OS/VS1 starts with the same instructions natively and as a guest, up to its first command") {
    if (!present({"osvs1/vs1r60_starter_3330.aws", "osvs1/dasdi.cards", "osvs1/restore.cards"})) return;
    RealRun restore;
    const std::string disk = restore.path("disk");
    const auto& geometry = *simulation::images::disk_geometry("3330");
    simulation::images::create_ckd(disk, geometry, geometry.all_cylinders(),
                                   {true, simulation::images::Compression::zlib});
    restore.device(0x150, "3330", disk);
    restore.device(0x180, "3420", shared_guests() + "/osvs1/vs1r60_starter_3330.aws", true);
    restore.run("restore", 0x180, 4 * simulation::kMebibyte,
                utility("dasdi.cards") + "[[step]]\npause_s = 5\nipl = '180'\n" + utility("restore.cards"));

    tests::put(restore.path("start.toml"),
               answer("IEA760A", "") +
                   answer("IEA101A", "r 00,'auto=starter,page=(v=dliba1,blk=4096),q=(,f)'") +
                   answer("IEA135A", "") + wait_for("IEE101A READY", 2000));
    const auto scenario = experiment::parse_scenario(
        "[machine]\nmodel = \"s370-158\"\nstorage = \"8M\"\n[run]\ntime_limit_ms = 1e8\n"
        "[[machine.device]]\naddress = \"150\"\ntype = \"3330\"\nfile = \"disk\"\n"
        "[[machine.device]]\naddress = \"180\"\ntype = \"3420\"\n"
        "[[vm]]\nname = \"VS1\"\nstorage = \"4M\"\nconsole = \"01F\"\nipl = \"150\"\n"
        "operator = \"start.toml\"\n[[vm.device]]\naddress = \"150\"\ndedicate = \"150\"\n"
        "[[vm.device]]\naddress = \"180\"\ndedicate = \"180\"\n",
        restore.path("guest.toml"));
    const std::string before = tests::contents(disk);
    {
        // Each in its own time. Up to its first channel program nothing hangs on time.
        const auto comparison = experiment::diff_trace(scenario, 0, 2'000'000);
        MESSAGE(experiment::report(scenario, 0, comparison, 100));
        CHECK(comparison.end == experiment::ComparisonEnd::limit);
        CHECK(comparison.instructions >= 2'000'000);
        REQUIRE(comparison.first);
        CHECK(comparison.first->behind > 1'500'000);
        CHECK(comparison.first->cause == experiment::TimeCause::polling);
    }
    {
        // In step, to the end of the script: not one register, PSW, or status of a device is another.
        const auto comparison = experiment::diff_trace_aligned(scenario, 0);
        MESSAGE(experiment::report(scenario, 0, comparison, 100));
        CHECK(comparison.end == experiment::ComparisonEnd::one_ended);
        CHECK_FALSE(comparison.last);
        CHECK(comparison.instructions >= 10'000'000);
        CHECK(comparison.interruptions > 10'000);
        // Among the answers that were given to it is none of a clock: its time is the guest's.
        CHECK_FALSE(comparison.causes[static_cast<unsigned>(experiment::TimeCause::clock)].first);
    }
    CHECK((tests::contents(disk) == before));
}

}  // namespace
}  // namespace vmcp::test
