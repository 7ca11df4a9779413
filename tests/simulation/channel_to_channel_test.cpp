// The channel-to-channel adapter: two ends on two channels, on one machine or two. GA22-6983.
#include "simulation/devices/channel_to_channel.hpp"

#include <random>

#include "simulation/model/machine_model.hpp"
#include "tests/simulation/channel_fixture.hpp"

using namespace channel_test;

namespace {

constexpr uint16_t kHere = 0x0E0, kThere = 0x1E0;
constexpr uint8_t kWrite = 0x01, kRead = 0x02, kNoOp = 0x03, kSense = 0x04, kControl = 0x07,
                  kReadBackward = 0x0C, kSenseCommand = 0x14, kSetBasic = 0x43, kWriteEnd = 0x81,
                  kSetExtended = 0xC3;
constexpr uint8_t kIl = kIncorrectLength;

/// Two machines that share their time, each with an end.
struct Pair {
    Machine here;
    ArrayStorage there_storage;
    ChannelSubsystem there{there_storage, here.queue};
    ChannelToChannel& x =
        here.channels.attach(kHere, std::make_unique<ChannelToChannel>(ChannelToChannelTiming{}));
    ChannelToChannel& y = there.attach(kThere, std::make_unique<ChannelToChannel>(ChannelToChannelTiming{}));

    static constexpr uint32_t program = 0x1000, data = 0x2000;

    Pair() { x.couple(y); }

    static void ccws(ArrayStorage& storage, std::initializer_list<Ccw> list) {
        uint32_t at = program;
        for (const Ccw& ccw : list) {
            storage.put64(at, encode(ccw));
            at += 8;
        }
    }
    IoResult start_x(std::initializer_list<Ccw> list) {
        ccws(here.storage, list);
        return here.channels.start_io(kHere, program);
    }
    IoResult start_y(std::initializer_list<Ccw> list) {
        ccws(there_storage, list);
        return there.start_io(kThere, program);
    }
    void run(SimTime time = kSecond) { here.queue.run_until(here.queue.now() + time); }
    std::optional<Csw> csw_x() {
        const auto taken = here.channels.take(kHere);
        return taken ? std::optional(taken->csw) : std::nullopt;
    }
    std::optional<Csw> csw_y() {
        const auto taken = there.take(kThere);
        return taken ? std::optional(taken->csw) : std::nullopt;
    }
    void put_x(std::string_view text) {
        std::copy(text.begin(), text.end(), here.storage.bytes.begin() + data);
    }
    std::string got_y(unsigned length, uint32_t at = data) const {
        return {there_storage.bytes.begin() + at, there_storage.bytes.begin() + at + length};
    }
    /// Attention has come to Y and nothing else.
    void expect_attention_y() {
        const auto csw = csw_y();
        REQUIRE(csw);
        CHECK(*csw == Csw{0, 0, kAttention, 0, 0});
    }
    uint8_t sense_x() {
        REQUIRE(start_x({{kSense, 0, 1, data + 0x800}}).condition_code == 0);
        run();
        csw_x();
        return here.storage.bytes[data + 0x800];
    }
};

constexpr Csw ended(uint8_t unit, uint8_t channel = 0, uint16_t count = 0) {
    return {0, Pair::program + 8, unit, channel, count};
}

}  // namespace

TEST_CASE("CTCA: a write waits for the read of the other side, which gets attention") {
    Pair p;
    p.put_x("HELLO");
    REQUIRE(p.start_x({{kWrite, 0, 5, Pair::data}}).condition_code == 0);
    p.run();
    CHECK_FALSE(p.csw_x());
    p.expect_attention_y();
    REQUIRE(p.start_y({{kRead, 0, 5, Pair::data}}).condition_code == 0);
    p.run();
    CHECK(p.csw_x() == ended(CE | DE));
    CHECK(p.csw_y() == ended(CE | DE));
    CHECK(p.got_y(5) == "HELLO");
}

TEST_CASE("CTCA: a read waits for a write as well") {
    Pair p;
    REQUIRE(p.start_y({{kRead, SLI, 80, Pair::data}}).condition_code == 0);
    p.run();
    CHECK(p.csw_x() == Csw{0, 0, kAttention, 0, 0});
    p.put_x("HELLO");
    REQUIRE(p.start_x({{kWrite, 0, 5, Pair::data}}).condition_code == 0);
    p.run();
    CHECK(p.csw_x() == ended(CE | DE));
    CHECK(p.csw_y() == ended(CE | DE, 0, 75));
    CHECK(p.got_y(5) == "HELLO");
}

TEST_CASE("CTCA: an answer that comes at once makes no attention") {
    Pair p;
    REQUIRE(p.start_x({{kWrite, 0, 5, Pair::data}}).condition_code == 0);
    p.run(50 * kMicrosecond);
    REQUIRE(p.start_y({{kRead, 0, 5, Pair::data}}).condition_code == 0);
    p.run();
    CHECK(p.csw_y() == ended(CE | DE));
    CHECK_FALSE(p.csw_y());
}

TEST_CASE("CTCA: counts that differ") {
    Pair p;
    SUBCASE("the read is longer") {
        p.start_x({{kWrite, 0, 5, Pair::data}});
        p.run();
        p.expect_attention_y();
        p.start_y({{kRead, 0, 8, Pair::data}});
        p.run();
        CHECK(p.csw_x() == ended(CE | DE));
        CHECK(p.csw_y() == ended(CE | DE, kIl, 3));
    }
    SUBCASE("the write is longer: a byte more is in the adapter") {
        p.start_x({{kWrite, 0, 8, Pair::data}});
        p.run();
        p.expect_attention_y();
        p.start_y({{kRead, 0, 5, Pair::data}});
        p.run();
        CHECK(p.csw_x() == ended(CE | DE, kIl, 2));
        CHECK(p.csw_y() == ended(CE | DE, kIl, 0));
    }
    SUBCASE("with SLI at either side") {
        p.start_x({{kWrite, SLI, 8, Pair::data}});
        p.run();
        p.expect_attention_y();
        p.start_y({{kRead, SLI, 5, Pair::data}});
        p.run();
        CHECK(p.csw_x() == ended(CE | DE, 0, 2));
        CHECK(p.csw_y() == ended(CE | DE, 0, 0));
    }
}

TEST_CASE("CTCA: data chaining at either side, in other places") {
    Pair p;
    p.put_x("ABCDEFGHIJ");
    p.start_x({{kWrite, CD, 3, Pair::data}, {0, CD, 4, Pair::data + 3}, {0, 0, 3, Pair::data + 7}});
    p.run();
    p.expect_attention_y();
    p.start_y({{kRead, CD, 6, Pair::data}, {0, 0, 4, Pair::data + 0x100}});
    p.run();
    CHECK(p.csw_x() == Csw{0, Pair::program + 24, CE | DE, 0, 0});
    CHECK(p.csw_y() == Csw{0, Pair::program + 16, CE | DE, 0, 0});
    CHECK(p.got_y(6) == "ABCDEF");
    CHECK(p.got_y(4, Pair::data + 0x100) == "GHIJ");
}

TEST_CASE("CTCA: read backward stores from the end") {
    Pair p;
    p.put_x("ABC");
    p.start_x({{kWrite, 0, 3, Pair::data}});
    p.run();
    p.expect_attention_y();
    p.start_y({{kReadBackward, 0, 3, Pair::data + 2}});
    p.run();
    CHECK(p.csw_y() == ended(CE | DE));
    CHECK(p.got_y(3) == "CBA");
}

TEST_CASE("CTCA: control has channel end at once; sense command byte gives its code and releases it") {
    Pair p;
    const IoResult r = p.start_x({{kControl, 0, 1, Pair::data}});
    CHECK(r.condition_code == 1);
    CHECK(r.csw.unit_status == CE);
    p.run();
    CHECK_FALSE(p.csw_x());
    p.expect_attention_y();
    REQUIRE(p.start_y({{kSenseCommand, 0, 1, Pair::data}}).condition_code == 0);
    p.run();
    CHECK(p.csw_y() == ended(CE | DE));
    CHECK(p.there_storage.bytes[Pair::data] == kControl);
    CHECK(p.csw_x() == Csw{0, 0, DE, 0, 0});
}

TEST_CASE("CTCA: the protocol of a pair of access methods, all chained") {
    Pair p;
    p.put_x("MESSAGE");
    REQUIRE(p.start_x({{kControl, CC | SLI, 1, 0}, {kWrite, 0, 7, Pair::data}}).condition_code == 0);
    p.run();
    p.expect_attention_y();
    REQUIRE(p.start_y({{kSenseCommand, CC, 1, Pair::data}, {kRead, 0, 7, Pair::data + 1}}).condition_code ==
            0);
    p.run();
    CHECK(p.csw_x() == Csw{0, Pair::program + 16, CE | DE, 0, 0});
    CHECK(p.csw_y() == Csw{0, Pair::program + 16, CE | DE, 0, 0});
    CHECK(p.got_y(8) == "\x07MESSAGE");
    CHECK_FALSE(p.csw_x());
    CHECK_FALSE(p.csw_y());
}

TEST_CASE("CTCA: no attention while the other side's channel program may still answer") {
    Pair p;
    const std::vector<Ccw> program(100, Ccw{kSenseCommand, CC | SLI, 1, Pair::data + 0x700});
    uint32_t at = Pair::program;
    for (const Ccw& ccw : program) {
        p.there_storage.put64(at, encode(ccw));
        at += 8;
    }
    SUBCASE("it answers") { p.there_storage.put64(at, encode(Ccw{kRead, 0, 5, Pair::data})); }
    SUBCASE("it does not") { p.there_storage.put64(at, encode(Ccw{kSense, 0, 1, Pair::data})); }
    const bool answers = p.there_storage.bytes[at] == kRead;
    REQUIRE(p.there.start_io(kThere, Pair::program).condition_code == 0);
    p.run(kMillisecond);
    CHECK(p.there.working(kThere));
    REQUIRE(p.start_x({{kWrite, 0, 5, Pair::data}}).condition_code == 0);
    p.run();
    CHECK(p.csw_y()->unit_status == (CE | DE));
    const auto more = p.csw_y();
    CHECK(more.has_value() == !answers);
    if (more) CHECK(more->unit_status == kAttention);
    CHECK(p.csw_x().has_value() == answers);
}

TEST_CASE("CTCA: sense command byte of what waits, and of nothing") {
    Pair p;
    p.there_storage.bytes[Pair::data] = 0xFF;
    p.start_y({{kSenseCommand, 0, 1, Pair::data}});
    p.run();
    CHECK(p.csw_y() == ended(CE | DE));
    CHECK(p.there_storage.bytes[Pair::data] == 0);
    p.start_x({{kWrite, 0, 5, Pair::data}});
    p.run();
    p.expect_attention_y();
    p.start_y({{kSenseCommand, 0, 1, Pair::data}});
    p.run();
    CHECK(p.csw_y() == ended(CE | DE));
    CHECK(p.there_storage.bytes[Pair::data] == kWrite);
    CHECK(p.here.channels.working(kHere));  // goes on waiting
}

TEST_CASE("CTCA: a command that is no answer is refused with busy and attention") {
    Pair p;
    p.start_x({{kRead, 0, 5, Pair::data}});
    p.run();
    p.expect_attention_y();
    for (const uint8_t command : {kRead, kControl, kReadBackward, kNoOp}) {
        const IoResult r = p.start_y({{command, SLI, 5, Pair::data}});
        CHECK(r.condition_code == 1);
        CHECK(r.csw.unit_status == (kBusy | kAttention));
    }
    CHECK(p.start_y({{kWrite, SLI, 5, Pair::data}}).condition_code == 0);
}

TEST_CASE("CTCA: write end of file in extended mode") {
    Pair p;
    const IoResult r = p.start_x({{kSetExtended, SLI, 1, Pair::data}});
    CHECK(r.csw.unit_status == (CE | DE));
    CHECK(p.x.extended());
    SUBCASE("a read waits") {
        p.start_y({{kRead, SLI, 5, Pair::data}});
        p.run();
        p.csw_x();
        REQUIRE(p.start_x({{kWriteEnd, SLI, 1, Pair::data}}).condition_code == 0);
        p.run();
        CHECK(p.csw_x() == ended(CE | DE, 0, 1));
        CHECK(p.csw_y() == ended(CE | DE | kUnitException, 0, 5));
    }
    SUBCASE("the next read") {
        CHECK(p.start_x({{kWriteEnd, SLI, 1, Pair::data}}).csw.unit_status == (CE | DE));
        p.run();
        CHECK_FALSE(p.csw_y());
        p.start_y({{kRead, SLI, 5, Pair::data}});
        p.run();
        CHECK(p.csw_y() == ended(CE | DE | kUnitException, 0, 5));
        p.start_y({{kRead, SLI, 5, Pair::data}});
        p.run();
        CHECK_FALSE(p.csw_y());
    }
    SUBCASE("in basic mode it is a write") {
        p.start_x({{kSetBasic, SLI, 1, Pair::data}});
        CHECK_FALSE(p.x.extended());
        REQUIRE(p.start_x({{kWriteEnd, 0, 2, Pair::data}}).condition_code == 0);
        p.run();
        p.expect_attention_y();
        p.start_y({{kRead, 0, 2, Pair::data}});
        p.run();
        CHECK(p.csw_y() == ended(CE | DE));
    }
}

TEST_CASE("CTCA: sense, and commands that the adapter does not have") {
    Pair p;
    for (const uint8_t command : {uint8_t{0x24}, uint8_t{0xE3}, uint8_t{0xD3}}) {
        CHECK(p.start_x({{command, SLI, 1, Pair::data}}).csw.unit_status == kUnitCheck);
        CHECK(p.sense_x() == 0x80);
    }
    CHECK(p.start_x({{kNoOp, SLI, 1, Pair::data}}).csw.unit_status == (CE | DE));
}

TEST_CASE("CTCA: an end without a partner") {
    Machine m;
    auto& x = m.channels.attach(kHere, std::make_unique<ChannelToChannel>(ChannelToChannelTiming{}));
    m.ccws({{kWrite, SLI, 1, Machine::data}});
    const IoResult r = m.start(Machine::program, kHere);
    CHECK(r.csw.unit_status == kUnitCheck);
    CHECK(x.sense()[0] == 0x40);
    {
        ChannelToChannel y{ChannelToChannelTiming{}};
        x.couple(y);
        CHECK_THROWS_AS(y.couple(x), std::invalid_argument);
        CHECK(m.start(Machine::program, kHere).condition_code == 0);
    }
    CHECK(x.partner() == nullptr);
    m.run();
}

TEST_CASE("CTCA: ends that are parted") {
    Pair p;
    SUBCASE("by who waits or by the other one") {
        for (const bool by_waiter : {true, false}) {
            p.start_x({{kWrite, 0, 5, Pair::data}});
            (by_waiter ? p.x : p.y).uncouple();
            p.run();
            const auto csw = p.csw_x();
            REQUIRE(csw);
            CHECK(*csw == ended(CE | DE | kUnitCheck, kIl, 5));
            CHECK(p.sense_x() == kSenseInterventionRequired);
            CHECK_FALSE(p.csw_y());  // no attention either
            p.x.couple(p.y);
        }
    }
    SUBCASE("in the middle of a transfer, whoever runs it") {
        for (const bool x_runs : {true, false}) {
            if (!x_runs) p.start_x({{kWrite, 0, 5, Pair::data}});
            p.start_y({{kRead, 0, 5, Pair::data}});
            if (x_runs) p.start_x({{kWrite, 0, 5, Pair::data}});
            p.x.uncouple();
            p.run();
            REQUIRE(p.csw_x());
            REQUIRE(p.csw_y());
            CHECK_FALSE(p.here.channels.working(kHere));
            CHECK_FALSE(p.there.working(kThere));
            p.x.couple(p.y);
        }
    }
    SUBCASE("because one is gone, in the middle of a transfer that the other runs") {
        p.start_x({{kWrite, 0, 5, Pair::data}});
        p.start_y({{kRead, 0, 5, Pair::data}});
        p.here.channels.detach(kHere);
        p.run();
        CHECK_FALSE(p.there.working(kThere));
        CHECK(p.y.partner() == nullptr);
        return;
    }
    SUBCASE("and nothing else is left of it") {
        p.x.uncouple();
        p.y.uncouple();
        CHECK(p.x.partner() == nullptr);
        CHECK(p.y.partner() == nullptr);
        p.x.couple(p.y);
        p.start_x({{kWrite, 0, 5, Pair::data}});
        p.start_y({{kRead, 0, 5, Pair::data}});
        p.run();
        CHECK(p.csw_x() == ended(CE | DE));
        CHECK(p.csw_y() == ended(CE | DE));
    }
}

TEST_CASE("CTCA: both ends on one machine") {
    Machine m;
    auto& x = m.channels.attach(kHere, std::make_unique<ChannelToChannel>(ChannelToChannelTiming{}));
    auto& y = m.channels.attach(kThere, std::make_unique<ChannelToChannel>(ChannelToChannelTiming{}));
    x.couple(y);
    m.ccws({{kWrite, 0, 3, Machine::data}});
    m.ccws({{kRead, 0, 3, 0x3000}}, 0x1800);
    m.storage.bytes[Machine::data] = 0x5A;
    REQUIRE(m.start(Machine::program, kHere).condition_code == 0);
    REQUIRE(m.start(0x1800, kThere).condition_code == 0);
    m.run();
    CHECK(m.interruption(kHere).unit_status == (CE | DE));
    CHECK(m.interruption(kThere).unit_status == (CE | DE));
    CHECK(m.storage.bytes[0x3000] == 0x5A);
}

TEST_CASE("CTCA: halt") {
    Pair p;
    SUBCASE("of a command that waits: it is forgotten") {
        p.start_x({{kWrite, 0, 5, Pair::data}});
        p.run(10 * kMicrosecond);
        p.here.channels.halt_io(kHere);
        CHECK(p.csw_x() == ended(CE | DE, 0, 5));
        p.run();
        CHECK_FALSE(p.csw_y());  // attention had not come yet
        p.start_y({{kSenseCommand, 0, 1, Pair::data}});
        p.run();
        CHECK(p.there_storage.bytes[Pair::data] == 0);
    }
    SUBCASE("of a transfer: it ends at both sides, whichever is halted") {
        for (const bool reader_halts : {false, true}) {
            p.start_x({{kWrite, SLI, 30000, Pair::data}});
            p.run();
            p.csw_y();
            p.start_y({{kRead, SLI, 30000, Pair::data}});
            p.run(kMillisecond);
            CHECK(p.here.channels.working(kHere));
            if (reader_halts)
                p.there.halt_io(kThere);
            else
                p.here.channels.halt_io(kHere);
            p.run();
            CHECK(p.csw_x()->unit_status == (CE | DE));
            CHECK(p.csw_y()->unit_status == (CE | DE));
            CHECK_FALSE(p.csw_x());
            CHECK_FALSE(p.csw_y());
        }
    }
    SUBCASE("of a control that waits for its device end") {
        for (const bool chained : {false, true}) {
            CAPTURE(chained);
            p.start_x({{kControl, static_cast<uint8_t>(chained ? CC | SLI : SLI), 1, 0},
                       {kWrite, 0, 5, Pair::data}});
            p.run();
            p.csw_y();
            CHECK_FALSE(p.csw_x());
            p.here.channels.halt_io(kHere);
            p.run();
            CHECK(p.csw_x()->unit_status == DE);
            CHECK_FALSE(p.csw_x());
            p.start_y({{kSenseCommand, 0, 1, Pair::data}});
            p.run();
            p.csw_y();
            CHECK(p.there_storage.bytes[Pair::data] == 0);
        }
    }
    SUBCASE("of a sense command byte: the control goes on waiting") {
        p.start_x({{kControl, SLI, 1, 0}});
        p.run();
        p.csw_y();
        p.start_y({{kSenseCommand, SLI, 1, Pair::data}});
        p.there.halt_io(kThere);
        p.run();
        CHECK_FALSE(p.csw_x());
        CHECK(p.csw_y()->unit_status == (CE | DE));
    }
}

TEST_CASE("CTCA: system reset") {
    Pair p;
    SUBCASE("of the side that waits: its command is forgotten") {
        p.start_x({{kWrite, 0, 5, Pair::data}});
        p.run();
        p.csw_y();
        p.here.channels.reset();
        p.start_y({{kSenseCommand, 0, 1, Pair::data}});
        p.run();
        CHECK(p.there_storage.bytes[Pair::data] == 0);
        CHECK_FALSE(p.csw_x());
    }
    SUBCASE("of the side waited for: unit check, intervention required") {
        p.start_x({{kWrite, 0, 5, Pair::data}});
        p.run();
        p.there.reset();
        CHECK(p.csw_x() == ended(CE | DE | kUnitCheck, kIl, 5));
        CHECK(p.sense_x() == 0x40);
        CHECK_FALSE(p.csw_y());
    }
    SUBCASE("in the middle of an answer: the side that waits is told") {
        p.start_x({{kControl, SLI, 1, 0}});
        p.run();
        p.csw_y();
        p.start_y({{kSenseCommand, SLI, 1, Pair::data}});
        p.there.reset();
        p.run();
        CHECK(p.csw_x() == Csw{0, 0, DE | kUnitCheck, 0, 0});
        CHECK(p.sense_x() == 0x40);
    }
    SUBCASE("extended mode and an end of file are forgotten") {
        p.start_x({{kSetExtended, SLI, 1, 0}});
        p.start_x({{kWriteEnd, SLI, 1, Pair::data}});
        p.here.channels.reset();
        p.there.reset();
        CHECK_FALSE(p.x.extended());
        p.start_y({{kRead, SLI, 5, Pair::data}});
        p.run();
        CHECK_FALSE(p.csw_y());
    }
}

TEST_CASE("CTCA: how long a transfer takes") {
    Pair p;
    p.start_x({{kWrite, 0, 30000, Pair::data}});
    p.run();
    p.csw_y();
    const SimTime begun = p.here.queue.now();
    p.start_y({{kRead, 0, 30000, Pair::data}});
    while (!p.there.pending()) p.here.queue.run_until(p.here.queue.next());
    CHECK(p.here.queue.now() - begun == 20 * kMillisecond + ChannelToChannelTiming{}.command);
    CHECK(ChannelToChannelTiming::of(MachineModel::load("s370-158")).bytes_per_second == 1'500'000);
}

TEST_CASE("CTCA: random commands, halts and resets at both sides leave nothing hanging") {
    std::mt19937 random(1);
    const auto below = [&](unsigned n) { return static_cast<unsigned>(random() % n); };
    for (unsigned n = 0; n < 200; ++n) {
        Pair p;
        constexpr uint8_t kCommands[] = {kWrite,    kRead,         kNoOp,         kSense,
                                         kControl,  kReadBackward, kSenseCommand, kSetBasic,
                                         kWriteEnd, kSetExtended,  kWrite,        kRead};
        for (unsigned step = 0; step < 60; ++step) {
            const bool at_x = below(2) == 0;
            ChannelSubsystem& channels = at_x ? p.here.channels : p.there;
            const uint16_t address = at_x ? kHere : kThere;
            switch (below(10)) {
                case 0: channels.halt_io(address); break;
                case 1:
                    if (below(4) == 0) channels.reset();
                    break;
                case 2: channels.clear_io(address); break;
                case 3:
                case 4: p.run(below(3000) * kMicrosecond); break;
                case 5: channels.take(address); break;
                default: {
                    std::vector<Ccw> list;
                    for (unsigned k = below(4) + 1; k != 0; --k)
                        list.push_back({kCommands[below(std::size(kCommands))],
                                        static_cast<uint8_t>(k == 1          ? SLI
                                                             : below(4) == 0 ? CD
                                                                             : CC | SLI),
                                        static_cast<uint16_t>(1 + below(3000)), 0x3000});
                    ArrayStorage& storage = at_x ? p.here.storage : p.there_storage;
                    uint32_t at = Pair::program;
                    for (const Ccw& ccw : list) {
                        storage.put64(at, encode(ccw));
                        at += 8;
                    }
                    channels.start_io(address, Pair::program);
                }
            }
        }
        // After a reset of both sides they work.
        p.here.channels.reset();
        p.there.reset();
        p.run();
        REQUIRE_FALSE(p.csw_x());
        REQUIRE_FALSE(p.csw_y());
        p.put_x("HELLO");
        REQUIRE(p.start_x({{kWrite, 0, 5, Pair::data}}).condition_code == 0);
        REQUIRE(p.start_y({{kRead, 0, 5, Pair::data}}).condition_code == 0);
        p.run();
        REQUIRE(p.csw_x() == ended(CE | DE));
        REQUIRE(p.csw_y() == ended(CE | DE));
        REQUIRE(p.got_y(5) == "HELLO");
    }
}
