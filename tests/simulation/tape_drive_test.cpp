// Magnetic tape units: motion, tape marks, protection, and how long things take.
#include "simulation/devices/tape_drive.hpp"
#include "tests/simulation/channel_fixture.hpp"
#include "tests/simulation/image_fixture.hpp"

namespace channel_test {
namespace {

using image_test::Folder;
namespace images = simulation::images;

enum : uint8_t { UC = kUnitCheck, UE = kUnitException };

/// A 3420 at 180 with a tape of two blocks, a mark, and one block.
struct TapeMachine : Machine {
    Folder folder;
    TapeDrive& tape;

    explicit TapeMachine(TapeModel model = TapeModel::t3420)
        : tape(channels.attach(0x180, std::make_unique<TapeDrive>(model, TapeTiming{}))) {
        {
            const auto image = images::TapeImage::create(folder / "tape", images::Compression::none);
            const std::string first = "FIRST BLOCK", second = "SECOND", third = "THIRD";
            const auto put = [&](const std::string& text) {
                image->write({reinterpret_cast<const uint8_t*>(text.data()), text.size()});
            };
            put(first);
            put(second);
            image->write_mark();
            put(third);
        }
        mount(images::Access::write);
    }
    void mount(images::Access access) {
        tape.mount(nullptr);
        tape.mount(std::make_unique<images::TapeImage>(folder / "tape", access));
        channels.take(0x180);
    }
    /// The status with which the operation ends, however many parts it came in.
    uint8_t go(const Ccw& ccw) {
        ccws({ccw});
        const IoResult result = start(program, 0x180);
        uint8_t status = result.condition_code == 1 ? result.csw.unit_status : 0;
        last = result.csw;
        run(100 * kSecond);
        while (const auto taken = channels.take(0x180)) {
            status |= taken->csw.unit_status;
            if (taken->csw.count != 0 || taken->csw.channel_status != 0 || last.ccw_address == 0)
                last = taken->csw;
        }
        return status;
    }
    std::string read_block() {
        std::fill(storage.bytes.begin() + data, storage.bytes.begin() + data + 32, uint8_t{0});
        REQUIRE(go({0x02, SLI, 32, data}) == (CE | DE));
        return reinterpret_cast<const char*>(&storage.bytes[data]);
    }
    std::vector<uint8_t> sense() {
        storage.put64(0x800, encode(Ccw{0x04, SLI, 24, 0x3100}));
        REQUIRE(start(0x800, 0x180).condition_code == 0);
        run();
        REQUIRE(interruption(0x180).unit_status == (CE | DE));
        return {storage.bytes.begin() + 0x3100, storage.bytes.begin() + 0x3118};
    }
    Csw last;
};

TEST_CASE("tape: blocks and a tape mark, forward and backward") {
    TapeMachine m;
    CHECK(m.read_block() == "FIRST BLOCK");
    CHECK(m.read_block() == "SECOND");
    CHECK(m.go({0x02, SLI, 32, 0x2000}) == (CE | DE | UE));
    CHECK(m.read_block() == "THIRD");
    CHECK(m.go({0x02, SLI, 32, 0x2000}) == (CE | DE | UC));  // nothing was ever recorded there
    CHECK(m.sense()[0] == 0x10);
    // Backward: the bytes come from the end and are stored downward.
    CHECK(m.go({0x0C, 0, 5, 0x2004}) == (CE | DE));
    CHECK(m.text(0x2000, 5) == "THIRD");
    CHECK(m.go({0x0C, SLI, 5, 0x2004}) == (CE | DE | UE));
    CHECK(m.go({0x0C, SLI, 3, 0x2002}) == (CE | DE));
    CHECK(m.text(0x2000, 3) == "OND");
    CHECK(m.go({0x27, SLI, 1, 0}) == (CE | DE));
    CHECK(m.go({0x27, SLI, 1, 0}) == (CE | DE | UC));
    CHECK(m.sense()[0] == 0);
    CHECK(m.sense()[1] == (0x40 | 0x08));  // ready, at load point
}

TEST_CASE("tape: spacing over blocks and files") {
    TapeMachine m;
    CHECK(m.go({0x3F, SLI, 1, 0}) == (CE | DE));
    CHECK(m.read_block() == "THIRD");
    CHECK(m.go({0x2F, SLI, 1, 0}) == (CE | DE));
    CHECK(m.go({0x37, SLI, 1, 0}) == (CE | DE | UE));  // over the mark again
    CHECK(m.go({0x27, SLI, 1, 0}) == (CE | DE | UE));
    CHECK(m.go({0x27, SLI, 1, 0}) == (CE | DE));
    CHECK(m.read_block() == "SECOND");
    CHECK(m.go({0x07, SLI, 1, 0}) == (CE | DE));
    CHECK(m.go({0x37, SLI, 1, 0}) == (CE | DE));
    CHECK(m.read_block() == "SECOND");
    CHECK(m.go({0x2F, SLI, 1, 0}) == (CE | DE | UC));  // back to the load point without a mark
}

TEST_CASE("tape: what is written is as long as the count, and ends the tape") {
    TapeMachine m;
    CHECK(m.read_block() == "FIRST BLOCK");
    m.storage.bytes[0x2100] = 'A';
    m.storage.bytes[0x2101] = 'B';
    m.last = {};
    CHECK(m.go({0x01, 0, 2, 0x2100}) == (CE | DE));
    CHECK(m.last.channel_status == 0);
    CHECK(m.last.count == 0);
    CHECK(m.sense()[1] == (0x40 | 0x04));
    CHECK(m.go({0x1F, SLI, 1, 0}) == (CE | DE));
    CHECK(m.go({0x02, SLI, 32, 0x2000}) == (CE | DE | UC));
    CHECK(m.go({0x07, SLI, 1, 0}) == (CE | DE));
    CHECK(m.read_block() == "FIRST BLOCK");
    CHECK(m.read_block() == "AB");
    CHECK(m.go({0x02, SLI, 32, 0x2000}) == (CE | DE | UE));
    // Data chaining makes one block.
    m.ccws({{0x01, CD, 1, 0x2101}, {0, 0, 1, 0x2100}});
    REQUIRE(m.start(Machine::program, 0x180).condition_code == 0);
    m.run();
    CHECK(m.interruption(0x180).channel_status == 0);
    CHECK(m.go({0x27, SLI, 1, 0}) == (CE | DE));
    CHECK(m.read_block() == "BA");
}

TEST_CASE("tape: a protected tape, and one that is not there") {
    TapeMachine m;
    m.mount(images::Access::read);
    for (const uint8_t command : {0x01, 0x1F, 0x17}) {
        CHECK(m.go({command, SLI, 5, 0x2000}) == UC);
        CHECK(m.sense()[0] == 0x80);
        CHECK((m.sense()[1] & 0x02) != 0);
    }
    CHECK(m.read_block() == "FIRST BLOCK");
    CHECK(m.go({0x0F, SLI, 1, 0}) == (CE | DE));  // rewind and unload
    CHECK(m.go({0x02, SLI, 32, 0x2000}) == UC);
    CHECK(m.sense()[0] == 0x40);
}

TEST_CASE("tape: mode sets, and commands that are none") {
    TapeMachine m;
    for (const uint8_t command : {0xC3, 0xCB, 0xD3, 0xF3, 0x13, 0x93, 0xBB})
        CHECK(m.go({command, SLI, 1, 0}) == (CE | DE));
    for (const uint8_t command : {0x0B, 0x05, 0x12, 0x97}) CHECK(m.go({command, SLI, 1, 0x2000}) == UC);
    CHECK(m.sense()[0] == 0x80);
    // Data security erase follows erase gap.
    m.read_block();
    m.ccws({{0x17, CC | SLI, 1, 0}, {0x97, SLI, 1, 0}});
    REQUIRE(m.start(Machine::program, 0x180).condition_code == 0);
    m.run(1000 * kSecond);
    CHECK(m.interruption(0x180).unit_status == CE);
    CHECK(m.interruption(0x180).unit_status == DE);
    CHECK(m.go({0x02, SLI, 32, 0x2000}) == (CE | DE | UC));
    CHECK(m.go({0x27, SLI, 1, 0}) == (CE | DE));
    CHECK(m.read_block() == "FIRST BLOCK");
}

TEST_CASE("tape: sense information of both units") {
    {
        TapeMachine m;
        CHECK(m.go({0x05, SLI, 1, 0}) == UC);
        auto sense = m.sense();
        // 3803: command reject; ready, at load point; 1,600 bytes an inch; new subsystem; model 7.
        CHECK(std::vector<uint8_t>(sense.begin(), sense.begin() + 7) ==
              std::vector<uint8_t>{0x80, 0x48, 0, 0x04, 0, 0xC0, 0x03});
        m.read_block();
        CHECK(m.go({0x0C, SLI, 32, 0x2010}) == (CE | DE));
        CHECK(m.sense()[3] == 0x06);  // backward
        m.read_block();
        CHECK(m.sense()[3] == 0x04);
    }
    TapeMachine m(TapeModel::t2400);
    m.mount(images::Access::read);
    CHECK(m.go({0x01, SLI, 5, 0x2000}) == UC);
    auto sense = m.sense();
    CHECK(std::vector<uint8_t>(sense.begin(), sense.begin() + 7) ==
          std::vector<uint8_t>{0x80, 0x4A, 0x03, 0, 0, 0, 0});
    CHECK(m.go({0x97, SLI, 1, 0x2000}) == UC);
    CHECK(m.go({0xE4, SLI, 7, 0x2000}) == UC);
    CHECK(m.go({0x0F, SLI, 1, 0}) == (CE | DE));
    CHECK(m.go({0x02, SLI, 1, 0x2000}) == UC);
    CHECK(m.sense()[0] == 0x40);
    CHECK(m.sense()[1] == 0x20);
}

TEST_CASE("tape: a write for which no byte comes writes nothing") {
    TapeMachine m;
    m.read_block();
    m.ccws({{0x01, 0, 5, 0xFFFF00}});  // an address outside of storage
    REQUIRE(m.start(Machine::program, 0x180).condition_code == 0);
    m.run();
    const Csw csw = m.interruption(0x180);
    CHECK(csw.unit_status == (CE | DE | UC));
    CHECK(csw.channel_status == kProgramCheck);
    CHECK(m.sense()[0] == 0x02);
    CHECK(m.read_block() == "SECOND");
}

TEST_CASE("tape: behind the end-of-tape marker everything written is told") {
    Machine m;
    Folder folder;
    TapeTiming timing;
    timing.bytes_per_inch = 1;  // so that 2,400 feet are few bytes
    auto& tape = m.channels.attach(0x180, std::make_unique<TapeDrive>(TapeModel::t3420, timing));
    tape.mount(images::TapeImage::create(folder / "tape", images::Compression::none));
    m.channels.take(0x180);
    const auto go = [&](const Ccw& ccw) {
        m.ccws({ccw});
        const IoResult result = m.start(Machine::program, 0x180);
        uint8_t status = result.condition_code == 1 ? result.csw.unit_status : 0;
        m.run(100 * kSecond);
        while (const auto taken = m.channels.take(0x180)) status |= taken->csw.unit_status;
        return status;
    };
    CHECK(go({0x01, 0, 28'000, 0x2000}) == (CE | DE));
    CHECK(go({0x01, 0, 1'000, 0x2000}) == (CE | DE | UE));
    CHECK(go({0x1F, SLI, 1, 0}) == (CE | DE | UE));
    CHECK(go({0x17, SLI, 1, 0}) == (CE | DE | UE));
    CHECK(go({0x04, SLI, 24, 0x2000}) == (CE | DE));
    CHECK(m.storage.bytes[0x2004] == 0x20);
    CHECK(go({0x27, SLI, 1, 0}) == (CE | DE | UE));  // over the mark
    CHECK(go({0x27, SLI, 1, 0}) == (CE | DE));
    CHECK(go({0x02, SLI, 1'000, 0x2000}) == (CE | DE));  // reading tells nothing
}

TEST_CASE("tape: a block takes start and transfer, a rewind goes on after channel end") {
    TapeMachine m;
    const TapeTiming timing;
    m.ccws({{0x02, SLI, 32, 0x2000}});
    const SimTime before = m.queue.now();
    REQUIRE(m.start(Machine::program, 0x180).condition_code == 0);
    while (m.channels.working(0x180)) m.queue.run_until(m.queue.next());
    CHECK(m.queue.now() - before == timing.start + timing.pass(11));
    m.channels.take(0x180);
    m.ccws({{0x07, 0, 1, 0}});
    const IoResult rewind = m.start(Machine::program, 0x180);
    CHECK(rewind.condition_code == 1);
    CHECK(rewind.csw.unit_status == CE);
    CHECK(m.start(Machine::program, 0x180).csw.unit_status == kBusy);
    m.run(10 * kSecond);
    CHECK(m.interruption(0x180).unit_status == DE);
    CHECK(m.queue.empty());
}

TEST_CASE(
    "tape: a mount while the tape before is still unloaded ends in ready, with an interruption of its own") {
    TapeMachine m;
    m.go({0x02, SLI, 32, 0x2000});
    m.ccws({{0x0F, SLI, 1, 0}});
    CHECK(m.start(Machine::program, 0x180).csw.unit_status == CE);
    m.run(kMillisecond);
    m.tape.mount(std::make_unique<images::TapeImage>(m.folder / "tape", images::Access::write));
    CHECK_FALSE(m.channels.has_pending());
    m.run(2 * kSecond);
    CHECK(m.interruption(0x180).unit_status == DE);
    m.run();
    CHECK(m.interruption(0x180).unit_status == DE);
    CHECK(m.read_block() == "FIRST BLOCK");
    CHECK(m.queue.empty());
    // In the middle of a sense likewise; and a tape that is taken off ends what is written to it.
    m.ccws({{0x04, SLI, 24, 0x3100}});
    REQUIRE(m.start(Machine::program, 0x180).condition_code == 0);
    m.tape.mount(nullptr);
    m.tape.mount(std::make_unique<images::TapeImage>(m.folder / "tape", images::Access::write));
    m.run();
    m.ccws({{0x01, SLI, 24, 0x3100}});
    m.channels.take(0x180);
    m.channels.take(0x180);
    REQUIRE(m.start(Machine::program, 0x180).condition_code == 0);
    m.tape.mount(nullptr);
    m.run();
    CHECK(m.interruption(0x180).unit_status == (CE | DE | UC));
    CHECK(m.sense()[0] == 0x40);
}

TEST_CASE("tape: sense, as whoever looks on sees it, is what the program would read") {
    TapeMachine m;
    CHECK(m.go({0x0C, SLI, 5, 0x2004}) == (CE | DE | UC));  // at the load point
    const std::vector<uint8_t> seen = m.tape.sense();
    CHECK(std::vector<uint8_t>(seen.begin(), seen.begin() + 8) ==
          std::vector<uint8_t>{0x00, 0x48, 0x00, 0x06, 0x00, 0xC0, 0x03, 0x00});
    CHECK(seen == m.sense());
}

}  // namespace
}  // namespace channel_test
