// The unit-record devices: commands, sense, conditions, and how long they take in simulated time.
#include "isa/ebcdic.hpp"
#include "simulation/devices/card_punch.hpp"
#include "simulation/devices/card_reader.hpp"
#include "simulation/devices/console.hpp"
#include "simulation/devices/printer.hpp"
#include "simulation/machine_model.hpp"
#include "tests/simulation/channel_fixture.hpp"

using namespace channel_test;

namespace {

constexpr uint16_t kConsole = 0x01F;
constexpr uint16_t kReader = 0x00C;
constexpr uint16_t kPunch = 0x00D;
constexpr uint16_t kPrinter = 0x00B;

/// A machine with one of each.
struct UnitRecordMachine : Machine {
    std::string typed, keyed, printed;
    std::vector<std::pair<Card, unsigned>> punched;
    Console& console =
        channels.attach(kConsole, std::make_unique<Console>([this](std::string_view text, bool key) {
                            (key ? keyed : typed) += text;
                        }));
    CardReader& reader = channels.attach(kReader, std::make_unique<CardReader>());
    CardPunch& punch =
        channels.attach(kPunch, std::make_unique<CardPunch>([this](const Card& card, unsigned stacker) {
                            punched.emplace_back(card, stacker);
                        }));
    Printer& printer = channels.attach(
        kPrinter, std::make_unique<Printer>([this](std::string_view text) { printed += text; }));

    void put(std::string_view text, uint32_t at = data) {
        const auto bytes = isa::to_ebcdic(text);
        std::copy(bytes.begin(), bytes.end(), storage.bytes.begin() + at);
    }
    std::string got(unsigned length, uint32_t at = data) const {
        return isa::to_text({&storage.bytes[at], length});
    }
    /// Starts a program and runs until the interruption with its channel end.
    Csw io(uint16_t address, std::initializer_list<Ccw> list) {
        ccws(list);
        REQUIRE(channels.start_io(address, program).condition_code == 0);
        return wait_for(address);
    }
    Csw wait_for(uint16_t address) {
        while (!channels.pending() && !queue.empty()) queue.run_until(queue.next());
        return interruption(address);
    }
    /// The status that START I/O stores with condition code 1.
    Csw refused(uint16_t address, Ccw ccw) {
        ccws({ccw});
        const IoResult r = channels.start_io(address, program);
        REQUIRE(r.condition_code == 1);
        return r.csw;
    }
};

Deck cards(std::initializer_list<std::string_view> lines) {
    Deck deck;
    for (const auto line : lines) deck.push_back(card_of(line));
    return deck;
}

}  // namespace

// ---- Console
// --------------------------------------------------------------------------------------------------

TEST_CASE("3215: write with carrier return; 85 characters a second, the return counting as one") {
    UnitRecordMachine m;
    m.put("HELLO, WORLD");
    CHECK(m.io(kConsole, {{0x09, SLI, 12, Machine::data}}) == Csw{0, Machine::program + 8, CE | DE, 0, 0});
    CHECK(m.typed == "HELLO, WORLD\n");
    CHECK(m.queue.now() == 13 * (kSecond / 85));
}

TEST_CASE("3215: write without carrier return; NL within the text") {
    UnitRecordMachine m;
    m.put("ABC");
    m.storage.bytes[Machine::data + 1] = isa::kEbcdicNewLine;
    m.io(kConsole, {{0x01, SLI, 3, Machine::data}});
    CHECK(m.typed == "A\nC");
}

TEST_CASE("3215: a write is ended by the count, which is an incorrect length without SLI") {
    UnitRecordMachine m;
    CHECK(m.io(kConsole, {{0x09, 0, 12, Machine::data}}).channel_status == kIncorrectLength);
}

TEST_CASE("3215: a long write goes on piece by piece") {
    UnitRecordMachine m;
    std::fill_n(m.storage.bytes.begin() + Machine::data, 1000, isa::to_ebcdic('x'));
    CHECK(m.io(kConsole, {{0x01, SLI, 1000, Machine::data}}).count == 0);
    CHECK(m.typed == std::string(1000, 'x'));
    CHECK(m.queue.now() == 1000 * (kSecond / 85));
}

TEST_CASE("3215: a read waits for the operator") {
    UnitRecordMachine m;
    m.ccws({{0x0A, SLI, 80, Machine::data}});
    REQUIRE(m.channels.start_io(kConsole, Machine::program).condition_code == 0);
    m.run(100 * kSecond);
    CHECK(m.channels.working(kConsole));
    CHECK(m.console.read_waiting());
    m.console.enter("logon maint");
    CHECK(m.interruption(kConsole) == Csw{0, Machine::program + 8, CE | DE, 0, 69});
    CHECK(m.got(11) == "logon maint");
    CHECK(m.keyed == "logon maint\n");
}

TEST_CASE("3215: entering a line when no read waits presses request; the next read gets it") {
    UnitRecordMachine m;
    m.console.enter("q");
    CHECK(m.interruption(kConsole) == Csw{0, 0, kAttention, 0, 0});
    CHECK(m.io(kConsole, {{0x0A, SLI, 80, Machine::data}}).count == 79);
    CHECK(m.got(1) == "q");
}

TEST_CASE("3215: with more lines ready the operator asks again after a second") {
    UnitRecordMachine m;
    m.console.enter("one");
    m.console.enter("two");
    CHECK(m.interruption(kConsole).unit_status == kAttention);
    m.io(kConsole, {{0x0A, SLI, 80, Machine::data}});
    CHECK_FALSE(m.channels.has_pending());
    const SimTime before = m.queue.now();
    CHECK(m.wait_for(kConsole).unit_status == kAttention);
    CHECK(m.queue.now() == before + kSecond);
    m.io(kConsole, {{0x0A, SLI, 80, Machine::data}});
    CHECK(m.got(3) == "two");
    CHECK(m.queue.empty());
}

TEST_CASE("3215: a read for the next line comes before the operator asks") {
    UnitRecordMachine m;
    m.console.enter("one");
    m.console.enter("two");
    m.interruption(kConsole);
    m.io(kConsole, {{0x0A, SLI | CC, 80, Machine::data}, {0x0A, SLI, 80, Machine::data + 80}});
    CHECK(m.got(3, Machine::data + 80) == "two");
    CHECK(m.queue.empty());
}

TEST_CASE("3215: cancel ends a read with unit exception; halt ends it with channel end and device end") {
    UnitRecordMachine m;
    m.ccws({{0x0A, SLI, 80, Machine::data}});
    REQUIRE(m.channels.start_io(kConsole, Machine::program).condition_code == 0);
    m.console.cancel();
    CHECK(m.interruption(kConsole).unit_status == (CE | DE | kUnitException));
    REQUIRE(m.channels.start_io(kConsole, Machine::program).condition_code == 0);
    CHECK(m.channels.halt_io(kConsole).condition_code == 1);
    CHECK(m.interruption(kConsole).unit_status == (CE | DE));
    CHECK_FALSE(m.console.read_waiting());
    m.console.cancel();
    CHECK_FALSE(m.channels.has_pending());
}

TEST_CASE("3215: no-operation and alarm are immediate; an unknown command is rejected") {
    UnitRecordMachine m;
    CHECK(m.refused(kConsole, {0x03, 0, 1, 0}).unit_status == (CE | DE));
    CHECK(m.refused(kConsole, {0x0B, 0, 1, 0}).unit_status == (CE | DE));
    CHECK(m.typed == "\a");
    CHECK(m.refused(kConsole, {0x02, 0, 1, 0}).unit_status == kUnitCheck);
    CHECK(m.io(kConsole, {{0x04, 0, 1, Machine::data}}).channel_status == 0);
    CHECK(m.storage.bytes[Machine::data] == kSenseCommandReject);
}

TEST_CASE("3210: 15.5 characters a second") {
    Machine m;
    m.channels.attach(0x009, std::make_unique<Console>(nullptr, ConsoleModel::c3210));
    m.ccws({{0x01, SLI, 31, Machine::data}});
    REQUIRE(m.channels.start_io(0x009, Machine::program).condition_code == 0);
    m.run(2 * kSecond - kMillisecond);
    CHECK_FALSE(m.channels.has_pending());
    m.run(kMillisecond);
    CHECK(m.channels.has_pending());
}

// ---- Card reader
// ------------------------------------------------------------------------------------------------

TEST_CASE("2540R: read and feed; channel end after the transfer, device end after 60 ms") {
    UnitRecordMachine m;
    m.reader.load(cards({"FIRST", "SECOND"}));
    CHECK(m.interruption(kReader) == Csw{0, 0, DE, 0, 0});  // ready
    CHECK(m.io(kReader, {{0x02, 0, 80, Machine::data}}) == Csw{0, Machine::program + 8, CE, 0, 0});
    CHECK(m.queue.now() == kCardTransfer);
    CHECK(m.got(7) == "FIRST  ");
    CHECK(m.wait_for(kReader).unit_status == DE);
    CHECK(m.queue.now() == 60 * kMillisecond);
    CHECK(m.reader.cards_left() == 1);
}

TEST_CASE("2540R: 1,000 cards a minute") {
    UnitRecordMachine m;
    m.reader.load(std::make_shared<const Deck>(1000, card_of("X")));
    m.interruption(kReader);
    for (int i = 0; i < 1000; ++i) {
        m.io(kReader, {{0x42, 0, 80, Machine::data}});
        m.wait_for(kReader);
    }
    CHECK(m.queue.now() == 60 * kSecond);
    CHECK(m.reader.cards_read() == 1000);
}

TEST_CASE("2540R: end of file pressed: one unit exception after the last card, then not ready") {
    UnitRecordMachine m;
    m.reader.load(cards({"ONLY"}));
    m.interruption(kReader);
    m.io(kReader, {{0x02, 0, 80, Machine::data}});
    m.wait_for(kReader);
    CHECK(m.io(kReader, {{0x02, SLI, 80, Machine::data}}).unit_status == (CE | DE | kUnitException));
    CHECK(m.refused(kReader, {0x02, 0, 80, Machine::data}).unit_status == kUnitCheck);
    CHECK(m.reader.sense()[0] == kSenseInterventionRequired);
}

TEST_CASE("2540R: without the end-of-file key the empty hopper is intervention required") {
    UnitRecordMachine m;
    m.reader.set_end_of_file(false);
    m.reader.load(cards({"ONLY"}));
    m.interruption(kReader);
    m.io(kReader, {{0x02, 0, 80, Machine::data}});
    m.wait_for(kReader);
    CHECK(m.refused(kReader, {0x02, 0, 80, Machine::data}).unit_status == kUnitCheck);
    m.reader.load(cards({"MORE"}));
    CHECK(m.interruption(kReader).unit_status == DE);
    m.io(kReader, {{0x02, 0, 80, Machine::data}});
    CHECK(m.got(4) == "MORE");
}

TEST_CASE("2540R: cards put behind others make no interruption, and no end of file between them") {
    UnitRecordMachine m;
    m.reader.load(cards({"A"}));
    m.interruption(kReader);
    m.ccws({{0x02, CC, 80, Machine::data}, {0x02, 0, 80, Machine::data}});
    REQUIRE(m.channels.start_io(kReader, Machine::program).condition_code == 0);
    m.run(30 * kMillisecond);  // the last card is being fed
    m.reader.load(cards({"B"}));
    CHECK_FALSE(m.channels.has_pending());
    CHECK(m.wait_for(kReader) == Csw{0, Machine::program + 16, CE, 0, 0});
    CHECK(m.got(1) == "B");
}

TEST_CASE("2540R: read without feeding, then feed; reading twice is an unusual sequence") {
    UnitRecordMachine m;
    m.reader.load(cards({"A", "B"}));
    m.interruption(kReader);
    CHECK(m.io(kReader, {{0xC2, 0, 80, Machine::data}}).unit_status == (CE | DE));
    CHECK(m.got(1) == "A");
    CHECK(m.refused(kReader, {0xC2, 0, 80, Machine::data}).unit_status == kUnitCheck);
    CHECK(m.reader.sense()[0] == 0x02);
    CHECK(m.refused(kReader, {0x23, 0, 1, 0}).unit_status == CE);
    CHECK(m.wait_for(kReader).unit_status == DE);
    m.io(kReader, {{0x02, 0, 80, Machine::data}});
    CHECK(m.got(1) == "B");
}

TEST_CASE("2540R: commands of features that are not installed are rejected") {
    UnitRecordMachine m;
    m.reader.load(cards({"A"}));
    m.interruption(kReader);
    for (const uint8_t command : {0x22, 0x0A, 0x01, 0xE3}) {
        CHECK(m.refused(kReader, {command, 0, 80, Machine::data}).unit_status == kUnitCheck);
        CHECK(m.reader.sense()[0] == kSenseCommandReject);
    }
    CHECK(m.reader.cards_left() == 1);
}

TEST_CASE("IPL from a card reader: two cards, the second read by the CCWs of the first") {
    UnitRecordMachine m;
    Card ipl;
    ipl.fill(isa::kEbcdicBlank);
    const uint64_t words[] = {0x0004000000002000, encode(Ccw{0x02, CC | SLI, 80, Machine::data}),
                              encode(Ccw{0x03, SLI, 1, 0})};
    for (unsigned i = 0; i < 24; ++i) ipl[i] = static_cast<uint8_t>(words[i / 8] >> (56 - i % 8 * 8));
    m.reader.load(Deck{ipl, card_of("PROGRAM")});
    m.channels.reset();
    bool loaded = false;
    CHECK(m.channels.start_ipl(kReader, [&](bool good, const Csw&) { loaded = good; }).condition_code == 0);
    m.run(200 * kMillisecond);
    CHECK(loaded);
    CHECK(m.got(7) == "PROGRAM");
    CHECK(m.storage.bytes[6] == 0x20);
    CHECK_FALSE(m.channels.has_pending());
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

// ---- Card punch
// -------------------------------------------------------------------------------------------------

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
    CHECK(m.refused(kPunch, {0x21, 0, 80, 0}).unit_status == kUnitCheck);
}

// ---- Printer
// ----------------------------------------------------------------------------------------------------

TEST_CASE("1403: write and space; channel end after the transfer, device end after the line") {
    UnitRecordMachine m;
    m.put("LINE 1");
    CHECK(m.io(kPrinter, {{0x09, SLI, 6, Machine::data}}) == Csw{0, Machine::program + 8, CE, 0, 0});
    CHECK(m.queue.now() == kLineTransfer);
    CHECK(m.wait_for(kPrinter).unit_status == DE);
    CHECK(m.queue.now() == kLineTransfer + kSecond * 60 / 1100);
    CHECK(m.printed == "LINE 1\n");
}

TEST_CASE("1403: spacing 0 to 3 lines, immediate spacing and overprinting") {
    UnitRecordMachine m;
    m.put("AB  ");
    m.io(kPrinter, {{0x01, CC | SLI, 4, Machine::data},
                    {0x11, CC | SLI, 1, Machine::data},
                    {0x19, CC | SLI, 2, Machine::data},
                    {0x01, CC | SLI, 2, Machine::data},
                    {0x13, CC | SLI, 1, 0},
                    {0x09, SLI, 1, Machine::data}});
    m.wait_for(kPrinter);
    CHECK(m.printed == "AB\rA\n\nAB\n\n\nAB\n\nA\n");
    CHECK(m.printer.lines_printed() == 5);
}

TEST_CASE("1403: skips; to channel 1 is a new form, to a channel below on this form lines") {
    UnitRecordMachine m;
    m.put("A");
    CHECK(m.refused(kPrinter, {0x8B, 0, 1, 0}).unit_status == CE);  // stands there already: no motion
    CHECK(m.wait_for(kPrinter).unit_status == DE);
    CHECK(m.printed.empty());
    m.io(kPrinter,
         {{0x91, CC | SLI, 1, Machine::data}, {0x89, CC | SLI, 1, Machine::data}, {0x93, SLI, 1, 0}});
    m.wait_for(kPrinter);
    CHECK(m.printed == "A" + std::string(6, '\n') + "A\f" + std::string(6, '\n'));
}

TEST_CASE("1403: write and skip to channel 1 at the top of the form goes to the next form") {
    UnitRecordMachine m;
    m.put("A");
    m.io(kPrinter, {{0x89, SLI, 1, Machine::data}});
    m.wait_for(kPrinter);
    CHECK(m.printed == "A\f");
}

TEST_CASE("1403: long skips go faster after eight lines") {
    UnitRecordMachine m;
    REQUIRE(m.refused(kPrinter, {0x9B, 0, 1, 0}).unit_status == CE);  // channel 3: 12 lines
    m.wait_for(kPrinter);
    CHECK(m.queue.now() == 8 * kSpace1403 + 4 * kSkip1403);
}

TEST_CASE("1403: spacing past channel 12 is unit exception, past channel 9 unit check, with device end") {
    UnitRecordMachine m;
    auto tape = std::make_shared<CarriageTape>(*CarriageTape::standard());
    tape->channels[1] = 1u << 8;
    tape->channels[2] = 1u << 11;
    m.printer.mount(tape);
    m.io(kPrinter, {{0x09, SLI, 1, Machine::data}});
    CHECK(m.wait_for(kPrinter).unit_status == (DE | kUnitCheck));
    CHECK(m.printer.sense()[0] == 0x01);
    // It stops a chain; the channel end is not shown again.
    CHECK(m.io(kPrinter, {{0x09, CC | SLI, 1, Machine::data}, {0x09, SLI, 1, Machine::data}}) ==
          Csw{0, Machine::program + 8, DE | kUnitException, 0, 0});
}

TEST_CASE("1403: a line has 132 positions") {
    UnitRecordMachine m;
    CHECK(m.io(kPrinter, {{0x09, 0, 132, Machine::data}}).channel_status == 0);
    m.wait_for(kPrinter);
    CHECK(m.io(kPrinter, {{0x09, 0, 133, Machine::data}}) ==
          Csw{0, Machine::program + 8, CE, kIncorrectLength, 1});
}

TEST_CASE("1403: block data check, buffer loading behind its gate, rejected commands") {
    UnitRecordMachine m;
    CHECK(m.refused(kPrinter, {0x73, 0, 1, 0}).unit_status == (CE | DE));
    CHECK(m.refused(kPrinter, {0x7B, 0, 1, 0}).unit_status == (CE | DE));
    CHECK(m.io(kPrinter, {{0xEB, CC | SLI, 1, 0}, {0xFB, 0, 240, Machine::data}}).unit_status == (CE | DE));
    for (const uint8_t command : {0xFB, 0x02, 0x06, 0x21, 0xF1, 0x63}) {
        CHECK(m.refused(kPrinter, {command, 0, 1, Machine::data}).unit_status == kUnitCheck);
        CHECK(m.printer.sense()[0] == kSenseCommandReject);
    }
}

TEST_CASE("3211: the forms control buffer takes the place of the tape") {
    Machine m;
    std::string printed;
    m.channels.attach(kPrinter, std::make_unique<Printer>([&](std::string_view text) { printed += text; },
                                                          PrinterModel::p3211));
    const uint8_t forms[] = {0x01, 0x00, 0x02, 0x10};
    std::copy(std::begin(forms), std::end(forms), m.storage.bytes.begin() + Machine::data);
    m.ccws({{0x63, CC | SLI, 4, Machine::data}, {0x93, CC | SLI, 1, 0}, {0x8B, SLI, 1, 0}});
    REQUIRE(m.channels.start_io(kPrinter, Machine::program).condition_code == 0);
    m.run();
    CHECK(m.interruption(kPrinter).unit_status == CE);
    CHECK(printed == "\n\n\f");
    m.ccws({{0x63, SLI, 3, Machine::data}});  // no last line
    m.channels.test_io(kPrinter);
    REQUIRE(m.channels.start_io(kPrinter, Machine::program).condition_code == 0);
    m.run();
    CHECK(m.interruption(kPrinter).unit_status == (CE | DE | kUnitCheck));
}

// ---- Hostile programs
// ---------------------------------------------------------------------------------------------

TEST_CASE("random channel programs and instructions neither hang nor upset the channels") {
    uint64_t seed = 0x370;
    const auto random = [&](uint32_t below) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        return static_cast<uint32_t>(seed >> 33) % below;
    };
    const uint16_t addresses[] = {kConsole, kReader, kPunch, kPrinter, Machine::device_address};
    const uint8_t commands[] = {0x01, 0x02, 0x03, 0x04, 0x08, 0x09, 0x0A, 0x0B,
                                0x0C, 0x11, 0x19, 0x23, 0x41, 0x89, 0x93};
    UnitRecordMachine m;
    unsigned interruptions = 0;
    for (int round = 0; round < 2000; ++round) {
        for (uint32_t at = 0x1000; at < 0x1040; at += 8) {
            const Ccw ccw{random(8) ? commands[random(15)] : static_cast<uint8_t>(random(256)),
                          static_cast<uint8_t>(random(16) ? random(64) << 2 : random(256)),
                          static_cast<uint16_t>(random(4) ? random(100) : random(65536)),
                          random(4) ? 0x1000 + random(64) * 4 : random(1u << 24)};
            m.storage.put64(at, encode(ccw));
        }
        const uint16_t address = addresses[random(5)];
        switch (random(8)) {
            case 0: m.channels.halt_io(address); break;
            case 1: m.channels.clear_io(address); break;
            case 2: m.channels.test_io(address); break;
            case 3: m.console.enter("text"); break;
            case 4: m.reader.load(cards({"card"})); break;
            default: m.channels.start_io(address, 0x1000 + random(8) * 8); break;
        }
        m.run(random(2) ? 50 * kMillisecond : kMicrosecond * random(1000));
        // What the list of pending interruptions shows can be taken, and nothing else can.
        while (const auto pending = m.channels.pending()) {
            REQUIRE(m.channels.take(*pending).has_value());
            ++interruptions;
        }
        for (const uint16_t any : addresses) REQUIRE_FALSE(m.channels.take(any).has_value());
    }
    CHECK(interruptions > 200);
    m.channels.reset();
    CHECK(m.queue.empty());
    for (const uint16_t any : addresses) CHECK(m.channels.test_io(any).condition_code == 0);
}

// ---- Models and size
// ----------------------------------------------------------------------------------------------

TEST_CASE("timings come from the machine model") {
    const MachineModel model = MachineModel::load("s370-158");
    CHECK(timing_of(model, "2540", UnitRecordRole::card_reader).cycle == 60 * kMillisecond);
    CHECK(timing_of(model, "2540", UnitRecordRole::card_punch).cycle == 200 * kMillisecond);
    CHECK(timing_of(model, "1403", UnitRecordRole::printer).cycle == kSecond * 60 / 1100);
    CHECK(timing_of(model, "1403", UnitRecordRole::printer).transfer == kLineTransfer);
    CHECK(timing_of(model, "3215", UnitRecordRole::console).character == 11'765 * kMicrosecond);
    CHECK_THROWS_AS(timing_of(model, "3215", UnitRecordRole::printer), std::out_of_range);
}

TEST_CASE("idle devices are small: four of them, with their subchannels, below 2 KiB") {
    CHECK(sizeof(ChannelSubsystem) + 4 * sizeof(Subchannel) + sizeof(Console) + sizeof(CardReader) +
              sizeof(CardPunch) + sizeof(Printer) <
          2048);
}
