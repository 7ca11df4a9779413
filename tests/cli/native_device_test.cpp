// Native machines with disks and tapes, on the command line and in scenarios, and an operator's script.
#include "tests/cli/shell.hpp"

namespace {

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

/// A program that waits for attention, asks for a name, and greets.
constexpr const char* kGreeter =
    "GREETER  CSECT\n"
    "         USING GREETER,0\n"
    "         DC    X'0000000000000200'\n"
    "         ORG   GREETER+X'78'\n"
    "         DC    X'0000000000000280'\n"
    "         ORG   GREETER+X'200'\n"
    "         LPSW  WAIT\n"
    "         ORG   GREETER+X'280'\n"
    "         LA    1,ASK\n"
    "         ST    1,72\n"
    "         SIO   9\n"
    "DONE     TIO   9\n"
    "         BNZ   DONE\n"
    "         LPSW  STOP\n"
    "         DS    0D\n"
    "WAIT     DC    X'8002000000000000'\n"
    "STOP     DC    X'0002000000000ABC'\n"
    "ASK      CCW   9,WHO,X'60',4\n"
    "         CCW   10,NAME,X'60',8\n"
    "         CCW   1,HELLO,X'60',6\n"
    "         CCW   9,NAME,X'20',8\n"
    "WHO      DC    C'WHO?'\n"
    "HELLO    DC    C'HELLO '\n"
    "NAME     DC    CL8' '\n"
    "         END   GREETER\n";

}  // namespace

TEST_CASE("native: IPL from a disk that only has a label") {
    const Shell shell;
    CHECK(shell.vmcp("image create work.ckd 3330 --volume WORK01").code == 0);
    const auto run = shell.vmcp("native --ipl 150 --device 150:3330:work.ckd,ro");
    CHECK(run.code == 0);
    CHECK(has(run.output, "disabled-wait"));
    CHECK(has(run.output, "PSW 00060000 0000001A"));
    CHECK(shell.vmcp("native --ipl 150 --device 150:3330:work.ckd,ro --trace-io trace.txt").code == 0);
    // The first CCW, the read, is the machine's own and not fetched.
    const std::string trace = shell.read("trace.txt");
    CAPTURE(trace);
    CHECK(has(trace, "  150  03 no-operation               000000 count     1 SLI\n"));
    CHECK(has(trace, "  150  CSW 00000010 0C000001  channel end, device end\n"));
    shell.write("one.toml",
                "title = \"t\"\n[[vm]]\nname = \"a\"\nstorage = \"64K\"\nipl = \"150\"\n"
                "[[vm.device]]\naddress = \"150\"\ntype = \"3330\"\nfile = \"work.ckd\"\noverlay = \"new\"\n"
                "[[vm.device]]\naddress = \"180\"\ntype = \"3420\"\n");
    CHECK(has(shell.vmcp("native one.toml").output, "PSW 00060000 0000001A"));
    CHECK(shell.exists("new"));
    const auto empty = shell.vmcp("native one.toml --ipl 180");
    CHECK(empty.code == 1);
    CHECK(has(empty.output, "180"));
    const auto guest = shell.vmcp("run one.toml");
    CHECK(guest.code == 1);
    CHECK(has(guest.output, "expected a native run"));
}

TEST_CASE("native: an operator's script types answers, and fails where nothing comes") {
    const Shell shell;
    shell.write("greeter.asm", kGreeter);
    REQUIRE(shell.vmcp("asm greeter.asm -o greeter.core").code == 0);
    shell.write("good.toml",
                "[[step]]\npause_s = 1\nattention = true\n"
                "[[step]]\nwait = 'WHO\\?'\ntype = \"adam\"\n"
                "[[step]]\nwait = 'HELLO .*ADAM|HELLO .*adam'\nlimit_s = 5\n");
    const auto good = shell.vmcp("native --core greeter.core --operator good.toml");
    CAPTURE(good.output);
    CHECK(good.code == 0);
    CHECK(has(good.output, "HELLO adam"));
    shell.write("bad.toml",
                "[[step]]\npause_s = 1\nattention = true\n"
                "[[step]]\nwait = 'WHERE'\nlimit_s = 5\n");
    const auto bad = shell.vmcp("native --core greeter.core --operator bad.toml");
    CHECK(bad.code == 1);
    CHECK(has(bad.output, "bad.toml:4:"));
    CHECK(has(bad.output, "step 2: "));
    CHECK(has(bad.output, "expected a console text that matches \"WHERE\""));
    CHECK(has(bad.output, "WHO?"));
    shell.write("wrong.toml", "[[step]]\nwait = '('\n");
    CHECK(has(shell.vmcp("native --core greeter.core --operator wrong.toml").output,
              "wrong.toml:2:8: \"(\": expected a regular"));
}

TEST_CASE("native: devices that cannot be") {
    const Shell shell;
    CHECK(shell.vmcp("image create work.ckd 2311").code == 0);
    const auto fails = [&](const std::string& device, const std::string& message) {
        const auto outcome = shell.vmcp("native --ipl 150 --device " + device);
        CHECK(outcome.code == 1);
        CAPTURE(outcome.output);
        CHECK(has(outcome.output, message));
    };
    fails("150:3380:work.ckd", "expected one of the types 2311, ");
    fails("150:2314:work.ckd", "does not go on a 2314 drive");
    fails("150:3330:nowhere", "nowhere: cannot be opened");
    fails("15X:3330:work.ckd", "expected a device address");
    fails("150:2311:work.ckd,rw", "option 'rw'");
    fails("150:2311:work.ckd --device 151:2311:work.ckd", "is in use");
    fails("00C:2311:work.ckd", "00C");
}
