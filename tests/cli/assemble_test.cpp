// vmcp asm and vmcp disasm as users run them: output files, messages, exit codes.
#include "isa/ebcdic.hpp"
#include "tests/cli/shell.hpp"

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
          "         LR    1\n"
          "                ^\n"
          "bad.asm:3:10: error: XX is not an instruction\n"
          "         XX    2\n"
          "         ^\n");
    CHECK(!shell.exists("bad.core"));
    // The caret stands under the column whatever is before it.
    shell.write("odd.asm", "T\tSTART\t0\n\tDC\tC'\xC3\xA9',F'X'\n\tEND\n");
    CHECK(shell.vmcp("asm odd.asm").output ==
          "odd.asm:2:24: error: expected a decimal number: digits, perhaps a sign, point or exponent\n"
          "        DC      C'\xC3\xA9',F'X'\n"
          "                       ^\n");
    CHECK(shell.vmcp("asm none.asm").output ==
          "vmcp: error: none.asm: cannot be read: No such file or directory\n");
    CHECK(shell.vmcp("asm none.asm").code == 1);
    shell.write("good.asm", "         END\n");
    CHECK(shell.vmcp("asm good.asm -o no/such/directory").code == 1);
    CHECK(shell.vmcp("disasm good.asm --start XYZ").code == 1);
    CHECK(shell.vmcp("disasm good.asm@100 --start 50").code == 1);
}

TEST_CASE("asm: an output that cannot be written is one error, and leaves what was there") {
    const Shell shell;
    shell.write("a.asm", "A        START 0\n         LR    1,2\n         END\n");
    shell.write("a.core", "before");
    auto run = shell.vmcp("asm a.asm -o /dev/full");
    CHECK(run.output == "vmcp: error: /dev/full: cannot be written: No space left on device\n");
    CHECK(run.code == 1);
    run = shell.vmcp("asm a.asm -o a.core --listing /dev/full");
    CHECK(run.output == "vmcp: error: /dev/full: cannot be written: No space left on device\n");
    CHECK(run.code == 1);
    CHECK(shell.read("a.core") == "before");
    CHECK(shell.vmcp("asm a.asm -o . ").code == 1);
    CHECK(shell.vmcp("asm a.asm -o /dev/null --listing /dev/null").code == 0);
    // No drafts are left behind, and what is there keeps its permissions.
    std::filesystem::permissions(shell.path() + "/a.core", std::filesystem::perms::owner_all);
    CHECK(shell.vmcp("asm a.asm -o a.core --listing a.lst").code == 0);
    CHECK(shell.read("a.core") == "\x18\x12");
    CHECK(std::filesystem::status(shell.path() + "/a.core").permissions() ==
          std::filesystem::perms::owner_all);
    const std::filesystem::directory_iterator files(shell.path());
    CHECK(std::distance(begin(files), end(files)) == 3);
    // A link stays a link.
    std::filesystem::create_symlink("a.core", shell.path() + "/link");
    shell.write("b.asm", "B        START 0\n         LR    3,4\n         END\n");
    CHECK(shell.vmcp("asm b.asm -o link").code == 0);
    CHECK(std::filesystem::is_symlink(shell.path() + "/link"));
    CHECK(shell.read("a.core") == "\x18\x34");
}

TEST_CASE("asm never writes over its source, nor one result over the other") {
    const Shell shell;
    const std::string source = "A        START 0\n         COPY  B\n         MAC\n         END\n";
    const std::string macro = "         MACRO\n         MAC\n         LR    3,4\n         MEND\n";
    shell.write("a.asm", source);
    shell.write("B.copy", "         LR    1,2\n");
    shell.write("MAC.mac", macro);
    std::filesystem::create_symlink("a.asm", shell.path() + "/symbolic");
    std::filesystem::create_hard_link(shell.path() + "/a.asm", shell.path() + "/hard");
    for (const char* name : {"a.asm", "./a.asm", "symbolic", "hard"})
        for (const char* option : {"-o", "--listing"}) {
            const auto run = shell.vmcp(fmt::format("asm a.asm {} {}", option, name));
            CHECK(run.code == 1);
            CHECK(run.output.ends_with(fmt::format("{}: that is the source itself\n", name)));
        }
    CHECK(shell.vmcp("asm symbolic -o a.asm").code == 1);
    CHECK(shell.vmcp("asm a.asm -o B.copy").output ==
          "vmcp: error: --output B.copy: that is a member that the source uses\n");
    CHECK(shell.vmcp("asm a.asm --listing MAC.mac").code == 1);
    CHECK(shell.vmcp("asm a.asm -o x --listing ./x").output ==
          "vmcp: error: --listing ./x: that is the output as well\n");
    CHECK(shell.read("a.asm") == source);
    CHECK(shell.read("MAC.mac") == macro);
    CHECK_FALSE(shell.exists("x"));
    CHECK(shell.vmcp("asm a.asm -o x").code == 0);
    CHECK(shell.read("x") == "\x18\x12\x18\x34");
}

TEST_CASE("asm --elf writes an ELF file beside the output, and names what cannot be") {
    const Shell shell;
    shell.write("a.asm", "A        START 0\n         LR    1,2\n         END\n");
    auto run = shell.vmcp("asm a.asm --elf a.elf -o a.core");
    CHECK(run.output.empty());
    CHECK(run.code == 0);
    CHECK(
        shell.read("a.elf").starts_with("\x7F"
                                        "ELF"));
    CHECK(shell.read("a.core") == "\x18\x12");
    CHECK(shell.vmcp("asm a.asm --elf a.asm").output ==
          "vmcp: error: --elf a.asm: that is the source itself\n");
    CHECK(shell.vmcp("asm a.asm --elf b -o ./b").output ==
          "vmcp: error: --elf b: that is another result as well\n");
    run = shell.vmcp("asm a.asm --elf b --format object");
    CHECK(run.code == 1);
    CHECK(run.output ==
          "vmcp: error: --elf: expected a program that is whole, and --format object leaves it to a linkage "
          "editor\n");
    shell.write("bad.asm", "         XX    1\n         END\n");
    CHECK(shell.vmcp("asm bad.asm --elf c").code == 1);
    CHECK_FALSE(shell.exists("b"));
    CHECK_FALSE(shell.exists("c"));
}

TEST_CASE("asm --date and --time: what a program says of its assembly does not depend on the day") {
    const Shell shell;
    shell.write("a.asm", "A        CSECT\n         DC    C'&SYSDATE &SYSTIME'\n         END\n");
    const auto stamp = [&](const std::string& options) {
        const auto run = shell.vmcp("asm a.asm -o a.core " + options);
        if (run.code != 0) return run.output;
        std::string text;
        for (const char c : shell.read("a.core")) text.push_back(isa::to_ascii(static_cast<uint8_t>(c)));
        return text;
    };
    CHECK(stamp("") == "01/01/70 00.00");
    CHECK(stamp("--date 12/31/79 --time 23.59") == "12/31/79 23.59");
    CHECK(stamp("--sysdate 1976-07-04 --systime 12:00") == "07/04/76 12.00");
    CHECK(stamp("--date 31/12/79") ==
          "vmcp: error: --date 31/12/79: expected a date, MM/DD/YY or YYYY-MM-DD\n");
    CHECK(stamp("--time 24.00") == "vmcp: error: --time 24.00: expected hours and minutes, HH.MM\n");
}

TEST_CASE("asm --model refuses what the machine lacks, and says which model has it") {
    const Shell shell;
    shell.write("a.asm", "A        START 0\n         LARL  1,A\n         RDD   0(1),1\n         END\n");
    CHECK(shell.vmcp("asm a.asm").code == 0);
    CHECK(shell.vmcp("asm a.asm --model s370-158-gcc").code == 0);
    const auto run = shell.vmcp("asm a.asm --model s370-158");
    CHECK(run.code == 1);
    CHECK(run.output ==
          "a.asm:2:10: error: machine model s370-158 has no LARL: that takes the facility gcc, which these "
          "models have: s370-158-gcc\n"
          "         LARL  1,A\n"
          "         ^\n");
    CHECK(shell.vmcp("asm a.asm --model none").code == 1);
}

TEST_CASE("asm: an empty source is an error") {
    const Shell shell;
    shell.write("empty.asm", "");
    shell.write("comments.asm", "* nothing\n\n*\n");
    for (const char* name : {"empty.asm", "comments.asm"}) {
        const auto run = shell.vmcp(fmt::format("asm {} -o x", name));
        CHECK(run.code == 1);
        CHECK(run.output == fmt::format("{}: error: there is nothing to assemble in this file\n", name));
    }
    CHECK_FALSE(shell.exists("x"));
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
