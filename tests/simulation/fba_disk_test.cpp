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
