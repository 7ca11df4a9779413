// Printers and punches whose records are kept, and readers whose cards come by themselves.
#include <tuple>

#include "tests/simulation/unit_record_fixture.hpp"

using namespace unit_record_test;

namespace {

struct Keeper final : RecordKeeper {
    struct Kept {
        uint8_t command;
        std::vector<uint8_t> data;
    };
    std::vector<Kept> records, setup;
    bool room = true, holds = false;
    bool takes_records() override { return room; }
    bool holds_end() override { return holds; }
    void take_record(uint8_t command, std::span<const uint8_t> data) override {
        records.push_back({command, {data.begin(), data.end()}});
    }
    void take_setup(uint8_t command, std::span<const uint8_t> data) override {
        setup.push_back({command, {data.begin(), data.end()}});
    }
};

struct Supply final : CardSupply {
    std::vector<SharedDeck> first, following;
    unsigned told = 0;
    static SharedDeck next(std::vector<SharedDeck>& from) {
        if (from.empty()) return nullptr;
        SharedDeck deck = from.front();
        from.erase(from.begin());
        return deck;
    }
    SharedDeck first_cards() override { return next(first); }
    SharedDeck following_cards() override { return next(following); }
    void end_told() override { ++told; }
    bool has_card(const SharedDeck&, size_t card) override { return card < there; }
    size_t there = ~size_t{0};  // cards of a deck that can be read
};

SharedDeck deck(std::initializer_list<std::string_view> lines) {
    return std::make_shared<const Deck>(cards(lines));
}

}  // namespace

TEST_CASE("a printer's keeper gets lines and motion, and the paper nothing") {
    UnitRecordMachine m;
    Keeper keeper;
    m.printer.keep_records(keeper);
    m.put("HELLO");
    m.io(kPrinter, {{0x09, 0x20, 5, Machine::data}});
    m.wait_for(kPrinter);
    m.refused(kPrinter, {0x8B, 0x20, 1, Machine::data});
    m.wait_for(kPrinter);
    CHECK(m.printed.empty());
    REQUIRE(keeper.records.size() == 2);
    CHECK(keeper.records[0].command == 0x09);
    CHECK(isa::to_text(keeper.records[0].data) == "HELLO");
    CHECK(keeper.records[1].command == 0x8B);
    CHECK(keeper.records[1].data.empty());
}

TEST_CASE("a printer tells its setup: another one that gets it prints alike") {
    UnitRecordMachine m;
    m.put("ABC");
    m.ccws({{0xEB, 0x60, 1, Machine::data}, {0xFB, 0x20, 3, Machine::data}});
    REQUIRE(m.channels.start_io(kPrinter, Machine::program).condition_code == 0);
    m.wait_for(kPrinter);
    m.refused(kPrinter, {0x73, 0x20, 1, Machine::data});
    Keeper keeper;
    m.printer.tell_setup(keeper);
    REQUIRE(keeper.setup.size() == 3);
    CHECK(keeper.setup[0].command == 0x73);
    CHECK(keeper.setup[1].command == 0xEB);
    CHECK(keeper.setup[2].command == 0xFB);
    CHECK(keeper.setup[2].data.size() == 240);
    CHECK(isa::to_text(std::span(keeper.setup[2].data).first(3)) == "ABC");
}

TEST_CASE("a keeper without room: intervention required, and device end when it is ready again") {
    UnitRecordMachine m;
    Keeper keeper;
    m.punch.keep_records(keeper);
    keeper.room = false;
    CHECK(m.refused(kPunch, {0x01, 0, 80, Machine::data}).unit_status == kUnitCheck);
    CHECK(m.punch.sense()[0] == kSenseInterventionRequired);
    keeper.room = true;
    CHECK(m.refused(kPunch, {0x01, 0, 80, Machine::data}).unit_status == kUnitCheck);
    m.punch.set_ready(true);
    CHECK(m.interruption(kPunch).unit_status == DE);
    m.io(kPunch, {{0x01, 0, 80, Machine::data}});
    m.wait_for(kPunch);
    CHECK(keeper.records.size() == 1);
    CHECK(m.punched.empty());
}

TEST_CASE("a punch's keeper gets 80 bytes, and 160 of column binary") {
    UnitRecordMachine m;
    Keeper keeper;
    m.punch.keep_records(keeper);
    for (unsigned i = 0; i < 160; ++i) m.storage.bytes[Machine::data + i] = static_cast<uint8_t>(i & 0x3F);
    m.io(kPunch, {{0x21, 0, 160, Machine::data}});
    m.wait_for(kPunch);
    m.io(kPunch, {{0x41, 0x20, 3, Machine::data}});
    m.wait_for(kPunch);
    REQUIRE(keeper.records.size() == 2);
    CHECK(std::equal(keeper.records[0].data.begin(), keeper.records[0].data.end(),
                     m.storage.bytes.begin() + Machine::data, m.storage.bytes.begin() + Machine::data + 160));
    CHECK(keeper.records[1].data.size() == 80);
}

TEST_CASE("a keeper may hold the device end of a record until it lets the device go on") {
    UnitRecordMachine m;
    Keeper keeper;
    m.printer.keep_records(keeper);
    m.punch.keep_records(keeper);
    keeper.holds = true;
    const std::tuple<uint16_t, Device*, Ccw> rows[] = {{kPrinter, &m.printer, {0x09, 0, 132, Machine::data}},
                                                       {kPunch, &m.punch, {0x01, 0, 80, Machine::data}}};
    for (const auto& [address, device, ccw] : rows) {
        CAPTURE(address);
        CHECK(m.io(address, {ccw}).unit_status == CE);
        while (!m.queue.empty()) m.queue.run_until(m.queue.next());
        CHECK_FALSE(m.channels.pending());
        CHECK(m.refused(address, ccw).unit_status == kBusy);
        device->go_on();
        CHECK(m.wait_for(address).unit_status == DE);
        device->go_on();  // nothing waits any more
        CHECK(m.queue.empty());
        CHECK(m.io(address, {ccw}).unit_status == CE);
        while (!m.queue.empty()) m.queue.run_until(m.queue.next());
        m.channels.reset();
        device->go_on();
        CHECK(m.queue.empty());
    }
    CHECK(keeper.records.size() == 4);
}

TEST_CASE("a card that cannot be read yet is waited for, and a halt ends the waiting") {
    UnitRecordMachine m;
    Supply supply;
    m.reader.set_supply(supply);
    supply.first = {deck({"A", "B"})};
    supply.there = 1;
    m.io(kReader, {{0x02, 0x20, 80, Machine::data}});
    m.wait_for(kReader);
    CHECK(m.got(1) == "A");
    m.ccws({{0x02, 0x20, 80, Machine::data}});
    REQUIRE(m.channels.start_io(kReader, Machine::program).condition_code == 0);
    CHECK(m.queue.empty());
    CHECK(m.got(1) == "A");
    m.channels.halt_device(kReader);
    CHECK((m.wait_for(kReader).unit_status & (CE | DE)) == (CE | DE));
    REQUIRE(m.channels.start_io(kReader, Machine::program).condition_code == 0);
    supply.there = 2;
    m.reader.go_on();
    m.wait_for(kReader);
    CHECK(m.got(1) == "B");
}

TEST_CASE("an empty reader asks its supply, tells the end of its cards once, and asks again") {
    UnitRecordMachine m;
    Supply supply;
    m.reader.set_supply(supply);
    CHECK(m.refused(kReader, {0x02, 0, 80, Machine::data}).unit_status == kUnitCheck);
    supply.first = {deck({"A"}), deck({"B"})};
    m.reader.supply_has_cards();
    CHECK(m.interruption(kReader).unit_status == DE);
    for (const char* text : {"A", "B"}) {
        m.io(kReader, {{0x02, 0, 80, Machine::data}});
        m.wait_for(kReader);
        CHECK(m.got(1) == text);
        CHECK(m.io(kReader, {{0x02, 0x20, 80, Machine::data}}).unit_status == (CE | DE | kUnitException));
    }
    CHECK(supply.told == 2);
    CHECK(m.refused(kReader, {0x02, 0, 80, Machine::data}).unit_status == kUnitCheck);
}

TEST_CASE("cards that follow come without an end of file, and cards in the hopper come first") {
    UnitRecordMachine m;
    Supply supply;
    m.reader.set_supply(supply);
    m.reader.load(cards({"A"}));
    m.interruption(kReader);
    supply.following = {deck({"B"})};
    for (const char* text : {"A", "B"}) {
        m.io(kReader, {{0x02, 0, 80, Machine::data}});
        m.wait_for(kReader);
        CHECK(m.got(1) == text);
    }
    CHECK(supply.told == 0);
}

TEST_CASE("cards of the supply may be taken out, even while one is being read") {
    UnitRecordMachine m;
    Supply supply;
    m.reader.set_supply(supply);
    const SharedDeck given = deck({"A", "B"});
    supply.first = {given};
    m.ccws({{0x02, 0x20, 80, Machine::data}});
    REQUIRE(m.channels.start_io(kReader, Machine::program).condition_code == 0);
    m.reader.take_out(given);
    CHECK((m.wait_for(kReader).unit_status & kUnitException) != 0);
    CHECK(m.reader.cards_left() == 0);
    CHECK(m.refused(kReader, {0x02, 0, 80, Machine::data}).unit_status == kUnitCheck);
}

TEST_CASE("a line of more than 80 bytes is read whole") {
    UnitRecordMachine m;
    Supply supply;
    m.reader.set_supply(supply);
    Deck lines = cards({"A"});
    lines[0].line = std::make_shared<const std::vector<uint8_t>>(132, uint8_t{0xC1});
    supply.first = {std::make_shared<const Deck>(lines)};
    CHECK(m.io(kReader, {{0x02, 0, 132, Machine::data}}).channel_status == 0);
    CHECK(m.got(132) == std::string(132, 'A'));
}
