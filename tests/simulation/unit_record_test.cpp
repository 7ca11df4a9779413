// The unit-record devices together: hostile programs, machine models, size.
#include "tests/simulation/unit_record_fixture.hpp"

using namespace unit_record_test;

TEST_CASE("random channel programs and instructions neither hang nor upset the channels") {
    uint64_t seed = 0x370;
    const auto random = [&](uint32_t below) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        return static_cast<uint32_t>(seed >> 33) % below;
    };
    const uint16_t addresses[] = {kConsole, kReader, kPunch, kPrinter, Machine::device_address};
    const uint8_t commands[] = {0x01, 0x02, 0x03, 0x04, 0x08, 0x09, 0x0A, 0x0B,
                                0x0C, 0x11, 0x19, 0x23, 0x41, 0x89, 0x93};
    UnitRecordMachine m;
    unsigned interruptions = 0;
    for (int round = 0; round < 2000; ++round) {
        for (uint32_t at = 0x1000; at < 0x1040; at += 8) {
            const Ccw ccw{random(8) ? commands[random(15)] : static_cast<uint8_t>(random(256)),
                          static_cast<uint8_t>(random(16) ? random(64) << 2 : random(256)),
                          static_cast<uint16_t>(random(4) ? random(100) : random(65536)),
                          random(4) ? 0x1000 + random(64) * 4 : random(1u << 24)};
            m.storage.put64(at, encode(ccw));
        }
        const uint16_t address = addresses[random(5)];
        switch (random(8)) {
            case 0: m.channels.halt_io(address); break;
            case 1: m.channels.clear_io(address); break;
            case 2: m.channels.test_io(address); break;
            case 3: m.console.enter("text"); break;
            case 4: m.reader.load(cards({"card"})); break;
            default: m.channels.start_io(address, 0x1000 + random(8) * 8); break;
        }
        m.run(random(2) ? 50 * kMillisecond : kMicrosecond * random(1000));
        // What the list of pending interruptions shows can be taken, and nothing else can.
        while (const auto pending = m.channels.pending()) {
            REQUIRE(m.channels.take(*pending).has_value());
            ++interruptions;
        }
        for (const uint16_t any : addresses) REQUIRE_FALSE(m.channels.take(any).has_value());
    }
    CHECK(interruptions > 200);
    m.channels.reset();
    CHECK(m.queue.empty());
    for (const uint16_t any : addresses) CHECK(m.channels.test_io(any).condition_code == 0);
}

TEST_CASE("timings come from the machine model") {
    const MachineModel model = MachineModel::load("s370-158");
    CHECK(timing_of(model, "2540", UnitRecordRole::card_reader).cycle == 60 * kMillisecond);
    CHECK(timing_of(model, "2540", UnitRecordRole::card_punch).cycle == 200 * kMillisecond);
    CHECK(timing_of(model, "1403", UnitRecordRole::printer).cycle == kSecond * 60 / 1100);
    CHECK(timing_of(model, "1403", UnitRecordRole::printer).transfer == kLineTransfer);
    CHECK(timing_of(model, "3215", UnitRecordRole::console).character == 11'765 * kMicrosecond);
    CHECK_THROWS_AS(timing_of(model, "3215", UnitRecordRole::printer), std::out_of_range);
}

TEST_CASE("idle devices are small: four of them, with their subchannels, below 2 KiB") {
    CHECK(sizeof(ChannelSubsystem) + 4 * sizeof(Subchannel) + sizeof(Console) + sizeof(CardReader) +
              sizeof(CardPunch) + sizeof(Printer) <
          2048);
}
