// The card readers: commands, sense, conditions, and how long they take in simulated time.
#include "tests/simulation/unit_record_fixture.hpp"

using namespace unit_record_test;

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
    CHECK(m.reader.state().read_unfed);
    CHECK(m.refused(kReader, {0x23, 0, 1, 0}).unit_status == CE);
    CHECK(m.wait_for(kReader).unit_status == DE);
    CHECK_FALSE(m.reader.state().read_unfed);
    CHECK(m.reader.state().next == 1);
    m.io(kReader, {{0x02, 0, 80, Machine::data}});
    CHECK(m.got(1) == "B");
}

TEST_CASE("2540R: commands of features that are not installed are rejected") {
    UnitRecordMachine m;
    m.reader.load(cards({"A"}));
    m.interruption(kReader);
    for (const uint8_t command : {0x0A, 0x01, 0xE3, 0xD2, 0x12, 0x06, 0xE4}) {
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

TEST_CASE("2540R: data mode 2 gives two bytes a column, rows 12 to 3 and 4 to 9, and takes twice as long") {
    UnitRecordMachine m;
    m.reader.load(cards({"A1 /"}));
    m.interruption(kReader);
    CHECK(m.io(kReader, {{0x22, 0, 160, Machine::data}}) == Csw{0, Machine::program + 8, CE, 0, 0});
    CHECK(m.queue.now() == 2 * kCardTransfer);
    // A is 12-1, 1 is 1, blank nothing, / is 0-1.
    const std::vector<uint8_t> expected = {0x24, 0, 0x04, 0, 0, 0, 0x0C, 0, 0, 0};
    CHECK(std::vector<uint8_t>(&m.storage.bytes[Machine::data], &m.storage.bytes[Machine::data] + 10) ==
          expected);
    CHECK(m.wait_for(kReader).unit_status == DE);
    CHECK(m.queue.now() == 60 * kMillisecond);
}

TEST_CASE("2540R: a column without a card code is a data check in data mode 1, and data in data mode 2") {
    UnitRecordMachine m;
    std::array<uint8_t, kBinaryCardBytes> image{};
    image[0] = 0x3F;
    image[158] = 0x24;  // the last column: A
    m.reader.load(Deck{card_of_binary(image), card_of_binary(image), card_of("NEXT")});
    m.interruption(kReader);
    // The card goes on to the stacker; the chain does not.
    CHECK(m.io(kReader, {{0x02, CC, 80, Machine::data}, {0x02, 0, 80, Machine::data}}).unit_status ==
          (CE | kUnitCheck));
    CHECK(m.reader.sense()[0] == kSenseDataCheck);
    CHECK(m.storage.bytes[Machine::data + 79] == isa::to_ebcdic('A'));
    CHECK(m.wait_for(kReader).unit_status == DE);
    m.io(kReader, {{0xA2, 0, 160, Machine::data}});
    m.wait_for(kReader);
    CHECK(std::equal(image.begin(), image.end(), m.storage.bytes.begin() + Machine::data));
    m.io(kReader, {{0x02, 0, 80, Machine::data}});
    CHECK(m.got(4) == "NEXT");
    m.wait_for(kReader);
    CHECK(m.reader.cards_stacked(0) == 2);
    CHECK(m.reader.cards_stacked(2) == 1);
}

TEST_CASE("3505: the buffer can be read again and again; four bytes of sense; diagnostic read") {
    UnitRecordMachine m;
    constexpr uint16_t address = 0x012;
    auto& reader = m.channels.attach(address, std::make_unique<CardReader>(CardReaderModel::r3505));
    reader.load(cards({"A", "B"}));
    m.interruption(address);
    for (unsigned i = 0; i < 2; ++i) {
        CHECK(m.io(address, {{0xC2, 0, 80, Machine::data}}).unit_status == (CE | DE));
        CHECK(m.got(1) == "A");
    }
    CHECK(m.io(address, {{0xD2, 0, 160, Machine::data}}).channel_status == 0);
    CHECK(m.storage.bytes[Machine::data] == 0x24);
    CHECK(reader.cards_read() == 1);
    CHECK(m.refused(address, {0x63, 0, 1, 0}).unit_status == CE);
    m.wait_for(address);
    CHECK(reader.cards_stacked(1) == 1);
    CHECK(m.refused(address, {0x12, 0, 80, Machine::data}).unit_status == kUnitCheck);  // optical marks
    CHECK(m.io(address, {{0x04, 0, 4, Machine::data}}).channel_status == 0);
    CHECK(m.storage.bytes[Machine::data] == kSenseCommandReject);
}

namespace {

/// A reader of that kind with a card that reads another one and the one that is read, and the load from it:
/// what it ended with, and what is pending then.
struct Load {
    explicit Load(DeviceTiming::Together ends, CardReaderModel model = CardReaderModel::r2540) {
        DeviceTiming timing = default_timing(model);
        timing.ends_together = ends;
        auto& reader = m.channels.attach(0x10C, std::make_unique<CardReader>(model, timing));
        Card first = blank_card();
        m.storage.put64(0x3000, 0x0001000000000200);
        m.storage.put64(0x3008, 0x0200020000000050);  // READ to 200, not chained
        std::copy_n(&m.storage.bytes[0x3000], 24, first.begin());
        reader.load({first, card_of("SECOND"), card_of("THIRD")});
        m.channels.take(0x10C);
        CHECK(m.channels
                  .start_ipl(0x10C,
                             [this](bool good, const Csw& status) {
                                 loaded = good;
                                 csw = status;
                             })
                  .condition_code == 0);
        while (!loaded && !m.queue.empty()) m.queue.run_until(m.queue.next());
        CHECK(m.got(6, 0x200) == "SECOND");
    }
    UnitRecordMachine m;
    bool loaded = false;
    Csw csw;
};

}  // namespace

TEST_CASE("card readers: initial program loading ends with device end, and leaves nothing pending or busy") {
    for (const auto model : {CardReaderModel::r2540, CardReaderModel::r3505}) {
        Load load(DeviceTiming::Together::last_of_load, model);
        REQUIRE(load.loaded);
        CHECK(load.csw.unit_status == (CE | DE));
        CHECK(load.m.queue.empty());
        CHECK(load.m.channels.test_io(0x10C).condition_code == 0);
        // Other reads have them apart.
        CHECK(load.m.io(0x10C, {{0x02, 0, 80, Machine::data}}).unit_status == CE);
        CHECK(load.m.wait_for(0x10C).unit_status == DE);
    }
}

TEST_CASE("card readers: a machine model may leave the device end of the load behind it") {
    Load load(DeviceTiming::Together::none);
    REQUIRE(load.loaded);
    CHECK(load.csw.unit_status == CE);
    CHECK(load.m.channels.test_io(0x10C).csw.unit_status == kBusy);
    CHECK(load.m.wait_for(0x10C).unit_status == DE);
}

TEST_CASE("card readers: a spool file ends every read and feed with both together") {
    Load load(DeviceTiming::Together::all);
    REQUIRE(load.loaded);
    CHECK(load.csw.unit_status == (CE | DE));
    CHECK(load.m.io(0x10C, {{0x02, 0, 80, Machine::data}}).unit_status == (CE | DE));
    CHECK(load.m.got(5) == "THIRD");
    CHECK(load.m.io(0x10C, {{0x02, SLI, 80, Machine::data}}).unit_status == (CE | DE | kUnitException));
    CHECK(load.m.queue.empty());
}

TEST_CASE("card readers: cards that come while sense is given are told of behind it") {
    UnitRecordMachine m;
    CHECK(m.refused(kReader, {0x02, 0, 80, Machine::data}).unit_status == kUnitCheck);
    m.ccws({{0x04, 0, 1, Machine::data}});
    REQUIRE(m.channels.start_io(kReader, Machine::program).condition_code == 0);
    m.reader.load(cards({"A"}));
    CHECK(m.wait_for(kReader).unit_status == (CE | DE));
    CHECK(m.wait_for(kReader).unit_status == DE);
}
