// Systems of the time on spooled devices: BOS/360 prints the same with and without a spool, and CMS looks
// after spool files. They lie outside the repository; without them the tests say so and skip.
#include "tests/real/real_machine.hpp"

namespace vmcp::test {
namespace {

/// A FORTRAN job; what BOS/360 prints and says.
experiment::RunResult bos_job(const tests::TemporaryFolder& folder, const std::string& spool) {
    tests::put(folder / "jobs.txt",
               "// JOB FORT\n// OPTION LINK,LOG\n// EXEC FORTRAN\n      I = 6 * 7\n      WRITE(3,10) I\n"
               "   10 FORMAT(1H ,20HTHE ANSWER BY BOS IS,I5)\n      STOP\n      END\n/*\n// EXEC LNKEDT\n"
               "// EXEC\n/*\n/&\n");
    tests::put(folder / "bos.toml",
               attention(10) +
                   "[[step]]\nwait = '0I10A'\npause_s = 30\ntype = 'set date=09/07/66,clock=00/00/00'\n" +
                   "[[step]]\nwait = '1C00A'\npause_s = 30\nlimit_s = 2000\ncards = 'jobs.txt'\ntype = ''\n" +
                   wait_for("EOJ FORT", 20000));
    std::string text = spool +
                       "[run]\ntime_limit_ms = 1e8\n[[vm]]\nname = \"BOS\"\nstorage = \"64K\"\n"
                       "console = \"01F\"\nipl = \"180\"\noperator = \"bos.toml\"\n";
    for (const uint16_t address : {0x180, 0x181, 0x182, 0x183, 0x184}) {
        const std::string scratch = folder / fmt::format("{:03X}", address);
        if (address != 0x180)
            simulation::images::TapeImage::create(scratch, simulation::images::Compression::none)
                ->write_mark();
        text += fmt::format("[[vm.device]]\naddress = \"{:03X}\"\ntype = \"2400\"\nfile = \"{}\"\n{}",
                            address, address == 0x180 ? shared_guests() + "/bos360/bos360.aws" : scratch,
                            address == 0x180 ? "read_only = true\n" : "");
    }
    return experiment::run(experiment::parse_scenario(text, folder / "bos.toml"));
}

TEST_CASE("BOS/360 says and prints the same whether its devices are spooled to files or not") {
    if (!present({"bos360/bos360.aws"})) return;
    const tests::TemporaryFolder with, without;
    const auto a = bos_job(without, ""), b = bos_job(with, "[spool]\n");
    CHECK(RealRun::console_of(a) == RealRun::console_of(b));
    CHECK(has(a.vms[0].output.printer, "THE ANSWER BY BOS IS   42"));
    CHECK(a.vms[0].output.printer == b.vms[0].output.printer);
    REQUIRE(b.spool.has_value());
    CHECK(b.spool->counts.records > 80);
    CHECK(b.spool->files.empty());
}

TEST_CASE("CMS: spool commands answer, and their return codes come back") {
    if (!present({"cms/CMS.segment", "cms/CMSSEG.segment", "cms/cmsuser_191.cckd", "cms/shared_19D.cckd"}))
        return;
    const tests::TemporaryFolder folder;
    std::filesystem::copy_file(shared_guests() + "/cms/cmsuser_191.cckd", folder / "191");
    std::filesystem::permissions(folder / "191", std::filesystem::perms::owner_all);
    const std::string cms = shared_guests() + "/cms/";
    std::string typed;
    int at = 2000;
    for (const char* line :
         {"", "cp query files", "cp spool console start to *", "state hello text a",
          "cp close console name cms log", "cp query rdr all", "cp spool punch to nobody"}) {
        typed += fmt::format("{}{{at_ms = {}, text = '{}'}}", typed.empty() ? "" : ", ", at, line);
        at += 10000;
    }
    const auto result = experiment::run(experiment::parse_scenario(
        fmt::format(
            "[spool]\n[run]\ntime_limit_ms = {}\n"
            "[[machine.device]]\naddress = \"350\"\ntype = \"3350\"\nfile = \"{}\"\n"
            "[[machine.device]]\naddress = \"351\"\ntype = \"3350\"\nfile = \"{}\"\nread_only = true\n"
            "[[segment]]\nname = \"CMSSEG\"\norigin = \"F00000\"\nsaved = \"{}\"\n"
            "[[vm]]\nname = \"CMSUSER\"\nstorage = \"1M\"\nsaved = \"{}\"\nconsole_input = [{}]\n"
            "[[vm.device]]\naddress = \"191\"\ndedicate = \"350\"\n"
            "[[vm.device]]\naddress = \"19D\"\ndedicate = \"351\"\n",
            at, folder / "191", cms + "shared_19D.cckd", cms + "CMSSEG.segment", cms + "CMS.segment", typed),
        folder / "cms.toml"));
    const std::string console = RealRun::console_of(result);
    INFO(console);
    CHECK(has(console, "FILES: NO RDR, NO PRT, NO PUN\nReady;"));
    CHECK(has(console, "RDR FILE 0001 FROM CMSUSER COPY 001 NOHOLD\nReady;"));
    CHECK(has(console, "CMSUSER  0001 T CON "));
    CHECK(has(console, " CMS      LOG      STANDARD"));
    CHECK(has(console, "DMKCSP053E NOBODY NOT IN CP DIRECTORY\nReady(00053);"));
}

}  // namespace
}  // namespace vmcp::test
