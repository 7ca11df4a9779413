// ELF files, with binutils and gdb as judges.
#include <regex>

#include "isa/assembler/elf_file.hpp"
#include "isa/assembler/program_lines.hpp"
#include "tests/command.hpp"
#include "tests/file_contents.hpp"
#include "tests/isa/assembler_support.hpp"
#include "tests/temporary_folder.hpp"

namespace isa::assembler::test {
namespace {

const std::string kProgram = R"(         MACRO
         DOUBLE &R
         AR    &R,&R
         SR    0,0
         MEND
FIRST    START X'400'
BEGIN    BALR  12,0
         USING *,12
         L     1,COUNT
         DOUBLE 1
         COPY  MORE
         ST    1,COUNT
         BR    14
COUNT    DC    F'7'
TEXT     DC    C'HELLO'
OTHER    CSECT
ENTRY    LR    2,3
         ORG   ENTRY
         LR    4,5
MASK     EQU   X'80'
LESS     EQU   -1
BLOCK    DSECT
NEXT     DS    A
FLAG     DS    X
         DS    X
WORDS    DS    3H
NAME     DS    CL8
LAST     EQU   *
         END   BEGIN
)";

/// The program in a folder: program.asm, MORE.copy and program.elf.
class Written {
  public:
    explicit Written(const std::string& text = kProgram) {
        tests::put(folder_ / "program.asm", text);
        tests::put(folder_ / "MORE.copy", "* a member\nMORE     LR    6,7\n");
        Options options;
        options.copy_directories = {folder_.path()};
        result = assemble(text, "program.asm", options);
        CHECK(messages(result) == "");
        const auto elf = make_elf_file(result, "program.asm", folder_.path().string());
        tests::put(folder_ / "program.elf", std::string(elf.begin(), elf.end()));
    }
    /// What a program of the host says of the file, without the folder's name.
    std::string said_by(const std::string& command) const {
        const std::string text =
            tests::run_command("cd " + folder_.path().string() + "; " + command + " 2>&1").output;
        return std::regex_replace(text, std::regex(folder_.path().string() + "/"), "");
    }

    Result result;

  private:
    tests::TemporaryFolder folder_;
};

bool lacking(const char* program) {
    if (tests::installed(program)) return false;
    MESSAGE("skipped: ", program, " is not installed");
    return true;
}

bool has(const std::string& text, const std::string& regex) {
    return std::regex_search(text, std::regex(regex));
}

}  // namespace

TEST_CASE("of statements that lie over one another the last has the lines") {
    const Written program;
    std::string text;
    for (const ProgramLine& line : program_lines(program.result))
        text += fmt::format("{:X}-{:X} {}\n", line.address, line.end, line.line);
    // The macro's two instructions are those of its definition's lines.
    CHECK(text ==
          "400-402 7\n402-406 9\n406-408 3\n408-40A 4\n40A-40C 2\n40C-410 12\n410-412 13\n"
          "420-422 19\n");
    // Data over an instruction takes it away.
    const Result over = assemble(source({"A        START 0", "         L     1,0", "         ORG   A+2",
                                         "         DC    H'0'", "         END"}),
                                 "t.asm");
    CHECK(program_lines(over).empty());
}

TEST_CASE("readelf reads an assembled program" * doctest::test_suite("binutils")) {
    if (lacking("readelf")) return;
    const Written program;
    const std::string text = program.said_by("readelf -W -h -S -l -s program.elf");
    CAPTURE(text);
    CHECK_FALSE(has(text, "[Ww]arning|[Ee]rror"));
    CHECK(has(text, "Machine: +IBM S/390"));
    CHECK(has(text, "Type: +EXEC"));
    CHECK(has(text, "Entry point address: +0x400"));
    CHECK(has(text, "FIRST +PROGBITS +00000400 .* WAX"));
    CHECK(has(text, "OTHER +PROGBITS +00000420 "));
    CHECK(has(text, "LOAD +0x[0-9a-f]+ 0x00000400 0x00000400 0x00022 0x00022 RWE"));
    CHECK(has(text, "00000400 +10 FUNC +GLOBAL DEFAULT +1 FIRST\n"));
    CHECK(has(text, "00000420 +2 FUNC +GLOBAL DEFAULT +2 OTHER\n"));
    CHECK(has(text, "00000400 +10 NOTYPE +GLOBAL DEFAULT +1 BEGIN\n"));  // up to MORE
    CHECK(has(text, "00000414 +4 OBJECT +GLOBAL DEFAULT +1 COUNT\n"));
    const std::string debug = program.said_by("readelf -W --debug-dump=info,abbrev,frames program.elf");
    CAPTURE(debug);
    CHECK(has(debug, "DW_AT_name +: (\\(string\\) )?program.asm"));
    CHECK(has(debug, "DW_AT_language +: (\\(data2\\) )?32769"));
}

TEST_CASE("objdump finds lines and contents of an assembled program" * doctest::test_suite("binutils")) {
    if (lacking("s390x-linux-gnu-objdump")) return;
    const Written program;
    const std::string lines = program.said_by("s390x-linux-gnu-objdump --dwarf=decodedline program.elf");
    CAPTURE(lines);
    CHECK_FALSE(has(lines, "[Ww]arning|[Ee]rror"));
    CHECK(has(lines, "program.asm +7 +0x400"));
    CHECK(has(lines, "program.asm +3 +0x406"));
    CHECK(has(lines, "MORE.copy +2 +0x40a"));
    CHECK(has(lines, "program.asm +12 +0x40c"));
    CHECK(has(lines, "program.asm +- +0x412"));  // there the sequence ends
    CHECK(has(lines, "program.asm +19 +0x420"));
    const std::string code = program.said_by("s390x-linux-gnu-objdump -d -l program.elf");
    CAPTURE(code);
    CHECK(has(code, "<FIRST>:\n(.*:\n)?program.asm:7\n *400:\t05 c0 +\tbalr"));
    CHECK(has(code, "<MORE>:\n(.*:\n)?MORE.copy:2\n *40a:\t18 67 "));
    CHECK(has(code, "program.asm:19\n *420:\t18 45 "));
    const std::string frames = program.said_by("s390x-linux-gnu-objdump --dwarf=frames program.elf");
    CAPTURE(frames);
    CHECK(has(frames, "DW_CFA_def_cfa: r15 ofs 96\n *DW_CFA_undefined: r14"));
    CHECK(has(frames, "FDE cie=00000000 pc=00000420..00000422"));
}

TEST_CASE("gdb finds lines, labels and data of an assembled program" * doctest::test_suite("gdb")) {
    if (lacking("gdb-multiarch")) return;
    const Written program;
    const std::string text = program.said_by(
        "gdb-multiarch -nx -batch -ex 'info line MORE' -ex 'break program.asm:12' -ex 'info symbol 0x40c' "
        "-ex 'list program.asm:9,9' -ex 'ptype COUNT' -ex 'print COUNT' -ex 'set target-charset IBM037' "
        "-ex 'print TEXT' -ex 'print/x MASK' -ex 'print LESS' -ex 'ptype /o struct BLOCK' "
        "-ex 'print/x *(struct BLOCK *) 0x400' -ex 'info line ENTRY' program.elf");
    CAPTURE(text);
    CHECK(has(text, "Line 2 of \"MORE.copy\" starts at address 0x40a <MORE> and ends at 0x40c"));
    CHECK(has(text, "Breakpoint 1 at 0x40c: file program.asm, line 12\\."));
    CHECK(has(text, "MORE \\+ 2 in section FIRST"));
    CHECK(has(text, "9\t         L     1,COUNT"));
    CHECK(has(text, "type = fullword"));
    CHECK(has(text, "= 7\n"));
    CHECK(has(text, "\"HELLO\""));
    CHECK(has(text, "= 0x80\n"));
    CHECK(has(text, "= -1\n"));
    CHECK(has(text, "/\\* +4 +\\| +1 \\*/ +byte FLAG;\n"));
    CHECK(has(text, "/\\* +6 +\\| +2 \\*/ +halfword WORDS;\n"));
    CHECK(has(text, "total size \\(bytes\\): +20 "));
    CHECK(has(text, "NEXT = 0x5c05810, FLAG = 0xc0, WORDS = 0x1a11"));
    CHECK(has(text, "Line 19 of \"program.asm\""));
}

TEST_CASE("an ELF file without any instruction, and one of no name") {
    for (const char* text : {"A        START 0\n         DC    F'1'\n         END\n",
                             "         LR    1,2\n         END\n", "A        CSECT\n         END\n"}) {
        const Result r = assemble(text, "t.asm");
        REQUIRE(r.ok);
        const auto elf = make_elf_file(r, "t.asm", "/");
        CHECK(hex(std::span(elf).first(8)) == "7F454C4601020100");
        CHECK(make_elf_file(r, "t.asm", "/") == elf);
    }
}

}  // namespace isa::assembler::test
