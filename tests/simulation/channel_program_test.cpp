// Channel programs: each rule of GA22-7000 chapter 13 on CCWs and their conclusion. Expected values are the
// manual's.
#include "tests/simulation/channel_fixture.hpp"

using namespace channel_test;

TEST_CASE("CSW: key, address 8 past the last CCW, status, residual count") {
    Machine m;
    m.storage.keys[Machine::data / 2048] = 5;
    m.ccws({{0x02, SLI, 12, Machine::data}});
    CHECK(m.execute(0x50000000 | Machine::program) == Csw{5, Machine::program + 8, CE | DE, 0, 2});
    CHECK(m.text(Machine::data, 12) == std::string("ABCDEFGHIJ\0\0", 12));
}

TEST_CASE("CSW image: the fields lie where the manual's figure has them") {
    CHECK(encode(Csw{5, 0x001008, CE | DE, 0, 2}) == 0x500010080C000002);
    CHECK(decode_csw(0x500010080C400002) == Csw{5, 0x001008, CE | DE, kIncorrectLength, 2});
}

TEST_CASE("a write moves bytes from storage in ascending order") {
    Machine m;
    std::copy_n("0123456789", 10, m.storage.bytes.begin() + Machine::data);
    m.ccws({{0x01, 0, 10, Machine::data}});
    CHECK(m.execute() == Csw{0, Machine::program + 8, CE | DE, 0, 0});
    CHECK(m.device.written == "0123456789");
}

TEST_CASE("read backward stores in descending order from the data address") {
    Machine m;
    m.ccws({{0x0C, 0, 10, Machine::data + 9}});
    CHECK(m.execute() == Csw{0, Machine::program + 8, CE | DE, 0, 0});
    CHECK(m.text(Machine::data, 10) == "ABCDEFGHIJ");
}

TEST_CASE("read backward across a 2K-byte block") {
    Machine m;
    m.ccws({{0x0C, 0, 10, Machine::data + 2048 + 3}});
    CHECK(m.execute().unit_status == (CE | DE));
    CHECK(m.text(Machine::data + 2048 + 3 - 9, 10) == "ABCDEFGHIJ");
}

// ---- Incorrect length
// ---------------------------------------------------------------------------------------

TEST_CASE("incorrect length: short block on input, count residual") {
    Machine m;
    m.ccws({{0x02, 0, 12, Machine::data}});
    CHECK(m.execute() == Csw{0, Machine::program + 8, CE | DE, kIncorrectLength, 2});
}

TEST_CASE("incorrect length: long block on input, count zero") {
    Machine m;
    m.ccws({{0x02, 0, 4, Machine::data}});
    CHECK(m.execute() == Csw{0, Machine::program + 8, CE | DE, kIncorrectLength, 0});
    CHECK(m.text(Machine::data, 5) == std::string("ABCD\0", 5));
    CHECK(m.device.accepted == 4);
}

TEST_CASE("incorrect length: long block on output (the device asks for more), short block on output") {
    Machine m;
    m.ccws({{0x01, 0, 9, Machine::data}});
    CHECK(m.execute() == Csw{0, Machine::program + 8, CE | DE, kIncorrectLength, 0});
    m.ccws({{0x01, 0, 11, Machine::data}});
    CHECK(m.execute() == Csw{0, Machine::program + 8, CE | DE, kIncorrectLength, 1});
}

TEST_CASE("incorrect length: suppressed by the SLI flag") {
    Machine m;
    for (const uint16_t count : {4, 12}) {
        m.ccws({{0x02, SLI, count, Machine::data}});
        CHECK(m.execute().channel_status == 0);
    }
}

TEST_CASE("incorrect length: without SLI it stops command chaining") {
    Machine m;
    m.ccws({{0x02, CC, 12, Machine::data}, {0x02, 0, 10, Machine::data}});
    CHECK(m.execute() == Csw{0, Machine::program + 8, CE | DE, kIncorrectLength, 2});
    CHECK(m.device.commands.size() == 1);
}

TEST_CASE("incorrect length: the SLI flag is ignored while data are chained, and channel end then stops") {
    Machine m;
    m.ccws({{0x02, CD | CC | SLI, 20, Machine::data}, {0x02, 0, 10, Machine::data}});
    CHECK(m.execute() == Csw{0, Machine::program + 8, CE | DE, kIncorrectLength, 10});
}

// ---- Command chaining
// ---------------------------------------------------------------------------------------

TEST_CASE("command chaining: at device end the next CCW starts a new command, one interruption at the end") {
    Machine m;
    m.ccws({{0x02, CC, 10, Machine::data}, {0x02, CC, 10, Machine::data + 16}, {0x03, SLI, 1, 0}});
    CHECK(m.execute() == Csw{0, Machine::program + 24, CE | DE, 0, 1});
    CHECK(m.device.commands == std::vector<uint8_t>{0x02, 0x02, 0x03});
    CHECK(m.text(Machine::data + 16, 10) == "ABCDEFGHIJ");
    CHECK_FALSE(m.channels.has_pending());
}

TEST_CASE("command chaining waits for device end when channel end comes first") {
    Machine m;
    m.ccws({{0x11, CC, 10, Machine::data}, {0x02, 0, 10, Machine::data}});
    REQUIRE(m.start().condition_code == 0);
    m.run(kMillisecond);  // channel end
    CHECK(m.channels.working(Machine::device_address));
    CHECK(m.device.commands.size() == 1);
    m.run(kMillisecond + 10 * kMicrosecond);  // device end, and the channel's time to chain
    CHECK(m.device.commands.size() == 2);
    m.run();
    CHECK(m.interruption() == Csw{0, Machine::program + 16, CE | DE, 0, 0});
}

TEST_CASE("command chaining: status modifier with device end skips one CCW") {
    Machine m;
    m.device.initial_status[0x07] = CE | DE | kStatusModifier;
    m.ccws({{0x07, CC | SLI, 1, 0}, {0x01, 0, 10, Machine::data}, {0x02, 0, 10, Machine::data}});
    CHECK(m.execute() == Csw{0, Machine::program + 24, CE | DE, 0, 0});
    CHECK(m.device.commands == std::vector<uint8_t>{0x07, 0x02});
}

TEST_CASE("command chaining is suppressed by unit check and by unit exception") {
    for (const uint8_t unusual : {kUnitCheck, kUnitException}) {
        Machine m;
        m.device.end_status[1] = CE | DE | unusual;
        m.ccws({{0x02, CC, 10, Machine::data}, {0x02, 0, 10, Machine::data}});
        CHECK(m.execute() == Csw{0, Machine::program + 8, static_cast<uint8_t>(CE | DE | unusual), 0, 0});
        CHECK(m.device.commands.size() == 1);
    }
}

TEST_CASE("command chaining: a command refused in the chain shows its own CCW, without channel end") {
    Machine m;
    m.ccws({{0x02, CC, 10, Machine::data}, {0x0F, 0, 7, Machine::data}});
    CHECK(m.execute() == Csw{0, Machine::program + 16, kUnitCheck, 0, 7});
    CHECK(m.device.sense()[0] == kSenseCommandReject);
}

TEST_CASE("CCWs are fetched when needed: a chain may be changed while it runs") {
    Machine m;
    m.ccws({{0x02, CC, 10, Machine::data}, {0x0F, 0, 1, 0}});
    REQUIRE(m.start().condition_code == 0);
    m.run(kMillisecond);
    m.ccws({{0x02, SLI, 3, Machine::data + 32}}, Machine::program + 8);
    m.run();
    CHECK(m.interruption() == Csw{0, Machine::program + 16, CE | DE, 0, 0});
    CHECK(m.text(Machine::data + 32, 3) == "ABC");
}

TEST_CASE("a chain may read its own next CCW") {
    Machine m;
    const uint64_t next = encode(Ccw{0x03, SLI, 1, 0});
    m.device.record.clear();
    for (int i = 56; i >= 0; i -= 8) m.device.record += static_cast<char>(next >> i);
    m.ccws({{0x02, CC, 8, Machine::program + 8}, {0x00, 0, 0, 0}});
    CHECK(m.execute() == Csw{0, Machine::program + 16, CE | DE, 0, 1});
}

TEST_CASE("chaining of 256 commands without data is given up with program check") {
    Machine m;
    m.ccws({{0x03, CC, 1, 0}, {0x08, 0, 0, Machine::program}});
    const Csw csw = m.execute();
    CHECK(csw.channel_status == kProgramCheck);
    CHECK(m.device.commands.size() == 256);
}

// ---- Data chaining
// ------------------------------------------------------------------------------------------

TEST_CASE("data chaining: one record into two areas; the command code of the second CCW does not matter") {
    Machine m;
    m.ccws({{0x02, CD, 4, Machine::data}, {0x00, 0, 6, Machine::data + 16}});
    CHECK(m.execute() == Csw{0, Machine::program + 16, CE | DE, 0, 0});
    CHECK(m.text(Machine::data, 5) == std::string("ABCD\0", 5));
    CHECK(m.text(Machine::data + 16, 6) == "EFGHIJ");
    CHECK(m.device.commands.size() == 1);
}

TEST_CASE("data chaining gathers output") {
    Machine m;
    std::copy_n("0123456789", 10, m.storage.bytes.begin() + Machine::data);
    m.ccws({{0x01, CD, 3, Machine::data + 7}, {0x01, CD, 6, Machine::data + 1}, {0x01, 0, 1, Machine::data}});
    CHECK(m.execute() == Csw{0, Machine::program + 24, CE | DE, 0, 0});
    CHECK(m.device.written == "7891234560");
}

TEST_CASE("data chaining goes on through a transfer in channel") {
    Machine m;
    m.ccws({{0x02, CD, 4, Machine::data}, {0x08, 0, 0, 0x1800}});
    m.ccws({{0x02, 0, 6, Machine::data + 16}}, 0x1800);
    CHECK(m.execute() == Csw{0, 0x1808, CE | DE, 0, 0});
}

TEST_CASE("data chaining: the new CCW is in control once the last byte of the old one has moved") {
    Machine m;
    m.ccws({{0x02, CD, 10, Machine::data}, {0x02, 0, 5, Machine::data + 16}});
    CHECK(m.execute() == Csw{0, Machine::program + 16, CE | DE, kIncorrectLength, 5});
}

TEST_CASE("data chaining: a bad CCW stops the device, whose status comes with the program check") {
    Machine m;
    m.ccws({{0x02, CD, 4, Machine::data}, {0x02, 0, 0, Machine::data + 16}});
    const Csw csw = m.execute();
    CHECK(csw.unit_status == (CE | DE));
    CHECK(csw.channel_status == kProgramCheck);
    CHECK(csw.ccw_address == Machine::program + 16);
    CHECK(m.device.accepted == 4);
}

TEST_CASE("data chaining, then command chaining") {
    Machine m;
    m.ccws(
        {{0x02, CD, 4, Machine::data}, {0x02, CC, 6, Machine::data + 4}, {0x02, 0, 10, Machine::data + 16}});
    CHECK(m.execute() == Csw{0, Machine::program + 24, CE | DE, 0, 0});
    CHECK(m.device.commands.size() == 2);
}

// ---- Skipping
// -----------------------------------------------------------------------------------------------

TEST_CASE("skip: nothing is stored, the count counts, and the data address need not exist") {
    Machine m;
    m.ccws({{0x02, CD | SKIP, 4, 0xFFFFF0}, {0x02, 0, 6, Machine::data}});
    CHECK(m.execute() == Csw{0, Machine::program + 16, CE | DE, 0, 0});
    CHECK(m.text(Machine::data, 6) == "EFGHIJ");
}

TEST_CASE("skip is ignored in a write") {
    Machine m;
    std::copy_n("0123456789", 10, m.storage.bytes.begin() + Machine::data);
    m.ccws({{0x01, SKIP, 10, Machine::data}});
    CHECK(m.execute().unit_status == (CE | DE));
    CHECK(m.device.written == "0123456789");
}

// ---- Transfer in channel
// --------------------------------------------------------------------------------------

TEST_CASE("transfer in channel: bits 32-63 are ignored, bits 0-3 too") {
    Machine m;
    m.ccws({{0x07, CC, 1, 0}, {0xF8, 0xFF, 0, 0x1800}});
    m.ccws({{0x02, 0, 10, Machine::data}}, 0x1800);
    CHECK(m.execute() == Csw{0, 0x1808, CE | DE, 0, 0});
}

TEST_CASE("transfer in channel: a second one in a row is a program check at its own address") {
    Machine m;
    m.ccws({{0x07, CC, 1, 0}, {0x08, 0, 0, 0x1800}});
    m.ccws({{0x08, 0, 0, 0x1900}}, 0x1800);
    const Csw csw = m.execute();
    CHECK(csw.channel_status == kProgramCheck);
    CHECK(csw.unit_status == 0);
    CHECK(csw.ccw_address == 0x1808);
}

TEST_CASE("transfer in channel to no doubleword boundary: program check, address of the TIC") {
    Machine m;
    m.ccws({{0x07, CC, 1, 0}, {0x08, 0, 0, 0x1804}});
    const Csw csw = m.execute();
    CHECK(csw.channel_status == kProgramCheck);
    CHECK(csw.ccw_address == Machine::program + 16);
}

TEST_CASE("transfer in channel out of storage: program check, address of the TIC") {
    Machine m;
    m.ccws({{0x07, CC, 1, 0}, {0x08, 0, 0, 0x800000}});
    const Csw csw = m.execute();
    CHECK(csw.channel_status == kProgramCheck);
    CHECK(csw.ccw_address == Machine::program + 16);
}

// ---- Format checks in the CAW and the first CCW: condition code 1, status stored
// ------------------------------------

TEST_CASE("START I/O: program checks of the CAW and the first CCW store the status and start nothing") {
    Machine m;
    uint32_t caw = Machine::program;
    Ccw ccw{0x02, 0, 10, Machine::data};
    SUBCASE("CAW bits 4-7 not zeros") { caw |= 0x01000000; }
    SUBCASE("CAW bit 4") { caw |= 0x08000000; }
    SUBCASE("CCW address not on a doubleword boundary") { caw += 4; }
    SUBCASE("CCW address outside of storage") { caw = 0x900000; }
    SUBCASE("invalid command code xxxx0000") { ccw.command = 0x50; }
    SUBCASE("count zero") { ccw.count = 0; }
    SUBCASE("CCW bit 38") { ccw.flags = 0x02; }
    SUBCASE("CCW bit 39") { ccw.flags = 0x01; }
    SUBCASE("first CCW a transfer in channel") { ccw = {0x08, 0, 1, 0x1800}; }
    m.ccws({ccw});
    m.ccws({{0x02, 0, 10, Machine::data}}, 0x1800);
    const IoResult result = m.start(caw);
    CHECK(result.condition_code == 1);
    CHECK(result.stores == IoResult::Stores::status);
    CHECK(result.csw.unit_status == 0);
    CHECK(result.csw.channel_status == kProgramCheck);
    CHECK(m.device.commands.empty());
    CHECK_FALSE(m.channels.has_pending());
    CHECK_FALSE(m.channels.working(Machine::device_address));
}

TEST_CASE("program checks in a chain: the operation is not initiated, channel end and device end are off") {
    Machine m;
    Ccw ccw{0x02, 0, 10, Machine::data};
    SUBCASE("invalid command code") { ccw.command = 0x70; }
    SUBCASE("count zero") { ccw.count = 0; }
    SUBCASE("reserved flag") { ccw.flags = 0x01; }
    m.ccws({{0x02, CC, 10, Machine::data}, ccw});
    const Csw csw = m.execute();
    CHECK(csw.unit_status == 0);
    CHECK(csw.channel_status == kProgramCheck);
    CHECK(csw.ccw_address == Machine::program + 16);
    CHECK(m.device.commands.size() == 1);
}

TEST_CASE("CCW bits 40-47 are ignored") {
    Machine m;
    m.ccws({{0x02, 0, 10, Machine::data}});
    m.storage.bytes[Machine::program + 5] = 0xFF;
    CHECK(m.execute().channel_status == 0);
}

TEST_CASE("invalid data address: checked only when a byte goes there; what came before has moved") {
    Machine m;
    m.device.record.assign(100, 'x');
    m.ccws({{0x02, 0, 100, 0xFFF0}});  // storage ends at 10000
    const Csw csw = m.execute();
    CHECK(csw.unit_status == (CE | DE));
    CHECK(csw.channel_status == kProgramCheck);
    CHECK(m.device.accepted == 16);
    m.device.record.assign(16, 'y');
    m.ccws({{0x02, SLI, 100, 0xFFF0}});
    CHECK(m.execute().channel_status == 0);
}

// ---- Protection
// -----------------------------------------------------------------------------------------------

TEST_CASE("protection check: input into a block with another key; nothing is stored there") {
    Machine m;
    m.storage.keys[Machine::data / 2048 + 1] = 7;
    m.storage.keys[Machine::data / 2048] = 5;
    m.ccws({{0x02, 0, 10, Machine::data + 2048 - 4}});
    const Csw csw = m.execute(0x50000000 | Machine::program);
    CHECK(csw.unit_status == (CE | DE));
    CHECK(csw.channel_status == kProtectionCheck);
    CHECK(m.text(Machine::data + 2048 - 4, 5) == std::string("ABCD\0", 5));
}

TEST_CASE("protection check: output from a fetch-protected block") {
    Machine m;
    m.storage.keys[Machine::data / 2048] = 7;
    m.ccws({{0x01, 0, 10, Machine::data}});
    CHECK(m.execute(0x50000000 | Machine::program).channel_status == 0);
    m.storage.fetch_protected[Machine::data / 2048] = true;
    CHECK(m.execute(0x50000000 | Machine::program).channel_status == kProtectionCheck);
    CHECK(m.execute(Machine::program).channel_status == 0);
}

TEST_CASE("protection check: a CCW in a fetch-protected block") {
    Machine m;
    m.storage.keys[Machine::program / 2048] = 7;
    m.storage.fetch_protected[Machine::program / 2048] = true;
    m.ccws({{0x02, 0, 10, Machine::data}});
    const IoResult result = m.start(0x50000000 | Machine::program);
    CHECK(result.condition_code == 1);
    CHECK(result.csw.channel_status == kProtectionCheck);
}

// ---- Indirect data addressing
// -----------------------------------------------------------------------------------

TEST_CASE("IDA: the first IDAW may point anywhere, the next ones at 2K-byte blocks") {
    Machine m;
    m.device.record.assign(2048 + 100, 'r');
    m.ccws({{0x02, IDA, 2048 + 100, 0x1800}});
    m.storage.put32(0x1800, 0x2000 + 2048 - 50);
    m.storage.put32(0x1804, 0x5000);
    m.storage.put32(0x1808, 0x4000);
    CHECK(m.execute() == Csw{0, Machine::program + 8, CE | DE, 0, 0});
    CHECK(m.text(0x2000 + 2048 - 51, 51) == '\0' + std::string(50, 'r'));
    CHECK(m.text(0x5000, 2048) == std::string(2048, 'r'));
    CHECK(m.text(0x4000 + 48, 3) == std::string("rr\0", 3));
    CHECK(m.channels.use().idaws == 3);
}

TEST_CASE("IDA: an IDAW is not fetched before it is needed") {
    Machine m;
    m.device.record.assign(50, 'r');
    m.ccws({{0x02, IDA, 50, 0x1800}});
    m.storage.put32(0x1800, 0x2000 + 2048 - 50);
    m.storage.put32(0x1804, 0xFF000001);
    CHECK(m.execute() == Csw{0, Machine::program + 8, CE | DE, 0, 0});
}

TEST_CASE("IDA: reading backward, later IDAWs point at the last byte of a block") {
    Machine m;
    m.ccws({{0x0C, IDA, 10, 0x1800}});
    m.storage.put32(0x1800, 0x3000 + 3);
    m.storage.put32(0x1804, 0x4000 + 2047);
    CHECK(m.execute().channel_status == 0);
    CHECK(m.text(0x3000, 4) == "GHIJ");
    CHECK(m.text(0x4000 + 2048 - 6, 6) == "ABCDEF");
}

TEST_CASE("IDA: program checks") {
    Machine m;
    uint32_t list = 0x1800;
    uint32_t first = 0x2000 + 2048 - 4;
    uint32_t second = 0x4000;
    SUBCASE("list not on a word boundary") { list = 0x1802; }
    SUBCASE("list outside of storage") { list = 0x900000; }
    SUBCASE("IDAW bits 0-7 not zeros") { first |= 0x01000000; }
    SUBCASE("second IDAW not at a block") { second = 0x4008; }
    SUBCASE("IDAW outside of storage") { second = 0x900000; }
    m.ccws({{0x02, IDA, 10, list}});
    if (list < m.storage.size()) {
        m.storage.put32(list, first);
        m.storage.put32(list + 4, second);
    }
    const Csw csw = m.execute();
    CHECK(csw.unit_status == (CE | DE));
    CHECK(csw.channel_status == kProgramCheck);
    CHECK(csw.ccw_address == Machine::program + 8);
}

TEST_CASE("IDA: the list is fetched under the subchannel key") {
    Machine m;
    m.storage.keys[0x1800 / 2048] = 7;
    m.storage.fetch_protected[0x1800 / 2048] = true;
    m.ccws({{0x02, IDA, 10, 0x1800}}, 0x1000);
    CHECK(m.execute(0x50001000).channel_status == kProtectionCheck);
}

// ---- Program-controlled interruption
// ------------------------------------------------------------------------------

TEST_CASE("PCI: an interruption while the program runs on, then one for its end without PCI") {
    Machine m;
    m.ccws(
        {{0x02, CC, 10, Machine::data}, {0x02, CC | PCI, 10, Machine::data}, {0x02, 0, 10, Machine::data}});
    REQUIRE(m.start().condition_code == 0);
    m.run(kMillisecond + 10 * kMicrosecond);
    REQUIRE(m.channels.pending() == Machine::device_address);
    const Csw csw = m.interruption();
    CHECK(csw.channel_status == kProgramControlled);
    CHECK(csw.unit_status == 0);
    CHECK(csw.ccw_address == Machine::program + 16);
    CHECK(m.channels.working(Machine::device_address));
    m.run();
    CHECK(m.interruption() == Csw{0, Machine::program + 24, CE | DE, 0, 0});
}

TEST_CASE("PCI not taken is shown at the end of the program, once") {
    Machine m;
    m.ccws({{0x02, CC | PCI, 10, Machine::data}, {0x02, 0, 10, Machine::data}});
    REQUIRE(m.start().condition_code == 0);
    CHECK(m.channels.has_pending());
    m.run();
    CHECK(m.interruption() == Csw{0, Machine::program + 16, CE | DE, kProgramControlled, 0});
    CHECK_FALSE(m.channels.has_pending());
}

TEST_CASE("PCI in data chaining comes when its CCW takes control") {
    Machine m;
    m.ccws({{0x02, CD, 4, Machine::data}, {0x02, PCI, 6, Machine::data + 4}});
    REQUIRE(m.start().condition_code == 0);
    CHECK_FALSE(m.channels.has_pending());
    m.run();
    CHECK(m.interruption().channel_status == kProgramControlled);
}

TEST_CASE("use: starts, CCWs (TIC and chained data too) and bytes are counted, in all and for each program") {
    Machine m;
    m.ccws({{0x02, CD, 4, Machine::data}, {0x08, 0, 0, 0x1800}});
    m.ccws({{0x02, CC, 6, Machine::data}, {0x03, SLI, 1, 0}}, 0x1800);
    m.execute();
    m.execute();
    CHECK(m.channels.use() == ChannelUse{2, 8, 0, 20});
    REQUIRE(m.concluded.size() == 2);
    CHECK(m.concluded[1] == ChannelUse{1, 4, 0, 10});
}
