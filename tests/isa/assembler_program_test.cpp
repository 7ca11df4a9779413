// Sections, symbols, base registers, continuation, COPY, images.
#include <filesystem>

#include "assembler_support.hpp"
#include "tests/file_contents.hpp"
#include "tests/temporary_folder.hpp"

using namespace isa::assembler;
using namespace isa::assembler::test;

TEST_CASE("implied addresses take the base with the smallest displacement") {
    CHECK(image_of({"T        START 0", "         BALR  12,0", "         USING *,12", "         L     1,D",
                    "         USING *,11", "         L     1,D", "         DROP  11", "         L     1,D(2)",
                    "D        DC    F'7'", "         END"}) ==
          "05C0"
          "5810C00E"
          "5810B00A"
          "5812C00E"
          "0000"
          "00000007");
}

TEST_CASE("USING with several registers covers 4096 bytes each") {
    const Result r = assemble(source({"T        START 0", "         USING T,10,11", "         L     1,FAR",
                                      "         DS    XL5000", "FAR      DC    F'1'", "         END"}),
                              "t.asm");
    REQUIRE(messages(r) == "");
    const uint32_t far = r.find("FAR")->value;
    CHECK(far == 5004);
    CHECK(hex({r.image.data(), 4}) == fmt::format("5810B{:03X}", far - 4096));
}

TEST_CASE("register 0 as base stands for address zero") {
    CHECK(image_of({"T        START X'10'", "         USING *,0", "         L     1,T+4", "         END"}) ==
          "58100014");
    CHECK(code_of("L     1,4095") == "58100FFF");
    CHECK(image_of({"T        START 0", "         USING 4096,3", "         L     1,4100", "         END"}) ==
          "58103004");
}

TEST_CASE("dummy sections map storage and hold no code") {
    CHECK(image_of({"PSA      DSECT", "         DS    CL24", "OLD      DS    D", "NEXT     DS    CL7",
                    "T        START 0", "         END"})
              .empty());
    CHECK(image_of({"AREA     DSECT", "FIRST    DS    F", "SECOND   DC    CL3'X'", "T        CSECT",
                    "         USING AREA,5", "         L     1,SECOND", "         MVC   SECOND,FIRST",
                    "         DC    A(SECOND-AREA)", "         END"}) ==
          "58105004"
          "D20250045000"
          "0000"
          "00000004");
}

TEST_CASE("sections follow one another on doublewords and can be resumed") {
    const Result r =
        assemble(source({"A        CSECT", "         DC    C'A1'", "B        CSECT", "BX       DC    C'B1'",
                         "A        CSECT", "         DC    C'A2',A(BX)", "         END"}),
                 "t.asm");
    REQUIRE(messages(r) == "");
    CHECK(hex(r.image) ==
          "C1F1C1F200000008"
          "C2F1");
    CHECK(r.find("BX")->value == 8);
    CHECK(r.find("BX")->section == "B");
}

TEST_CASE("START gives the load address and END the entry") {
    const Result r = assemble(
        source({"T        START X'1003'", "         DC    A(T)", "GO       LR    1,2", "         END   GO"}),
        "t.asm");
    REQUIRE(messages(r) == "");
    CHECK(r.load_address == 0x1008);
    CHECK(hex(r.image) == "000010081812");
    CHECK(r.entry == 0x100C);
}

TEST_CASE("ORG moves back and forth") {
    CHECK(image_of({"T        START 0", "         DC    X'01020304'", "         ORG   T+1",
                    "         DC    X'FF'", "         ORG", "         DC    X'05'", "         END"}) ==
          "01FF030405");
}

TEST_CASE("EQU of values, addresses, lengths") {
    CHECK(image_of({"T        START 0", "R5       EQU   5", "BUF      DS    CL20", "HERE     EQU   *",
                    "TWO      EQU   BUF+2", "         LA    R5,L'TWO", "         DC    AL1(HERE-TWO)",
                    "         END"})
              .substr(40) ==
          "41500014"
          "12");
}

TEST_CASE("statements are continued behind column 72") {
    // Column 72 of the first line holds an X; the text goes on in column 16.
    const std::string first = fmt::format("{:71}X", "         DC    C'A'");
    const std::string broken = fmt::format("{:71}X", "         DC    C'A',     a remark behind the comma");
    CHECK(image_of({"T        START 0", broken, "               C'B'", "         END"}) == "C1C2");
    std::string filled = "         DC    C'";
    filled += std::string(71 - filled.size(), 'A') + "X\n               B'";
    const Result r = assemble("T        START 0\n" + filled + "\n         END\n", "t.asm");
    CHECK(messages(r) == "");
    CHECK(r.image.size() == 55);
    CHECK(r.image.back() == 0xC2);
    CHECK(r.image[53] == 0xC1);
    CHECK(messages(assemble("T        START 0\n" + first + "\n               more remark\n         END\n",
                            "t.asm")) == "");
    // Columns 73-80 do not count.
    CHECK(messages(
              assemble(fmt::format("T        START 0\n{:72}SEQ00010\n         END\n", "         DC    C'A'"),
                       "t.asm")) == "");
}

TEST_CASE("where a place in storage comes from: statements with their lines and base registers") {
    const Result r =
        assemble(source({"T        START X'200'", "         BALR  12,0", "         USING *,12",
                         "         L     1,D", "         LA    2,8", "D        DC    F'7'",
                         "W        DS    CL3", "X        DSECT", "Y        DS    F", "         END"}),
                 "t.asm");
    REQUIRE(messages(r) == "");
    REQUIRE(r.statements.size() == 5);
    CHECK(r.statements[0].address == 0x200);
    CHECK(r.statements[0].instruction);
    CHECK(r.statements[0].bases.empty());
    const PlacedStatement& load = r.statements[1];
    CHECK(load.address == 0x202);
    CHECK(load.length == 4);
    CHECK(*load.file == "t.asm");
    CHECK(load.line == 4);
    CHECK(load.text == "         L     1,D");
    REQUIRE(load.bases.size() == 1);
    CHECK(load.bases[0] == BaseRegister{12, 0x202});
    CHECK(r.statements[2].bases.empty());  // an absolute address needs none
    CHECK(!r.statements[3].instruction);
    CHECK(r.statements[3].line == 6);
    CHECK(r.statements[4].length == 3);
}

TEST_CASE("COPY finds what is built in behind all folders") {
    Options options;
    options.built_in = {{"regs", "R1       EQU   1\n"}, {"more", "BAD      EQU   NOWHERE\n"}};
    const auto copies = [&options](const std::string& name) {
        return assemble(
            source({"T        START 0", "         COPY  " + name, "         LR    R1,R1", "         END"}),
            "t.asm", options);
    };
    CHECK(copies("REGS").ok);
    CHECK(copies("regs").members == std::vector<std::string>{"built-in/regs.copy"});
    CHECK(messages(copies("MORE")).find("built-in/more.copy:1:16: error: NOWHERE") == 0);
    CHECK(messages(copies("NONE")).find("NONE.mac in ., and among the built-in members)") !=
          std::string::npos);
}

TEST_CASE("lower case, tabs and CR LF are accepted") {
    CHECK(messages(assemble("t start 0\r\n\tusing *,3\r\nlab\tla\t1,Lab\r\n\tend\r\n", "t.asm")) == "");
}

TEST_CASE("COPY brings in members") {
    const tests::TemporaryFolder dir;
    std::filesystem::create_directory(dir / "lib");
    tests::put(dir / "lib/regs.asm", "R1       EQU   1\n         COPY  MORE\n");
    tests::put(dir / "MORE.copy", "R2       EQU   2\nBAD      EQU   NOWHERE\n");
    tests::put(dir / "loop.asm", "         COPY  LOOP\n");
    Options options;
    options.copy_directories = {dir / "lib"};
    const std::string file = dir / "t.asm";
    const Result r = assemble(source({"T        START 0", "         COPY  REGS", "         LR    R1,R2",
                                      "         COPY  NONE", "         COPY  LOOP", "         END"}),
                              file, options);
    CHECK(messages(r) ==
          fmt::format("{0}/MORE.copy:2:16: error: NOWHERE must be defined before this statement\n"
                      "{0}/t.asm:4:16: error: no member NONE to copy (looked for NONE, NONE.asm, NONE.copy, "
                      "NONE.mac in {0}, {0}/lib)\n"
                      "{0}/loop.asm:1:16: error: {0}/loop.asm copies itself\n",
                      dir.path().string()));
}
