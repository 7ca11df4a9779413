// The console typewriters: commands, the operator, and how long they take in simulated time.
#include "tests/simulation/unit_record_fixture.hpp"

using namespace unit_record_test;

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

TEST_CASE("consoles: a write is ended by the count, which is no incorrect length, unless the unit looks") {
    UnitRecordMachine m;
    for (const uint16_t count : {12, 128, 200})
        CHECK(m.io(kConsole, {{0x09, 0, count, Machine::data}}).channel_status == 0);
    // Nor does it end a chain.
    CHECK(m.io(kConsole, {{0x01, CC, 128, Machine::data}, {0x09, 0, 5, Machine::data}}) ==
          Csw{0, Machine::program + 16, CE | DE, 0, 0});
    uint16_t address = 0x210;
    for (const ConsoleModel model : {ConsoleModel::c3215, ConsoleModel::c3210, ConsoleModel::c1052}) {
        DeviceTiming timing = default_timing(model);
        timing.checks_write_length = true;
        m.channels.attach(++address, std::make_unique<Console>(nullptr, model, timing));
        CHECK(m.io(address, {{0x09, 0, 12, Machine::data}}).channel_status == kIncorrectLength);
        CHECK(m.io(address, {{0x09, SLI, 12, Machine::data}}).channel_status == 0);
    }
}

TEST_CASE(
    "1052: bit 0 of write with carrier return and of read inquiry means nothing; other units reject it") {
    UnitRecordMachine m;
    constexpr uint16_t address = 0x019;
    std::string typed;
    auto& console = m.channels.attach(
        address,
        std::make_unique<Console>([&](std::string_view text, bool) { typed += text; }, ConsoleModel::c1052));
    m.put("READY");
    CHECK(m.io(address, {{0x89, 0, 5, Machine::data}}).unit_status == (CE | DE));
    CHECK(typed == "READY\n");
    m.ccws({{0x8A, SLI, 80, Machine::data}});
    REQUIRE(m.channels.start_io(address, Machine::program).condition_code == 0);
    console.enter("go");
    CHECK(m.interruption(address).count == 78);
    CHECK(m.refused(address, {0x81, 0, 5, Machine::data}).unit_status == kUnitCheck);
    CHECK(m.refused(kConsole, {0x89, 0, 5, Machine::data}).unit_status == kUnitCheck);
    CHECK(m.refused(kConsole, {0x8A, 0, 5, Machine::data}).unit_status == kUnitCheck);
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

TEST_CASE("1052: 14.8 characters a second; not ready, it refuses to write and to read") {
    UnitRecordMachine m;
    constexpr uint16_t address = 0x019;
    auto& console = m.channels.attach(address, std::make_unique<Console>(nullptr, ConsoleModel::c1052));
    CHECK(console.type() == "1052");
    m.io(address, {{0x01, SLI, 148, Machine::data}});
    CHECK(m.queue.now() / kMillisecond == 9'999);
    console.set_ready(false);
    for (const uint8_t command : {0x01, 0x09, 0x0A})
        CHECK(m.refused(address, {command, SLI, 1, Machine::data}).unit_status == kUnitCheck);
    CHECK(console.sense()[0] == kSenseInterventionRequired);
    CHECK(m.refused(address, {0x0B, SLI, 1, 0}).unit_status == (CE | DE));
    console.set_ready(true);
    CHECK(m.interruption(address).unit_status == DE);
    CHECK(m.io(address, {{0x01, SLI, 1, Machine::data}}).unit_status == (CE | DE));
}
