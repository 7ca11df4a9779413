// The I/O instructions: condition codes for the states of channel, subchannel and device (GA22-7000 chapter
// 13, figure "Condition-Code Settings for I/O States and Functions"), what they store, and interruptions.
#include "tests/simulation/channel_fixture.hpp"

using namespace channel_test;

namespace {

constexpr uint16_t kNowhere = 0x0FF;    // no device, operational channel
constexpr uint16_t kNoChannel = 0x500;  // no channel

/// A machine with a selector channel 1 that has two devices.
struct SelectorMachine : Machine {
    static constexpr uint16_t first = 0x180;
    static constexpr uint16_t second = 0x181;
    SelectorMachine() {
        channels.configure(1, ChannelType::selector);
        channels.attach(first, std::make_unique<ScriptedDevice>());
        channels.attach(second, std::make_unique<ScriptedDevice>());
        ccws({{0x02, SLI, 10, data}});
    }
};

}  // namespace

TEST_CASE("not operational: condition code 3 of every instruction") {
    Machine m;
    for (const uint16_t address : {kNowhere, kNoChannel}) {
        CHECK(m.channels.start_io(address, Machine::program).condition_code == 3);
        CHECK(m.channels.test_io(address).condition_code == 3);
        CHECK(m.channels.halt_io(address).condition_code == 3);
        CHECK(m.channels.halt_device(address).condition_code == 3);
        CHECK(m.channels.clear_io(address).condition_code == 3);
    }
    CHECK(m.channels.test_channel(kNoChannel) == 3);
    CHECK(m.channels.clear_channel(kNoChannel) == 3);
    CHECK_FALSE(m.channels.store_channel_id(kNoChannel).has_value());
}

TEST_CASE(
    "available (AAA): TEST I/O and CLEAR I/O 0; HALT I/O and HALT DEVICE 1 with zero status; TEST CHANNEL "
    "0") {
    Machine m;
    CHECK(m.channels.test_io(Machine::device_address).condition_code == 0);
    CHECK(m.channels.clear_io(Machine::device_address).condition_code == 0);
    for (const IoResult& r :
         {m.channels.halt_io(Machine::device_address), m.channels.halt_device(Machine::device_address)}) {
        CHECK(r.condition_code == 1);
        CHECK(r.stores == IoResult::Stores::status);
        CHECK(r.csw == Csw{});
    }
    CHECK(m.channels.test_channel(Machine::device_address) == 0);
    CHECK_FALSE(m.channels.has_pending());
}

TEST_CASE("subchannel working (AWX): START I/O and TEST I/O 2, TEST CHANNEL 0 on a multiplexer") {
    Machine m;
    m.ccws({{0x02, 0, 10, Machine::data}});
    REQUIRE(m.start().condition_code == 0);
    CHECK(m.start().condition_code == 2);
    CHECK(m.channels.test_io(Machine::device_address).condition_code == 2);
    CHECK(m.channels.test_channel(Machine::device_address) == 0);
}

TEST_CASE("interruption pending in the subchannel (AIX): START I/O 2, HALT I/O 0, TEST CHANNEL 1") {
    Machine m;
    m.ccws({{0x02, 0, 10, Machine::data}});
    REQUIRE(m.start().condition_code == 0);
    m.run();
    CHECK(m.start().condition_code == 2);
    CHECK(m.channels.halt_io(Machine::device_address).condition_code == 0);
    CHECK(m.channels.halt_device(Machine::device_address).condition_code == 0);
    CHECK(m.channels.test_channel(Machine::device_address) == 1);
    CHECK(m.channels.has_pending());
}

TEST_CASE("TEST I/O stores the whole CSW of a pending interruption and clears it") {
    Machine m;
    m.ccws({{0x02, 0, 10, Machine::data}});
    REQUIRE(m.start().condition_code == 0);
    m.run();
    const IoResult r = m.channels.test_io(Machine::device_address);
    CHECK(r.condition_code == 1);
    CHECK(r.stores == IoResult::Stores::csw);
    CHECK(r.csw == Csw{0, Machine::program + 8, CE | DE, 0, 0});
    CHECK_FALSE(m.channels.has_pending());
    CHECK_FALSE(m.channels.take(Machine::device_address).has_value());
    CHECK(m.channels.test_io(Machine::device_address).condition_code == 0);
}

TEST_CASE("TEST I/O cannot clear a PCI while the subchannel works") {
    Machine m;
    m.ccws({{0x02, PCI, 10, Machine::data}});
    REQUIRE(m.start().condition_code == 0);
    CHECK(m.channels.test_io(Machine::device_address).condition_code == 2);
    CHECK(m.channels.has_pending());
}

TEST_CASE("immediate operation without command chaining: condition code 1, status portion with channel end") {
    Machine m;
    m.ccws({{0x07, 0, 5, 0}});  // the count does not matter: no incorrect length
    const IoResult r = m.start();
    CHECK(r.condition_code == 1);
    CHECK(r.stores == IoResult::Stores::status);
    CHECK(r.csw.unit_status == (CE | DE));
    CHECK(r.csw.channel_status == 0);
    CHECK_FALSE(m.channels.has_pending());
    CHECK(m.channels.test_io(Machine::device_address).condition_code == 0);
}

TEST_CASE("immediate operation with PCI: the bit is in the status stored") {
    Machine m;
    m.ccws({{0x07, PCI, 1, 0}});
    CHECK(m.start().csw.channel_status == kProgramControlled);
    CHECK_FALSE(m.channels.has_pending());
}

TEST_CASE("immediate operation without device end: the device is busy, device end interrupts later") {
    Machine m;
    m.ccws({{0x0B, 0, 1, 0}});
    const IoResult r = m.start();
    CHECK(r.condition_code == 1);
    CHECK(r.csw.unit_status == CE);
    // Device working (AAW): busy bit, from START I/O as from TEST I/O.
    const IoResult again = m.start();
    CHECK(again.condition_code == 1);
    CHECK(again.stores == IoResult::Stores::status);
    CHECK(again.csw.unit_status == kBusy);
    const IoResult tested = m.channels.test_io(Machine::device_address);
    CHECK(tested.condition_code == 1);
    CHECK(tested.csw == Csw{0, 0, kBusy, 0, 0});
    CHECK(m.device.commands.size() == 1);
    m.run();
    CHECK(m.interruption() == Csw{0, 0, DE, 0, 0});
}

TEST_CASE("immediate operation with command chaining: condition code 0, and on") {
    Machine m;
    m.ccws({{0x0B, CC, 1, 0}, {0x02, 0, 10, Machine::data}});
    CHECK(m.execute() == Csw{0, Machine::program + 16, CE | DE, 0, 0});
}

TEST_CASE(
    "a command refused at initiation: condition code 1, unit check without channel end, sense tells why") {
    Machine m;
    m.device.initial_status[0x02] = kUnitCheck;
    m.ccws({{0x02, CC, 10, Machine::data}, {0x03, SLI, 1, 0}});
    const IoResult r = m.start();
    CHECK(r.condition_code == 1);
    CHECK(r.csw.unit_status == kUnitCheck);
    m.ccws({{0x04, 0, 1, Machine::data}});
    CHECK(m.execute() == Csw{0, Machine::program + 8, CE | DE, 0, 0});
    CHECK(m.storage.bytes[Machine::data] == kSenseInterventionRequired);
}

TEST_CASE("sense information lasts through no-operation and sense, and is reset by the next other command") {
    Machine m;
    m.ccws({{0x0F, 0, 1, 0}});
    REQUIRE(m.start().condition_code == 1);
    m.ccws({{0x03, 0, 1, 0}});
    m.start();
    CHECK(m.device.sense()[0] == kSenseCommandReject);
    m.ccws({{0x07, 0, 1, 0}});
    m.start();
    CHECK(m.device.sense()[0] == 0);
}

TEST_CASE("channel end and device end apart: two interruptions, the second with zeros beside its status") {
    Machine m;
    m.ccws({{0x11, 0, 10, Machine::data}});
    REQUIRE(m.start(0x50001000).condition_code == 0);
    m.run(kMillisecond);
    CHECK(m.interruption() == Csw{5, Machine::program + 8, CE, 0, 0});
    CHECK(m.channels.test_io(Machine::device_address).csw.unit_status == kBusy);
    m.run();
    CHECK(m.interruption() == Csw{0, 0, DE, 0, 0});
}

TEST_CASE("device end while the channel end is still pending: one after the other") {
    Machine m;
    m.ccws({{0x11, 0, 10, Machine::data}});
    REQUIRE(m.start().condition_code == 0);
    m.run();
    CHECK(m.interruption().unit_status == CE);
    REQUIRE(m.channels.pending() == Machine::device_address);
    CHECK(m.interruption().unit_status == DE);
    CHECK_FALSE(m.channels.has_pending());
}

TEST_CASE("attention: an interruption out of nothing; START I/O before it is taken gets it with busy") {
    Machine m;
    m.device.attention();
    CHECK(m.announced == std::vector<uint16_t>{Machine::device_address});
    m.ccws({{0x02, 0, 10, Machine::data}});
    const IoResult r = m.start();
    CHECK(r.condition_code == 1);
    CHECK(r.csw.unit_status == (kBusy | kAttention));
    CHECK_FALSE(m.channels.has_pending());
    CHECK(m.start().condition_code == 0);
}

TEST_CASE("attention while a channel program runs comes after its end") {
    Machine m;
    m.ccws({{0x02, 0, 10, Machine::data}});
    REQUIRE(m.start().condition_code == 0);
    m.device.attention();
    CHECK_FALSE(m.channels.has_pending());
    m.run();
    CHECK(m.interruption().unit_status == (CE | DE));
    CHECK(m.interruption() == Csw{0, 0, kAttention, 0, 0});
}

TEST_CASE(
    "HALT I/O and HALT DEVICE on a working device: condition code 1, zero status, then its ending status") {
    for (const bool device_only : {false, true}) {
        Machine m;
        m.ccws({{0x02, CC, 10, Machine::data}, {0x02, 0, 10, Machine::data}});
        REQUIRE(m.start().condition_code == 0);
        const IoResult r = device_only ? m.channels.halt_device(Machine::device_address)
                                       : m.channels.halt_io(Machine::device_address);
        CHECK(r.condition_code == 1);
        CHECK(r.stores == IoResult::Stores::status);
        CHECK(r.csw == Csw{});
        m.run();
        const Csw csw = m.interruption();
        CHECK(csw.unit_status == (CE | DE));
        CHECK(csw.channel_status == 0);
        CHECK(m.device.commands.size() == 1);  // no chaining
    }
}

TEST_CASE("HALT I/O between two commands of a chain ends the chain") {
    Machine m;
    m.ccws({{0x02, CC, 10, Machine::data}, {0x02, 0, 10, Machine::data}});
    REQUIRE(m.start().condition_code == 0);
    m.run(kMillisecond);
    CHECK(m.channels.halt_io(Machine::device_address).condition_code == 1);
    CHECK(m.interruption().unit_status == (CE | DE));
    m.run();
    CHECK(m.device.commands.size() == 1);
}

TEST_CASE(
    "CLEAR I/O on a working subchannel: CSW stored, subchannel free, the device's end comes later by "
    "itself") {
    Machine m;
    m.ccws({{0x02, CC, 10, Machine::data}, {0x02, CC, 10, Machine::data}, {0x02, 0, 10, Machine::data}});
    m.storage.keys[Machine::data / 2048] = 3;
    REQUIRE(m.start(0x30001000).condition_code == 0);
    m.run(kMillisecond + 10 * kMicrosecond);
    const IoResult r = m.channels.clear_io(Machine::device_address);
    CHECK(r.condition_code == 1);
    CHECK(r.stores == IoResult::Stores::csw);
    CHECK(r.csw == Csw{3, Machine::program + 16, 0, 0, 10});
    CHECK_FALSE(m.channels.working(Machine::device_address));
    CHECK(m.interruption() == Csw{0, 0, CE | DE, 0, 0});
    m.run();
    CHECK(m.device.commands.size() == 2);
}

TEST_CASE("CLEAR I/O takes a pending interruption of the subchannel, but not one of the device") {
    Machine m;
    m.ccws({{0x02, 0, 10, Machine::data}});
    REQUIRE(m.start().condition_code == 0);
    m.run();
    CHECK(m.channels.clear_io(Machine::device_address).csw == Csw{0, Machine::program + 8, CE | DE, 0, 0});
    CHECK_FALSE(m.channels.has_pending());
    m.device.attention();
    CHECK(m.channels.clear_io(Machine::device_address).condition_code == 0);
    CHECK(m.channels.has_pending());
}

TEST_CASE("CLEAR CHANNEL and reset forget operations and conditions") {
    for (const bool one_channel : {false, true}) {
        Machine m;
        m.ccws({{0x02, PCI, 10, Machine::data}});
        REQUIRE(m.start().condition_code == 0);
        if (one_channel)
            CHECK(m.channels.clear_channel(Machine::device_address) == 0);
        else
            m.channels.reset();
        CHECK_FALSE(m.channels.has_pending());
        CHECK(m.queue.empty());
        m.run();
        CHECK_FALSE(m.channels.has_pending());
        CHECK(m.channels.test_io(Machine::device_address).condition_code == 0);
    }
}

TEST_CASE("STORE CHANNEL ID tells the type of channel in bits 0-3") {
    SelectorMachine m;
    m.channels.configure(2, ChannelType::block_multiplexer);
    CHECK(m.channels.store_channel_id(0x000) == 0x10000000u);
    CHECK(m.channels.store_channel_id(0x100) == 0x00000000u);
    CHECK(m.channels.store_channel_id(0x200) == 0x20000000u);
}

TEST_CASE("selector channel: busy for all its devices during the whole chain, and no other channel is") {
    SelectorMachine m;
    m.ccws({{0x02, CC, 10, Machine::data}, {0x02, 0, 10, Machine::data}});
    REQUIRE(m.start(Machine::program, SelectorMachine::first).condition_code == 0);
    m.run(kMillisecond + 5 * kMicrosecond);  // between the two commands
    CHECK(m.channels.start_io(SelectorMachine::second, Machine::program).condition_code == 2);
    CHECK(m.channels.test_io(SelectorMachine::second).condition_code == 2);
    CHECK(m.channels.halt_device(SelectorMachine::second).condition_code == 2);
    CHECK(m.channels.clear_io(SelectorMachine::second).condition_code == 2);
    CHECK(m.channels.test_channel(SelectorMachine::first) == 2);
    CHECK(m.start().condition_code == 0);  // another channel
    m.run();
    // The subchannel that they share holds the interruption.
    CHECK(m.channels.start_io(SelectorMachine::second, Machine::program).condition_code == 2);
    CHECK(m.interruption(SelectorMachine::first) == Csw{0, Machine::program + 16, CE | DE, 0, 0});
    CHECK(m.channels.start_io(SelectorMachine::second, Machine::program).condition_code == 0);
}

TEST_CASE("selector channel: HALT I/O ends the operation that goes on, whatever device it names") {
    SelectorMachine m;
    REQUIRE(m.start(Machine::program, SelectorMachine::first).condition_code == 0);
    CHECK(m.channels.halt_io(SelectorMachine::second).condition_code == 2);
    CHECK(m.interruption(SelectorMachine::first).unit_status == (CE | DE));
}

TEST_CASE("block multiplexer channel: devices work at the same time") {
    Machine m;
    m.channels.attach(0x240, std::make_unique<ScriptedDevice>());
    m.channels.attach(0x241, std::make_unique<ScriptedDevice>());
    m.ccws({{0x02, 0, 10, Machine::data}});
    CHECK(m.channels.start_io(0x240, Machine::program).condition_code == 0);
    CHECK(m.channels.start_io(0x241, Machine::program).condition_code == 0);
}

TEST_CASE("interruptions: lowest channel, then lowest unit, among the channels of the mask") {
    Machine m;
    auto& a = m.channels.attach(0x102, std::make_unique<ScriptedDevice>());
    auto& b = m.channels.attach(0x101, std::make_unique<ScriptedDevice>());
    a.attention();
    b.attention();
    m.device.attention();
    CHECK(m.channels.pending() == 0x00E);
    CHECK(m.channels.pending(ChannelSubsystem::channel_bit(1)) == 0x101);
    CHECK_FALSE(m.channels.pending(0x80000000u >> 2).has_value());
    m.interruption(0x101);
    CHECK(m.channels.pending(ChannelSubsystem::channel_bit(1)) == 0x102);
    CHECK(m.announced.size() == 3);
}

TEST_CASE("configuration errors are told") {
    Machine m;
    CHECK_THROWS_WITH_AS(m.channels.attach(0x00E, std::make_unique<ScriptedDevice>()),
                         "I/O address 000E is already in use", std::invalid_argument);
    CHECK_THROWS_AS(m.channels.attach(0x2000, std::make_unique<ScriptedDevice>()), std::invalid_argument);
    CHECK_THROWS_AS(m.channels.configure(32, ChannelType::selector), std::invalid_argument);
}

TEST_CASE("a detached device is gone, with its pending interruption") {
    Machine m;
    m.device.attention();
    CHECK(m.channels.take_device(Machine::device_address) != nullptr);
    CHECK_FALSE(m.channels.has_pending());
    CHECK(m.channels.device(Machine::device_address) == nullptr);
    CHECK(m.start().condition_code == 3);
}

// ---- Initial program loading (chapter 12)
// ---------------------------------------------------------------------

namespace {

struct Loaded {
    int times = 0;
    bool good = false;
    Csw csw;
    Subchannel::IplEnd end() {
        return [this](bool loaded, const Csw& status) {
            ++times;
            good = loaded;
            csw = status;
        };
    }
};

std::string image(uint64_t psw, std::initializer_list<Ccw> ccws) {
    std::string bytes;
    const auto append = [&](uint64_t value) {
        for (int shift = 56; shift >= 0; shift -= 8) bytes += static_cast<char>(value >> shift);
    };
    append(psw);
    for (const Ccw& ccw : ccws) append(encode(ccw));
    return bytes;
}

}  // namespace

TEST_CASE("IPL: 24 bytes to location 0, then the CCW at location 8; no interruption") {
    Machine m;
    Loaded loaded;
    m.storage.keys[0] = 9;  // the key of the operation is zero
    m.device.record =
        image(0x0004000000002000, {{0x02, CC | SLI | PCI, 10, Machine::data}, {0x03, SLI, 1, 0}});
    CHECK(m.channels.start_ipl(Machine::device_address, loaded.end()).condition_code == 0);
    m.run();
    CHECK(loaded.times == 1);
    CHECK(loaded.good);
    CHECK(loaded.csw.unit_status == (CE | DE));
    CHECK(loaded.csw.ccw_address == 24);
    CHECK(m.storage.bytes[1] == 0x04);
    CHECK(m.text(Machine::data, 10) == m.device.record.substr(0, 10));
    CHECK_FALSE(m.channels.has_pending());  // PCI is ignored too
}

TEST_CASE("IPL: a device end that comes apart makes an interruption") {
    Machine m;
    Loaded loaded;
    m.device.record = image(0, {{0x11, SLI, 10, Machine::data}});
    CHECK(m.channels.start_ipl(Machine::device_address, loaded.end()).condition_code == 0);
    m.run();
    CHECK(loaded.good);
    CHECK(loaded.csw.unit_status == CE);
    CHECK(m.interruption() == Csw{0, 0, DE, 0, 0});
}

TEST_CASE("IPL fails on any other condition than channel end, device end and status modifier") {
    Machine m;
    Loaded loaded;
    SUBCASE("unit exception") { m.device.end_status[1] = CE | DE | kUnitException; }
    SUBCASE("program check") { m.device.record = image(0, {{0x00, 0, 1, 0}}); }
    SUBCASE("incorrect length") { m.device.record = image(0, {{0x02, 0, 1, Machine::data}}); }
    CHECK(m.channels.start_ipl(Machine::device_address, loaded.end()).condition_code == 0);
    m.run();
    CHECK(loaded.times == 1);
    CHECK_FALSE(loaded.good);
}

TEST_CASE("IPL from a device that is not ready, or not there") {
    Machine m;
    Loaded loaded;
    m.device.initial_status[0x02] = kUnitCheck;
    const IoResult r = m.channels.start_ipl(Machine::device_address, loaded.end());
    CHECK(r.condition_code == 1);
    CHECK(r.csw.unit_status == kUnitCheck);
    CHECK(m.channels.start_ipl(kNowhere, loaded.end()).condition_code == 3);
    m.run();
    CHECK(loaded.times == 0);
}
