#include "isa/ebcdic.hpp"

#include <doctest/doctest.h>

TEST_CASE("EBCDIC: letters, digits and the usual specials of code page 037") {
    CHECK(isa::to_ebcdic('A') == 0xC1);
    CHECK(isa::to_ebcdic('I') == 0xC9);
    CHECK(isa::to_ebcdic('J') == 0xD1);
    CHECK(isa::to_ebcdic('S') == 0xE2);
    CHECK(isa::to_ebcdic('Z') == 0xE9);
    CHECK(isa::to_ebcdic('a') == 0x81);
    CHECK(isa::to_ebcdic('z') == 0xA9);
    CHECK(isa::to_ebcdic('0') == 0xF0);
    CHECK(isa::to_ebcdic('9') == 0xF9);
    CHECK(isa::to_ebcdic(' ') == 0x40);
    CHECK(isa::to_ebcdic('.') == 0x4B);
    CHECK(isa::to_ebcdic('$') == 0x5B);
    CHECK(isa::to_ebcdic('/') == 0x61);
    CHECK(isa::to_ebcdic('@') == 0x7C);
    CHECK(isa::to_ascii(0xC1) == 'A');
}

TEST_CASE("EBCDIC: texts go both ways, also characters outside ASCII") {
    const std::string text = "NOT \u00AC CENT \u00A2 [x]";
    const auto bytes = isa::to_ebcdic(text);
    CHECK(bytes[4] == 0x5F);
    CHECK(bytes[11] == 0x4A);
    CHECK(isa::to_text(bytes) == text);
}

TEST_CASE("EBCDIC: what has no code becomes SUB, what cannot be displayed becomes a point") {
    const auto bytes = isa::to_ebcdic("a\u20ACb");
    CHECK(bytes == std::vector<uint8_t>{0x81, 0x3F, 0x82});
    const uint8_t control[] = {0x15, 0xC1};
    CHECK(isa::to_text(control) == ".A");
    CHECK(isa::printable(0x15) == '.');
    CHECK(isa::printable(0xC1) == 'A');
}
