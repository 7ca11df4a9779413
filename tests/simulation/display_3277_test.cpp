// The 3277 display station as its channel sees it: GA23-0060, "Local Operations".
#include "simulation/devices/display_3277.hpp"
#include "isa/ebcdic.hpp"
#include "simulation/model/machine_model.hpp"
#include "tests/simulation/channel_fixture.hpp"

using namespace channel_test;

namespace {

constexpr uint16_t kDisplay = 0x0C0;
constexpr uint8_t kWrite = 0x01, kReadBuffer = 0x02, kSense = 0x04, kEraseWrite = 0x05, kReadModified = 0x06,
                  kSelect = 0x0B, kEraseWriteAlternate = 0x0D, kEraseUnprotected = 0x0F;

struct DisplayMachine : Machine {
    Display3277& display =
        channels.attach(kDisplay, std::make_unique<Display3277>(DisplayModel::d3277_2, DisplayTiming{}));

    void put(std::initializer_list<uint8_t> bytes, uint32_t at = data) {
        std::copy(bytes.begin(), bytes.end(), storage.bytes.begin() + at);
    }
    std::vector<uint8_t> got(unsigned length, uint32_t at = data) const {
        return {storage.bytes.begin() + at, storage.bytes.begin() + at + length};
    }
    Csw io(std::initializer_list<Ccw> list) {
        ccws(list);
        REQUIRE(channels.start_io(kDisplay, program).condition_code == 0);
        run();
        return interruption(kDisplay);
    }
    Csw refused(std::initializer_list<Ccw> list) {
        ccws(list);
        const IoResult r = channels.start_io(kDisplay, program);
        REQUIRE(r.condition_code == 1);
        return r.csw;
    }
    uint8_t sense() {
        io({{kSense, 0, 1, data + 0x800}});
        return storage.bytes[data + 0x800];
    }
    std::string first_row() const {
        return display.buffer().text().substr(0, display.buffer().text().find('\n'));
    }
};

}  // namespace

TEST_CASE("3277: erase/write ends with channel end and device end; the count is no incorrect length") {
    DisplayMachine m;
    m.put({0xC3, 0xC1, 0xC2});
    CHECK(m.io({{kEraseWrite, 0, 3, Machine::data}}) == Csw{0, Machine::program + 8, CE | DE, 0, 0});
    CHECK(m.first_row() == "AB");
    CHECK_FALSE(m.channels.pending());
}

TEST_CASE("3277: write with data chaining is one data stream") {
    DisplayMachine m;
    m.put({0xC3, 0x11});
    m.put({0x40, 0x4A, 0xC1}, Machine::data + 0x100);
    CHECK(m.io({{kEraseWrite, CD, 2, Machine::data}, {0, 0, 3, Machine::data + 0x100}}).unit_status ==
          (CE | DE));
    CHECK(m.first_row() == std::string(10, ' ') + "A");
}

TEST_CASE("3277: attention, then read modified") {
    DisplayMachine m;
    m.put({0xC3, 0x1D, 0x40, 0x13});
    m.io({{kEraseWrite, 0, 4, Machine::data}});
    REQUIRE(m.display.keyboard().type("hi"));
    CHECK_FALSE(m.channels.pending());
    REQUIRE(m.display.keyboard().press("ENTER"));
    CHECK(m.interruption(kDisplay) == Csw{0, 0, kAttention, 0, 0});
    const Csw csw = m.io({{kReadModified, SLI, 100, Machine::data}});
    CHECK(csw == Csw{0, Machine::program + 8, CE | DE, 0, 92});
    CHECK(m.got(8) == std::vector<uint8_t>{0x7D, 0x40, 0xC3, 0x11, 0x40, 0xC1, 0x88, 0x89});
    // Reading changes nothing: keyboard and AID wait for the program's restore.
    CHECK(m.display.keyboard().inhibited());
    m.put({0xC2});
    m.io({{kWrite, 0, 1, Machine::data}});
    CHECK_FALSE(m.display.keyboard().inhibited());
    CHECK(m.display.buffer().aid() == kAidNone);
}

TEST_CASE("3277: a read with another count is an incorrect length") {
    DisplayMachine m;
    CHECK(m.io({{kReadModified, 0, 3, Machine::data}}).channel_status == 0);
    CHECK(m.io({{kReadModified, 0, 4, Machine::data}}).channel_status == kIncorrectLength);
    CHECK(m.io({{kReadModified, 0, 2, Machine::data}}).channel_status == kIncorrectLength);
    CHECK(m.io({{kReadBuffer, 0, 1923, Machine::data}}).channel_status == 0);
}

TEST_CASE("3277: a read chained to a write begins where the write ended") {
    DisplayMachine m;
    m.put({0xC3, 0x1D, 0xC1, 0xC1, 0x1D, 0xC1, 0xC2});
    m.io({{kEraseWrite, 0, 7, Machine::data}});
    m.put({0xC0, 0x11, 0x40, 0xC2}, Machine::data + 0x100);
    const Csw csw = m.io({{kWrite, CC, 4, Machine::data + 0x100}, {kReadModified, SLI, 100, Machine::data}});
    CHECK(csw.count == 100 - 7);
    CHECK(m.got(7) == std::vector<uint8_t>{0x60, 0x40, 0x40, 0x11, 0x40, 0xC3, 0xC2});
    // Not chained: from the beginning.
    CHECK(m.io({{kReadModified, SLI, 100, Machine::data}}).count == 100 - 11);
    // Another command between them ends that.
    CHECK(m.io({{kWrite, CC, 4, Machine::data + 0x100},
                {kSelect, CC | SLI, 1, 0},
                {kReadBuffer, SLI, 4000, 0x4000}})
              .count == 4000 - 1925);
}

TEST_CASE("3277: read buffer in pieces, chained") {
    DisplayMachine m;
    m.put({0xC3, 0xC1, 0xC2, 0xC3, 0xC4});
    m.io({{kEraseWrite, 0, 5, Machine::data}});
    m.io({{kReadBuffer, CC | SLI, 5, Machine::data}, {kReadBuffer, SLI, 5, Machine::data + 5}});
    CHECK(m.got(10) == std::vector<uint8_t>{0x60, 0x40, 0x40, 0xC1, 0xC2, 0x60, 0x40, 0x40, 0xC3, 0xC4});
}

TEST_CASE(
    "3277: select has channel end at once, device end when the buffer is there; a chained read is then "
    "fast") {
    DisplayMachine m;
    const Csw csw = m.refused({{kSelect, SLI, 1, Machine::data}});  // immediate, and nothing is chained
    CHECK(csw.unit_status == CE);
    const SimTime begun = m.queue.now();
    while (!m.channels.pending()) m.queue.run_until(m.queue.next());
    CHECK(m.queue.now() - begun == DisplayTiming{}.buffer_2000);
    CHECK(m.interruption(kDisplay).unit_status == DE);

    const auto duration = [&](std::initializer_list<Ccw> list) {
        m.ccws(list);
        const SimTime from = m.queue.now();
        REQUIRE(m.channels.start_io(kDisplay, Machine::program).condition_code == 0);
        while (!m.channels.pending()) m.queue.run_until(m.queue.next());
        CHECK(m.interruption(kDisplay).unit_status == (CE | DE));
        return m.queue.now() - from;
    };
    const SimTime alone = duration({{kReadModified, SLI, 100, Machine::data}});
    const SimTime selected = duration({{kSelect, CC | SLI, 1, 0}, {kReadModified, SLI, 100, Machine::data}});
    CHECK(selected - alone == ChannelTiming{}.chain);
}

TEST_CASE("3277: erase all unprotected") {
    DisplayMachine m;
    m.put({0xC3, 0x1D, 0x60, 0xC1, 0x1D, 0xC1, 0xC2, 0x1D, 0x60});
    m.io({{kEraseWrite, 0, 9, Machine::data}});
    m.display.keyboard().press("ENTER");
    m.interruption(kDisplay);
    CHECK(m.refused({{kEraseUnprotected, SLI, 1, 0}}).unit_status == CE);
    m.run();
    CHECK(m.interruption(kDisplay).unit_status == DE);
    CHECK(m.first_row() == " A");
    CHECK(m.display.buffer().cursor() == 3);
    CHECK(m.display.buffer().aid() == kAidNone);
    CHECK_FALSE(m.display.keyboard().inhibited());
}

TEST_CASE("3277: sense") {
    DisplayMachine m;
    SUBCASE("command reject") {
        for (const uint8_t command : {uint8_t{0x09}, uint8_t{0x07}, uint8_t{0x11}, kEraseWriteAlternate}) {
            CHECK(m.refused({{command, SLI, 1, Machine::data}}).unit_status == kUnitCheck);
            CHECK(m.sense() == 0x80);
        }
    }
    SUBCASE("intervention required, and device end when the power is on again") {
        m.display.power(false);
        CHECK(m.refused({{kWrite, SLI, 1, Machine::data}}).unit_status == kUnitCheck);
        CHECK(m.sense() == 0x40);
        CHECK_FALSE(m.channels.pending());
        m.display.power(true);
        CHECK(m.interruption(kDisplay).unit_status == DE);
    }
    SUBCASE("operation check: what follows the bad address is not taken") {
        m.put({0xC3, 0xC1, 0x11, 0x5E, 0x40, 0xC2, 0xC3});
        const Csw csw = m.io({{kEraseWrite, CC, 7, Machine::data}, {kReadBuffer, SLI, 2000, Machine::data}});
        CHECK(csw == Csw{0, Machine::program + 8, CE | DE | kUnitCheck, kIncorrectLength, 2});
        CHECK(m.sense() == 0x01);
        CHECK(m.first_row() == "A");
    }
    SUBCASE("operation check: an order without its end") {
        m.put({0xC3, 0xC1, 0x1D});
        CHECK(m.io({{kEraseWrite, 0, 3, Machine::data}}).unit_status == (CE | DE | kUnitCheck));
        CHECK(m.sense() == 0x01);
        CHECK(m.sense() == 0x01);
        m.io({{kReadModified, SLI, 10, Machine::data}});
        CHECK(m.sense() == 0x00);
    }
}

TEST_CASE("3278: erase/write alternate, and addresses of 14 bits") {
    DisplayMachine m;
    m.channels.detach(kDisplay);
    auto& display =
        m.channels.attach(0x0C1, std::make_unique<Display3277>(DisplayModel::d3278_2, DisplayTiming{}));
    m.put({0xC3, 0x11, 0x00, 0x50, 0xC1});
    m.ccws({{kEraseWriteAlternate, 0, 5, Machine::data}});
    REQUIRE(m.start(Machine::program, 0x0C1).condition_code == 0);
    m.run();
    CHECK(m.interruption(0x0C1).unit_status == (CE | DE));
    CHECK(display.buffer().text().substr(0, 4) == "\nA\n\n");
    CHECK(display.type() == "3278");
}

TEST_CASE("3277: attention before a start is handed over with busy; during a chain, after it") {
    DisplayMachine m;
    m.display.keyboard().press("PA1");
    m.put({0xC2});
    CHECK(m.refused({{kWrite, 0, 1, Machine::data}}).unit_status == (kAttention | kBusy));
    m.ccws({{kWrite, 0, 1, Machine::data}});
    REQUIRE(m.channels.start_io(kDisplay, Machine::program).condition_code == 0);
    m.run(kMicrosecond);
    m.display.keyboard().reset();
    m.display.keyboard().press("ENTER");
    CHECK_FALSE(m.channels.pending());
    m.run();
    CHECK(m.interruption(kDisplay).unit_status == (CE | DE));
    CHECK(m.interruption(kDisplay).unit_status == kAttention);
}

TEST_CASE("3277: halt and reset") {
    DisplayMachine m;
    m.put({0xC3, 0xC1});
    m.ccws({{kWrite, 0, 2, Machine::data}});
    REQUIRE(m.channels.start_io(kDisplay, Machine::program).condition_code == 0);
    m.channels.halt_io(kDisplay);
    CHECK(m.interruption(kDisplay).unit_status == (CE | DE));
    m.io({{kEraseWrite, 0, 2, Machine::data}});
    m.display.keyboard().press("ENTER");
    m.channels.reset();
    CHECK_FALSE(m.channels.pending());
    CHECK(m.first_row() == "A");
}

TEST_CASE("3277: the alarm") {
    DisplayMachine m;
    m.put({0xC4});
    m.io({{kWrite, 0, 1, Machine::data}});
    CHECK(m.display.alarms() == 1);
}

TEST_CASE("3277: the input of another display that shows the same") {
    DisplayMachine m;
    m.put({0xC3, 0x1D, 0x40, 0x13, 0x11, 0x40, 0x4A, 0x1D, 0x60});
    m.io({{kEraseWrite, 0, 9, Machine::data}});
    const std::vector<uint8_t> stream{0xF3, 0x40, 0xC3, 0x11, 0x40, 0xC1, 0x88, 0x89};
    CHECK_FALSE(m.display.enter_stream(std::vector<uint8_t>{0x7D, 0x7F, 0x7F}));
    CHECK_FALSE(m.display.enter_stream({}));
    REQUIRE(m.display.enter_stream(stream));
    CHECK_FALSE(m.display.enter_stream(stream));  // inhibited
    CHECK(m.interruption(kDisplay).unit_status == kAttention);
    m.io({{kReadModified, SLI, 100, Machine::data}});
    CHECK(m.got(8) == stream);
    CHECK(m.first_row() == " hi");
}

TEST_CASE("3277: timings from the machine model") {
    const MachineModel model = MachineModel::load("s370-158");
    const DisplayTiming timing = DisplayTiming::of(model, "3277");
    CHECK(timing.bytes_per_second == 650'000);
    CHECK(timing.buffer(480) == timing.buffer_2000 / 4);
    CHECK(DisplayTiming::of(model, "3278").buffer_2000 > timing.buffer_2000);
}
