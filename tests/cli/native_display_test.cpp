// Machines with displays and channel-to-channel adapters, native and virtual ones, and operator's scripts for
// displays.
#include <arpa/inet.h>
#include <sys/socket.h>

#include <cstdio>

#include "tests/cli/shell.hpp"
#include "tests/vmcp/s3270.hpp"

namespace {

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

/// Shows a form on display 0C0, greets whose name is entered, and ends with the next key.
constexpr const char* kForm =
    "FORM     CSECT\n"
    "         USING FORM,0\n"
    "         DC    X'0000000000000200'\n"
    "         ORG   FORM+X'78'\n"
    "         DC    X'0000000000000280'\n"
    "         ORG   FORM+X'200'\n"
    "         SR    2,2\n"
    "         LA    1,SHOW\n"
    "         ST    1,72\n"
    "         SIO   X'C0'\n"
    "         LPSW  WAIT\n"
    "         ORG   FORM+X'280'\n"
    "         TM    68,X'80'         ATTENTION\n"
    "         BO    KEY\n"
    "         LPSW  WAIT\n"
    "KEY      LTR   2,2\n"
    "         BNZ   END\n"
    "         LA    2,1\n"
    "         LA    1,ENTERED\n"
    "         ST    1,72\n"
    "         SIO   X'C0'\n"
    "         LPSW  WAIT\n"
    "END      LPSW  STOP\n"
    "         DS    0D\n"
    "WAIT     DC    X'8002000000000000'\n"
    "STOP     DC    X'000200000000600D'\n"
    "SHOW     CCW   5,SCREEN,X'20',SCREENL\n"
    "ENTERED  CCW   6,BUFFER,X'60',14\n"
    "         CCW   5,HELLO,X'A0',9\n"
    "         CCW   0,BUFFER+6,X'20',8\n"
    "SCREEN   DC    X'C3',X'1140401D60',C'NAME:',X'1D4013',X'1140D61D60'\n"
    "SCREENL  EQU   *-SCREEN\n"
    "HELLO    DC    X'C31D60',C'HELLO '\n"
    "BUFFER   DC    14X'00'\n"
    "         END   FORM\n";

/// Sends itself a message through an adapter whose ends are 0E0 and 0E1.
constexpr const char* kLoop =
    "LOOP     CSECT\n"
    "         USING LOOP,0\n"
    "         DC    X'0000000000000200'\n"
    "         ORG   LOOP+X'200'\n"
    "         LA    1,SEND\n"
    "         ST    1,72\n"
    "         SIO   X'E0'\n"
    "         LA    1,RECEIVE\n"
    "         ST    1,72\n"
    "         SIO   X'E1'\n"
    "READ     TIO   X'E1'\n"
    "         BNZ   READ\n"
    "         CLC   FROM(5),TO\n"
    "         BNE   BAD\n"
    "         LPSW  STOP\n"
    "BAD      LPSW  WRONG\n"
    "         DS    0D\n"
    "STOP     DC    X'000200000000600D'\n"
    "WRONG    DC    X'0002000000000BAD'\n"
    "SEND     CCW   1,FROM,X'00',5\n"
    "RECEIVE  CCW   2,TO,X'00',5\n"
    "FROM     DC    C'HELLO'\n"
    "TO       DC    CL5' '\n"
    "         END   LOOP\n";

/// A TCP port of the local host that nobody listens on.
uint16_t free_port() {
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    REQUIRE(bind(fd, reinterpret_cast<sockaddr*>(&address), length) == 0);
    REQUIRE(getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length) == 0);
    close(fd);
    return ntohs(address.sin_port);
}

/// The wait status of a program that popen() began, whose output is heard to its end: one whose reader goes
/// cannot write its report.
int ended(FILE* program) {
    char heard[4096];
    while (std::fread(heard, 1, sizeof heard, program) != 0) {
    }
    return pclose(program);
}

}  // namespace

TEST_CASE("native: the example of a form on a display") {
    const Shell shell;
    const auto run = shell.vmcp("native " VMCP_SOURCE_DIR "/examples/native/form.toml --json -");
    CAPTURE(run.output);
    CHECK(run.code == 0);
    CHECK(has(run.output, "\"0C0\": \" HELLO ada\\n"));
    const auto shown = shell.vmcp("native " VMCP_SOURCE_DIR "/examples/native/form.toml");
    CAPTURE(shown.output);
    CHECK(has(shown.output, "display 0C0:\n HELLO ada\n"));
}

TEST_CASE("native: an operator's script at a display") {
    const Shell shell;
    shell.write("form.asm", kForm);
    REQUIRE(shell.vmcp("asm form.asm -o form.core").code == 0);
    shell.write("one.toml",
                "[[step]]\ndisplay = \"0C0\"\nwait = 'NAME:'\ntype = \"maint\"\nkey = \"ENTER\"\n"
                "[[step]]\ndisplay = \"0C0\"\nwait = 'HELLO maint'\nkey = \"PF3\"\n");
    const std::string native = "native --core form.core --device 0C0:3277 --operator one.toml";
    const auto run = shell.vmcp(native + " --json - --trace-io trace.txt");
    CAPTURE(run.output);
    CHECK(run.code == 0);
    CHECK(has(run.output, "\"0C0\": \" HELLO maint\\n"));
    const std::string trace = shell.read("trace.txt");
    CAPTURE(trace);
    CHECK(has(trace, "05 erase/write"));
    CHECK(has(trace, "06 read modified"));
    CHECK(shell.vmcp(native + " --json again.json").code == 0);

    SUBCASE("a text that does not come") {
        shell.write("one.toml", "[[step]]\ndisplay = \"0C0\"\nwait = 'LOGON'\nkey = \"ENTER\"\n");
        const auto bad = shell.vmcp(native);
        CHECK(bad.code == 1);
        CHECK(has(bad.output, "one.toml:1:1: step 1: "));
        CHECK(
            has(bad.output, "expected a text on display 0C0 that matches \"LOGON\"; the screen:\n NAME:\n"));
    }
    SUBCASE("a keyboard that is not restored") {
        shell.write("one.toml",
                    "[[step]]\ndisplay = \"0C0\"\nwait = 'NAME:'\nkey = \"CLEAR\"\n"
                    "[[step]]\ndisplay = \"0C0\"\nwait = 'HELLO'\nkey = \"PA1\"\n"
                    "[[step]]\ndisplay = \"0C0\"\nkey = \"PA1\"\n");
        const auto bad = shell.vmcp(native);
        CHECK(bad.code == 1);
        CHECK(has(bad.output, "step 3: "));
        CHECK(has(bad.output, "expected the keyboard of display 0C0 to be restored"));
    }
    SUBCASE("a place where nothing may be keyed") {
        shell.write("one.toml",
                    "[[step]]\ndisplay = \"0C0\"\nwait = 'NAME:'\nkey = \"UP\"\n"
                    "[[step]]\ndisplay = \"0C0\"\nkey = \"RIGHT\"\n"
                    "[[step]]\ndisplay = \"0C0\"\ntype = \"twenty letters and more\"\n");
        const auto bad = shell.vmcp(native);
        CHECK(bad.code == 1);
        CHECK(has(bad.output,
                  "took no more of \"twenty letters and more\" with the cursor in row 24, column 9"));
    }
    SUBCASE("mistakes in the script") {
        const auto message = [&](const std::string& script) {
            shell.write("one.toml", script);
            const auto bad = shell.vmcp(native);
            CHECK(bad.code == 1);
            return bad.output;
        };
        CHECK(has(message("[[step]]\nkey = \"ENTER\"\n"),
                  "one.toml:2:7: expected the display that has the key"));
        CHECK(has(message("[[step]]\ndisplay = \"0C0\"\nkey = \"PF25\"\n"),
                  "\"PF25\": expected one of PF1 to PF24"));
        CHECK(has(message("[[step]]\ndisplay = \"0C1\"\nkey = \"PF1\"\n"),
                  "device 0C1: expected a display of the configuration"));
        CHECK(
            has(message("[[step]]\ndisplay = \"0C0\"\nattention = true\n"), "a display has no request key"));
    }
}

TEST_CASE("native: a scenario with a display") {
    const Shell shell;
    shell.write("form.asm", kForm);
    shell.write("one.toml",
                "title = \"t\"\n[[vm]]\nname = \"a\"\nstorage = \"64K\"\nguest = \"form.asm\"\noperator = "
                "\"o.toml\"\n"
                "[[vm.device]]\naddress = \"0C0\"\ntype = \"3278-2\"\n");
    shell.write("o.toml",
                "[[step]]\ndisplay = \"0C0\"\nwait = 'NAME:'\ntype = \"x\"\nkey = \"ENTER\"\n"
                "[[step]]\ndisplay = \"0C0\"\nwait = 'HELLO x'\n");
    const auto run = shell.vmcp("native one.toml");
    CAPTURE(run.output);
    CHECK(run.code == 0);
}

TEST_CASE("native: the two ends of a channel-to-channel adapter") {
    const Shell shell;
    shell.write("loop.asm", kLoop);
    REQUIRE(shell.vmcp("asm loop.asm -o loop.core").code == 0);
    const auto run = shell.vmcp(
        "native --core loop.core --device 0E0:CTCA --device 0E1:CTCA:couple=0E0 --trace-io trace.txt");
    CAPTURE(run.output);
    CHECK(run.code == 0);
    CHECK(has(run.output, "0000600D"));
    CHECK(has(shell.read("trace.txt"), "0E1  02 read"));
    const auto alone = shell.vmcp("native --core loop.core --device 0E1:CTCA:couple=0E0");
    CHECK(alone.code == 1);
    CHECK(has(alone.output,
              "device 0E1: to be coupled with 0E0: expected a channel-to-channel adapter described before"));
}

TEST_CASE("native: options that a device does not have") {
    const Shell shell;
    const auto message = [&](const std::string& device) {
        const auto bad = shell.vmcp("native --core no.core --device " + device);
        CHECK(bad.code == 1);
        return bad.output;
    };
    shell.write("no.core", "12345678");
    CHECK(has(message("0C0:3277:file"), "--device '0C0:3277:file': a 3277 has no file"));
    CHECK(has(message("0E0:CTCA:listen=3270"), "only a display listens"));
    CHECK(has(message("0C0:3277:couple=0E0"), "only a channel-to-channel adapter is coupled"));
    CHECK(has(message("0C0:3277:listen=0"), "expected a TCP port"));
    CHECK(has(message("0C0:3277:,ro"), "only disks and tapes can be read only"));
}

TEST_CASE("native: a 3270 emulator is the screen of a display") {
    if (!S3270::installed()) {
        MESSAGE("skipped: s3270 is not installed");
        return;
    }
    const Shell shell;
    shell.write("form.asm", kForm);
    REQUIRE(shell.vmcp("asm form.asm -o form.core").code == 0);
    const uint16_t port = free_port();
    S3270 terminal([] { usleep(1000); });
    FILE* machine = popen(fmt::format("cd {} && exec {} native --core form.core --device 0C0:3277:listen={} "
                                      "--json out.json 2>&1",
                                      shell.path(), VMCP_BINARY, port)
                              .c_str(),
                          "r");
    REQUIRE(machine != nullptr);
    bool connected = false;
    for (unsigned n = 0; n < 100 && !connected; ++n) {
        connected = terminal.connect(port);
        if (!connected) usleep(50'000);
    }
    CHECK(connected);
    CHECK(terminal.action("Wait(10,InputField)").ok);
    CHECK(terminal.action("Ascii(0,0,7)").data == std::vector<std::string>{" NAME: "});
    CHECK(terminal.action("String(bob)").ok);
    CHECK(terminal.action("Enter()").ok);
    CHECK(terminal.action("Wait(10,Unlock)").ok);
    CHECK(terminal.action("Ascii(0,0,10)").data == std::vector<std::string>{" HELLO bob"});
    CHECK(terminal.action("PF(3)").ok);  // and the program ends
    CHECK(ended(machine) == 0);
    CHECK(has(shell.read("out.json"), "\"0C0\": \" HELLO bob\\n"));
    CHECK(has(shell.read("out.json"), "0000600D"));
}

TEST_CASE("run: 3270 emulators are the screens of two guests' displays") {
    if (!S3270::installed()) {
        MESSAGE("skipped: s3270 is not installed");
        return;
    }
    const Shell shell;
    shell.write("form.asm", kForm);
    const uint16_t ports[] = {free_port(), free_port()};
    const char* const names[] = {"ada", "bob"};
    std::string scenario = "title = \"Forms\"\n";
    for (unsigned i = 0; i < 2; ++i)
        scenario += fmt::format(
            "[[vm]]\nname = \"{}\"\nstorage = \"64K\"\nguest = \"form.asm\"\n"
            "[[vm.device]]\naddress = \"0C0\"\ntype = \"3277\"\nlisten = {}\n",
            names[i], ports[i]);
    shell.write("forms.toml", scenario);
    const auto refused = shell.vmcp("compare forms.toml");
    CHECK(refused.code == 1);
    CHECK(has(refused.output,
              "virtual machine ada: display 0C0 listens for a terminal, and nobody sits there"));

    FILE* run =
        popen(fmt::format("cd {} && exec {} run forms.toml 2>&1", shell.path(), VMCP_BINARY).c_str(), "r");
    REQUIRE(run != nullptr);
    S3270 first([] { usleep(1000); }), second([] { usleep(1000); });
    S3270* const terminals[] = {&first, &second};
    for (unsigned i = 0; i < 2; ++i) {
        bool connected = false;
        for (unsigned n = 0; n < 100 && !connected; ++n) {
            connected = terminals[i]->connect(ports[i]);
            if (!connected) usleep(50'000);
        }
        CHECK(connected);
    }
    for (unsigned i = 0; i < 2; ++i) {
        CAPTURE(names[i]);
        CHECK(terminals[i]->action("Wait(10,InputField)").ok);
        CHECK(terminals[i]->action("Ascii(0,0,7)").data == std::vector<std::string>{" NAME: "});
        CHECK(terminals[i]->action(fmt::format("String({})", names[i])).ok);
        CHECK(terminals[i]->action("Enter()").ok);
    }
    for (unsigned i = 0; i < 2; ++i) {
        CAPTURE(names[i]);
        CHECK(terminals[i]->action("Wait(10,Unlock)").ok);
        CHECK(terminals[i]->action("Ascii(0,0,10)").data ==
              std::vector<std::string>{fmt::format(" HELLO {}", names[i])});
        CHECK(terminals[i]->action("PF(3)").ok);  // and the program ends
    }
    std::string said;
    for (int c; (c = std::fgetc(run)) != EOF;) said += static_cast<char>(c);
    CAPTURE(said);
    pclose(run);
    CHECK(has(said, fmt::format("ada: display 0C0: a terminal may connect: x3270 127.0.0.1:{}", ports[0])));
    CHECK(has(said, "ada stopped after"));
    CHECK(has(said, "0000600D"));
}
