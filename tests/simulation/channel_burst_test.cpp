// A block multiplexer channel that has one device at a time in a burst: who waits for whom, how long, and
// what programs are told meanwhile.
#include <filesystem>

#include "simulation/devices/fba_disk.hpp"
#include "simulation/devices/tape_drive.hpp"
#include "simulation/model/machine_model.hpp"
#include "tests/simulation/disk_machine.hpp"

namespace channel_test {
namespace {

enum : uint8_t { SM = kStatusModifier };

constexpr SimTime kTurn = 16'700 * kMicrosecond;
/// From a channel that is free to asking who waits for it.
constexpr SimTime kPoll = 20 * kMicrosecond;
constexpr uint16_t kFirst = 0x150, kSecond = 0x158, kThird = 0x160;  // on three control units

/// Three 3330s with the same pack on three control units of one channel.
struct BurstMachine : DiskMachine {
    explicit BurstMachine(bool one_burst = true)
        : DiskMachine("3330", images::Access::write, {.one_burst = one_burst}) {
        add(kSecond);
        add(kThird);
        run(kTurn - queue.now() % kTurn);
    }
    CkdDisk& add(uint16_t address) {
        CkdDisk& added =
            channels.attach(address, std::make_unique<CkdDisk>(*images::disk_geometry("3330"), DiskTiming{}));
        const std::string path = folder / std::to_string(address);
        if (!std::filesystem::exists(path))
            images::create_ckd(path, disk.geometry(), 5, {true, images::Compression::zlib});
        added.mount(images::open_ckd(path, images::Access::write));
        channels.test_io(address);
        return added;
    }
    /// Home addresses, one a turn, without letting go of the channel.
    void put_homes(uint32_t at, unsigned turns) {
        for (unsigned i = 0; i < turns; ++i)
            ccws({{0x1A, uint8_t(i + 1 == turns ? 0 : CC), 5, 0x2000 + at}}, at + 8 * i);
    }
    const ChannelWaits& waits(uint16_t address) { return channels.device(address)->channel_waits(); }
    /// Until the device's program has ended: when that is.
    SimTime end_of(uint16_t address) {
        while (channels.working(address)) queue.run_until(queue.next());
        return queue.now();
    }
    void expect_end(uint16_t address) { CHECK(interruption(address).unit_status == (CE | DE)); }
};

/// When the home address has passed.
SimTime home() { return DiskTiming{}.pass(images::kHomeAddressSize); }

TEST_CASE("burst: a START I/O while another disk has the channel is accepted, and begins when that ends") {
    for (const bool one_burst : {false, true}) {
        CAPTURE(one_burst);
        BurstMachine m(one_burst);
        m.put_homes(0x1000, 3);
        m.put_homes(0x1100, 1);
        const SimTime begin = m.queue.now();
        REQUIRE(m.start(0x1000, kFirst).condition_code == 0);
        m.run(kMillisecond);
        REQUIRE(m.start(0x1100, kSecond).condition_code == 0);
        // The program notices nothing of it.
        CHECK(m.channels.test_channel(kSecond) == 0);
        CHECK(m.channels.test_io(kSecond).condition_code == 2);
        CHECK(m.channels.test_io(kThird).condition_code == 0);
        CHECK_FALSE(m.channels.device_end_due(kThird));
        const SimTime second = m.end_of(kSecond) - begin;
        CHECK(second == (one_burst ? 4 : 1) * kTurn + home());
        CHECK(m.end_of(kFirst) - begin == (one_burst ? second : 3 * kTurn + home()));
        m.expect_end(kFirst);
        m.expect_end(kSecond);
        CHECK(m.waits(kFirst) == ChannelWaits{});
        CHECK(m.waits(kSecond).starts == (one_burst ? 1 : 0));
        CHECK(m.waits(kSecond).time == (one_burst ? 3 * kTurn + home() - kMillisecond + kPoll : 0));
        CHECK(m.queue.empty());
    }
}

TEST_CASE("burst: who waits comes in the order of asking") {
    BurstMachine m;
    for (const uint32_t at : {0x1000, 0x1100, 0x1200}) m.put_homes(at, 1);
    REQUIRE(m.start(0x1000, kFirst).condition_code == 0);
    REQUIRE(m.start(0x1200, kThird).condition_code == 0);
    REQUIRE(m.start(0x1100, kSecond).condition_code == 0);
    const SimTime first = m.end_of(kFirst), third = m.end_of(kThird), second = m.end_of(kSecond);
    CHECK(third == first + kTurn);
    CHECK(second == third + kTurn);
    for (const uint16_t address : {kFirst, kSecond, kThird}) m.expect_end(address);
    CHECK(m.queue.empty());
}

TEST_CASE("burst: an arm that moves holds nobody up, and its device end waits for the channel") {
    BurstMachine m;
    m.seek(4, 1);
    const SimTime seek = DiskTiming{}.seek(4, 404);
    m.ccws({{0x07, CC, 6, 0x3000}, {0x1A, 0, 5, 0x2000}}, 0x1000);
    m.put_homes(0x1100, 4);
    const SimTime begin = m.queue.now();
    REQUIRE(m.start(0x1000, kFirst).condition_code == 0);
    m.run(kMillisecond);
    REQUIRE(m.start(0x1100, kSecond).condition_code == 0);
    CHECK(m.waits(kSecond).starts == 0);
    REQUIRE(seek < 4 * kTurn);
    CHECK(m.end_of(kSecond) - begin == 4 * kTurn + home());
    CHECK(m.channels.working(kFirst));
    CHECK(m.end_of(kFirst) - begin == 5 * kTurn + home());
    m.expect_end(kFirst);
    m.expect_end(kSecond);
    CHECK(m.waits(kFirst).reconnections == 1);
    CHECK(m.waits(kFirst).time == 4 * kTurn + home() + kPoll - (20 * kMicrosecond + seek));
}

TEST_CASE("burst: a sector that passes while the channel works for another disk comes again a turn later") {
    BurstMachine m;
    m.argument({64}, 0x3040);
    m.ccws({{0x23, CC, 1, 0x3040}, {0x03, SLI, 1, 0}}, 0x1000);
    m.put_homes(0x1100, 2);
    const SimTime begin = m.queue.now();
    REQUIRE(m.start(0x1000, kFirst).condition_code == 0);
    m.run(kMillisecond);
    REQUIRE(m.start(0x1100, kSecond).condition_code == 0);
    const SimTime sector = kTurn * 64 / 128;
    CHECK(m.end_of(kFirst) - begin == 2 * kTurn + sector + ChannelTiming{}.chain);
    CHECK(m.waits(kFirst).missed_sectors == 2);
    CHECK(m.waits(kFirst).time == 2 * kTurn);
    CHECK(m.waits(kSecond) == ChannelWaits{});
}

TEST_CASE("burst: what START I/O would have been told comes as an interruption") {
    BurstMachine m;
    m.put_homes(0x1000, 1);
    m.ccws({{0x03, SLI, 1, 0}}, 0x1100);
    REQUIRE(m.start(0x1000, kFirst).condition_code == 0);
    dynamic_cast<CkdDisk&>(*m.channels.device(kThird)).mount(nullptr);
    m.ccws({{0x1A, 0, 5, 0x2000}}, 0x1200);
    REQUIRE(m.start(0x1100, kSecond).condition_code == 0);
    REQUIRE(m.start(0x1200, kThird).condition_code == 0);
    m.run();
    m.expect_end(kFirst);
    CHECK(m.interruption(kSecond) == Csw{0, 0x1108, CE | DE, 0, 1});
    CHECK(m.interruption(kThird) == Csw{0, 0x1208, UC, 0, 5});
    // With a channel that is free they are told at once.
    CHECK(m.start(0x1100, kSecond).csw.unit_status == (CE | DE));
    CHECK(m.start(0x1200, kThird).csw.unit_status == UC);
    CHECK(m.queue.empty());
}

TEST_CASE(
    "burst: a start that waits is halted, cleared, reset or loses its device, and nobody else notices") {
    enum class How { halt_io, halt_device, clear_io, reset, detach, mount };
    for (const How how :
         {How::halt_io, How::halt_device, How::clear_io, How::reset, How::detach, How::mount}) {
        CAPTURE(static_cast<int>(how));
        BurstMachine m;
        for (const uint32_t at : {0x1000, 0x1100, 0x1200}) m.put_homes(at, 1);
        REQUIRE(m.start(0x1000, kFirst).condition_code == 0);
        REQUIRE(m.start(0x1100, kSecond).condition_code == 0);
        REQUIRE(m.start(0x1200, kThird).condition_code == 0);
        switch (how) {
            case How::halt_io: CHECK(m.channels.halt_io(kSecond).condition_code == 1); break;
            case How::halt_device: CHECK(m.channels.halt_device(kSecond).condition_code == 1); break;
            case How::clear_io: {
                const IoResult cleared = m.channels.clear_io(kSecond);
                CHECK(cleared.condition_code == 1);
                CHECK(cleared.csw == Csw{0, 0x1108, 0, 0, 5});
                break;
            }
            case How::reset: m.channels.reset(kSecond); break;
            case How::detach: CHECK(m.channels.detach(kSecond)); break;
            case How::mount: {
                auto& drive = dynamic_cast<CkdDisk&>(*m.channels.device(kSecond));
                drive.mount(nullptr);
                drive.mount(images::open_ckd(m.folder / std::to_string(kSecond), images::Access::write));
                break;
            }
        }
        if (how == How::halt_io || how == How::halt_device)
            CHECK(m.interruption(kSecond) == Csw{0, 0x1108, CE | DE, 0, 5});
        m.run();
        m.expect_end(kFirst);
        m.expect_end(kThird);
        if (how == How::mount) {
            m.expect_end(kSecond);
            CHECK(m.interruption(kSecond).unit_status == DE);
        }
        if (how == How::detach) m.add(kSecond);
        CHECK_FALSE(m.channels.take(kSecond));
        REQUIRE(m.start(0x1100, kSecond).condition_code == 0);
        m.run();
        m.expect_end(kSecond);
        CHECK(m.queue.empty());
    }
}

TEST_CASE("burst: initial program loading waits, too") {
    BurstMachine m;
    m.put_homes(0x1000, 2);
    REQUIRE(m.start(0x1000, kFirst).condition_code == 0);
    bool ended = false;
    REQUIRE(m.channels.start_ipl(kSecond, [&](bool, const Csw&) { ended = true; }).condition_code == 0);
    m.end_of(kFirst);
    CHECK_FALSE(ended);
    m.run();
    CHECK(ended);
}

TEST_CASE(
    "burst: disks do not wait for each other on a byte multiplexer or selector channel, or on two channels") {
    BurstMachine m;
    m.channels.move(kThird, 0x260);
    m.put_homes(0x1000, 1);
    m.put_homes(0x1100, 1);
    REQUIRE(m.start(0x1000, kFirst).condition_code == 0);
    REQUIRE(m.start(0x1100, 0x260).condition_code == 0);
    CHECK(m.end_of(kFirst) == m.end_of(0x260));
    m.expect_end(kFirst);
    m.expect_end(0x260);
    m.channels.configure(1, ChannelType::byte_multiplexer);
    REQUIRE(m.start(0x1000, kFirst).condition_code == 0);
    REQUIRE(m.start(0x1100, kSecond).condition_code == 0);
    CHECK(m.end_of(kFirst) == m.end_of(kSecond));
    m.expect_end(kFirst);
    m.expect_end(kSecond);
    m.channels.configure(1, ChannelType::selector);
    REQUIRE(m.start(0x1000, kFirst).condition_code == 0);
    CHECK(m.start(0x1100, kSecond).condition_code == 2);
    m.end_of(kFirst);
    for (const uint16_t address : {kFirst, kSecond, uint16_t{0x260}})
        CHECK(m.waits(address) == ChannelWaits{});
}

TEST_CASE("burst: a tape has the channel while a block is read, and not while it is rewound") {
    BurstMachine m;
    TapeDrive& tape = m.channels.attach(0x180, std::make_unique<TapeDrive>(TapeModel::t3420, TapeTiming{}));
    auto image = images::TapeImage::create(m.folder / "tape.aws", images::Compression::none);
    image->write(std::vector<uint8_t>(32'000));
    tape.mount(std::move(image));
    m.channels.test_io(0x180);
    m.ccws({{0x02, SLI, 5, 0x2000}}, 0x1000);
    m.ccws({{0x07, CC, 1, 0}, {0x03, SLI, 1, 0}}, 0x1100);
    m.put_homes(0x1200, 1);
    const SimTime begin = m.queue.now(), block = TapeTiming{}.start + TapeTiming{}.pass(32'000);
    REQUIRE(block > 3 * kTurn);
    REQUIRE(m.start(0x1000, 0x180).condition_code == 0);
    REQUIRE(m.start(0x1200, kFirst).condition_code == 0);
    CHECK(m.end_of(0x180) - begin == block);
    CHECK(m.end_of(kFirst) - begin == (block / kTurn + 1) * kTurn + home());
    m.expect_end(0x180);
    m.expect_end(kFirst);
    const SimTime again = m.queue.now();
    REQUIRE(m.start(0x1100, 0x180).condition_code == 0);
    REQUIRE(m.start(0x1200, kFirst).condition_code == 0);
    CHECK(m.end_of(kFirst) - again == kTurn);
    CHECK(m.waits(kFirst).starts == 1);
    m.expect_end(kFirst);
    // And it waits itself: the tape begins to move when the channel is free.
    m.run();
    m.interruption(0x180);
    REQUIRE(m.start(0x1200, kFirst).condition_code == 0);
    REQUIRE(m.start(0x1000, 0x180).condition_code == 0);
    const SimTime disk = m.end_of(kFirst);
    CHECK(m.end_of(0x180) == disk + kPoll + block);
}

TEST_CASE("burst: a 3370's block that passes meanwhile comes again a turn later") {
    const SimTime turn = DiskTiming{}.rotation;
    for (const bool busy : {false, true}) {
        BurstMachine m;
        FbaDisk& fixed = m.channels.attach(0x170, std::make_unique<FbaDisk>(DiskTiming{}));
        fixed.mount(images::create_fba(m.folder / "fixed", 1000));
        m.channels.test_io(0x170);
        // The 40th of the 62 blocks of a track.
        m.argument({0x40, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 99, 6, 0, 0, 1, 0, 0, 0, 40}, 0x3040);
        m.ccws({{0x63, CC, 16, 0x3040}, {0x43, CC, 8, 0x3050}, {0x42, 0, 512, 0x4000}}, 0x1000);
        m.put_homes(0x1100, 2);
        const SimTime begin = m.queue.now();
        REQUIRE(m.start(0x1000, 0x170).condition_code == 0);
        m.run(kMillisecond);
        if (busy) REQUIRE(m.start(0x1100, kFirst).condition_code == 0);
        const SimTime alone = turn * 40 / 62 + ChannelTiming{}.chain + DiskTiming{}.pass(512);
        CHECK(m.end_of(0x170) - begin == alone + (busy ? 2 * turn : 0));
        m.expect_end(0x170);
        CHECK(m.waits(0x170).missed_sectors == (busy ? 2 : 0));
    }
}

/// What three disks do that are worked on at once, by programs that find their records themselves.
struct Outcome {
    std::vector<std::string> seen;
    SimTime took = 0;
    uint64_t waits = 0;
};

Outcome work(bool one_burst, unsigned disks) {
    BurstMachine m(one_burst);
    Outcome outcome;
    const SimTime begin = m.queue.now();
    constexpr std::array<uint16_t, 3> kAll = {kFirst, kSecond, kThird};
    std::array<unsigned, 3> left = {40, 40, 40};
    std::array<uint32_t, 3> random = {1, 2, 3};
    std::array<std::string, 3> seen;
    const auto start = [&](unsigned n) {
        const auto below = [&](uint32_t limit) {
            random[n] = random[n] * 1664525 + 1013904223;
            return (random[n] >> 8) % limit;
        };
        const uint32_t at = 0x1000 + 0x100 * n, data = 0x4000 + 0x1000 * n;
        const auto cylinder = uint8_t(below(5)), sector = uint8_t(below(128));
        m.argument({0, 0, 0, cylinder, 0, 1, uint8_t(below(4) == 0), sector}, data);
        // Record 0 is on every track, others on few: no record found, after two turns.
        const bool waits = below(2) == 0;
        m.ccws({{0x07, CC, 6, data},
                waits ? Ccw{0x23, CC, 1, data + 7} : Ccw{0x03, CC | SLI, 1, 0},
                {0x31, CC, 5, data + 2},
                {0x08, 0, 0, at + 16},
                {0x06, SLI, 200, data + 0x100}},
               at);
        REQUIRE(m.start(at, kAll[n]).condition_code == 0);
    };
    for (unsigned n = 0; n < disks; ++n) start(n);
    for (bool any = true; any;) {
        any = false;
        for (unsigned n = 0; n < disks; ++n) {
            while (const auto taken = m.channels.take(kAll[n])) {
                seen[n] += std::to_string(encode(taken->csw)) + ' ';
                for (const uint8_t byte : m.at(0x4100 + 0x1000 * n, 20))
                    seen[n] += static_cast<char>('A' + byte % 16);
            }
            if (!m.channels.working(kAll[n]) && left[n] != 0 && --left[n] != 0) start(n);
            any |= m.channels.working(kAll[n]);
        }
        if (any) m.queue.run_until(m.queue.next());
    }
    outcome.seen.assign(seen.begin(), seen.end());
    outcome.took = m.queue.now() - begin;
    for (const uint16_t address : kAll)
        outcome.waits +=
            m.waits(address).starts + m.waits(address).reconnections + m.waits(address).missed_sectors;
    CHECK(m.queue.empty());
    return outcome;
}

TEST_CASE("burst: what programs find is the same; only the time is another, and for one disk not even that") {
    const Outcome one = work(true, 1), one_free = work(false, 1);
    CHECK(one.seen == one_free.seen);
    CHECK(one.took == one_free.took);
    CHECK(one.waits == 0);
    const Outcome three = work(true, 3), three_free = work(false, 3);
    CHECK(three.seen == three_free.seen);
    CHECK(three_free.waits == 0);
    CHECK(three.waits > 20);
    CHECK(three.took > three_free.took);
}

TEST_CASE("burst: the models of machines have it, and a model that extends one may not") {
    CHECK(MachineModel::load("s370-158").one_burst.value == 1);
    CHECK(MachineModel::load("s370-158-assists").one_burst.value == 1);
    const MachineModel free = MachineModel::parse(
        "name = \"free\"\ntitle = \"free\"\nextends = \"s370-158\"\n"
        "[channel]\none_burst = { value = 0, source = \"assumed: for comparison\" }\n",
        "free.toml");
    CHECK(free.one_burst.value == 0);
}

}  // namespace
}  // namespace channel_test
