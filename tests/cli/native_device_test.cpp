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
    "STOP     DC    X'000200000000600D'\n"
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
    CHECK(run.code == 3);
    CHECK(has(run.output, "disabled-wait"));
    CHECK(has(run.output, "PSW 00060000 0000001A"));
    CHECK(shell.vmcp("native --ipl 150 --device 150:3330:work.ckd,ro --trace-io trace.txt").code == 3);
    // The first CCW, the read, is the machine's own and not fetched.
    const std::string trace = shell.read("trace.txt");
    CAPTURE(trace);
    CHECK(has(trace, "  150  03 no-operation               000000      1 byte SLI\n"));
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
    CHECK(guest.code == 3);
    CHECK(has(guest.output, "00060000 0000001A"));
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

TEST_CASE("native: a script's cards can name their reader") {
    const Shell shell;
    shell.write("second.asm",
                "SECOND   START 0\n         USING SECOND,0\n         DC    A(0,X'200')\n"
                "         ORG   SECOND+X'200'\n"
                "TRY      LA    1,READ\n         ST    1,72\n         SIO   X'10C'\n         BC    7,TRY\n"
                "POLL     TIO   X'10C'\n         BC    2,POLL\n         LA    1,TYPE\n"
                "         ST    1,72\n         SIO   9\n"
                "DONE     TIO   9\n         BC    7,DONE\n         LPSW  STOP\n"
                "STOP     DC    0D'0',X'00020000',A(0)\nREAD     CCW   2,CARD,X'20',80\n"
                "TYPE     CCW   9,CARD,0,6\nCARD     DS    CL80\n         END\n");
    REQUIRE(shell.vmcp("asm second.asm -o second.core").code == 0);
    shell.write("deck.txt", "NAMELY\n");
    shell.write("o.toml",
                "[[step]]\ncards = \"deck.txt\"\nreader = \"10C\"\n[[step]]\nwait = 'NAMELY'\nlimit_s = 5\n");
    const std::string run = "native --core second.core --device 10C:2540R --device 00C:3505 --operator ";
    const auto good = shell.vmcp(run + "o.toml");
    CHECK_MESSAGE(good.code == 0, good.output);
    shell.write("p.toml", "[[step]]\ncards = \"deck.txt\"\nreader = \"00E\"\n");
    const auto printer = shell.vmcp(run + "p.toml");
    CHECK(printer.code == 1);
    CHECK_MESSAGE(has(printer.output, "p.toml:1:1: step 1: device 00E: expected a card reader"),
                  printer.output);
    shell.write("n.toml", "[[step]]\nreader = \"00E\"\n");
    CHECK(has(shell.vmcp(run + "n.toml").output, "n.toml:2:10: expected the cards for it"));
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

TEST_CASE("native and run: one description of unit-record devices serves both") {
    const Shell shell;
    // Copies a card to two printers and a punch.
    shell.write("copy.asm",
                "COPY     CSECT\n"
                "         USING COPY,0\n"
                "         DC    X'0000000000000200'\n"
                "         ORG   COPY+X'200'\n"
                "         LA    3,UNITS\n"
                "NEXT     LH    2,0(0,3)\n"
                "         LTR   2,2\n"
                "         BZ    END\n"
                "         LA    1,READ\n"
                "         C     2,=A(12)\n"
                "         BE    GO\n"
                "         LA    1,PUNCH\n"
                "         C     2,=A(X'10D')\n"
                "         BE    GO\n"
                "         LA    1,PRINT\n"
                "GO       TIO   0(2)\n"
                "         BNZ   GO\n"
                "         ST    1,72\n"
                "         SIO   0(2)\n"
                "BUSY     TIO   0(2)\n"
                "         BC    7,BUSY\n"
                "         LA    3,2(0,3)\n"
                "         B     NEXT\n"
                "END      LPSW  STOP\n"
                "STOP     DC    0D'0',X'0002000000000000'\n"
                "READ     CCW   2,CARD,X'20',80\n"
                "PRINT    CCW   9,CARD,X'20',80\n"
                "PUNCH    CCW   1,CARD,X'20',80\n"
                "UNITS    DC    X'000C000E0002010D0000'\n"
                "CARD     DS    CL80\n"
                "         END   COPY\n");
    shell.write("cards.txt", "TO BE COPIED\n");
    const std::string scenario =
        "title = \"t\"\n[[vm]]\nname = \"a\"\nstorage = \"64K\"\nguest = \"copy.asm\"\n"
        "[[vm.device]]\naddress = \"00E\"\ntype = \"3211\"\nfile = \"first.txt\"\n"
        "[[vm.device]]\naddress = \"002\"\ntype = \"1403\"\n"
        "[[vm.device]]\naddress = \"00C\"\ntype = \"2540R\"\nfile = \"cards.txt\"\n"
        "[[vm.device]]\naddress = \"10D\"\ntype = \"2540P\"\nfile = \"punched.deck\"\n";
    shell.write("copy.toml", scenario);
    const auto native = shell.vmcp("native copy.toml --json native.json");
    CAPTURE(native.output);
    CHECK(native.code == 0);
    CHECK(shell.read("first.txt") == "TO BE COPIED\n");
    CHECK(shell.read("punched.deck").size() == 80);
    const std::string json = shell.read("native.json");
    CHECK(has(json, "\"002\": {\n        \"printer\": \"TO BE COPIED\\n\""));
    shell.write("first.txt", "");
    const auto run = shell.vmcp("run copy.toml --output-dir out");
    CAPTURE(run.output);
    CHECK(run.code == 0);
    CHECK(shell.read("first.txt") == "TO BE COPIED\n");
    CHECK(shell.read("out/a.printer-002.txt") == "TO BE COPIED\n");
    const auto line = shell.vmcp(
        "native --core copy.core --device 00E:1403 --device 002:3211:second.txt --device 10D:3525 "
        "--device 01F:1052 --cards cards.txt");
    CHECK(line.code == 1);  // there is no such core
    REQUIRE(shell.vmcp("asm copy.asm -o copy.core").code == 0);
    CHECK(shell
              .vmcp("native --core copy.core --device 00E:1403 --device 002:3211:second.txt "
                    "--device 10D:3525 --device 01F:1052 --cards cards.txt")
              .code == 0);
    CHECK(shell.read("second.txt") == "TO BE COPIED\n");

    const auto refused = [&](const std::string& more, const std::string& expected) {
        shell.write("bad.toml", scenario + more);
        const auto bad = shell.vmcp("native bad.toml");
        CHECK(bad.code == 1);
        CHECK_MESSAGE(has(bad.output, expected), bad.output);
    };
    refused("[[vm.device]]\naddress = \"002\"\ntype = \"3525\"\n",
            "bad.toml:22:11: two devices have the address 002");
    refused("[[vm.device]]\naddress = \"003\"\ntype = \"1403\"\noverlay = \"x\"\n",
            "bad.toml:22:11: only disks have overlays");
    refused("[[vm.device]]\naddress = \"003\"\ntype = \"1404\"\n", "unknown device type \"1404\"");
}
