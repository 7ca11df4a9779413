// The buffer and data stream of a 3270 display, and its keyboard: GA23-0060, "Commands and Orders" and
// "Keyboard Operations".
#include <doctest/doctest.h>

#include <array>
#include <random>

#include "isa/ebcdic.hpp"
#include "simulation/devices/display_keyboard.hpp"

using namespace simulation;

namespace {

using Bytes = std::vector<uint8_t>;

constexpr uint8_t kRestore = 0xC2, kPlain = 0xC0, kResetMdt = 0xC1;

/// A display and what is needed to write data streams for it.
struct Station {
    DisplayBuffer buffer{DisplayModel::d3277_2};
    unsigned attentions = 0;
    DisplayKeyboard keyboard{buffer, [this] { ++attentions; }};

    bool write(const Bytes& stream, bool continues = false) {
        buffer.begin_write(continues);
        bool good = true;
        for (const uint8_t byte : stream)
            if (!(good = good && buffer.write(byte))) break;
        return buffer.end_write() && good;
    }
    bool erase_write(const Bytes& stream) {
        buffer.erase();
        return write(stream);
    }
    /// The n-th row, from 0.
    std::string row(unsigned n) const {
        std::string text = buffer.text();
        size_t begin = 0;
        while (n-- != 0) begin = text.find('\n', begin) + 1;
        return text.substr(begin, text.find('\n', begin) - begin);
    }
    Bytes modified(bool continues = false) const { return buffer.read_modified(continues).bytes; }
};

Bytes operator+(Bytes a, const Bytes& b) {
    a.insert(a.end(), b.begin(), b.end());
    return a;
}
Bytes text(std::string_view t) { return isa::to_ebcdic(t); }
Bytes address(unsigned a) { return {six_bit_code(a >> 6), six_bit_code(a & 0x3F)}; }
Bytes sba(unsigned a) { return Bytes{0x11} + address(a); }
Bytes sf(uint8_t attribute) { return {0x1D, attribute}; }
Bytes ra(unsigned a, uint8_t c) { return Bytes{0x3C} + address(a) + Bytes{c}; }
Bytes eua(unsigned a) { return Bytes{0x12} + address(a); }
const Bytes kTab{0x05}, kCursor{0x13};

// Attributes as programs write them.
constexpr uint8_t kInput = 0x40, kGuarded = 0x60, kSkip = 0xF0, kHidden = 0x4C, kModifiedInput = 0xC1;

}  // namespace

TEST_CASE("3270: the codes of addresses and attributes are those of the manual's table") {
    // GA23-0060, "Buffer Address I/O Interface Codes": rows of the table, here and there.
    CHECK(six_bit_code(0x00) == 0x40);
    CHECK(six_bit_code(0x01) == 0xC1);
    CHECK(six_bit_code(0x09) == 0xC9);
    CHECK(six_bit_code(0x0A) == 0x4A);
    CHECK(six_bit_code(0x0F) == 0x4F);
    CHECK(six_bit_code(0x10) == 0x50);
    CHECK(six_bit_code(0x1D) == 0x5D);
    CHECK(six_bit_code(0x20) == 0x60);
    CHECK(six_bit_code(0x21) == 0x61);
    CHECK(six_bit_code(0x22) == 0xE2);
    CHECK(six_bit_code(0x29) == 0xE9);
    CHECK(six_bit_code(0x30) == 0xF0);
    CHECK(six_bit_code(0x39) == 0xF9);
    CHECK(six_bit_code(0x3F) == 0x7F);
    CHECK(address(80) == Bytes{0xC1, 0x50});
    CHECK(address(1919) == Bytes{0x5D, 0x7F});
}

TEST_CASE("3270: set buffer address, start field and text") {
    Station s;
    REQUIRE(s.erase_write(Bytes{kPlain} + sba(80) + sf(kGuarded) + text("LOGON") + sf(kInput) + kCursor));
    CHECK(s.row(1) == " LOGON");
    CHECK(s.row(0).empty());
    CHECK(s.buffer.cursor() == 87);
    CHECK(s.buffer.is_protected(81));
    CHECK_FALSE(s.buffer.is_protected(87));
    // The last field goes on from the end of the buffer to its beginning.
    CHECK_FALSE(s.buffer.is_protected(0));
}

TEST_CASE("3270: an address outside of the buffer ends the write; what came before has been done") {
    Station s;
    CHECK_FALSE(s.erase_write(Bytes{kPlain} + text("AB") + sba(1920) + text("C")));
    CHECK(s.row(0) == "AB");
    for (const uint8_t order : {uint8_t{0x12}, uint8_t{0x3C}})
        CHECK_FALSE(s.erase_write(Bytes{kPlain, order} + address(2000) + Bytes{0x40}));
    CHECK_FALSE(s.erase_write(Bytes{kPlain, 0x11, 0x40}));  // half an order
    CHECK_FALSE(s.erase_write(Bytes{kPlain, 0x1D}));
    CHECK_FALSE(s.erase_write(Bytes{kPlain, 0x3C} + address(3)));
}

TEST_CASE("3270: bits 0 and 1 of addresses do not count") {
    Station s;
    REQUIRE(s.erase_write(Bytes{kPlain, 0x11, 0x01, 0x10} + text("X")));
    CHECK(s.row(1) == "X");
}

TEST_CASE("3270: a 3277 model 1 has 480 locations in 12 lines") {
    DisplayBuffer small(DisplayModel::d3277_1);
    CHECK(small.size() == 480);
    small.begin_write(false);
    small.write(kPlain);
    small.write(0x11);
    small.write(six_bit_code(480 >> 6));
    CHECK_FALSE(small.write(six_bit_code(480 & 0x3F)));
}

TEST_CASE("3270: the buffer wraps") {
    Station s;
    REQUIRE(s.erase_write(Bytes{kPlain} + sba(1919) + text("AB")));
    CHECK(s.row(23) == std::string(79, ' ') + "A");
    CHECK(s.row(0) == "B");
}

TEST_CASE("3270: repeat to address") {
    Station s;
    REQUIRE(s.erase_write(Bytes{kPlain} + sba(10) + ra(15, 0x5C) + text("X")));
    CHECK(s.row(0) == std::string(10, ' ') + "*****X");
    // To where it begins means all around; attributes are overwritten.
    REQUIRE(s.erase_write(Bytes{kPlain} + sf(kGuarded) + sba(7) + ra(7, 0x5C)));
    CHECK_FALSE(s.buffer.formatted());
    CHECK(s.row(23) == std::string(80, '*'));
    // Across the end.
    REQUIRE(s.erase_write(Bytes{kPlain} + sba(1918) + ra(2, 0x5C)));
    CHECK(s.row(0) == "**");
    CHECK(s.row(1).empty());
    // The character may be one that is an order elsewhere.
    REQUIRE(s.erase_write(Bytes{kPlain} + ra(2, 0x11) + text("X")));
    CHECK(s.buffer.character(1) == 0x11);
}

TEST_CASE("3270: erase unprotected to address spares attributes, protected fields and tags") {
    Station s;
    const Bytes screen =
        sf(kModifiedInput) + text("AAA") + sf(kGuarded) + text("BBB") + sf(kInput) + text("CCC");
    REQUIRE(s.erase_write(Bytes{kPlain} + screen + sba(1) + eua(10)));
    CHECK(s.row(0) == "     BBB  CC");
    CHECK(s.buffer.attribute(0) == (kModifiedInput & 0x3F));
}

TEST_CASE("3270: program tab goes to the next unprotected field, filling only behind a character") {
    Station s;
    const Bytes screen = sf(kInput) + text("AAAA") + sf(kGuarded) + text("BBBB") + sf(kInput) + text("CCCC");
    REQUIRE(s.erase_write(Bytes{kPlain} + screen + sba(1) + kTab + text("X")));
    CHECK(s.row(0) == " AAAA BBBB XCCC");
    REQUIRE(s.erase_write(Bytes{kPlain} + screen + sba(1) + text("X") + kTab + text("Y")));
    CHECK(s.row(0) == " X    BBBB YCCC");
    // At the attribute of an unprotected field: into that field.
    REQUIRE(s.erase_write(Bytes{kPlain} + screen + sba(10) + kTab + text("Z")));
    CHECK(s.row(0) == " AAAA BBBB ZCCC");
    // No field before the end of the buffer: address 0.
    REQUIRE(s.erase_write(Bytes{kPlain} + screen + sba(12) + kTab + Bytes{0x13}));
    CHECK(s.buffer.cursor() == 0);
}

TEST_CASE("3270: a program tab that filled to the end goes on filling with the next") {
    Station s;
    const Bytes screen = sba(1) + text("AAA") + sf(kInput) + sba(1900) + sf(kGuarded) + text("BBB");
    REQUIRE(s.erase_write(Bytes{kPlain} + screen + sba(1901) + text("X") + kTab + kTab + text("Y")));
    CHECK(s.row(23) == std::string(61, ' ') + "X");
    CHECK(s.row(0) == "     Y");
}

TEST_CASE("3270: write begins at the cursor, a chained one at the current buffer address") {
    Station s;
    REQUIRE(s.erase_write(Bytes{kPlain} + sba(5) + kCursor + text("AB")));
    REQUIRE(s.write(Bytes{kPlain} + text("C"), true));
    CHECK(s.row(0) == "     ABC");
    REQUIRE(s.write(Bytes{kPlain} + text("D")));
    CHECK(s.row(0) == "     DBC");
}

TEST_CASE("3270: read buffer gives everything, attributes as orders") {
    Station s;
    REQUIRE(s.erase_write(Bytes{kPlain} + sf(kInput) + text("AB") + kCursor));
    const Bytes all = s.buffer.read_buffer(false).bytes;
    CHECK(all.size() == 3 + 1920 + 1);
    CHECK(Bytes(all.begin(), all.begin() + 8) ==
          Bytes{kAidNone} + address(3) + sf(kInput) + text("AB") + Bytes{0});
    const Bytes rest = s.buffer.read_buffer(true).bytes;
    CHECK(rest.size() == 3 + 1917);
}

TEST_CASE("3270: read modified") {
    Station s;
    const Bytes screen = sba(10) + sf(kInput) + sba(20) + sf(kGuarded) + text("TITLE") + sf(kModifiedInput) +
                         text("OLD") + sf(kSkip);
    REQUIRE(s.erase_write(Bytes{kRestore} + screen + sba(11) + kCursor));
    REQUIRE(s.keyboard.type("ab"));
    REQUIRE(s.keyboard.press("ENTER"));
    CHECK(s.attentions == 1);
    CHECK(s.modified() == Bytes{kAidEnter} + address(13) + sba(11) + text("ab") + sba(27) + text("OLD"));
    SUBCASE("nulls are left out, blanks are not") {
        s.keyboard.restore();
        s.keyboard.move_to(16);
        s.keyboard.type("c ");
        CHECK(s.modified() ==
              Bytes{kAidEnter} + address(18) + sba(11) + text("abc ") + sba(27) + text("OLD"));
    }
    SUBCASE("a program access key: a short read") {
        s.keyboard.restore();
        s.keyboard.press("PA2");
        CHECK(s.modified() == Bytes{0x6E});
    }
    SUBCASE("program function keys") {
        for (const auto& [name, aid] : {std::pair{"PF1", 0xF1},
                                        {"PF9", 0xF9},
                                        {"PF10", 0x7A},
                                        {"PF12", 0x7C},
                                        {"PF13", 0xC1},
                                        {"PF21", 0xC9},
                                        {"PF22", 0x4A},
                                        {"PF24", 0x4C}}) {
            s.keyboard.restore();
            REQUIRE(s.keyboard.press(name));
            CHECK(s.modified()[0] == aid);
        }
    }
    SUBCASE("from the current buffer address: the fields that begin there or later") {
        REQUIRE(s.write(Bytes{kPlain} + sba(12)));
        CHECK(s.modified(true) == Bytes{kAidEnter} + address(13) + sba(27) + text("OLD"));
    }
    SUBCASE("the write control character resets the tags") {
        REQUIRE(s.write(Bytes{kResetMdt}));
        CHECK(s.modified() == Bytes{kAidEnter} + address(13));
    }
    SUBCASE("the field that wraps is read to its end") {
        REQUIRE(s.erase_write(Bytes{kPlain} + text("CD") + sf(kGuarded) + sba(1917) + sf(kModifiedInput) +
                              text("AB")));
        CHECK(s.modified() == Bytes{kAidEnter} + address(0) + sba(1918) + text("ABCD"));
    }
}

TEST_CASE("3270: read modified of an unformatted display gives all characters") {
    Station s;
    s.buffer.erase();
    s.keyboard.type("one");
    s.keyboard.move_to(100);
    s.keyboard.type("two");
    s.keyboard.press("PF3");
    CHECK(s.modified() == Bytes{0xF3} + address(103) + text("onetwo"));
}

TEST_CASE("3270: clear erases everything and calls for the program with a short read") {
    Station s;
    REQUIRE(s.erase_write(Bytes{kRestore} + sba(100) + sf(kInput) + text("AB") + kCursor));
    REQUIRE(s.keyboard.press("CLEAR"));
    CHECK(s.modified() == Bytes{kAidClear});
    CHECK(s.buffer.cursor() == 0);
    CHECK_FALSE(s.buffer.formatted());
    CHECK(s.keyboard.inhibited());
}

TEST_CASE("3270: nondisplay fields are not to be seen, but read") {
    Station s;
    REQUIRE(s.erase_write(Bytes{kPlain} + sf(kHidden) + kCursor + sba(20) + sf(kGuarded) + text("X")));
    s.keyboard.type("secret");
    CHECK(s.row(0) == std::string(21, ' ') + "X");
    CHECK(s.modified() == Bytes{kAidNone} + address(7) + sba(1) + text("secret"));
}

TEST_CASE("3270: the keyboard is inhibited after an attention key and where data may not go") {
    Station s;
    REQUIRE(
        s.erase_write(Bytes{kRestore} + sf(kGuarded) + text("AB") + sf(kInput) + text("  ") + sf(kGuarded)));
    s.keyboard.move_to(1);
    CHECK_FALSE(s.keyboard.type("X"));
    CHECK(s.keyboard.inhibited());
    CHECK_FALSE(s.keyboard.press("TAB"));
    CHECK(s.keyboard.press("RESET"));
    CHECK(s.row(0) == " AB");
    CHECK(s.keyboard.press("TAB"));
    CHECK(s.buffer.cursor() == 4);
    CHECK(s.keyboard.press("ENTER"));
    CHECK_FALSE(s.keyboard.press("ENTER"));
    CHECK(s.attentions == 1);
}

TEST_CASE("3270: the cursor behind a full field") {
    Station s;
    const auto screen = [](uint8_t behind) {
        return Bytes{kRestore} + sf(kInput) + kCursor + Bytes{0, 0} + sf(behind) + text("LABEL") + sf(kInput);
    };
    REQUIRE(s.erase_write(screen(kSkip)));
    CHECK(s.keyboard.type("abx"));  // protected and numeric: skipped
    CHECK(s.row(0) == " ab LABEL x");
    REQUIRE(s.erase_write(screen(kGuarded)));
    CHECK_FALSE(s.keyboard.type("abx"));  // protected only: the cursor goes in
    CHECK(s.buffer.cursor() == 4);
}

TEST_CASE("3270: tab, back tab, home, new line") {
    Station s;
    REQUIRE(s.erase_write(Bytes{kRestore} + sba(10) + sf(kInput) + sba(20) + sf(kGuarded) + sba(170) +
                          sf(kInput) + sba(180) + sf(kGuarded)));
    s.keyboard.press("HOME");
    CHECK(s.buffer.cursor() == 11);
    s.keyboard.press("TAB");
    CHECK(s.buffer.cursor() == 171);
    s.keyboard.press("TAB");
    CHECK(s.buffer.cursor() == 11);
    s.keyboard.press("BACKTAB");
    CHECK(s.buffer.cursor() == 171);
    s.keyboard.press("RIGHT");
    s.keyboard.press("BACKTAB");
    CHECK(s.buffer.cursor() == 171);
    s.keyboard.press("BACKTAB");
    CHECK(s.buffer.cursor() == 11);
    s.keyboard.press("NEWLINE");
    CHECK(s.buffer.cursor() == 171);
    s.keyboard.press("UP");
    CHECK(s.buffer.cursor() == 91);
    s.keyboard.press("LEFT");
    s.keyboard.press("DOWN");
    CHECK(s.buffer.cursor() == 170);
}

TEST_CASE("3270: erase EOF, erase input, delete") {
    Station s;
    REQUIRE(s.erase_write(Bytes{kRestore} + sf(kInput) + text("ABCD") + sf(kGuarded) + text("L") +
                          sf(kModifiedInput) + text("EF") + sf(kGuarded)));
    s.keyboard.move_to(3);
    CHECK(s.keyboard.press("ERASEEOF"));
    CHECK(s.row(0) == " AB   L EF");
    CHECK(s.modified() == Bytes{kAidNone} + address(3) + sba(1) + text("AB") + sba(8) + text("EF"));
    s.keyboard.move_to(1);
    CHECK(s.keyboard.press("DELETE"));
    CHECK(s.row(0) == " B    L EF");
    CHECK(s.keyboard.press("ERASEINPUT"));
    CHECK(s.row(0) == "      L");
    CHECK(s.modified() == Bytes{kAidNone} + address(1));
    CHECK_FALSE(s.keyboard.inhibited());
    s.keyboard.move_to(6);
    CHECK_FALSE(s.keyboard.press("ERASEEOF"));
    CHECK(s.keyboard.inhibited());
}

TEST_CASE("3270: insert moves characters into the next null; without one it inhibits") {
    Station s;
    REQUIRE(s.erase_write(Bytes{kRestore} + sf(kInput) + text("ABC") + Bytes{0} + text("D") + sf(kGuarded) +
                          text("L")));
    s.keyboard.move_to(2);
    CHECK(s.keyboard.press("INSERT"));
    CHECK(s.keyboard.type("x"));
    CHECK(s.row(0) == " AxBCD L");
    CHECK_FALSE(s.keyboard.type("y"));
    CHECK(s.keyboard.inhibited());
    CHECK(s.row(0) == " AxBCD L");
    s.keyboard.press("RESET");  // leaves insert mode, too
    CHECK(s.keyboard.type("y"));
    CHECK(s.row(0) == " AxyCD L");
}

TEST_CASE("3270: selector pen") {
    Station s;
    constexpr uint8_t kDetectable = 0xE4;  // protected, detectable
    REQUIRE(s.erase_write(Bytes{kRestore} + sf(kDetectable) + text("?ONE  ") + sf(kDetectable) +
                          text(" DONE ") + sf(kGuarded) + text("?NO")));
    CHECK(s.keyboard.pen(3));
    CHECK(s.row(0).substr(0, 5) == " >ONE");
    CHECK(s.keyboard.pen(9));
    CHECK(s.attentions == 1);
    // Only the addresses of the fields.
    CHECK(s.modified() == Bytes{kAidSelectorPen} + address(0) + sba(1) + sba(8));
    s.keyboard.restore();
    CHECK(s.keyboard.pen(3));
    CHECK(s.row(0).substr(0, 5) == " ?ONE");
    CHECK_FALSE(s.keyboard.pen(16));
}

TEST_CASE("3270: key names") {
    for (const char* name : {"PF1", "PF24", "PA3", "CLEAR", "ENTER", "TESTREQ", "ERASEEOF", "RESET"})
        CHECK(DisplayKeyboard::is_key_name(name));
    for (const char* name : {"PF0", "PF25", "PF01", "PA4", "enter", ""})
        CHECK_FALSE(DisplayKeyboard::is_key_name(name));
}

TEST_CASE("3270: any bytes do no harm") {
    std::mt19937 random(1);
    Station s;
    constexpr uint8_t kOrders[] = {0x05, 0x11, 0x12, 0x13, 0x1D, 0x3C};
    for (unsigned n = 0; n < 3000; ++n) {
        Bytes stream(random() % 100);
        for (uint8_t& byte : stream)
            byte = random() % 3 == 0 ? kOrders[random() % 6] : static_cast<uint8_t>(random());
        s.write(stream, random() % 2 == 0);
        CHECK(s.buffer.cursor() < s.buffer.size());
        s.keyboard.restore();
        s.keyboard.press(std::array{"TAB", "BACKTAB", "HOME", "NEWLINE", "ERASEEOF", "DELETE"}[random() % 6]);
        s.keyboard.type("ab");
        s.keyboard.pen(static_cast<unsigned>(random() % 1920));
        CHECK(s.modified().size() <= 3 + 4 * 1920);
    }
}
