// DC, DS, CCW, CNOP, literals. Expected bytes by the data formats of GA22-7000 (chapters 7-9) and code page
// 037.
#include "assembler_support.hpp"

using namespace isa::assembler::test;

TEST_CASE("character constants are EBCDIC, padded and cut on the right") {
    CHECK(code_of("DC    C'AZ az09'") == "C1E94081A9F0F9");
    CHECK(code_of("DC    CL4'AB'") == "C1C24040");
    CHECK(code_of("DC    CL2'ABCD'") == "C1C2");
    CHECK(code_of("DC    C'IT''S A && B, (OK'") == "C9E37DE240C1405040C26B404DD6D2");
    CHECK(code_of("DC    3C'*'") == "5C5C5C");
    CHECK(code_of("DC    CL3' '") == "404040");
    CHECK(code_of("DC    C'\xC3\xA4'") == "43");  // U+00E4 in UTF-8
}

TEST_CASE("hexadecimal and binary constants are padded and cut on the left") {
    CHECK(code_of("DC    X'1AF'") == "01AF");
    CHECK(code_of("DC    XL4'1AF'") == "000001AF");
    CHECK(code_of("DC    XL1'1AF'") == "AF");
    CHECK(code_of("DC    X'1,234'") == "010234");
    CHECK(code_of("DC    2X'C1'") == "C1C1");
    CHECK(code_of("DC    B'101'") == "05");
    CHECK(code_of("DC    B'1000000001'") == "0201");
    CHECK(code_of("DC    BL1'100000001'") == "01");
}

TEST_CASE("fixed-point constants") {
    CHECK(code_of("DC    F'1'") == "00000001");
    CHECK(code_of("DC    F'-1,2147483647,-2147483648'") == "FFFFFFFF7FFFFFFF80000000");
    CHECK(code_of("DC    H'-32768'") == "8000");
    CHECK(code_of("DC    FL3'-2'") == "FFFFFE");
    CHECK(code_of("DC    FL8'-2'") == "FFFFFFFFFFFFFFFE");
    CHECK(code_of("DC    HL1'12'") == "0C");
    CHECK(code_of("DC    F'1E3'") == "000003E8");
    CHECK(code_of("DC    F'25.5'") == "0000001A");  // rounded: a half away from zero
    CHECK(code_of("DC    F'-25.5'") == "FFFFFFE6");
    CHECK(code_of("DC    HS4'25.46'") == "0197");  // 25.46 * 16 = 407.36
    CHECK(code_of("DC    FE2'1.5'") == "00000096");
}

TEST_CASE("decimal constants") {
    CHECK(code_of("DC    P'123'") == "123C");
    CHECK(code_of("DC    P'-12'") == "012D");
    CHECK(code_of("DC    PL4'1.5'") == "0000015C");
    CHECK(code_of("DC    P'1,-123'") == "1C123D");
    CHECK(code_of("DC    Z'-12'") == "F1D2");
    CHECK(code_of("DC    ZL4'12'") == "F0F0F1C2");
}

TEST_CASE("floating-point constants are normalized hexadecimal fractions") {
    // GA22-7000 chapter 9 shows these short ones.
    CHECK(code_of("DC    E'1'") == "41100000");
    CHECK(code_of("DC    E'0.5'") == "40800000");
    CHECK(code_of("DC    E'-15.5'") == "C1F80000");
    CHECK(code_of("DC    E'0'") == "00000000");
    CHECK(code_of("DC    D'1'") == "4110000000000000");
    CHECK(code_of("DC    E'.1'") == "4019999A");  // 0.1 = .1999..., rounded up
    CHECK(code_of("DC    D'0.1'") == "401999999999999A");
    CHECK(code_of("DC    E'16777215'") == "46FFFFFF");
    CHECK(code_of("DC    E'16777215.5'") == "47100000");  // rounding carries into the exponent
    // These by exact rational arithmetic.
    CHECK(code_of("DC    D'7.2E75'") == "7FFEB0E3AD978760");
    CHECK(code_of("DC    D'123456789.987654321'") == "4775BCD15FCD6E9E");
    CHECK(code_of("DC    E'5.4E-79'").substr(0, 4) == "0010");
    CHECK(code_of("DC    L'1'") == "41100000000000003300000000000000");
    CHECK(code_of("DC    ES3'1'") == "44000100");  // unnormalized by three digits
    CHECK(code_of("DC    EE2'1'") == "42640000");
}

TEST_CASE("address constants") {
    CHECK(image_of({"T        CSECT", "         DC    A(T,END-T,*,X'FF')",
                    "END      DC    Y(END),AL1(5),AL3(T)", "         END"}) ==
          "0000000000000010"
          "00000008"
          "000000FF"
          "0010"
          "05"
          "000000");
    CHECK(image_of({"T        START X'100'", "         USING *,3", "         DC    S(T+5),S(8(4)),V(T)",
                    "         END"}) ==
          "3005"
          "4008"
          "00000100");
    CHECK(code_of("DC    3AL1(*)") == "000102");
    CHECK(code_of("DC    A(-1)") == "FFFFFFFF");
    CHECK(code_of("DC    A(X'FFFFFFFF')") == "FFFFFFFF");
    CHECK(code_of("DC    A((3+4)*2-1,7/2,-7/2,5/0,C'A'+B'1')") == "0000000D00000003FFFFFFFD00000000000000C2");
}

TEST_CASE("alignment, duplication and length") {
    CHECK(image_of({"T        CSECT", "         DC    X'01',F'2'", "         DC    X'03'",
                    "         DC    D'0'", "         END"}) ==
          "01000000"
          "00000002"
          "03000000000000000000000000000000");
    CHECK(image_of({"T        CSECT", "         DC    X'01',FL4'2'", "         END"}) == "0100000002");
    CHECK(image_of({"T        CSECT", "         DC    X'01'", "         DS    0F", "         DC    X'02'",
                    "         END"}) == "0100000002");
    CHECK(image_of({"T        CSECT", "N        EQU   3", "         DC    (N)CL(N-1)'A'", "         END"}) ==
          "C140C140C140");
    CHECK(image_of({"T        CSECT", "         DS    2H,CL3", "         DC    AL1(L'A,L'B,L'C,L'*)",
                    "A        DS    3D", "B        DC    C'HELLO'", "C        EQU   A+2,7", "         END"})
              .substr(14, 8) == "08050701");
    CHECK(code_of("DC    0F'1'") == "");
}

TEST_CASE("CCW and CNOP") {
    CHECK(image_of(
              {"T        CSECT", "         DC    X'1'", "         CCW   2,*+8,X'60',80", "         END"}) ==
          "0100000000000000"
          "0200001060000050");
    CHECK(image_of({"T        CSECT", "         LR    1,2", "         CNOP  0,4", "         CNOP  6,8",
                    "         END"}) ==
          "1812"
          "0700"
          "0700");
    CHECK(image_of({"T        CSECT", "         LR    1,2", "         CNOP  2,4", "         END"}) == "1812");
}

TEST_CASE("literals are pooled by LTORG and END, longest boundary first") {
    CHECK(image_of({"T        START 0", "         USING T,0", "         L     1,=F'1'",
                    "         MVC   0(3,2),=C'ABC'", "         L     2,=D'1'",
                    "         L     1,=F'1'           the same again", "         LTORG",
                    "         L     1,=F'1'           in a new pool", "         LA    0,L'=CL7'X'",
                    "         END"}) ==
          "58100020"
          "D20220000024"
          "58200018"
          "58100020"
          "000000000000"
          "4110000000000000"
          "00000001"
          "C1C2C300"
          "58100030"
          "41000007"
          "00000001"
          "E7404040404040");
    // * in a literal is the instruction's address, so equal texts are different literals.
    CHECK(image_of({"T        START 0", "         USING T,0", "         L     1,=A(*)",
                    "         L     1,=A(*)", "         END"}) ==
          "58100008"
          "5810000C"
          "00000000"
          "00000004");
}

TEST_CASE("lengths in bits pack constants without gaps, up to the next that is aligned") {
    CHECK(image_of({"T        START 0", "         DC    BL.4'1010',BL.4'1'",
                    "         DC    FL.12'-1',CL.12'A'", "         DC    X'1'", "         DC    AL.20(5)",
                    "         END"}) ==
          "A1"
          "FFFC14"
          "01"
          "000050");
    CHECK(code_of("DC    3BL.3'101'") == "B680");
}

TEST_CASE("minus zero keeps its sign where the format has one") {
    CHECK(code_of("DC    P'-0',Z'-0'") == "0DD0");
    CHECK(code_of("DC    F'-0',H'-0'") == "000000000000");
    CHECK(code_of("DC    E'-0',E'0',D'-0'") == "00000000000000000000000000000000");
}

TEST_CASE("in a storage image, external dummy sections are laid out in the order of the source") {
    CHECK(image_of({"T        START 0", "A        DXD   H", "B        DXD   3D", "D        DSECT",
                    "         DS    CL5", "T        CSECT", "         DC    Q(A,B,D)", "         CXD",
                    "         END"}) ==
          "00000000"
          "00000008"
          "00000020"
          "00000025");
}

TEST_CASE("in a storage image, V constants of the program's own names are their addresses") {
    CHECK(image_of({"T        START 0", "         ENTRY E", "         DC    V(T,E)", "E        DC    F'1'",
                    "         END"}) ==
          "00000000"
          "00000008"
          "00000001");
}
