// Page fills, as the ledger counts them, and guests that need more pages at once than there are frames.
#include <doctest/doctest.h>

#include "tests/file_contents.hpp"
#include "tests/temporary_folder.hpp"
#include "vmcp/experiment/native.hpp"
#include "vmcp/experiment/run.hpp"

namespace vmcp::experiment {
namespace {

/// Touches a thousand pages, and is in the middle of a page fill most of the time.
constexpr const char* kToucher =
    "TOUCHER  START 0\n         DC    A(0,BEGIN)\n         ORG   TOUCHER+X'200'\n"
    "BEGIN    BALR  12,0\n         USING *,12\n         L     3,=A(X'2000')\n         L     4,=F'1000'\n"
    "LOOP     ST    4,0(,3)\n         AL    3,=F'4096'\n         BCT   4,LOOP\n         LPSW  DONE\n"
    "         DS    0D\nDONE     DC    X'0002000000000000'\n         LTORG\n         END   BEGIN\n";

/// Reads 20 lines from its console, each into a page of its own: the channel touches the page, while the
/// other runs.
constexpr const char* kTypist =
    "TYPIST   START 0\n         DC    A(0,BEGIN)\n         ORG   TYPIST+72\n         DC    A(CCW)\n"
    "         ORG   TYPIST+120\n         DC    A(0,INTER)\n         ORG   TYPIST+X'200'\n"
    "BEGIN    BALR  12,0\n         USING *,12\n         L     3,=A(X'4000')\n         L     4,=F'20'\n"
    "LOOP     ST    3,CCW\n         MVI   CCW,X'0A'\n"
    "AGAIN    SIO   X'009'\n         BZ    GOING\n         BC    4,AGAIN\n         BC    2,AGAIN\n"
    "         LPSW  DEAD\nGOING    LPSW  SLEEP\n"
    "INTER    TM    68,X'04'\n         BNO   GOING\n         AL    3,=F'4096'\n         BCT   4,LOOP\n"
    "         LPSW  DONE\n         DS    0D\nSLEEP    DC    X'FE02000000000000'\n"
    "DONE     DC    X'0002000000000000'\nDEAD     DC    X'000200000000DEAD'\n"
    "CCW      DC    X'0A00000020000050'\n         LTORG\n         END   BEGIN\n";

/// Pads 4M, more than the real machine has, by one MOVE LONG.
constexpr const char* kMover =
    "MVCL     START 0\n         DC    X'0008000000000200'\n         ORG   MVCL+X'68'\n"
    "         DC    X'000A000000000BAD'\n         ORG   MVCL+X'200'\n         BALR  12,0\n         USING "
    "*,12\n"
    "         L     2,=A(X'10000')\n         L     3,LEN\n         SR    4,4\n         L     5,=X'FF000000'\n"
    "         MVCL  2,4\n         LPSW  DONE\n         DS    0D\nDONE     DC    X'000A000000000F0D'\n"
    "LEN      DC    A(X'400000')\n         LTORG\n         END\n";

/// Compares as much with itself, 16 bytes further on: two operands whose pages come and go.
constexpr const char* kComparer =
    "CLCL     START 0\n         DC    X'0008000000000200'\n         ORG   CLCL+X'68'\n"
    "         DC    X'000A000000000BAD'\n         ORG   CLCL+X'200'\n         BALR  12,0\n         USING "
    "*,12\n"
    "         L     2,=A(X'10000')\n         L     3,LEN\n         L     4,=A(X'410000')\n         L     "
    "5,LEN\n"
    "         CLCL  2,4\n         LPSW  DONE\n         DS    0D\nDONE     DC    X'000A000000000F0D'\n"
    "LEN      DC    A(X'300000')\n         LTORG\n         END\n";

TEST_CASE("a page fill is counted for the machine that it is for, whatever else is under way") {
    const tests::TemporaryFolder folder;
    tests::put(folder / "toucher.asm", kToucher);
    tests::put(folder / "typist.asm", kTypist);
    std::string input;
    for (int at = 25; at <= 310; at += 15) input += "{ at_ms = " + std::to_string(at) + ", text = \"X\" },";
    tests::put(folder / "s.toml",
               "title = \"fills\"\n[machine]\nmodel = \"s370-158\"\nstorage = \"16M\"\n"
               "[control_program]\nslice_ms = 1\n"
               "[[vm]]\nname = \"toucher\"\nstorage = \"8M\"\nguest = \"toucher.asm\"\n"
               "[[vm]]\nname = \"typist\"\nstorage = \"1M\"\nguest = \"typist.asm\"\n"
               "console_input = [" +
                   input + "]\n");
    const RunResult result = run(read_scenario(folder / "s.toml"));
    const VmResult& typist = result.vms[1];
    CHECK(typist.stop == StopReason::disabled_wait);
    CHECK(typist.cpu.psw.address == 0);
    // 20 pages for input, and the one that the program lies in.
    CHECK(typist.pages.fills == 21);
    CHECK(typist.account.of(Cause::page_fill).count == 21);
    const VmResult& toucher = result.vms[0];
    CHECK(toucher.account.of(Cause::page_fill).count == toucher.pages.fills);
}

TEST_CASE("an interruptible instruction goes over more pages than there are page frames") {
    const tests::TemporaryFolder folder;
    struct Case {
        const char* source;
        unsigned reg;
        uint32_t value;
    };
    for (const Case& one : {Case{kMover, 2, 0x410000}, Case{kComparer, 4, 0x710000}}) {
        tests::put(folder / "g.asm", one.source);
        tests::put(folder / "s.toml",
                   "title = \"long\"\n[machine]\nmodel = \"s370-158\"\nstorage = \"2M\"\n"
                   "[[vm]]\nname = \"M\"\nstorage = \"8M\"\nguest = \"g.asm\"\n");
        const Scenario scenario = read_scenario(folder / "s.toml");
        const NativeResult native = NativeMachine(scenario.machine, scenario.vms[0]).run({});
        CHECK(native.cpu.psw.address == 0xF0D);
        CHECK(native.cpu.gpr[one.reg] == one.value);
        const RunResult result = run(scenario);
        CHECK(result.vms[0].stop == StopReason::disabled_wait);
        CHECK(result.vms[0].cpu.psw.address == 0xF0D);
        CHECK(result.vms[0].cpu.gpr == native.cpu.gpr);
        CHECK(result.vms[0].pages.taken > 100);
    }
}

}  // namespace
}  // namespace vmcp::experiment
