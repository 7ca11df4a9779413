// The macro language. What a macro generates is compared with the same program written out, or with bytes.

#include "assembler_support.hpp"
#include "tests/file_contents.hpp"
#include "tests/temporary_folder.hpp"

using namespace isa::assembler;
using namespace isa::assembler::test;

namespace {

/// The bytes that the lines between START and END make; there must be no message.
std::string bytes(std::initializer_list<std::string> lines) {
    std::string text = "T        START 0\n";
    for (const auto& l : lines) text += l + "\n";
    const Result r = assemble(text + "         END\n", "t.asm");
    CHECK(messages(r) == "");
    return hex(r.image);
}

/// The characters (EBCDIC) of a C constant.
std::string text_of(std::initializer_list<std::string> lines) {
    std::string text = "T        START 0\n";
    for (const auto& l : lines) text += l + "\n";
    const Result r = assemble(text + "         END\n", "t.asm");
    CHECK(messages(r) == "");
    std::string out;
    for (uint8_t b : r.image) out.push_back(isa::to_ascii(b));
    return out;
}

std::string errors(std::initializer_list<std::string> lines) {
    std::string text = "T        START 0\n";
    for (const auto& l : lines) text += l + "\n";
    return messages(assemble(text + "         END\n", "t.asm"));
}

}  // namespace

TEST_CASE("positional and keyword parameters, label, concatenation") {
    CHECK(bytes({"         MACRO", "&LABEL   MOVE  &TO,&FROM,&LEN=4,&R=",
                 "&LABEL   MVC   &TO.(&LEN.,&R.2),&FROM", "         MEND", "X        MOVE  8,0(3)",
                 "         MOVE  0,0,LEN=16,R=1", "         LA    0,X-T"}) ==
          "D20320083000"
          "D20FC0000000"
          "41000000");
}

TEST_CASE("a period ends a variable symbol's name") {
    CHECK(text_of({"         MACRO", "         M     &A,&B", "         DC    C'&A&B/&A.&B/&A..&B/&A.X/&&/'",
                   "         MEND", "         M     1,2"}) == "12/12/1.2/1X/&/");
}

TEST_CASE("&SYSNDX makes labels unique, nested calls included") {
    const Result r = assemble(
        source({"         MACRO", "         INNER", "I&SYSNDX EQU   *", "         MEND", "         MACRO",
                "         OUTER", "O&SYSNDX EQU   *", "         INNER", "P&SYSNDX EQU   *", "         MEND",
                "T        START 0", "         OUTER", "         OUTER", "         END"}),
        "t.asm");
    CHECK(messages(r) == "");
    for (const char* name : {"O0001", "I0002", "P0001", "O0003", "I0004", "P0003"})
        CHECK_MESSAGE(r.find(name) != nullptr, name);
}

TEST_CASE("&SYSLIST and sublists") {
    CHECK(text_of({"         MACRO", "&L       M     &A,&B",
                   "         DC    C'&SYSLIST(0) &SYSLIST(3) &A(2) &A(3,1) &B(1) &B(2).'",
                   "         DC    C' &SYSLIST(1,1) &SYSLIST(9).'", "         MEND",
                   "XYZ      M     (P,Q,(R,S)),B,THIRD"}) == "XYZ THIRD Q R B  P ");
    // N' counts elements, K' characters; an omitted operand has none of either.
    CHECK(bytes({"         MACRO", "         M     &A,&B,&C", "&X       SETA  N'&A", "&Y       SETA  K'&B",
                 "&Z       SETA  N'&C", "&W       SETA  N'&SYSLIST", "&V       SETA  N'&SYSLIST(1)",
                 "&U       SETA  K'&C", "&Q       SETA  N'&B", "         DC    AL1(&X,&Y,&Z,&W,&V,&U,&Q)",
                 "         MEND", "         M     (A,B,C),HELLO,,D"}) == "03050004030001");
}

TEST_CASE("AIF, AGO, ANOP and a loop") {
    CHECK(bytes({"         MACRO", "         TABLE &N", "         LCLA  &I", ".LOOP    ANOP",
                 "&I       SETA  &I+1", "         AIF   (&I GT &N).DONE", "         DC    AL1(&I*&I)",
                 "         AGO   .LOOP", ".DONE    MEND", "         TABLE 5"}) == "0104091019");
}

TEST_CASE("logical expressions") {
    const auto is = [](const std::string& condition) {
        return bytes({fmt::format("         AIF   ({}).YES", condition), "         DC    X'00'",
                      "         AGO   .END", ".YES     DC    X'01'", ".END     ANOP"}) == "01";
    };
    CHECK(is("1 EQ 1"));
    CHECK(!is("1 EQ 2"));
    CHECK(is("'A' LT 'B'"));
    CHECK(is("'B' LT 'AA'"));  // shorter is less
    CHECK(is("'a' LT 'A'"));   // in EBCDIC
    CHECK(is("'A' LT '1'"));
    CHECK(is("NOT 1 EQ 2"));
    CHECK(is("1 EQ 1 AND NOT (2 EQ 3 OR 4 LT 4)"));
    CHECK(is("1 EQ 2 AND 1 EQ 2 OR 1 EQ 1"));  // AND binds closer
    CHECK(!is("1 EQ 2 AND (1 EQ 2 OR 1 EQ 1)"));
    CHECK(is("(2+3)*4 GE 20"));
    CHECK(is("((2+3)*4 GE 20)"));
    CHECK(is("X'1F' EQ 31"));
    CHECK(is("'A''B'(2,1) EQ ''''"));
    CHECK(is("1"));
    CHECK(!is("0"));
    CHECK(!is("(0)"));
}

TEST_CASE("SETA, SETB, SETC with substrings, arrays, duplication") {
    CHECK(text_of({"&A       SETC  'ABCDEF'", "&B       SETC  '&A'(2,3)", "&C       SETC  '&B'.'-'.'&A'(6,9)",
                   "&N       SETA  7/2*3-10", "&T       SETB  (&N LT 0 AND '&B' EQ 'BCD')",
                   "&D       SETC  (3)'XY'", "         DC    C'&B &C &N &T &D'"}) == "BCD BCD-F 1 1 XYXYXY");
    CHECK(text_of({"         LCLA  &X(10)", "         LCLC  &Y(3)", "&X(2)    SETA  5",
                   "&X(3)    SETA  &X(2)*2", "&Y(1)    SETC  'Q'", "&I       SETA  3",
                   "         DC    C'&X(&I) &X(&I-1) &Y(1)&Y(2)'"}) == "10 5 Q");
    // A negative number loses its sign in a statement, not in expressions.
    CHECK(text_of({"&N       SETA  5-7", "&M       SETA  &N+3", "         DC    C'&N &M'"}) == "2 1");
}

TEST_CASE("global symbols are shared, local ones are not") {
    CHECK(text_of({"         MACRO", "         COUNT", "         GBLA  &TOTAL", "         LCLA  &MINE",
                   "&TOTAL   SETA  &TOTAL+1", "&MINE    SETA  &MINE+1", "         DC    C'&TOTAL/&MINE '",
                   "         MEND", "         GBLA  &TOTAL", "         COUNT", "         COUNT",
                   "         DC    C'&TOTAL'"}) == "1/1 2/1 2");
}

TEST_CASE("attributes of what operands name, further down included") {
    CHECK(text_of({"         MACRO", "         SHOW  &X", "&T       SETC  T'&X",
                   "         AIF   ('&T' EQ 'O' OR '&T' EQ 'U' OR '&T' EQ 'N').NOLEN", "&L       SETA  L'&X",
                   "         DC    C'&T&L '", "         MEXIT", ".NOLEN   DC    C'&T '", "         MEND",
                   "F        DC    F'1'", "         SHOW  F", "         SHOW  AHEAD", "         SHOW  HERE",
                   "         SHOW", "         SHOW  12", "         SHOW  NONE", "HERE     LR    1,2",
                   "AHEAD    DC    CL7'A'"})
              .substr(4, 15) == "F4 C7 I2 O N U ");
}

TEST_CASE("macros call macros and define macros") {
    CHECK(bytes({"         MACRO", "         DEF   &NAME,&VALUE", "         MACRO", "         &NAME",
                 "         DC    AL1(&VALUE)", "         MEND", "         MEND"})
              .empty());
    CHECK(bytes({"         MACRO", "         OUTER &X", "         MACRO", "         INNER &Y",
                 "         DC    AL1(&Y)", "         MEND", "         INNER &X", "         MEND",
                 "         OUTER 5", "         INNER 6"}) == "0506");
    // Recursion.
    CHECK(bytes({"         MACRO", "         DOWN  &N", "         AIF   (&N EQ 0).END",
                 "         DC    AL1(&N)", "&M       SETA  &N-1", "         DOWN  &M", ".END     MEND",
                 "         DOWN  3"}) == "030201");
}

TEST_CASE("a macro replaces an instruction of the same name") {
    CHECK(bytes({"         MACRO", "         LR    &A,&B", "         LA    &A,0(&B)", "         MEND",
                 "         LR    1,2"}) == "41120000");
}

TEST_CASE("operations and operands may come from variables in open code") {
    CHECK(bytes({"&OP      SETC  'LT'", "&R       SETA  3", "L&R      &OP.R &R,&R+1",
                 "         LA    0,L3-T"}) ==
          "1234"
          "41000000");
}

TEST_CASE("open code branches forward and back") {
    CHECK(bytes({"&I       SETA  0", ".AGAIN   ANOP", "&I       SETA  &I+1", "         DC    AL1(&I)",
                 "         AIF   (&I LT 3).AGAIN", "         AGO   .OVER", "         NONSENSE",
                 ".OVER    DC    X'FF'"}) == "010203FF");
    CHECK(bytes({"&I       SETA  2", "         AGO   (&I).A,.B,.C", ".A       DC    X'0A'",
                 ".B       DC    X'0B'", ".C       DC    X'0C'"}) == "0B0C");
}

TEST_CASE("operands with strings, commas and equals signs") {
    CHECK(text_of({"         MACRO", "         SAY   &TEXT,&LIT,&KEY=D", "         DC    C&TEXT,CL2'&KEY'",
                   "&K       SETA  K'&LIT", "         DC    C'&K'", "         MEND",
                   "         SAY   'A, (B=C)',=F'1',KEY=Z"}) == "A, (B=C)Z 5");
    const std::string first = fmt::format("{:71}X", "         PAIR  A=1,          remark");
    CHECK(bytes({"         MACRO", "         PAIR  &A=,&B=", "         DC    AL1(&A,&B)", "         MEND",
                 first, "               B=2"}) == "0102");
}

TEST_CASE("MNOTE") {
    CHECK(errors({"         MACRO", "         M", "         MNOTE 8,'IT''S BAD'", "         MNOTE 4,'HM'",
                  "         MNOTE 'SO'", "         MNOTE *,'REMARK'", "         MEND", "         M"}) ==
          "t.asm:4:10: error: IT'S BAD (in macro M, called at t.asm:9)\n"
          "t.asm:5:10: warning: HM (in macro M, called at t.asm:9)\n"
          "t.asm:6:10: note: SO (in macro M, called at t.asm:9)\n");
}

TEST_CASE("errors in macros name the macro's line and the call") {
    CHECK(errors({"         MACRO", "         BAD   &R", "         LR    &R,NOWHERE",
                  "         AIF   (&R EQ).X", "         MEND", "         BAD   1"}) ==
          "t.asm:5:22: error: expected a term, found ')' (in macro BAD, called at t.asm:7)\n"
          "t.asm:4:18: error: NOWHERE is not defined (in macro BAD, called at t.asm:7)\n");
}

TEST_CASE("errors of the macro language") {
    CHECK(errors({"         MEND"}) == "t.asm:2:10: error: MEND is only allowed in a macro\n");
    CHECK(errors({"         MACRO", "         M"}) ==
          "t.asm:2:10: error: there is no MEND for this MACRO\nt.asm:4:1: warning: there is no END statement "
          "behind this line\n");
    CHECK(errors({"         MACRO", "         M     A", "         MEND"}) ==
          "t.asm:3:16: error: expected a variable symbol, such as &NAME\n");
    CHECK(errors({"         MACRO", "         M     &A,&A", "         MEND"}) ==
          "t.asm:3:19: error: &A is a parameter already\n");
    CHECK(errors({"         MACRO", "         M     &A", "         MEND", "         M     B=1"}) ==
          "t.asm:5:16: error: B is not a keyword of M\n");
    CHECK(errors({"         DC    C'&NONE'"}) == "t.asm:2:18: error: &NONE is not defined\n");
    CHECK(errors({"         AGO   .NONE"}) == "t.asm:2:16: error: .NONE is nowhere in the program\n");
    CHECK(errors({".L       AGO   .L"}) ==
          "t.asm:2:16: error: too many branches of AIF and AGO: a loop without end? (ACTR sets the limit)\n");
    CHECK(errors({"         LCLA  &X", "&X       SETC  'A'"}) ==
          "t.asm:3:10: error: &X is an arithmetic symbol\n");
    CHECK(errors({"&X       SETA  'A'"}) == "t.asm:2:16: error: expected a term, found '''\n");
    CHECK(errors({"&X       SETC  'ABC'(4,1)"}) ==
          "t.asm:2:21: error: the substring begins at 4, but the string has 3 characters\n");
    CHECK(errors({"         AIF   (1 EQ 'A').X"}) ==
          "t.asm:2:22: error: an arithmetic expression can only be compared with another\n");
    CHECK(errors({"&C       SETC  'ABC'", "&N       SETA  &C"}) ==
          "t.asm:3:16: error: 'ABC' is not a number\n");
    CHECK(errors({"         MACRO", "         R", "         R", "         MEND", "         R"})
              .find("macro calls are nested deeper than 200") != std::string::npos);
}

TEST_CASE("keywords are given once") {
    CHECK(errors({"         MACRO", "         K     &A=1", "         MEND", "         K     A=1,A=2"}) ==
          "t.asm:5:20: error: A is given twice\n");
}

TEST_CASE("macros come from files, as COPY members do") {
    const tests::TemporaryFolder dir;
    tests::put(
        dir / "save.mac",
        "* Saves registers\n         MACRO\n&L       SAVE  &A\n&L       STM   14,12,&A\n         MEND\n");
    tests::put(dir / "nomacro.asm", "         LR    1,2\n");
    Options options;
    options.copy_directories = {dir.path()};
    const Result r =
        assemble(source({"T        START 0", "         SAVE  12(13)", "         NOMACRO", "         END"}),
                 "t.asm", options);
    CHECK(messages(r) == "t.asm:3:10: error: NOMACRO is not an instruction\n");
    CHECK(r.listing.find("90EC D00C") != std::string::npos);
}

TEST_CASE("what OPSYN gave a meaning is not looked for in files") {
    const tests::TemporaryFolder dir;
    tests::put(dir / "other.mac", "         MACRO\n         OTHER\n         DC    X'FF'\n         MEND\n");
    Options options;
    options.copy_directories = {dir.path()};
    const Result r =
        assemble(source({"OTHER    OPSYN LR", "T        START 0", "         OTHER 1,2", "         END"}),
                 "t.asm", options);
    CHECK(messages(r) == "");
    CHECK(hex(r.image) == "1812");
}

TEST_CASE("&SYSPARM and &SYSECT") {
    Options options;
    options.sysparm = "DEBUG";
    const Result r =
        assemble(source({"         MACRO", "         WHERE", "         DC    C'&SYSECT &SYSPARM'",
                         "         MEND", "MAIN     CSECT", "         WHERE", "         END"}),
                 "t.asm", options);
    REQUIRE(messages(r) == "");
    std::string text;
    for (uint8_t b : r.image) text.push_back(isa::to_ascii(b));
    CHECK(text == "MAIN DEBUG");
}

TEST_CASE("macros that never end are stopped") {
    // Each level calls itself twice: 2 to the 200 calls if nothing stopped it.
    const std::string e = errors({"         MACRO", "         R     &N", "         AIF   (&N GT 190).END",
                                  "&M       SETA  &N+1", "         R     &M", "         R     &M",
                                  ".END     MEND", "         R     1"});
    CHECK(e.find("the macros have generated too much") != std::string::npos);
}

TEST_CASE("the work of the macro language has a limit of the assembler's own") {
    Options options;
    options.work_limit = 1000;
    const auto loop = [&](const std::string& times) {
        return messages(
            assemble(source({"         MACRO", "         LOOP", "&I       SETA  0", "         ACTR  100000",
                             ".ON      ANOP", "&I       SETA  &I+1",
                             "         AIF   (&I LT " + times + ").ON", "         MEND", "T        START 0",
                             "         LOOP", "         DC    F'1'", "         END"}),
                     "t.asm", options));
    };
    CHECK(loop("100") == "");
    CHECK(loop("1000").find("the macros have generated too much") != std::string::npos);
}

TEST_CASE("an underscore ends the name of a variable symbol where no longer name is known") {
    CHECK(text_of({"         LCLC  &A,&A_B", "&A       SETC  'ONE'", "&A_B     SETC  'TWO'",
                   "         DC    C'&A_,&A_B,&A_B_,&A_C,&A__B,&A_B_C.'"}) ==
          "ONE_,TWO,TWO_,ONE_C,ONE__B,TWO_C.");
    CHECK(errors({"         DC    C'&A_B'"}) == "t.asm:2:18: error: &A_B is not defined\n");
}
