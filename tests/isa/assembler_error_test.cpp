// What is wrong with a program is said once, with its line and column, and the rest is still looked at.
#include <random>

#include "assembler_support.hpp"

using namespace isa::assembler::test;

namespace {

/// The messages of one statement in line 2.
std::string error_of(const std::string& statement) {
    return errors_of({"T        START 0", statement, "         END"});
}

}  // namespace

TEST_CASE("several errors in one run, each at its place") {
    CHECK(errors_of({"T        START 0", "         LX    1,2", "         L     1,NOWHERE",
                     "         LR    16,2", "A        DC    F'1'", "A        DC    F'2'",
                     "         DC    X'1G'", "         MVC   0(257,1),0(2)", "         END"}) ==
          "t.asm:2:10: error: LX is not an instruction\n"
          "t.asm:3:18: error: NOWHERE is not defined\n"
          "t.asm:4:16: error: the register is 16, which is not in 0 to 15\n"
          "t.asm:6:1: error: A is defined already, at t.asm:5\n"
          "t.asm:7:19: error: 'G' is not a hexadecimal digit\n"
          "t.asm:8:18: error: the length is 257, which is not in 0 to 256\n");
}

TEST_CASE("operands of instructions") {
    CHECK(error_of("         LR    1") ==
          "t.asm:2:17: error: expected ',' and another operand, found the end of the operand\n");
    CHECK(error_of("         LR    1,2,3") ==
          "t.asm:2:19: error: expected the end of the operands, found ','\n");
    CHECK(error_of("         L     1,5000(2,3)") ==
          "t.asm:2:18: error: the displacement is 5000, which is not in 0 to 4095\n");
    CHECK(error_of("         L     1,T") ==
          "t.asm:2:18: error: no USING covers T, which is X'0' in section T\n");
    CHECK(error_of("         L     1,T+X'14'") == "t.asm:2:18: error: no USING covers X'14' in section T\n");
    CHECK(error_of("         L     1,4096") ==
          "t.asm:2:18: error: no USING covers the absolute address X'1000'\n");
    CHECK(errors_of({"T        START 0", "         L     1,F", "D        DSECT", "F        DS    F",
                     "         END"}) ==
          "t.asm:2:18: error: no USING covers F, which is X'0' in dummy section D\n");
    CHECK(error_of("         L     1,T(2,3)") ==
          "t.asm:2:18: error: the displacement is relocatable; leave out the base register, or subtract a "
          "base\n");
    CHECK(error_of("         L     1,T+T") ==
          "t.asm:2:18: error: the address is neither absolute nor simply relocatable\n");
    CHECK(error_of("         L     1,T*2") == "t.asm:2:19: error: only absolute values can be multiplied\n");
    CHECK(error_of("         LA    1,(4") ==
          "t.asm:2:20: error: expected ')' to close the parenthesis, found the end of the operand\n");
    CHECK(error_of("         STM   1,2,3(4,5)") ==
          "t.asm:2:23: error: this operand takes one register, the base\n");
    CHECK(error_of("         MVI   0(1),256") ==
          "t.asm:2:21: error: the immediate operand is 256, which is not in -128 to 255\n");
    CHECK(error_of("         SVC   -1") ==
          "t.asm:2:16: error: the immediate operand is -1, which is not in 0 to 255\n");
    CHECK(error_of("         LA    1,2147483649") ==
          "t.asm:2:18: error: a decimal term is at most 2147483648\n");
    CHECK(error_of("         LA    1,X'123456789'") ==
          "t.asm:2:18: error: a self-defining term has at most 32 bits\n");
    CHECK(error_of("         LA    1,C'A") == "t.asm:2:18: error: the closing apostrophe is missing\n");
    CHECK(error_of("         M     1,0(2)") == "t.asm:2:16: warning: M needs an even register R1, not 1\n");
    CHECK(error_of("         ST    1,=F'1'+") ==
          "t.asm:2:24: error: expected a term, found the end of the operand\n");
    CHECK(errors_of({"T        START 0", "LONG     DS    CL300", "         USING T,3",
                     "         MVC   LONG,LONG", "         END"}) ==
          "t.asm:4:16: error: the length is 300; the most is 256\n");
}

TEST_CASE("constants") {
    CHECK(error_of("         DC    G'1'") ==
          "t.asm:2:16: error: expected a constant's type (one of CXBFHEDLPZAYSVQ), found 'G'\n");
    CHECK(error_of("         DC    H'32768'") ==
          "t.asm:2:18: warning: the number does not fit in 2 bytes: its high-order digits are cut off\n");
    CHECK(error_of("         DC    F'12X'") ==
          "t.asm:2:18: error: expected a decimal number: digits, perhaps a sign, point or exponent\n");
    CHECK(error_of("         DC    PL1'123'") ==
          "t.asm:2:20: warning: the number does not fit in 1 byte: its high-order digits are cut off\n");
    CHECK(error_of("         DC    AL1(256)") ==
          "t.asm:2:20: warning: 256 does not fit in 1 byte: its high-order bits are cut off\n");
    CHECK(error_of("         DC    F") ==
          "t.asm:2:17: error: expected an apostrophe before the constant's value, found the end of the "
          "operand\n");
    CHECK(error_of("         DC    CL300'A'") ==
          "t.asm:2:18: error: the length is 300, which is not in 1 to 256\n");
    CHECK(error_of("         DC    C'A\xE2\x80\x94'") ==
          "t.asm:2:19: error: this character has no EBCDIC code\n");
    CHECK(error_of("         X\xC3\xA4    1") == "t.asm:2:10: error: X\xC3\xA4 is not an instruction\n");
    CHECK(error_of("         DC") == "t.asm:2:12: error: DC needs an operand\n");
    CHECK(error_of("         DC    E'1E99'") ==
          "t.asm:2:18: error: the number is beyond what hexadecimal floating point can express\n");
    CHECK(error_of("         DC    V(OTHER)") ==
          "t.asm:2:18: error: OTHER is not in this program: only an object deck can refer to it\n");
    CHECK(error_of("         DS    16000000F,16000000F") ==
          "t.asm:2:16: error: the location counter goes beyond 16 MiB\n");
}

TEST_CASE("assembler instructions") {
    CHECK(error_of("5A       EQU   1") == "t.asm:2:1: error: expected a symbol as label, found '5'\n");
    CHECK(error_of("A-B      EQU   1") == "t.asm:2:2: error: '-' cannot be part of a symbol\n");
    CHECK(error_of("         EQU   1") == "t.asm:2:10: warning: EQU without a label defines nothing\n");
    CHECK(error_of("LABEL") == "t.asm:2:1: error: a label needs an operation\n");
    CHECK(error_of("         ORG   X'68'") ==
          "t.asm:2:16: error: ORG needs an address in the current section, such as T+X'68'\n");
    CHECK(error_of("         START 0") ==
          "t.asm:2:10: error: START must come before all other control sections\n");
    CHECK(error_of("         DROP  3") == "t.asm:2:16: warning: register 3 is not in use as a base\n");
    CHECK(error_of("         CNOP  3,4") == "t.asm:2:16: error: CNOP takes 0,4 2,4 0,8 2,8 4,8 or 6,8\n");
    CHECK(error_of("         POP   USING") == "t.asm:2:16: error: there is no PUSH USING before this POP\n");
    CHECK(error_of("         ENTRY NONE") == "t.asm:2:16: error: NONE is not defined\n");
    CHECK(error_of("X        DSECT") == "");
    CHECK(errors_of({"T        START 0", "         LR    1,2"}) ==
          "t.asm:2:1: warning: there is no END statement behind this line\n");
}

TEST_CASE("what OPSYN took away is told as such") {
    CHECK(errors_of({"ADD      OPSYN AR", "AR       OPSYN", "         ADD   1,2", "         AR    1,2",
                     "         END"}) ==
          "t.asm:4:10: error: AR is no instruction any more: OPSYN took its meaning away\n");
}

TEST_CASE("a thousand messages are enough") {
    std::string text = "T        START 0\n";
    for (int i = 0; i < 3000; ++i) text += "         LA    1,NOWHERE\n";
    const auto r = isa::assembler::assemble(text + "         END\n", "t.asm");
    REQUIRE(r.diagnostics.size() == 1001);
    CHECK(to_string(r.diagnostics.back()) ==
          "t.asm:1002:1: error: too many messages: the assembly ends here");
}

TEST_CASE("a wrong definition is blamed once, not at each use") {
    CHECK(errors_of({"T        START 0", "A        EQU   B", "         LA    1,A", "         LA    2,A",
                     "C        DC    G'1'", "         USING T,3", "         L     1,C", "         END"}) ==
          "t.asm:2:16: error: B must be defined before this statement\n"
          "t.asm:5:16: error: expected a constant's type (one of CXBFHEDLPZAYSVQ), found 'G'\n");
}

TEST_CASE("an overlong line is caught by its continuation") {
    CHECK(errors_of({"T        START 0", fmt::format("{:71}X", "         LR    1,2"), "         LR    3,4",
                     "         END"}) ==
          "t.asm:3:10: warning: columns 1 to 15 of a continuation should be blank: column 72 of the line "
          "before is not blank, so that this line belongs to it\n");
}

TEST_CASE("columns are those of the line that a continued operand is on") {
    CHECK(errors_of({"T        START 0", fmt::format("{:71}X", "         DC    F'1',"), "               F'Z'",
                     "         END"}) ==
          "t.asm:3:18: error: expected a decimal number: digits, perhaps a sign, point or exponent\n");
}

TEST_CASE("no text makes the assembler fall over") {
    std::mt19937 random(7);
    const std::string alphabet = "AL1 '(),*+-=&.XCF0\n\t\x80\xC3";
    const std::vector<std::string> words = {"DC ",       " DS ",   " EQU ", " LTORG\n",
                                            " USING *,", " L 1,=", " ORG ", "CSECT",
                                            "DSECT\n",   " MVC ",  " END",  "T START 0\n"};
    for (int i = 0; i < 3000; ++i) {
        std::string text;
        for (unsigned n = random() % 40; n > 0; --n)
            text += random() % 3 == 0 ? words[random() % words.size()]
                                      : std::string(1, alphabet[random() % alphabet.size()]);
        const auto r = isa::assembler::assemble(text, "t.asm");
        CHECK((r.ok || !r.diagnostics.empty()));
    }
}
