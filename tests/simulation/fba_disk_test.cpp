// The fixed-block disk 3370.
#include "simulation/devices/fba_disk.hpp"
#include "tests/simulation/channel_fixture.hpp"
#include "tests/simulation/image_fixture.hpp"

namespace channel_test {
namespace {

using image_test::Folder;
namespace images = simulation::images;

struct FbaMachine : Machine {
    Folder folder;
    FbaDisk& disk = channels.attach(0x240, std::make_unique<FbaDisk>(DiskTiming{}));

    FbaMachine() {
        disk.mount(images::create_fba(folder / "disk", 1000));
        channels.take(0x240);
        extent(0, 100, 0, 899);
    }
    void extent(uint8_t mask, uint32_t offset, uint32_t first, uint32_t last) {
        storage.put32(0x3000, uint32_t{mask} << 24);
        storage.put32(0x3004, offset);
        storage.put32(0x3008, first);
        storage.put32(0x300C, last);
    }
    void locate(uint8_t operation, uint16_t blocks, uint32_t first) {
        storage.put32(0x3020, uint32_t{operation} << 24 | blocks);
        storage.put32(0x3024, first);
    }
    Csw go(const Ccw& transfer) {
        ccws({{0x63, CC, 16, 0x3000}, {0x43, CC, 8, 0x3020}, transfer});
        const IoResult result = start(program, 0x240);
        REQUIRE(result.condition_code == 0);
        run();
        return interruption(0x240);
    }
};

TEST_CASE("3370: blocks that are written come back, at their place") {
    FbaMachine m;
    for (unsigned i = 0; i < 1024; ++i) m.storage.bytes[0x4000 + i] = static_cast<uint8_t>(i * 7 + i / 256);
    m.extent(0xC0, 100, 0, 899);
    m.locate(1, 2, 5);
    CHECK(m.go({0x41, 0, 1024, 0x4000}).unit_status == (CE | DE));
    m.locate(6, 2, 5);
    CHECK(m.go({0x42, 0, 1024, 0x5000}).unit_status == (CE | DE));
    CHECK(std::equal(&m.storage.bytes[0x4000], &m.storage.bytes[0x4400], &m.storage.bytes[0x5000]));
    m.disk.mount(nullptr);
    const auto image = images::open_fba(m.folder / "disk", images::Access::read);
    std::vector<uint8_t> block(512);
    image->read(106, block);
    CHECK(std::equal(block.begin(), block.end(), &m.storage.bytes[0x4200]));
}

TEST_CASE(
    "3370: blocks that somebody filters on their way, each by its number, and others that he does not") {
    struct Adder final : images::BlockFilter {
        void read(uint32_t block, std::span<uint8_t> bytes) override {
            add(bytes, -1 - static_cast<int>(block));
        }
        void written(uint32_t block, std::span<uint8_t> bytes) override {
            add(bytes, 1 + static_cast<int>(block));
        }
        static void add(std::span<uint8_t> bytes, int n) {
            for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(byte + n);
        }
    };
    FbaMachine m;
    m.disk.set_filter(std::make_shared<Adder>(), 104, 3);
    std::fill_n(&m.storage.bytes[0x4000], 5 * 512, uint8_t{0x10});
    m.extent(0xC0, 100, 0, 899);
    m.locate(1, 5, 3);  // blocks 103 to 107
    CHECK(m.go({0x41, 0, 5 * 512, 0x4000}).unit_status == (CE | DE));
    m.locate(6, 5, 3);
    CHECK(m.go({0x42, 0, 5 * 512, 0x5000}).unit_status == (CE | DE));
    CHECK(std::equal(&m.storage.bytes[0x4000], &m.storage.bytes[0x4000 + 5 * 512], &m.storage.bytes[0x5000]));
    m.disk.mount(nullptr);
    const auto image = images::open_fba(m.folder / "disk", images::Access::read);
    std::vector<uint8_t> block(512), first;
    for (uint32_t n = 103; n < 108; ++n) {
        image->read(n, block);
        first.push_back(block[511]);
    }
    CHECK(first == std::vector<uint8_t>{0x10, 0x11, 0x12, 0x13, 0x10});
}

TEST_CASE("3370: outside of the extent, against the mask, out of sequence") {
    FbaMachine m;
    m.locate(6, 2, 899);
    CHECK(m.go({0x42, 0, 1024, 0x5000}).unit_status == (CE | DE | kUnitCheck));
    m.extent(0x40, 100, 0, 899);
    m.locate(1, 1, 0);
    CHECK(m.go({0x41, 0, 512, 0x4000}).unit_status == (CE | DE | kUnitCheck));
    m.locate(6, 1, 0);
    CHECK(m.go({0x41, 0, 512, 0x4000}).unit_status == kUnitCheck);
    m.extent(0, 900, 0, 899);
    CHECK(m.go({0x42, 0, 512, 0x4000}).unit_status == (CE | DE | kUnitCheck));
    m.ccws({{0x42, 0, 512, 0x4000}});
    CHECK(m.start(Machine::program, 0x240).csw.unit_status == kUnitCheck);
}

TEST_CASE("3370: what it says of orders that it refuses") {
    FbaMachine m;
    const auto sense_of = [&](std::initializer_list<Ccw> list) {
        m.ccws(list);
        const IoResult result = m.start(Machine::program, 0x240);
        m.run();
        const Csw csw = result.condition_code == 1 ? result.csw : m.interruption(0x240);
        CHECK((csw.unit_status & kUnitCheck) != 0);
        m.ccws({{0x04, 0, 24, 0x3100}}, 0x1800);
        REQUIRE(m.start(0x1800, 0x240).condition_code == 0);
        m.run();
        REQUIRE(m.interruption(0x240).unit_status == (CE | DE));
        return std::array<int, 3>{m.storage.bytes[0x3100], m.storage.bytes[0x3101], m.storage.bytes[0x3107]};
    };
    using Sense = std::array<int, 3>;
    const Ccw extent{0x63, CC, 16, 0x3000}, locate{0x43, CC, 8, 0x3020}, read{0x42, SLI, 512, 0x5000};
    m.locate(6, 1, 0);
    CHECK(sense_of({{0x43, 0, 8, 0x3020}}) == Sense{0x80, 0, 2});  // no extent
    CHECK(sense_of({extent, extent}) == Sense{0x80, 0, 2});
    CHECK(sense_of({extent, read}) == Sense{0x80, 0, 2});
    CHECK(sense_of({extent, locate, {0x03, CC | SLI, 1, 0}, {0x41, SLI, 512, 0x5000}}) == Sense{0x80, 0, 2});
    CHECK(sense_of({extent, locate, {0x42, CC | SLI, 512, 0x5000}, read}) ==
          Sense{0x80, 0, 2});  // one locate, one read
    CHECK(sense_of({{0x63, SLI, 15, 0x3000}}) == Sense{0x80, 0, 3});
    CHECK(sense_of({extent, {0x43, SLI, 7, 0x3020}}) == Sense{0x80, 0, 3});
    for (const uint8_t operation : {uint8_t{0x00}, uint8_t{0x03}, uint8_t{0x04}, uint8_t{0x16}}) {
        m.locate(operation, 1, 0);
        CHECK(sense_of({extent, locate, read}) == Sense{0x80, 0, 4});
    }
    m.locate(6, 0, 0);
    CHECK(sense_of({extent, locate, read}) == Sense{0x80, 0, 4});
    m.locate(6, 1, 900);
    CHECK(sense_of({extent, locate, read}) == Sense{0, 4, 0});  // outside of the extent
    m.locate(6, 1, 0);
    m.extent(0x10, 100, 0, 899);
    CHECK(sense_of({extent}) == Sense{0x80, 0, 4});
    m.extent(0, 101, 0, 899);
    CHECK(sense_of({extent}) == Sense{0x80, 0, 4});  // beyond the disk
    for (const uint8_t command : {0x44, 0x53, 0x73, 0xC4, 0x07, 0x1F})
        CHECK(sense_of({{command, SLI, 1, 0x3000}}) == Sense{0x80, 0, 1});
    m.disk.mount(nullptr);
    CHECK(sense_of({extent})[0] == 0x40);
}

TEST_CASE("3370: a write that ends early fills up with zeros; verified, it takes a turn more") {
    FbaMachine m;
    std::fill(&m.storage.bytes[0x4000], &m.storage.bytes[0x4600], uint8_t{0xAB});
    m.locate(1, 3, 0);
    CHECK(m.go({0x41, 0, 1536, 0x4000}).unit_status == (CE | DE));
    m.locate(1, 2, 0);
    CHECK(m.go({0x41, SLI, 100, 0x4000}).unit_status == (CE | DE));
    m.locate(6, 3, 0);
    CHECK(m.go({0x42, 0, 1536, 0x5000}).unit_status == (CE | DE));
    CHECK(m.storage.bytes[0x5063] == 0xAB);
    CHECK(m.storage.bytes[0x5064] == 0);
    CHECK(m.storage.bytes[0x53FF] == 0);
    CHECK(m.storage.bytes[0x5400] == 0xAB);
    m.locate(5, 1, 0);
    m.ccws({{0x63, CC, 16, 0x3000}, {0x43, CC, 8, 0x3020}, {0x41, 0, 512, 0x4000}});
    REQUIRE(m.start(Machine::program, 0x240).condition_code == 0);
    while (m.channels.working(0x240)) m.queue.run_until(m.queue.next());
    CHECK(m.interruption(0x240).unit_status == CE);
    const SimTime before = m.queue.now();
    m.queue.run_until(m.queue.next());
    CHECK(m.interruption(0x240).unit_status == DE);
    CHECK(m.queue.now() - before == DiskTiming{}.rotation);
    // Data that lies there several times.
    m.locate(2, 1, 0);
    m.storage.bytes[0x3021] = 3;
    CHECK(m.go({0x42, 0, 512, 0x5000}).unit_status == (CE | DE));
    m.locate(2, 2, 0);
    m.storage.bytes[0x3021] = 3;
    CHECK(m.go({0x42, 0, 1024, 0x5000}).unit_status == (CE | DE | kUnitCheck));
}

TEST_CASE("3370: read IPL may follow read IPL, and makes the whole disk the extent") {
    FbaMachine m;
    m.locate(6, 1, 999);
    const Ccw ipl{0x02, CC | SLI, 512, 0x4000}, locate{0x43, CC, 8, 0x3020}, read{0x42, 0, 512, 0x5000};
    const auto status_of = [&](std::initializer_list<Ccw> list) {
        m.ccws(list);
        REQUIRE(m.start(Machine::program, 0x240).condition_code == 0);
        m.run();
        return m.interruption(0x240).unit_status;
    };
    CHECK(status_of({ipl, ipl, locate, read}) == (CE | DE));
    CHECK(status_of({ipl, {0x63, CC, 16, 0x3000}, {0x02, 0, 512, 0x4000}}) == kUnitCheck);
    m.locate(6, 2, 999);
    CHECK(status_of({ipl, locate, read}) == (CE | DE | kUnitCheck));  // beyond the disk
    // An extent of one's own may come behind it, and counts then.
    m.extent(0, 100, 0, 10);
    m.locate(6, 1, 11);
    CHECK(status_of({ipl, {0x63, CC, 16, 0x3000}, locate, read}) == (CE | DE | kUnitCheck));
    m.locate(6, 1, 10);
    CHECK(status_of({ipl, {0x63, CC, 16, 0x3000}, locate, read}) == (CE | DE));
    // The next chain begins without an extent.
    m.ccws({locate});
    CHECK(m.start(Machine::program, 0x240).csw.unit_status == kUnitCheck);
}

TEST_CASE("3370: a disk that is taken off in the middle of a transfer ends it with a unit check") {
    FbaMachine m;
    m.locate(6, 2, 5);
    m.ccws({{0x63, CC, 16, 0x3000}, {0x43, CC, 8, 0x3020}, {0x42, 0, 1024, 0x5000}});
    REQUIRE(m.start(Machine::program, 0x240).condition_code == 0);
    m.queue.run_until(m.queue.next());
    m.disk.mount(nullptr);
    m.run();
    CHECK((m.interruption(0x240).unit_status & kUnitCheck) != 0);
    CHECK(m.disk.sense()[0] == kSenseInterventionRequired);
}

TEST_CASE("3370: the buffered log counts blocks") {
    FbaMachine m;
    m.locate(6, 2, 5);
    m.go({0x42, 0, 1024, 0x5000});
    m.ccws({{0xA4, 0, 24, 0x5000}});
    REQUIRE(m.start(Machine::program, 0x240).condition_code == 0);
    m.run();
    CHECK(m.interruption(0x240).unit_status == (CE | DE));
    CHECK(m.storage.bytes[0x5007] == 0x60);
    CHECK(m.storage.bytes[0x500B] == 2);
}

TEST_CASE("3370: its characteristics, and reading block 0 for IPL") {
    FbaMachine m;
    m.ccws({{0x64, CC, 32, 0x5000}, {0xE4, 0, 7, 0x5040}});
    REQUIRE(m.start(Machine::program, 0x240).condition_code == 0);
    m.run();
    CHECK(m.interruption(0x240).unit_status == (CE | DE));
    CHECK(m.storage.bytes[0x5002] == 0x21);
    CHECK(m.storage.bytes[0x5011] == 1000 % 256);
    CHECK(m.storage.bytes[0x5044] == 0x33);
    m.ccws({{0x02, 0, 512, 0x5000}});
    REQUIRE(m.start(Machine::program, 0x240).condition_code == 0);
    m.run();
    CHECK(m.interruption(0x240).unit_status == (CE | DE));
}

}  // namespace
}  // namespace channel_test
