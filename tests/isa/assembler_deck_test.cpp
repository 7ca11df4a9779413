// Card decks that IPL: their form, and that they start on Debian's hercules in S/370 mode.
#include "assembler_support.hpp"
#include "isa/assembler/deck.hpp"
#include "isa/ebcdic.hpp"
#include "tests/command.hpp"
#include "tests/file_contents.hpp"
#include "tests/temporary_folder.hpp"

using namespace isa::assembler;
using namespace isa::assembler::test;

namespace {

std::string ebcdic_text(const std::vector<uint8_t>& deck, std::size_t card, std::size_t column,
                        std::size_t n) {
    std::string text;
    for (std::size_t i = 0; i < n; ++i) text.push_back(isa::to_ascii(deck[card * 80 + column - 1 + i]));
    return text;
}

/// Adds up all bytes of its image, the busy low locations and the registers included, and stops in a disabled
/// wait with the low 16 bits of the sum; then there is the character string in it that the console shows.
constexpr const char* kChecksum = R"(SUM      START 0
         DC    X'00000000',A(BEGIN)
         DC    XL16'0102030405060708090A0B0C0D0E0F10'
         ORG   SUM+64
         DC    X'1122334455667788',A(X'99AABBCC'),F'305419896'
         ORG   SUM+X'68'
         DC    X'00020000',A(X'111')
         ORG   SUM+X'400'
BEGIN    STM   0,15,REGS-SUM
         BALR  12,0
         USING *,12
         LA    2,CCW
         ST    2,OLDCAW
         MVC   LOW(80),0         what the loader left in low storage
         ST    2,72
         SIO   9
WAITING  TIO   9
         BC    7,WAITING
         SR    1,1              sum
         SR    3,3
         LA    2,LOW
         LA    4,1
         LA    5,LOW+79
LOOP     IC    3,0(2)
         AR    1,3
         BXLE  2,4,LOOP
         LA    2,REGS
         LA    5,REGS+63
LOOP2    IC    3,0(2)
         AR    1,3
         BXLE  2,4,LOOP2
         LA    2,BLOCK          and of a block with gaps
         LA    5,BLOCKEND-1
LOOP3    IC    3,0(2)
         AR    1,3
         BXLE  2,4,LOOP3
         STH   1,PSW+6
         LPSW  PSW
PSW      DC    0D'0',X'0002000000000000'
CCW      CCW   9,TEXT,X'20',L'TEXT
TEXT     DC    C'THE DECK IS LOADED'
OLDCAW   DS    F
REGS     DS    16F
LOW      DS    CL80
BLOCK    DC    40X'01',XL100'00',13X'03',XL200'00',150X'02'
BLOCKEND EQU   *
         END
)";
// 40 + 39 + 300 of the block; the first 80 bytes: PSW 04+00 (BEGIN = X'400'), 1..16, 64..79.
constexpr unsigned kSum = 379 + 0x04 + 136 + (0x11 + 0x22 + 0x33 + 0x44 + 0x55 + 0x66 + 0x77 + 0x88) +
                          (0x99 + 0xAA + 0xBB + 0xCC) + (0x12 + 0x34 + 0x56 + 0x78);

std::string run_hercules(const std::vector<uint8_t>& deck, int seconds) {
    const tests::TemporaryFolder dir;
    tests::put_bytes(dir / "deck", deck);
    tests::put(dir / "cnf",
               "CPUMODEL 3033\nMAINSIZE 16\nXPNDSIZE 0\nNUMCPU 1\nARCHMODE S/370\n"
               "0009 3215-C / noprompt\n000C 3505 deck ebcdic eof\n");
    tests::put(dir / "rc", fmt::format("ipl 00c\npause {}\nquit\n", seconds));
    return tests::run_command(
               fmt::format("cd {} && HERCULES_RC=rc timeout 60 hercules -d -f cnf </dev/null 2>&1",
                           dir.path().string()))
        .output;
}

}  // namespace

TEST_CASE("a deck is a loader, text cards and an end card") {
    const Result r = assemble(source({"T        START X'1000'", "GO       LR    1,2",
                                      "         DC    100X'1'", "         END   GO"}),
                              "t.asm");
    REQUIRE(r.ok);
    const auto deck = make_ipl_deck(r.image, r.load_address, r.entry, "prog-1.x");
    REQUIRE(deck.size() % 80 == 0);
    const std::size_t cards = deck.size() / 80;
    CHECK(ebcdic_text(deck, 0, 73, 8) == "PROG0001");
    // IPL PSW, then READ with command chaining, then TIC (GA22-7000 chapter 12).
    CHECK(hex({deck.data(), 6}) == "000000000000");
    CHECK(deck[8] == 0x02);
    CHECK(deck[12] == 0x60);
    CHECK(deck[16] == 0x08);
    CHECK(ebcdic_text(deck, cards - 1, 2, 3) == "END");
    CHECK(ebcdic_text(deck, cards - 2, 2, 3) == "TXT");
    CHECK(ebcdic_text(deck, cards - 1, 73, 8) == fmt::format("PROG{:04}", cards));
    std::size_t text = 0;
    for (std::size_t i = 0; i < cards; ++i) text += ebcdic_text(deck, i, 2, 3) == "TXT";
    CHECK(text == 3);  // 102 bytes on two cards, and the PSW
}

TEST_CASE("the loader finds room, or says that there is none") {
    std::vector<uint8_t> image(0x1000000, 0xFF);
    CHECK_THROWS_WITH_AS(make_ipl_deck(image, 0, 0, "FULL"),
                         "there is no room for the loader beside the program", std::runtime_error);
    std::fill_n(image.begin() + 0x5000, 0x1000, uint8_t{0});
    CHECK(make_ipl_deck(image, 0, 0, "GAP").size() > 80 * 16000000 / 56);
    const std::vector<uint8_t> top(0x1000, 0xFF);
    CHECK(hex(std::span<const uint8_t>(make_ipl_deck(top, 0xFFF000, 0xFFF000, "TOP")).subspan(9, 3)) ==
          "000058");
}

TEST_CASE("decks IPL on hercules" * doctest::test_suite("hercules")) {
    if (!tests::installed("hercules")) {
        MESSAGE("skipped: hercules is not installed");
        return;
    }
    const Result r = assemble(kChecksum, "sum.asm");
    REQUIRE(messages(r) == "");
    // hercules is given a fixed time: more of it if that has not been enough for the end, a disabled wait.
    std::string log;
    for (int seconds = 1; seconds <= 16 && log.find("HHCCP011I") == std::string::npos; seconds *= 4)
        log = run_hercules(make_ipl_deck(r.image, r.load_address, r.entry, "SUM"), seconds);
    CHECK(log.find("THE DECK IS LOADED") != std::string::npos);
    const std::string expected = fmt::format("PSW=00020000 8000{:04X}", kSum);
    CHECK_MESSAGE(log.find(expected) != std::string::npos, expected, " is not in ", log);
}
