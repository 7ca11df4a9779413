// Basic Operating System/360 of 1966, from its production tape. The tape lies outside the repository; without
// it the test says so and skips.
#include "tests/real/real_machine.hpp"

namespace vmcp::test {
namespace {

/// The system's tape, protected, and four scratch tapes that begin with a tape mark.
void attach_tapes(RealRun& real, const std::string& system) {
    real.device(0x180, "2400", system, true);
    for (const uint16_t address : {0x181, 0x182, 0x183, 0x184}) {
        const std::string scratch = real.path(fmt::format("{:03X}", address));
        simulation::images::TapeImage::create(scratch, simulation::images::Compression::none)->write_mark();
        real.device(address, "2400", scratch);
    }
}

std::string start() { return attention(10) + answer("0I10A", "set date=09/07/66,clock=00/00/00"); }

/// Two jobs: a FORTRAN program and an assembler program, both compiled, linked and run.
constexpr const char* kJobs =
    "// JOB FORT\n"
    "// OPTION LINK,LOG\n"
    "// EXEC FORTRAN\n"
    "      I = 6 * 7\n"
    "      WRITE(3,10) I\n"
    "   10 FORMAT(1H ,20HTHE ANSWER BY BOS IS,I5)\n"
    "      STOP\n"
    "      END\n"
    "/*\n"
    "// EXEC LNKEDT\n"
    "// EXEC\n"
    "/*\n"
    "/&\n"
    "// JOB ASMB\n"
    "// OPTION LINK,LOG\n"
    "// EXEC ASSEMBLY\n"
    "HELLO    START 0\n"
    "BEGIN    BALR  12,0\n"
    "         USING *,12\n"
    "         EXCP  CCB\n"
    "         WAIT  CCB\n"
    "         EOJ\n"
    "CCB      CCB   SYSLOG,CCW\n"
    "CCW      CCW   9,MSG,X'20',L'MSG\n"
    "MSG      DC    C'HELLO FROM BOS/360'\n"
    "         END   BEGIN\n"
    "/*\n"
    "// EXEC LNKEDT\n"
    "// EXEC\n"
    "/*\n"
    "/&\n";

TEST_CASE("BOS/360: a FORTRAN job and an assembler job, compiled, linked and run") {
    if (!present({"bos360/bos360.aws"})) return;
    const std::string tape = shared_guests() + "/bos360/bos360.aws";
    std::string printed;
    for (unsigned round = 0; round < 2; ++round) {
        RealRun real;
        attach_tapes(real, tape);
        std::ofstream(real.path("jobs.txt")) << kJobs;
        const auto result =
            real.run("BOS/360 jobs", 0x180, 64 * 1024,
                     start() + "[[step]]\nwait = '1C00A'\ncards = 'jobs.txt'\ntype = ''\n" +
                         wait_for("EOJ FORT") + wait_for("HELLO FROM BOS/360") + wait_for("EOJ ASMB"));
        INFO(result.output.printer);
        CHECK(has(result.output.printer, "BASIC OPERATING SYSTEM/360 FORTRAN"));
        CHECK(has(result.output.printer, "THE ANSWER BY BOS IS   42"));
        CHECK(has(result.output.printer, "NO STATEMENTS FLAGGED IN THIS ASSEMBLY"));
        if (round == 0) printed = result.output.printer;
        CHECK(result.output.printer == printed);  // the same again, byte for byte
    }
}

TEST_CASE("BOS/360 as a guest: the same jobs, the same console and paper") {
    if (!present({"bos360/bos360.aws"})) return;
    const std::string tape = shared_guests() + "/bos360/bos360.aws";
    const std::string jobs = start() +
                             "[[step]]\nwait = '1C00A'\npause_s = 5\ncards = 'jobs.txt'\ntype = ''\n" +
                             wait_for("EOJ FORT") + wait_for("HELLO FROM BOS/360") + wait_for("EOJ ASMB");
    const auto prepare = [&](RealRun& real) {
        attach_tapes(real, tape);
        tests::put(real.path("jobs.txt"), kJobs);
    };
    same_as_natively(
        0x180, 64 * 1024, jobs, prepare,
        {
            {"V=V", {}},
            {"V=V in less real storage than its own", {.real_storage = "112K"}},
            {"translated code", {.more = "technique = \"binary-translation\""}},
            {"translated code, on a machine with holes",
             {.more = "technique = \"binary-translation\"", .model = "s370-holes"}},
            {"V=V, fast", {.io = "fast"}},
            {"V=Resident", {.more = "kind = \"V=Resident\""}},
            {"V=Resident, direct", {.more = "kind = \"V=Resident\"", .io = "direct"}},
            {"V=R, direct", {.more = "kind = \"V=R\"", .io = "direct"}},
            {"translating channels", {.io = "translating-channel", .model = "s370-158-translating"}},
            {"interpretive I/O by translating channels, waits within",
             {.more = "assists = [\"sie\"]\ntranslation = \"nested\"\nwait_completion = true",
              .io = "translating-channel",
              .model = "s370-158-interpretive-io",
              .device = "interpretive_io = true\n"}},
        });
}

TEST_CASE("BOS/360: IPL from tape, and the table of its units") {
    if (!present({"bos360/bos360.aws"})) return;
    const std::string tape = shared_guests() + "/bos360/bos360.aws";
    RealRun real;
    attach_tapes(real, tape);
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
