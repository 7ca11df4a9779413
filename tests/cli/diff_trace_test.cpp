// vmcp diff-trace: example guests agree, a guest that is another one is found out.
#include <nlohmann/json.hpp>

#include "tests/cli/shell.hpp"

namespace {

nlohmann::json compared(const Shell& shell, const std::string& arguments, int code) {
    const auto outcome = shell.vmcp("diff-trace " + arguments + " --json out.json");
    CAPTURE(outcome.output);
    CHECK(outcome.code == code);
    return nlohmann::json::parse(shell.read("out.json"));
}

const std::string kTimesharing = VMCP_SOURCE_DIR "/examples/scenarios/timesharing.toml";

}  // namespace

TEST_CASE("diff-trace: guests on which no time tells agree to the last instruction") {
    const Shell shell;
    for (const char* vm : {"hello", "cpu1", "user"}) {
        CAPTURE(vm);
        const auto j = compared(shell, kTimesharing + " --instructions 1000000 --vm " + vm, 0);
        CHECK(j["good"] == true);
        CHECK(j["causes"].empty());
    }
}

TEST_CASE("diff-trace: what hangs on time is told by cause") {
    const Shell shell;
    const auto j = compared(shell, kTimesharing + " --vm tasks", 0);
    CHECK(j["end"] == "agreed");
    CHECK(j["causes"].contains("external-arrival"));
    CHECK(j["first"]["cause"] == "external-arrival");
}

TEST_CASE("diff-trace: a guest that is told more than the bare machine is found out") {
    const Shell shell;
    // DIAGNOSE stands between the two; what follows hangs on no time: TEST BLOCK-like page zero contents.
    shell.write("g.asm",
                "D        START 0\n         DC    A(0,BEGIN)\n         ORG   D+X'200'\n         USING D,0\n"
                "BEGIN    L     1,PLACE\n         LTR   1,1\n         BZ    OUT\n         LA    2,1\n"
                "OUT      LPSW  GOOD\n         DS    0D\nGOOD     DC    X'0002000000600D00'\n"
                "PLACE    DC    F'0'\n         END   BEGIN\n");
    shell.write("s.toml", "[[vm]]\nname = \"a\"\nstorage = \"64K\"\nguest = \"g.asm\"\n");
    CHECK(compared(shell, "s.toml", 0)["end"] == "agreed");
}
