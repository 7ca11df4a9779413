// The systems that run natively run as virtual machines, and say and print the same. The systems lie outside
// the repository; without them the tests say so and skip.
#include "tests/real/real_machine.hpp"

namespace vmcp::test {
namespace {

constexpr uint16_t kDisk = 0x150, kTape = 0x180;
constexpr uint32_t kStorage = 4 * simulation::kMebibyte;

std::string utility(const std::string& cards) {
    return attention(5) +
           fmt::format("[[step]]\nwait = 'IBC105A'\ncards = '{}/osvs1/{}'\ntype = 'input=2540,00c'\n",
                       shared_guests(), cards) +
           wait_for("IBC163A", 20000);
}

std::string cold_start_and_job() {
    return answer("IEA760A", "") + answer("IEA101A", "r 00,'auto=starter,page=(v=dliba1,blk=4096),q=(,f)'") +
           answer("IEA135A", "") + wait_for("IEE101A READY") + answer("\\*00 IEF068A", "r 00,'formatv'") +
           answer("\\*01 IEC107D", "r 01,u") + answer("\\*02 IEC107D", "r 02,u") + wait_for("IEE048I", 2000) +
           wait_for("IEF005I", 2000) +
           "[[step]]\npause_s = 2\ntype = 'startf ,00e'\n[[step]]\npause_s = 20\ncards = 'hello.txt'\n"
           "[[step]]\npause_s = 2\ntype = 'startf ,00c'\n" +
           wait_for("HELLO FROM OS/VS1 RELEASE 6.0", 4000) + wait_for("IEF404I HELLO", 4000) +
           "[[step]]\npause_s = 400\ntype = 'd a'\n" + wait_for("ACTIVE DISPLAY", 2000);
}

TEST_CASE("OS/VS1 as a guest: restored, started cold, a job; the same console and paper as natively") {
    if (!present(
            {"osvs1/vs1r60_starter_3330.aws", "osvs1/dasdi.cards", "osvs1/restore.cards", "osvs1/hello.jcl"}))
        return;
    const std::string tape = shared_guests() + "/osvs1/vs1r60_starter_3330.aws";
    const auto& geometry = *simulation::images::disk_geometry("3330");
    RealRun restore;
    const std::string restored = restore.path("disk");
    simulation::images::create_ckd(restored, geometry, geometry.all_cylinders(),
                                   {true, simulation::images::Compression::zlib});
    restore.device(kDisk, "3330", restored);
    restore.device(kTape, "3420", tape, true);
    const auto utilities = restore.run_as_guest(
        "restore, V=V", kTape, kStorage,
        utility("dasdi.cards") + "[[step]]\npause_s = 5\nipl = '180'\n" + utility("restore.cards"), {});
    INFO(RealRun::console_of(utilities));
    REQUIRE(has(RealRun::console_of(utilities), "DUMPRESTORE 7.91"));

    const auto prepare = [&](RealRun& real) {
        std::filesystem::copy_file(restored, real.path("disk"));
        std::filesystem::copy_file(shared_guests() + "/osvs1/hello.jcl", real.path("hello.txt"));
        real.device(kDisk, "3330", real.path("disk"));
        real.device(kTape, "3420", "");
    };
    RealRun native;
    prepare(native);
    const auto expected = native.run("natively", kDisk, kStorage, cold_start_and_job());
    const std::string console = masked(RealRun::console_of(expected));
    const std::string printer = masked(expected.output.printer);

    const struct {
        const char* what;
        RealRun::AsGuest how;
    } ways[] = {
        {"V=V", {}},
        {"V=V with less real storage than its own", {.real_storage = "3M"}},
        {"V=V, fast", {.io = "fast"}},
        {"V=Resident, direct", {.more = "kind = \"V=Resident\"", .io = "direct"}},
        {"V=R", {.more = "kind = \"V=R\""}},
        {"V=R, direct", {.more = "kind = \"V=R\"", .io = "direct"}},
        {"nested translation", {.more = "translation = \"nested\"", .model = "s370-158-nested"}},
        {"translating channels", {.io = "translating-channel", .model = "s370-158-translating"}},
    };
    for (const auto& way : ways) {
        CAPTURE(way.what);
        RealRun guest;
        prepare(guest);
        const auto result = guest.run_as_guest(way.what, kDisk, kStorage, cold_start_and_job(), way.how);
        CHECK(masked(RealRun::console_of(result)) == console);
        CHECK(masked(result.vms.front().output.printer) == printer);
    }
}

}  // namespace
}  // namespace vmcp::test
