// The card punches, and card decks: commands, sense, card codes.
#include "tests/simulation/unit_record_fixture.hpp"

using namespace unit_record_test;

TEST_CASE("bytes of column binary behind the last column are on no card") {
    std::vector<uint8_t> image(kBinaryCardBytes + 100, 0x3F);
    const Card card = card_of_binary(image);
    image.resize(kBinaryCardBytes);
    CHECK(binary_of(card) == binary_of(card_of_binary(image)));
    CHECK(card == card_of_binary(image));
}

TEST_CASE("decks: text lines or card images") {
    const Deck text = deck_of("ABC\n\nX\u00ACY\r\n");
    REQUIRE(text.size() == 3);
    CHECK(text[0] == card_of("ABC"));
    CHECK(text[1] == card_of(""));
    CHECK(text[2][1] == 0x5F);
    std::string images(160, '\x40');
    images[0] = '\xC1';
    const Deck binary = deck_of(images);
    REQUIRE(binary.size() == 2);
    CHECK(binary[0] == card_of("A"));
    CHECK_THROWS_WITH_AS(deck_of("A\n" + std::string(81, 'B')),
                         "line 2: 81 characters do not fit on a card of 80 columns", std::invalid_argument);
    CHECK_THROWS_AS(deck_of(images.substr(1)), std::invalid_argument);
}

TEST_CASE("3525: write, feed, select stacker; the rest of a short card stays blank; 300 cards a minute") {
    UnitRecordMachine m;
    m.put("TXT");
    CHECK(m.io(kPunch, {{0x41, SLI, 3, Machine::data}}) == Csw{0, Machine::program + 8, CE, 0, 0});
    CHECK(m.punched.empty());
    CHECK(m.wait_for(kPunch).unit_status == DE);
    CHECK(m.queue.now() == 200 * kMillisecond);
    REQUIRE(m.punched.size() == 1);
    CHECK(m.punched[0] == std::pair<Card, unsigned>(card_of("TXT"), 1));
}

TEST_CASE("3525: a card has 80 columns") {
    UnitRecordMachine m;
    CHECK(m.io(kPunch, {{0x01, 0, 79, Machine::data}}).channel_status == kIncorrectLength);
    m.wait_for(kPunch);
    CHECK(m.io(kPunch, {{0x01, 0, 80, Machine::data}}).channel_status == 0);
    m.wait_for(kPunch);
    const Csw csw = m.io(kPunch, {{0x01, 0, 90, Machine::data}});
    CHECK(csw.channel_status == kIncorrectLength);
    CHECK(csw.count == 10);
    m.wait_for(kPunch);
}

TEST_CASE("the card code: 256 combinations, none with two holes in rows 1 to 7") {
    // GX20-1850, System/370 Reference Summary: rows 12, 11, 0, 1 ... 9 as bits.
    const auto holes = [](std::initializer_list<unsigned> rows) {
        unsigned bits = 0;
        for (const unsigned row : rows) bits |= 1u << (row == 12 ? 11 : row == 11 ? 10 : 9 - row);
        return bits;
    };
    CHECK(holes_of(isa::to_ebcdic('A')) == holes({12, 1}));
    CHECK(holes_of(isa::to_ebcdic('R')) == holes({11, 9}));
    CHECK(holes_of(isa::to_ebcdic('S')) == holes({0, 2}));
    CHECK(holes_of(isa::to_ebcdic('/')) == holes({0, 1}));
    CHECK(holes_of(isa::to_ebcdic('0')) == holes({0}));
    CHECK(holes_of(isa::to_ebcdic('9')) == holes({9}));
    CHECK(holes_of(isa::to_ebcdic('&')) == holes({12}));
    CHECK(holes_of(isa::to_ebcdic('-')) == holes({11}));
    CHECK(holes_of(isa::to_ebcdic('=')) == holes({8, 6}));
    CHECK(holes_of(isa::to_ebcdic('(')) == holes({12, 8, 5}));
    CHECK(holes_of(isa::to_ebcdic('i')) == holes({12, 0, 9}));
    CHECK(holes_of(0x00) == holes({12, 0, 9, 8, 1}));
    CHECK(holes_of(0x02) == holes({12, 9, 2}));
    CHECK(holes_of(0x40) == 0);
    CHECK(holes_of(0x6A) == holes({12, 11}));
    CHECK(holes_of(0xC0) == holes({12, 0}));
    CHECK(holes_of(0xE0) == holes({0, 8, 2}));
    CHECK(holes_of(0xFF) == holes({12, 11, 0, 9, 8, 7}));
    for (unsigned code = 0; code < 256; ++code) CHECK(code_of(holes_of(static_cast<uint8_t>(code))) == code);
    unsigned without = 0;
    for (unsigned bits = 0; bits < 4096; ++bits) {
        const bool several = __builtin_popcount(bits & holes({1, 2, 3, 4, 5, 6, 7})) > 1;
        CHECK(code_of(static_cast<Holes>(bits)).has_value() == !several);
        without += several;
    }
    CHECK(without == 4096 - 256);
}

TEST_CASE("decks in column binary") {
    std::array<uint8_t, kBinaryCardBytes> image{};
    image[1] = 0x3F;
    const Deck deck{card_of("A"), card_of_binary(image)};
    const std::string bytes = deck_bytes(deck);
    REQUIRE(bytes.size() == 2 * kBinaryCardBytes);
    const Deck again = deck_of(bytes);
    CHECK(again == deck);
    CHECK_FALSE(again[0].holes);
    CHECK(again[1].holes);
    CHECK(deck_bytes(std::span(deck).first(1)).size() == kCardColumns);
}

TEST_CASE("3525: column binary is a card of 160 bytes; four bytes of sense") {
    UnitRecordMachine m;
    const auto image = binary_of(card_of("HI"));
    std::copy(image.begin(), image.end(), m.storage.bytes.begin() + Machine::data);
    CHECK(m.io(kPunch, {{0xA1, 0, 160, Machine::data}}).channel_status == 0);
    m.wait_for(kPunch);
    REQUIRE(m.punched.size() == 1);
    CHECK(m.punched[0] == std::pair<Card, unsigned>(card_of("HI"), 1));  // it has two stackers
    m.storage.bytes[Machine::data] = 0xFF;
    CHECK(m.io(kPunch, {{0x21, 0, 80, Machine::data}}).channel_status == kIncorrectLength);
    m.wait_for(kPunch);
    CHECK(binary_of(m.punched[1].first)[0] == 0x3F);
    CHECK(m.punched[1].first.holes);
    for (const uint8_t command : {0x09, 0x0D, 0x02, 0x23, 0xC1, 0xE4})
        CHECK(m.refused(kPunch, {command, 0, 80, Machine::data}).unit_status == kUnitCheck);
    CHECK(m.io(kPunch, {{0x04, 0, 4, Machine::data}}).channel_status == 0);
}

TEST_CASE("a punch that is not ready refuses to write, and tells when it is ready again") {
    UnitRecordMachine m;
    m.punch.set_ready(false);
    CHECK(m.refused(kPunch, {0x01, 0, 80, Machine::data}).unit_status == kUnitCheck);
    CHECK(m.punch.sense()[0] == kSenseInterventionRequired);
    m.punch.set_ready(true);
    CHECK(m.interruption(kPunch).unit_status == DE);
    CHECK(m.io(kPunch, {{0x01, 0, 80, Machine::data}}).unit_status == CE);
}
