// vmcp asm and vmcp disasm as users run them: output files, messages, exit codes.
#include "tests/cli/shell.hpp"

namespace {}  // namespace

TEST_CASE("asm writes cores, decks and listings; disasm reads cores") {
    const Shell shell;
    shell.write("a.asm", "A        START 0\n         LR    1,2\n         BR    14\n         END\n");
    auto run = shell.vmcp("asm a.asm -o a.core --listing a.lst");
    CHECK(run.output.empty());
    CHECK(run.code == 0);
    CHECK(shell.read("a.core") == "\x18\x12\x07\xFE");
    CHECK(shell.read("a.lst").find("000002 07FE") != std::string::npos);
    CHECK(shell.vmcp("disasm a.core@2000 --start 2002 --length 2").output ==
          "002002  07FE          BR    14\n");
    CHECK(shell.vmcp("asm a.asm -o a.deck --format deck").code == 0);
    const std::string deck = shell.read("a.deck");
    CHECK(deck.size() % 80 == 0);
    CHECK(deck.size() > 400);
    shell.write("b.asm", "B        CSECT\n         DC    V(A)\n         END\n");
    CHECK(shell.vmcp("asm b.asm -o b.core").code == 1);
    CHECK(shell.vmcp("asm b.asm -o b.obj --format object").code == 0);
    CHECK(shell.read("b.obj").size() == 4 * 80);  // ESD, TXT, RLD, END
    shell.write("c.asm", "C        CSECT\n         DC    C'&SYSPARM'\n         END\n");
    CHECK(shell.vmcp("asm c.asm -o c.core --sysparm 12").code == 0);
    CHECK(shell.read("c.core") == "\xF1\xF2");
}

TEST_CASE("asm tells errors by file, line and column and writes nothing") {
    const Shell shell;
    shell.write("bad.asm", "A        START 0\n         LR    1\n         XX    2\n         END\n");
    const auto run = shell.vmcp("asm bad.asm -o bad.core");
    CHECK(run.code == 1);
    CHECK(run.output ==
          "bad.asm:2:17: error: expected ',' and another operand, found the end of the operand\n"
          "bad.asm:3:10: error: XX is not an instruction\n");
    CHECK(!shell.exists("bad.core"));
    CHECK(shell.vmcp("asm none.asm").output ==
          "vmcp: error: none.asm: cannot be read: No such file or directory\n");
    CHECK(shell.vmcp("asm none.asm").code == 1);
    shell.write("good.asm", "         END\n");
    CHECK(shell.vmcp("asm good.asm -o no/such/directory").code == 1);
    CHECK(shell.vmcp("disasm good.asm --start XYZ").code == 1);
    CHECK(shell.vmcp("disasm good.asm@100 --start 50").code == 1);
}

TEST_CASE("wrong command lines end with 2, help and version with 0") {
    const Shell shell;
    CHECK(shell.vmcp("").code == 2);
    CHECK(shell.vmcp("nonsense").code == 2);
    CHECK(shell.vmcp("asm").code == 2);
    CHECK(shell.vmcp("asm a.asm --format tape").code == 2);
    CHECK(shell.vmcp("--help").code == 0);
    CHECK(shell.vmcp("asm --help").output.find("Examples:") != std::string::npos);
    const auto version = shell.vmcp("--version");
    CHECK(version.code == 0);
    CHECK(version.output.starts_with("vmcp "));
}
