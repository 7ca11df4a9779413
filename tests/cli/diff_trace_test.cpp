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

TEST_CASE("diff-trace: in step with the guest nothing is left to differ") {
    const Shell shell;
    const auto j = compared(shell, kTimesharing + " --vm tasks --align", 0);
    CHECK(j["end"] == "agreed");
    CHECK(j["aligned"] == true);
    CHECK_FALSE(j.contains("last"));
    CHECK(j["causes"]["external-arrival"]["values"] > 0);
    for (const char* unused : {"parted", "only_native_steps", "only_guest_steps"})
        CHECK(j["causes"]["external-arrival"][unused] == 0);
}

TEST_CASE("diff-trace: a guest that goes another way by its clock is shown where") {
    const Shell shell;
    // SET CLOCK sets the clock of the bare machine; a virtual machine keeps the real one's.
    shell.write("g.asm",
                "D        START 0\n         DC    A(0,BEGIN)\n         ORG   D+X'200'\n         USING D,0\n"
                "BEGIN    LA    1,1\n         SCK   VALUE\n         STCK  NOW\n         CLC   NOW(2),VALUE\n"
                "         BE    OUT\n         LA    2,1\nOUT      LPSW  GOOD\n         DS    0D\n"
                "GOOD     DC    X'0002000000600D00'\nVALUE    DC    X'1234000000000000'\n"
                "NOW      DS    D\n         END   BEGIN\n");
    shell.write("s.toml", "[[vm]]\nname = \"a\"\nstorage = \"64K\"\nguest = \"g.asm\"\n");
    const auto j = compared(shell, "s.toml", 0);
    CHECK(j["causes"].contains("clock"));
    CHECK(j["causes"]["clock"]["parted"] == 1);
    CHECK(j["first"]["text"].get<std::string>().starts_with("CC differs"));
    // In step the bare machine's clock is not set either.
    const auto aligned = compared(shell, "s.toml --align", 0);
    CHECK(aligned["end"] == "agreed");
    CHECK(aligned["first"]["cause"] == "clock");
}

TEST_CASE("diff-trace: what the bare machine has not, and names that nobody has") {
    const Shell shell;
    const auto none = shell.vmcp("diff-trace " + kTimesharing + " --vm nobody");
    CHECK(none.code == 1);
    CHECK(none.output.find("there is no virtual machine \"nobody\"") != std::string::npos);
    const auto many = shell.vmcp("diff-trace " + kTimesharing);
    CHECK(many.code == 1);
    CHECK(many.output.find("expected --vm NAME") != std::string::npos);
}
