// Object decks: the records byte by byte, as the linkage editors' manuals lay them out.
#include "assembler_support.hpp"
#include "isa/assembler/object_deck.hpp"

using namespace isa::assembler;
using namespace isa::assembler::test;

namespace {

/// Columns of a card in hexadecimal; column 1 is the first.
std::string columns(const std::vector<uint8_t>& deck, std::size_t card, std::size_t from, std::size_t to) {
    return hex(std::span<const uint8_t>(deck).subspan((card - 1) * 80 + from - 1, to - from + 1));
}

Result assemble_object(std::initializer_list<std::string> lines) {
    Options options;
    options.allow_externals = true;
    return assemble(source(lines), "t.asm", options);
}

}  // namespace

TEST_CASE("ESD, TXT, RLD and END records") {
    // What OS/VS1's assembler punches of the same source.
    const Result r = assemble_object({"MAIN     CSECT",        // ESD 1
                                      "         EXTRN OTHER",  // ESD 2
                                      "         ENTRY GO", "GO       LR    1,2",
                                      "         DC    A(OTHER+4,GO,DATA-GO)",  // at 4, 8, C
                                      "         DC    V(THIRD),AL3(OTHER)",    // ESD 3; at 10, 14
                                      "SECOND   CSECT",                        // ESD 4; at 18
                                      "DATA     DC    A(GO-DATA+GO)",
                                      "         WXTRN WEAK",  // ESD 5
                                      "         END   GO"});
    REQUIRE(messages(r) == "");
    const auto deck = make_object_deck(r, "obj");
    REQUIRE(deck.size() == 7 * 80);
    // Three dictionary items a card, as the source names them: MAIN, OTHER, GO | THIRD, SECOND, WEAK.
    CHECK(columns(deck, 1, 1, 16) ==
          "02C5E2C4"
          "404040404040"
          "0030"
          "4040"
          "0001");
    CHECK(columns(deck, 1, 17, 32) ==
          "D4C1C9D540404040"
          "00"
          "000000"
          "40"
          "000017");
    CHECK(columns(deck, 1, 33, 48) ==
          "D6E3C8C5D9404040"
          "02"
          "000000"
          "40"
          "404040");
    CHECK(columns(deck, 1, 49, 64) ==
          "C7D6404040404040"
          "01"
          "000000"
          "40"
          "000001");
    CHECK(columns(deck, 1, 73, 80) == "D6C2D1F0F0F0F0F1");
    CHECK(columns(deck, 2, 11, 16) ==
          "0030"
          "4040"
          "0003");
    CHECK(columns(deck, 2, 17, 32) ==
          "E3C8C9D9C4404040"
          "02"
          "000000"
          "40"
          "404040");
    CHECK(columns(deck, 2, 33, 48) ==
          "E2C5C3D6D5C44040"
          "00"
          "000018"
          "40"
          "000004");
    CHECK(columns(deck, 2, 49, 64) ==
          "E6C5C1D240404040"
          "0A"
          "000000"
          "40"
          "404040");
    // Text: the bytes that align the first constant are zero.
    CHECK(columns(deck, 3, 1, 39) ==
          "02E3E7E3"
          "40"
          "000000"
          "4040"
          "0017"
          "4040"
          "0001"
          "18120000"
          "00000004"
          "00000000"
          "00000018"
          "00000000"
          "000000");
    CHECK(columns(deck, 4, 6, 20) ==
          "000018"
          "4040"
          "0004"
          "4040"
          "0004"
          "FFFFFFE8");
    // Relocation, by section and then by what is added: of DATA-GO both; of GO-DATA+GO, GO twice, DATA
    // subtracted.
    // 52 bytes on the first card: the next item takes 8.
    CHECK(columns(deck, 5, 1, 16) ==
          "02D9D3C4"
          "404040404040"
          "0034"
          "40404040");
    CHECK(columns(deck, 5, 17, 68) ==
          "00010001"
          "0D000008"
          "0E00000C"
          "00020001"
          "0D000004"
          "08000014"
          "00030001"
          "1C000010"
          "00040001"
          "0C00000C"
          "00010004"
          "0D000018"
          "0C000018");
    CHECK(columns(deck, 6, 11, 24) ==
          "0008"
          "40404040"
          "00040004"
          "0E000018");
    CHECK(columns(deck, 7, 1, 16) ==
          "02C5D5C4"
          "40"
          "000000"
          "404040404040"
          "0001");
}

TEST_CASE("long text and many relocations take several cards") {
    const Result r =
        assemble_object({"T        START X'100'", "         DC    20A(T),20V(X)", "         END"});
    REQUIRE(messages(r) == "");
    const auto deck = make_object_deck(r, "");
    // ESD, 160 bytes in three TXT; 20 items of 4 bytes + 4 in the first: 13 and 7 a card, then X's: END.
    CHECK(columns(deck, 2, 6, 12) ==
          "000100"
          "4040"
          "0038");
    CHECK(columns(deck, 4, 6, 12) ==
          "000170"
          "4040"
          "0030");
    CHECK(columns(deck, 5, 11, 12) == "0038");
    CHECK(columns(deck, 5, 17, 28) ==
          "00010001"
          "0D000100"
          "0D000104");
    CHECK(columns(deck, 5, 69, 72) == "0C000130");
    CHECK(columns(deck, 6, 17, 24) ==
          "00010001"
          "0D000134");
    CHECK(columns(deck, deck.size() / 80, 1, 8) == "02C5D5C440404040");
}

TEST_CASE("unnamed sections, common ones and dummies") {
    const Result r = assemble_object({"         LR    1,2", "D        DSECT", "         DS    F",
                                      "C        COM", "         DS    CL10", "         END"});
    REQUIRE(messages(r) == "");
    const auto deck = make_object_deck(r, "X");
    CHECK(columns(deck, 1, 11, 16) ==
          "0020"
          "4040"
          "0001");
    CHECK(columns(deck, 1, 17, 32) ==
          "4040404040404040"
          "04"
          "000000"
          "40"
          "000002");
    CHECK(columns(deck, 1, 33, 48) ==
          "C340404040404040"
          "05"
          "000000"
          "40"
          "00000A");
}

TEST_CASE("names that a deck cannot hold are refused") {
    const Result r = assemble_object({"LONGNAME9 CSECT", "         END"});
    REQUIRE(r.ok);
    CHECK_THROWS_WITH_AS(
        make_object_deck(r, "X"),
        "LONGNAME9 is external and has more than 8 characters: an object deck cannot hold it",
        std::runtime_error);
}

TEST_CASE("without an object deck, externals must be in the program") {
    CHECK(errors_of({"T        START 0", "         EXTRN X", "         DC    A(X)", "         END"}) ==
          "t.asm:3:18: error: X is not in this program: only an object deck can refer to it\n");
    CHECK(errors_of({"T        START 0", "         DC    V(U)", "U        CSECT", "         END"}) == "");
    CHECK(errors_of({"T        START 0", "A        EQU   5", "         ENTRY A", "         END"}) ==
          "t.asm:3:16: error: A is not an address in this program\n");
    CHECK(errors_of({"T        START 0", "         END   5"}) ==
          "t.asm:2:16: error: END's operand must be an address in this program\n");
}
