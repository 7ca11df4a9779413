// The operator's panel and the attended console: from a file, and at a (pseudo) terminal.
#include <poll.h>
#include <pty.h>
#include <unistd.h>

#include "tests/cli/shell.hpp"

namespace {

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

/// Adds up to 3, calls the supervisor, whose handler waits for the operator and greets the one who answers.
constexpr const char* kProgram =
    "PROGRAM  CSECT\n"
    "         USING PROGRAM,0\n"
    "         DC    X'0000000000000200'\n"
    "         ORG   PROGRAM+X'60'\n"
    "         DC    X'0000000000000240'      SVC NEW PSW\n"
    "         ORG   PROGRAM+X'78'\n"
    "         DC    X'0000000000000260'      I/O NEW PSW\n"
    "         ORG   PROGRAM+X'200'\n"
    "         LA    1,1\n"
    "         LA    2,2\n"
    "         AR    1,2\n"
    "         SVC   7\n"
    "         ORG   PROGRAM+X'240'\n"
    "         ST    1,SUM\n"
    "         LPSW  WAIT\n"
    "         ORG   PROGRAM+X'260'\n"
    "         LA    1,ASK\n"
    "         ST    1,72\n"
    "         SIO   9\n"
    "DONE     TIO   9\n"
    "         BNZ   DONE\n"
    "         LPSW  STOP\n"
    "         DS    0D\n"
    "WAIT     DC    X'8002000000000000'\n"
    "STOP     DC    X'000200000000600D'\n"
    "ASK      CCW   1,WHO,X'60',5\n"
    "         CCW   10,NAME,X'60',4\n"
    "         CCW   1,HELLO,X'60',6\n"
    "         CCW   9,NAME,X'20',4\n"
    "SUM      DC    F'0'\n"
    "WHO      DC    C'WHO? '\n"
    "HELLO    DC    C'HELLO '\n"
    "NAME     DC    CL4' '\n"
    "         END   PROGRAM\n";

/// The program at a terminal of its own: what it shows, with what is typed into it.
class Terminal {
  public:
    explicit Terminal(const Shell& shell, const std::string& arguments) {
        process_ = forkpty(&terminal_, nullptr, nullptr, nullptr);
        REQUIRE(process_ >= 0);
        if (process_ != 0) return;
        const std::string command = fmt::format("cd {} && exec {} {}", shell.path(), VMCP_BINARY, arguments);
        execl("/bin/sh", "sh", "-c", command.c_str(), nullptr);
        _exit(127);
    }
    ~Terminal() {
        close(terminal_);
        kill(process_, SIGKILL);
        waitpid(process_, nullptr, 0);
    }
    Terminal(const Terminal&) = delete;
    Terminal& operator=(const Terminal&) = delete;

    void type(const std::string& text) const {
        REQUIRE(write(terminal_, text.data(), text.size()) == static_cast<ssize_t>(text.size()));
    }
    /// Waits until this has appeared since the last wait.
    void wait_for(const std::string& text) {
        size_t at = 0;
        while ((at = shown_.find(text)) == std::string::npos) {
            pollfd input{terminal_, POLLIN, 0};
            constexpr int kLimit = 20'000;  // ms: only a broken program takes as long
            char buffer[4096];
            ssize_t n = 0;
            if (poll(&input, 1, kLimit) > 0) n = read(terminal_, buffer, sizeof buffer);
            CAPTURE(text);
            CAPTURE(shown_);
            REQUIRE(n > 0);
            shown_.append(buffer, static_cast<size_t>(n));
        }
        shown_.erase(0, at + text.size());
    }

  private:
    int terminal_ = -1;
    pid_t process_ = -1;
    std::string shown_;
};

}  // namespace

TEST_CASE(
    "panel: a system that never idles is stopped from a file, and an operator's script goes on meanwhile") {
    const Shell shell;
    shell.write("loop.asm",
                "LOOP     START 0\n         DC    A(0,X'200')\n         ORG   LOOP+X'200'\n"
                "         BALR  1,0\n         BR    1\n         END\n");
    REQUIRE(shell.vmcp("asm loop.asm -o loop.core").code == 0);
    shell.write("commands", "begin for 2.5\nbegin 200 for .5\nquery time\nquit\n");
    const auto run = shell.vmcp("native --core loop.core --panel <commands");
    CHECK_MESSAGE(run.code == 0, run.output);
    CHECK_MESSAGE(has(run.output, "Stopped: the time is over."), run.output);
    CHECK_MESSAGE(has(run.output, "3.000 s of simulated time"), run.output);
    for (const char* wrong : {"begin for", "begin for x", "begin for 0", "begin 200 300"}) {
        shell.write("commands", std::string(wrong) + "\n");
        CHECK(shell.vmcp("native --core loop.core --panel <commands").code == 1);
    }
    shell.write("program.asm", kProgram);
    REQUIRE(shell.vmcp("asm program.asm -o program.core").code == 0);
    shell.write("o.toml",
                "[[step]]\npause_s = 1\nattention = true\n[[step]]\nwait = 'WHO'\ntype = \"adam\"\n");
    shell.write("commands", "begin for 0.5\ndisplay g1\nbegin\nquit\n");
    const auto operated = shell.vmcp("native --core program.core --panel --operator o.toml <commands");
    CHECK_MESSAGE(operated.code == 0, operated.output);
    CHECK_MESSAGE(has(operated.output, "HELLO adam"), operated.output);
}

TEST_CASE("panel: display, alter, step, stop and trace, with commands from a file") {
    const Shell shell;
    shell.write("program.asm", kProgram);
    REQUIRE(shell.vmcp("asm program.asm -o program.core").code == 0);
    shell.write("commands",
                "display p g1\n"
                "STEP 2\n"
                "store g2 29\n"
                "d g0-2 i20A.2\n"
                "adstop 240\n"
                "begin\n"
                "display g1\n"
                "adstop off\n"
                "store 3F0 C1C2 C3\n"
                "d 3F0.3 k3F0 x0 y2\n"
                "trace int on\n"
                "begin\n"
                "/ADAM\n"
                "b\n"
                "query time\n"
                "query devices\n"
                "quit\n");
    const auto run = shell.vmcp("native --core program.core --storage 64K --panel < commands");
    CAPTURE(run.output);
    CHECK(run.code == 0);
    CHECK(
        has(run.output, "PSW  00000000 00000200   BC mode, supervisor state, key 0, CC 0\nG1   00000000\n"));
    CHECK(has(run.output, "000204  41200002     LA    2,2                 @000002 R2=00000002\n"));
    CHECK(has(run.output, "G0   00000000 00000001 00000029\n00020A  0A07          SVC   7\n"));
    CHECK(has(run.output, "Stopped at an address stop.\n"));
    CHECK(has(run.output, "000240  501"));
    CHECK(has(run.output, "G1   0000002A\n"));
    CHECK(has(run.output, "0003F0  C1C2C3                               *ABC*\n"));
    CHECK(has(run.output, "000000  key 0, referenced, changed\nX0   000000E0\nY2   0000000000000000\n"));
    CHECK(has(run.output, "Waiting: nothing will happen before the operator acts.\n"));
    CHECK(has(run.output, "I/O interruption from device 009\n"));
    CHECK(has(run.output, "WHO? ADAM\nHELLO ADAM\n"));
    CHECK(has(run.output, "Disabled wait"));
    CHECK(has(run.output, "009  3215\n00C  3505     0 cards\n00D  3525\n00E  1403\n"));

    const auto refused = [&](const std::string& commands, const std::string& expected) {
        shell.write("commands", commands);
        const auto bad = shell.vmcp("native --core program.core --storage 64K --panel < commands");
        CHECK(bad.code == 1);
        CHECK_MESSAGE(has(bad.output, expected), bad.output);
    };
    refused("d g0\nfrobnicate\n", "standard input:2: unknown command 'frobnicate'");
    refused("d 10000\n", "standard input:1: DISPLAY: 010000: beyond 64K of storage");
    refused("d g16\n", "standard input:1: DISPLAY: '16': expected a register number");
    refused("store 200 ABC\n", "standard input:1: STORE: 'ABC': expected pairs of hexadecimal digits");
    refused("step 0\n", "standard input:1: STEP: '0': expected a number of instructions");
    refused("ipl 180\n", "standard input:1: IPL 180: condition code 3: no such device");
    CHECK(shell.vmcp("native --core program.core --panel --console-input x").code == 2);
}

TEST_CASE("panel: where an address is expected, a symbol of the assembled program will do") {
    const Shell shell;
    shell.write("program.asm", kProgram);
    shell.write("commands",
                "adstop done\n"
                "adstop DONE+4\n"
                "adstop\n"
                "adstop off\n"
                "d sum.4 hello.6 VHELLO.6 kHELLO\n"
                "d iask.2\n"
                "store SUM 0000002B\n"
                "store vname C5E5C540\n"
                "d SUM-SUM+3 name.4\n"
                "d g1 p x0\n"
                "begin program+200 for 0.1\n"
                "quit\n");
    const auto run = shell.vmcp("native program.asm --storage 64K --panel < commands");
    CAPTURE(run.output);
    CHECK(run.code == 0);
    CHECK(has(run.output, "Address stops: 00026C 000270\n"));
    CHECK(has(run.output, "*HELLO *\n"));
    CHECK(has(run.output, "  0000002B "));
    CHECK(has(run.output, "*EVE *\n"));
    CHECK(has(run.output, "G1   00000000\nPSW "));
    const auto refused = [&](const std::string& commands, const std::string& expected) {
        shell.write("commands", commands);
        const auto bad = shell.vmcp("native program.asm --storage 64K --panel < commands");
        CHECK(bad.code == 1);
        CHECK_MESSAGE(has(bad.output, expected), bad.output);
    };
    const std::string either = "expected a hexadecimal address or a symbol of the program";
    refused("d nowhere\n", "standard input:1: DISPLAY: 'NOWHERE': " + either);
    refused("adstop nowhere\n", "standard input:1: ADSTOP: 'nowhere': " + either);
    refused("begin nowhere\n", "standard input:1: BEGIN: 'nowhere': " + either);
    refused("d sum+x\n", "standard input:1: DISPLAY: 'X': expected a hexadecimal offset");
    // A raw image has no symbols.
    REQUIRE(shell.vmcp("asm program.asm -o program.core").code == 0);
    shell.write("commands", "adstop done\n");
    CHECK(shell.vmcp("native --core program.core --panel < commands").code == 1);
}

TEST_CASE("panel: what a trace shows is in the order in which it happened") {
    const Shell shell;
    shell.write("program.asm", kProgram);
    shell.write("commands",
                "trace on\nadstop done\nbegin\n/EVE\nbegin\nadstop off\ntrace instr off\nbegin\nquit\n");
    const auto run = shell.vmcp("native program.asm --storage 64K --panel < commands");
    CAPTURE(run.output);
    CHECK(run.code == 0);
    size_t at = 0;
    for (const std::string part :
         {"AR    1,2", "R1=00000003 CC=2", "SVC   7", "supervisor-call interruption", "ST    1,", "LPSW ",
          "I/O interruption", "LA    1,", "SIO   9 ", "01 write", "Stopped at an address stop.", "WHO? ",
          "0A read inquiry", "EVE\n", "01 write", "HELLO ", "CSW"}) {
        CAPTURE(part);
        at = run.output.find(part, at);
        REQUIRE(at != std::string::npos);
    }
}

TEST_CASE("native: an interruption is a story, chosen by its kind, its number or its time") {
    const Shell shell;
    shell.write("program.asm", kProgram);
    const std::string native = "native program.asm --console-input EVE --explain ";
    const auto told = shell.vmcp(native + "svc");
    CAPTURE(told.output);
    for (const char* part :
         {"The interruptions chosen by svc", "Interruption 2: SVC 7, at ",
          "The program calls its supervisor:", "00020A  SVC   7", "program.asm:12: SVC 7",
          "stores that PSW at 000020", "with the code 0007 in it", "loads the PSW at 000060",
          "000060  00000000 00000240", "000240  ST    1,", ": ST 1,SUM"})
        CHECK_MESSAGE(has(told.output, part), part);
    CHECK_FALSE(has(told.output, "Interruption 3"));
    const auto io = shell.vmcp_with("LC_ALL=C.UTF-8 COLUMNS=60", native + "io:2");
    CAPTURE(io.output);
    for (const char* part : {"I/O interruption from device 009", "The program waits.", "stores CSW at 000040",
                             "attention", "    │ The handler finds:", "with the code 0009 in it"})
        CHECK_MESSAGE(has(io.output, part), part);
    CHECK(has(shell.vmcp(native + "1").output, " The first interruption "));
    CHECK(has(shell.vmcp(native + "@2").output, "Interruption 2: SVC 7"));
    CHECK(has(shell.vmcp(native + "data").output, "vmcp: --explain data: there was no such interruption\n"));
    const auto wrong = shell.vmcp(native + "page_fill");
    CHECK(wrong.code == 1);
    CHECK_MESSAGE(has(wrong.output, "--explain 'page_fill': expected 3 (how many)"), wrong.output);
    CHECK_MESSAGE(has(wrong.output, "privileged_operation"), wrong.output);
}

TEST_CASE("run: --explain says of what it did not meet that it was not there") {
    const Shell shell;
    const std::string run = "run " VMCP_SOURCE_DIR "/examples/scenarios/timesharing.toml --quiet --explain ";
    const auto told = shell.vmcp(run + "hello:SIO --explain hello:@100000000");
    CAPTURE(told.output);
    CHECK(told.code == 0);
    CHECK(has(told.output, "VIRTUAL MACHINE hello"));
    CHECK(has(told.output, "vmcp: --explain hello:@100000000: there was no such trap\n"));
    CHECK_FALSE(has(told.output, "hello:SIO: there was"));
}

TEST_CASE("native: a trace of instructions, interruptions and channel programs in their order") {
    const Shell shell;
    shell.write("program.asm", kProgram);
    REQUIRE(shell.vmcp("asm program.asm -o program.core").code == 0);
    REQUIRE(shell.vmcp("native --core program.core --console-input EVE --trace trace.txt").code == 0);
    const std::string trace = shell.read("trace.txt");
    CAPTURE(trace);
    size_t at = 0;
    for (const std::string part :
         {"restart interruption", "000208  1A12         AR    1,2", "R1=00000003 CC=2",
          "supervisor-call interruption, number 7", "old PSW 0000", "new PSW 00000000 00000240",
          "I/O interruption from device 009", "SIO   9 ", "01 write", "CSW"}) {
        CAPTURE(part);
        at = trace.find(part, at);
        REQUIRE(at != std::string::npos);
    }
}

TEST_CASE("native: the terminal is the operator's console") {
    const Shell shell;
    shell.write("program.asm", kProgram);
    REQUIRE(shell.vmcp("asm program.asm -o program.core").code == 0);
    Terminal terminal(shell, "native --core program.core --console-input -");
    terminal.type("\n");  // the request key
    terminal.wait_for("WHO? ");
    terminal.type("adam\n");
    terminal.wait_for("HELLO adam");
    terminal.wait_for("disabled-wait after");
}

TEST_CASE("panel: at a terminal Ctrl-C stops the machine, and it goes on") {
    const Shell shell;
    shell.write("program.asm", kProgram);
    REQUIRE(shell.vmcp("asm program.asm -o program.core").code == 0);
    Terminal terminal(shell, "native --core program.core --panel");
    terminal.wait_for("VMCP> ");
    terminal.type("begin\n");
    terminal.wait_for("begin\r\n");
    usleep(200'000);  // until it runs: before that Ctrl-C goes to the prompt
    terminal.type("\x03");
    terminal.wait_for("Stopped by the operator.");
    terminal.wait_for("VMCP> ");
    terminal.type("d g1\n");
    terminal.wait_for("G1   00000003");
    terminal.type("b\n");
    terminal.wait_for("b\r\n");
    usleep(200'000);
    terminal.type("\n");
    terminal.wait_for("WHO? ");
    terminal.type("eve\n");
    terminal.wait_for("HELLO eve");
    terminal.wait_for("Disabled wait");
    terminal.wait_for("VMCP> ");
    terminal.type("quit\n");
    terminal.wait_for("disabled-wait after");
}
