// The systems that run natively run as virtual machines, and say and print the same. The systems lie outside
// the repository; without them the tests say so and skip.
#include "tests/real/real_machine.hpp"
#include "vmcp/experiment/virtual_session.hpp"

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

/// The starter system on a disk, formatted and restored by a guest; once for all.
const std::string& restored_disk() {
    static RealRun restore;
    static const std::string disk = restore.path("disk");
    static const bool done = [] {
        const auto& geometry = *simulation::images::disk_geometry("3330");
        simulation::images::create_ckd(disk, geometry, geometry.all_cylinders(),
                                       {true, simulation::images::Compression::zlib});
        restore.device(kDisk, "3330", disk);
        restore.device(kTape, "3420", shared_guests() + "/osvs1/vs1r60_starter_3330.aws", true);
        const auto utilities = restore.run_as_guest(
            "restore, V=V", kTape, kStorage,
            utility("dasdi.cards") + "[[step]]\npause_s = 5\nipl = '180'\n" + utility("restore.cards"), {});
        INFO(RealRun::console_of(utilities));
        REQUIRE(has(RealRun::console_of(utilities), "DUMPRESTORE 7.91"));
        return true;
    }();
    CHECK(done);
    return disk;
}

TEST_CASE("OS/VS1 as a guest: restored, started cold, a job; the same console and paper as natively") {
    if (!present(
            {"osvs1/vs1r60_starter_3330.aws", "osvs1/dasdi.cards", "osvs1/restore.cards", "osvs1/hello.jcl"}))
        return;
    const std::string restored = restored_disk();
    const auto prepare = [&](RealRun& real) {
        std::filesystem::copy_file(restored, real.path("disk"));
        std::filesystem::copy_file(shared_guests() + "/osvs1/hello.jcl", real.path("hello.txt"));
        real.device(kDisk, "3330", real.path("disk"));
        real.device(kTape, "3420", "");
    };
    same_as_natively(
        kDisk, kStorage, cold_start_and_job(), prepare,
        {
            {"V=V", {}},
            {"V=V with less real storage than its own", {.real_storage = "3M"}},
            {"translated code", {.more = "technique = \"binary-translation\""}},
            {"translated code, on a machine with holes",
             {.more = "technique = \"binary-translation\"", .model = "s370-holes"}},
            {"V=V, fast", {.io = "fast"}},
            {"V=Resident, direct", {.more = "kind = \"V=Resident\"", .io = "direct"}},
            {"V=R", {.more = "kind = \"V=R\""}},
            {"V=R, direct", {.more = "kind = \"V=R\"", .io = "direct"}},
            {"nested translation", {.more = "translation = \"nested\"", .model = "s370-158-nested"}},
            {"translating channels", {.io = "translating-channel", .model = "s370-158-translating"}},
            {"translating channels, by program",
             {.io = "translating-channel", .mapping = "per-program", .model = "s370-158-translating"}},
            {"translating channels, by program, cached",
             {.io = "translating-channel", .mapping = "per-program-cached", .model = "s370-158-translating"}},
            {"interpretive I/O, V=Resident",
             {.more = "kind = \"V=Resident\"\nassists = [\"sie\"]\ntranslation = \"nested\"",
              .io = "direct",
              .model = "s370-158-interpretive-io",
              .device = "interpretive_io = true\n"}},
            {"interpretive I/O by translating channels, waits within",
             {.more = "assists = [\"sie\"]\ntranslation = \"nested\"\nwait_completion = true",
              .io = "translating-channel",
              .model = "s370-158-interpretive-io",
              .device = "interpretive_io = true\n"}},
        });
}

TEST_CASE(
    "two OS/VS1, a BOS/360 and three small machines at once in less storage than theirs; a seventh is "
    "killed") {
    if (!present({"osvs1/vs1r60_starter_3330.aws", "osvs1/dasdi.cards", "osvs1/restore.cards",
                  "osvs1/hello.jcl", "bos360/bos360.aws"}))
        return;
    const tests::TemporaryFolder folder;
    std::filesystem::copy_file(restored_disk(), folder / "one");
    std::filesystem::copy_file(restored_disk(), folder / "two");
    std::filesystem::copy_file(shared_guests() + "/osvs1/hello.jcl", folder / "hello.txt");
    tests::put(folder / "vs1.toml", cold_start_and_job());
    tests::put(folder / "jobs.txt",
               "// JOB FORT\n// OPTION LINK,LOG\n// EXEC FORTRAN\n      I = 6 * 7\n      WRITE(3,10) I\n"
               "   10 FORMAT(1H ,20HTHE ANSWER BY BOS IS,I5)\n      STOP\n      END\n/*\n// EXEC LNKEDT\n"
               "// EXEC\n/*\n/&\n");
    tests::put(folder / "bos.toml",
               attention(10) +
                   "[[step]]\nwait = '0I10A'\npause_s = 30\ntype = 'set date=09/07/66,clock=00/00/00'\n" +
                   "[[step]]\nwait = '1C00A'\npause_s = 30\nlimit_s = 2000\ncards = 'jobs.txt'\ntype = ''\n" +
                   wait_for("EOJ FORT", 20000));
    std::string text = "[machine]\nstorage = \"6M\"\n[run]\ntime_limit_ms = 1e8\n";
    std::string machines;
    const auto disk = [&](const char* real, const std::string& file) {
        text +=
            fmt::format("[[machine.device]]\naddress = \"{}\"\ntype = \"3330\"\nfile = \"{}\"\n", real, file);
    };
    disk("150", folder / "one");
    disk("151", folder / "two");
    for (const char* const name : {"ONE", "TWO"})
        machines += fmt::format(
            "[[vm]]\nname = \"{}\"\nstorage = \"4M\"\nconsole = \"01F\"\nipl = \"150\"\n"
            "operator = \"vs1.toml\"\n[[vm.device]]\naddress = \"150\"\ndedicate = \"{}\"\n",
            name, *name == 'O' ? "150" : "151");
    machines +=
        "[[vm]]\nname = \"BOS\"\nstorage = \"64K\"\nconsole = \"01F\"\nipl = \"180\"\noperator = "
        "\"bos.toml\"\n";
    for (const uint16_t address : {0x180, 0x181, 0x182, 0x183, 0x184}) {
        const std::string scratch = folder / fmt::format("{:03X}", address);
        if (address != 0x180)
            simulation::images::TapeImage::create(scratch, simulation::images::Compression::none)
                ->write_mark();
        machines += fmt::format("[[vm.device]]\naddress = \"{:03X}\"\ntype = \"2400\"\nfile = \"{}\"\n{}",
                                address, address == 0x180 ? shared_guests() + "/bos360/bos360.aws" : scratch,
                                address == 0x180 ? "read_only = true\n" : "");
    }
    const std::string guests = std::string(VMCP_SOURCE_DIR) + "/examples/guests/";
    for (const char* const name : {"SMALL1", "SMALL2", "SMALL3", "VICTIM"})
        machines += fmt::format("[[vm]]\nname = \"{}\"\nstorage = \"64K\"\nguest = \"{}{}.asm\"\n", name,
                                guests, *name == 'V' ? "echo" : "primes");
    const experiment::Scenario scenario = experiment::parse_scenario(text + machines, folder / "all.toml");
    experiment::VirtualSession session(scenario);
    session.start();
    session.advance(30 * simulation::kSecond);
    session.act("VICTIM", experiment::action::LogOff{});
    session.advance(simulation::kNever);
    const experiment::RunResult result = session.result();
    for (const experiment::VmResult& vm : result.vms) {
        CAPTURE(vm.name);
        std::string console;
        for (const auto& line : vm.output.console) console += line.text + "\n";
        INFO(console);
        if (vm.name == "ONE" || vm.name == "TWO") {
            CHECK(has(console, "+HELLO FROM OS/VS1 RELEASE 6.0"));
            CHECK(has(console, "IEF404I HELLO    ENDED"));
            CHECK(has(vm.output.printer, "CONTENTS OF VTOC ON VOL DLIBA1"));
        } else if (vm.name == "BOS") {
            CHECK(has(vm.output.printer, "THE ANSWER BY BOS IS   42"));
        } else if (vm.name == "VICTIM") {
            CHECK(vm.stop == StopReason::logged_off);
        } else {
            CHECK(vm.stop == StopReason::disabled_wait);
        }
    }
    CHECK(result.accounted() == result.end);
    CHECK(result.paging.reads > 0);
}

}  // namespace
}  // namespace vmcp::test
