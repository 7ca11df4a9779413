// Count-key-data disks: what the commands do, what they refuse, and how long they take.
#include "tests/simulation/disk_machine.hpp"

namespace channel_test {
namespace {

TEST_CASE("disk: search by identifier, and read key and data") {
    DiskMachine m;
    m.argument({0, 0, 0, 1, 2});
    // The search loop of every program: search, branch back, go on.
    const Csw csw = m.go({{0x31, CC, 5, 0x3010}, {0x08, 0, 0, 0x1008}, {0x0E, 0, 24, 0x2000}});
    CHECK(csw.unit_status == (CE | DE));
    CHECK(csw.channel_status == 0);
    CHECK(csw.count == 0);
    CHECK(m.at(0x2000, 6) == Bytes{0xC4, 0xC4, 0xC4, 0xC4, 0x20, 0x21});
}

TEST_CASE("disk: search by key, equal, high, and equal or high") {
    for (const auto& [command, key, found] :
         {std::tuple{0x29, 0xC4, 2}, {0x49, 0xC4, 3}, {0x69, 0xC4, 2}, {0x69, 0xC3, 2}}) {
        DiskMachine m;
        const int code = command;
        CAPTURE(code);
        const auto k = static_cast<uint8_t>(key);
        m.argument({k, k, k, k});
        const Csw csw = m.go(
            {{static_cast<uint8_t>(command), CC, 4, 0x3010}, {0x08, 0, 0, 0x1008}, {0x06, 0, 20, 0x2000}});
        CHECK(csw.unit_status == (CE | DE));
        // An unequal or low record may come first where the disk stands.
        if (command == 0x29) CHECK(m.at(0x2000, 1) == Bytes{static_cast<uint8_t>(0x10 * found)});
        CHECK(m.storage.bytes[0x2000] >= 0x20);
    }
}

TEST_CASE("disk: a record that is not there") {
    DiskMachine m;
    m.argument({0, 0, 0, 1, 9});
    CHECK(m.go({{0x31, CC, 5, 0x3010}, {0x08, 0, 0, 0x1008}, {0x06, 0, 20, 0x2000}}).unit_status ==
          (CE | DE | UC));
    CHECK(m.sense()[1] == 0x08);
    // Multitrack goes on to the last head.
    CHECK(m.go({{0xB1, CC, 5, 0x3010}, {0x08, 0, 0, 0x1008}, {0x06, 0, 20, 0x2000}}).unit_status ==
          (CE | DE | UC));
    CHECK(m.sense()[1] == 0x20);
    // Unless the file mask keeps the heads where they are.
    m.argument({0xD8}, 0x3020);
    CHECK(m.go({{0x1F, CC, 1, 0x3020}, {0xB1, CC, 5, 0x3010}, {0x08, 0, 0, 0x1010}, {0x06, 0, 20, 0x2000}})
              .unit_status == (CE | DE | UC));
    CHECK(m.sense()[1] == 0x04);
}

TEST_CASE("disk: multitrack finds a record of another head") {
    DiskMachine m;
    m.seek(3, 0);
    m.argument({0, 3, 0, 2, 1});
    CHECK(m.go({{0xB1, CC, 5, 0x3010}, {0x08, 0, 0, 0x1008}, {0x06, 0, 100, 0x2000}}).unit_status ==
          (CE | DE));
    CHECK(m.at(0x2000, 2) == Bytes{0x55, 0x55});
}

TEST_CASE("disk: reads of home address, record 0, counts, everything") {
    DiskMachine m;
    CHECK(m.go({{0x1A, CC, 5, 0x2000},
                {0x16, CC, 16, 0x2010},
                {0x12, CC, 8, 0x2020},
                {0x1E, CC, 32, 0x2030},
                {0x06, 0, 20, 0x2060}})
              .unit_status == (CE | DE));
    CHECK(m.at(0x2000, 5) == Bytes{0, 0, 0, 0, 1});
    CHECK(m.at(0x2010, 8) == Bytes{0, 0, 0, 1, 0, 0, 0, 8});
    CHECK(m.at(0x2020, 8) == Bytes{0, 0, 0, 1, 1, 4, 0, 20});
    CHECK(m.at(0x2030, 13) == Bytes{0, 0, 0, 1, 2, 4, 0, 20, 0xC4, 0xC4, 0xC4, 0xC4, 0x20});
    CHECK(m.at(0x2060, 1) == Bytes{0x30});
    // Data of length zero ends a file.
    m.seek(3, 2);
    m.argument({0, 3, 0, 2, 2});
    CHECK(m.go({{0x31, CC, 5, 0x3010}, {0x08, 0, 0, 0x1008}, {0x06, SLI, 1, 0x2000}}).unit_status ==
          (CE | DE | UE));
}

TEST_CASE("disk: writes need a search before them") {
    DiskMachine m;
    for (const uint8_t command : {0x05, 0x0D, 0x1D, 0x11, 0x15}) {
        CHECK(m.go({{command, 0, 20, 0x2000}}).unit_status == UC);
        CHECK(m.sense()[0] == 0x80);
        CHECK(m.sense()[7] == 0x02);
    }
}

TEST_CASE("disk: write data, key and data, and read them again") {
    DiskMachine m;
    m.argument({0, 0, 0, 1, 2});
    m.argument({1, 2, 3, 4, 5}, 0x2100);
    CHECK(m.go({{0x31, CC, 5, 0x3010}, {0x08, 0, 0, 0x1008}, {0x0D, SLI, 5, 0x2100}}).unit_status ==
          (CE | DE));
    CHECK(m.go({{0x31, CC, 5, 0x3010}, {0x08, 0, 0, 0x1008}, {0x0E, 0, 24, 0x2000}}).unit_status ==
          (CE | DE));
    CHECK(m.at(0x2000, 8) == Bytes{1, 2, 3, 4, 5, 0, 0, 0});  // filled up with zeros
    CHECK(m.at(0x2014, 4) == Bytes{0, 0, 0, 0});
    m.disk.mount(nullptr);
    const auto image = images::open_ckd(m.folder / "disk", images::Access::read);
    CHECK(image->read(1).key(image->read(1).records()[2])[3] == 4);
}

TEST_CASE("disk: format a track, erase the rest of it") {
    for (const char* type : {"2311", "2314", "3330", "3340", "3350"}) {
        CAPTURE(type);
        DiskMachine m(type);
        m.seek(2, 3);
        m.argument({0, 2, 0, 3});
        m.argument({0, 2, 0, 3, 1, 0, 0, 10}, 0x2100);
        m.argument({0, 2, 0, 3, 2, 0, 0, 10}, 0x2120);
        m.argument({0xC0}, 0x3020);
        m.argument({0, 2, 0, 3, 0, 0, 0, 8}, 0x3030);
        CHECK(m.go({{0x1F, CC, 1, 0x3020},
                    {0x39, CC, 4, 0x3010},
                    {0x08, 0, 0, 0x1010},
                    {0x15, CC, 16, 0x3030},
                    {0x1D, CC, 18, 0x2100},
                    {0x1D, 0, 18, 0x2120}})
                  .unit_status == (CE | DE));
        m.argument({0, 2, 0, 3, 1});
        CHECK(m.go({{0x31, CC, 5, 0x3010}, {0x08, 0, 0, 0x1008}, {0x12, 0, 8, 0x2000}}).unit_status ==
              (CE | DE));
        CHECK(m.at(0x2000, 8) == Bytes{0, 2, 0, 3, 2, 0, 0, 10});
        CHECK(m.go({{0x31, CC, 5, 0x3010}, {0x08, 0, 0, 0x1008}, {0x11, 0, 18, 0x2120}}).unit_status ==
              (CE | DE));
        CHECK(
            m.go({{0x31, CC, 5, 0x3010}, {0x08, 0, 0, 0x1008}, {0x06, CC, 10, 0x2100}, {0x12, 0, 8, 0x2000}})
                .unit_status == (CE | DE));
        CHECK(m.at(0x2000, 8) == Bytes{0, 2, 0, 3, 1, 0, 0, 10});  // around to itself
        // More than the track holds.
        m.argument({0, 2, 0, 3, 2, 0, 0xFF, 0}, 0x2120);
        CHECK(m.go({{0x31, CC, 5, 0x3010}, {0x08, 0, 0, 0x1008}, {0x1D, SLI, 18, 0x2120}}).unit_status ==
              (CE | DE | UC));
        CHECK(m.sense()[1] == 0x40);
    }
}

TEST_CASE("disk: the file mask forbids writes and seeks") {
    DiskMachine m;
    m.argument({0, 0, 0, 1, 2});
    const auto write_with = [&](uint8_t mask, uint8_t command) {
        m.argument({mask}, 0x3020);
        return m
            .go({{0x1F, CC, 1, 0x3020},
                 {0x31, CC, 5, 0x3010},
                 {0x08, 0, 0, 0x1010},
                 {command, SLI, 20, 0x2000}})
            .unit_status;
    };
    CHECK(write_with(0x40, 0x05) == UC);
    CHECK(m.sense()[0] == 0x80);
    CHECK(write_with(0x80, 0x05) == (CE | DE));
    CHECK(write_with(0x80, 0x11) == UC);
    CHECK(write_with(0x00, 0x11) == (CE | DE));
    const auto seek_with = [&](uint8_t mask, uint8_t command) {
        m.argument({mask}, 0x3020);
        return m.go({{0x1F, CC, 1, 0x3020}, {command, 0, 6, 0x3000}}).unit_status;
    };
    CHECK(seek_with(0x00, 0x07) == (CE | DE));
    CHECK(seek_with(0x08, 0x07) == UC);
    CHECK(m.sense()[1] == 0x04);
    CHECK(seek_with(0x08, 0x0B) == (CE | DE));
    CHECK(seek_with(0x10, 0x0B) == UC);
    CHECK(seek_with(0x10, 0x1B) == (CE | DE));
    CHECK(seek_with(0x18, 0x1B) == UC);
    m.argument({0x20}, 0x3020);
    CHECK(m.go({{0x1F, 0, 1, 0x3020}}).unit_status == (CE | DE | UC));
    m.argument({0xC0}, 0x3020);
    CHECK(m.go({{0x1F, CC, 1, 0x3020}, {0x1F, 0, 1, 0x3020}}).unit_status == UC);
}

TEST_CASE("disk: seeks that go nowhere, and sense of both kinds") {
    DiskMachine m;
    m.seek(5, 0);
    CHECK(m.go({}, false).channel_status == kProgramCheck);
    CHECK(m.go({{0x07, 0, 6, 0x3000}}, false).unit_status == (CE | DE | UC));
    CHECK(m.sense()[7] == 0x04);
    m.seek(0, 19);
    CHECK(m.go({{0x07, 0, 6, 0x3000}}, false).unit_status == (CE | DE | UC));
    DiskMachine old("2311");
    old.seek(0, 10);
    CHECK(old.go({{0x07, 0, 6, 0x3000}}, false).unit_status == (CE | DE | UC));
    CHECK(old.sense()[0] == 0x81);
    CHECK(old.go({{0x23, 0, 1, 0x3000}}, false).unit_status == UC);
    CHECK(old.sense()[0] == 0x80);
}

TEST_CASE("disk: channel end and device end of a seek come apart when the arm moves") {
    DiskMachine m;
    m.seek(4, 1);
    m.ccws({{0x07, 0, 6, 0x3000}});
    REQUIRE(m.start(Machine::program, 0x150).condition_code == 0);
    m.run(kMillisecond);
    CHECK(m.interruption(0x150).unit_status == CE);
    CHECK(m.start(Machine::program, 0x150).csw.unit_status == kBusy);
    CHECK_FALSE(m.channels.take(0x150));
    m.run(100 * kMillisecond);
    CHECK(m.interruption(0x150).unit_status == DE);
    REQUIRE(m.start(Machine::program, 0x150).condition_code == 0);
    m.run(kMillisecond);
    CHECK(m.interruption(0x150).unit_status == (CE | DE));
}

TEST_CASE("disk: a search loop ends within two turns, a write misses none") {
    DiskMachine m;
    const SimTime turn = DiskTiming{}.rotation;
    m.go({}, true);
    m.argument({0, 0, 0, 1, 3});
    SimTime before = m.queue.now();
    m.ccws({{0x07, CC, 6, 0x3000}, {0x31, CC, 5, 0x3010}, {0x08, 0, 0, 0x1008}, {0x06, 0, 20, 0x2000}});
    REQUIRE(m.start(Machine::program, 0x150).condition_code == 0);
    while (m.channels.working(0x150)) m.queue.run_until(m.queue.next());
    CHECK(m.queue.now() - before <= 2 * turn);
    m.channels.take(0x150);
    // Reading all records of the track takes one turn after index.
    before = m.queue.now();
    m.ccws({{0x07, CC, 6, 0x3000},
            {0x1A, CC, 5, 0x2000},
            {0x1E, CC, 32, 0x2000},
            {0x1E, CC, 32, 0x2000},
            {0x1E, 0, 32, 0x2000}});
    REQUIRE(m.start(Machine::program, 0x150).condition_code == 0);
    while (m.channels.working(0x150)) m.queue.run_until(m.queue.next());
    CHECK(m.queue.now() - before < turn + turn / 4);
    CHECK(m.storage.bytes[0x2004] == 3);
    CHECK(m.queue.empty());  // a disk that only turns costs nothing
}

TEST_CASE("disk: behind set sector 0 home address and record 0 come in the same turn") {
    for (const uint8_t command : {uint8_t{0x1A}, uint8_t{0x16}}) {
        DiskMachine m;
        const SimTime turn = DiskTiming{}.rotation;
        m.argument({0}, 0x3020);
        m.seek(0, 1);
        m.ccws({{0x07, CC, 6, 0x3000}, {0x23, CC, 1, 0x3020}, {command, SLI, 16, 0x2000}});
        REQUIRE(m.start(Machine::program, 0x150).condition_code == 0);
        while (m.channels.working(0x150)) m.queue.run_until(m.queue.next());
        CHECK(m.interruption(0x150).unit_status == (CE | DE));
        // At most a turn to the sector, and a piece of one to the end of what is read.
        CHECK(m.queue.now() < turn + turn / 10);
        // A dump program: set sector 0, everything of a track, the next track.
        const SimTime before = m.queue.now();
        m.ccws({{0x07, CC, 6, 0x3000},
                {0x23, CC, 1, 0x3020},
                {command, CC | SLI, 16, 0x2000},
                {0x1E, CC | SLI, 64, 0x2000},
                {0x1E, CC | SLI, 64, 0x2000},
                {0x1E, SLI, 64, 0x2000}});
        REQUIRE(m.start(Machine::program, 0x150).condition_code == 0);
        while (m.channels.working(0x150)) m.queue.run_until(m.queue.next());
        CHECK(m.interruption(0x150).unit_status == (CE | DE));
        CHECK(m.queue.now() - before < 2 * turn);
    }
}

TEST_CASE("disk: read sector tells where set sector has to wait") {
    DiskMachine m;
    m.argument({0, 0, 0, 1, 3});
    CHECK(m.go({{0x31, CC, 5, 0x3010}, {0x08, 0, 0, 0x1008}, {0x06, CC, 20, 0x2000}, {0x22, 0, 1, 0x3040}})
              .unit_status == (CE | DE));
    const SimTime turn = DiskTiming{}.rotation;
    m.ccws({{0x07, CC, 6, 0x3000},
            {0x23, CC, 1, 0x3040},
            {0x31, CC, 5, 0x3010},
            {0x08, 0, 0, 0x1010},
            {0x06, 0, 20, 0x2000}});
    for (unsigned i = 0; i < 5; ++i) {
        m.run(turn / 5 * i);
        const SimTime before = m.queue.now();
        REQUIRE(m.start(Machine::program, 0x150).condition_code == 0);
        while (m.channels.working(0x150)) m.queue.run_until(m.queue.next());
        CHECK(m.queue.now() - before < turn + turn / 8);
        CHECK(m.interruption(0x150).unit_status == (CE | DE));
    }
}

TEST_CASE("disk: an image that may not be written") {
    DiskMachine m("3330", images::Access::read);
    m.argument({0, 0, 0, 1, 2});
    CHECK(m.go({{0x31, CC, 5, 0x3010}, {0x08, 0, 0, 0x1008}, {0x05, 0, 20, 0x2000}}).unit_status == UC);
    CHECK(m.sense()[1] == 0x02);
}

TEST_CASE("disk: a drive without a pack") {
    DiskMachine m;
    m.disk.mount(nullptr);
    CHECK(m.go({{0x06, 0, 20, 0x2000}}).unit_status == UC);
    CHECK(m.sense()[0] == 0x40);
}

TEST_CASE("disk: a chain that rewrites its own commands while it runs") {
    DiskMachine m;
    // Record 1 of cylinder 4 head 0 holds a CCW; it is read over the one that comes next.
    images::Track track(4, 0);
    std::vector<uint8_t> record = {0, 4, 0, 0, 1, 0, 0, 8};
    const uint64_t ccw = encode(Ccw{0x1A, 0, 5, 0x2040});
    for (int shift = 56; shift >= 0; shift -= 8) record.push_back(static_cast<uint8_t>(ccw >> shift));
    track.format(1, record);
    m.disk.mount(nullptr);
    images::open_ckd(m.folder / "disk", images::Access::write)->write(4 * 19, track);
    m.disk.mount(images::open_ckd(m.folder / "disk", images::Access::write));
    m.channels.take(0x150);
    m.seek(4, 0);
    m.argument({0, 4, 0, 0, 1});
    CHECK(m.go({{0x31, CC, 5, 0x3010}, {0x08, 0, 0, 0x1008}, {0x06, CC, 8, 0x1020}, {0x04, 0, 1, 0x2000}})
              .unit_status == (CE | DE));
    CHECK(m.at(0x2040, 5) == Bytes{0, 0, 4, 0, 0});
}

}  // namespace
}  // namespace channel_test
