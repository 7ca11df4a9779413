// The listing: columns, errors, PRINT, cross-reference.
#include "assembler_support.hpp"

using namespace isa::assembler;
using namespace isa::assembler::test;

TEST_CASE("the listing shows location, object code, addresses, statement and source") {
    const Result r = assemble(
        source({"T        START 0", "         USING T,3", "R        EQU   1", "         L     R,X",
                "X        DC    F'1'", "         L     R,Y", "         MVC   X,=C'AB'", "         END"}),
        "t.asm");
    CHECK(r.listing ==
          "  LOC  OBJECT CODE       ADDR1 ADDR2  STMT   SOURCE STATEMENT\n"
          "\n"
          "000000                                   1   T        START 0\n"
          "000000                         00000     2            USING T,3\n"
          "000001                                   3   R        EQU   1\n"
          "000000 5810 3004               00004     4            L     R,X\n"
          "000004 00000001                          5   X        DC    F'1'\n"
          "000008 0000 0000                         6            L     R,Y\n"
          "*** t.asm:6:18: error: Y is not defined\n"
          "00000C D203 3004 3018    00004 00018     7            MVC   X,=C'AB'\n"
          "000018                                   8            END\n"
          "000018 C1C2                                                 =C'AB'\n"
          "\n"
          "SECTIONS AND EXTERNAL SYMBOLS\n"
          "\n"
          "SYMBOL    TYPE     ADDRESS  LENGTH\n"
          "T         CSECT    000000   00001A\n"
          "\n"
          "CROSS REFERENCE\n"
          "\n"
          "SYMBOL    LENGTH    VALUE  DEFINED  REFERENCES\n"
          "R              1 00000001        3      4     6\n"
          "T              1 00000000        1      2\n"
          "X              4 00000004        5      4     7\n"
          "\n"
          "8 statements, 1 error, 0 warnings\n");
}

TEST_CASE("PRINT leaves out or adds lines, but never hides an error") {
    const Result r =
        assemble(source({"         MACRO", "         M", "         LR    1,2", "         MEND",
                         "T        START 0", "         M", "         PRINT NOGEN,DATA", "         M",
                         "         DC    10X'1'", "         PUSH  PRINT", "         PRINT OFF",
                         "         LR    3,4", "         LR    5", "         POP   PRINT", "         END"}),
                 "t.asm");
    const std::string body = r.listing.substr(0, r.listing.find("\nSECTIONS"));
    CHECK(body ==
          "  LOC  OBJECT CODE       ADDR1 ADDR2  STMT   SOURCE STATEMENT\n"
          "\n"
          "                                         1            MACRO\n"
          "                                         2            M\n"
          "                                         3            LR    1,2\n"
          "                                         4            MEND\n"
          "000000                                   5   T        START 0\n"
          "                                         6            M\n"
          "000000 1812                              7+           LR    1,2\n"
          "                                         8            PRINT NOGEN,DATA\n"
          "                                         9            M\n"
          "000004 0101010101010101                 11            DC    10X'1'\n"
          "00000C 0101\n"
          "                                        12            PUSH  PRINT\n"
          "000010 0000                             15            LR    5\n"
          "*** t.asm:13:17: error: expected ',' and another operand, found the end of the operand\n"
          "                                        16            POP   PRINT\n"
          "                                        17            END\n");
}
