// A translating channel's tables, written by hand.
#include "simulation/machine/io_table.hpp"

#include <doctest/doctest.h>

#include <vector>

namespace simulation::test {
namespace {

constexpr uint32_t kDirectory = 0x1000, kTable = 0x1400, kFrame = 0x5000;

struct Tables {
    Tables() {
        storage.put32(kDirectory, kTable);
        zone.on_refused = [this](const RefusedAccess& access) { refused.push_back(access); };
    }
    void map(uint32_t page, uint32_t word) { storage.put32(kTable + 4 * page, word); }
    ChannelAccess store(uint32_t address, uint8_t key = 0) { return zone.store(address, bytes, 4, key); }
    ChannelAccess fetch(uint32_t address, uint8_t key = 0) { return zone.fetch(address, bytes, 4, key); }

    RealStorage storage{0x10000};
    IoZone zone{storage, kDirectory};
    uint8_t bytes[4] = {1, 2, 3, 4};
    std::vector<RefusedAccess> refused;
};

TEST_CASE("a channel goes where its tables lead, for what they allow") {
    Tables t;
    t.map(3, kFrame | kIoMayStore);
    t.map(4, (kFrame + kIoPage) | kIoMayFetch);
    CHECK(t.store(0x3100) == ChannelAccess::ok);
    CHECK(t.storage.get32(kFrame + 0x100) == 0x01020304);
    CHECK(t.storage.key(kFrame) == (kKeyReferenced | kKeyChanged));
    CHECK(t.fetch(0x3100) == ChannelAccess::protection);
    t.storage.put32(kFrame + kIoPage, 0xA1B2C3D4);
    CHECK(t.fetch(0x4000) == ChannelAccess::ok);
    CHECK(t.bytes[3] == 0xD4);
    CHECK(t.store(0x4000) == ChannelAccess::protection);
    CHECK(t.store(0x5000) == ChannelAccess::addressing);    // no entry
    CHECK(t.store(0x105000) == ChannelAccess::addressing);  // no table
    CHECK(t.store(0x1000000) == ChannelAccess::addressing);
    REQUIRE(t.refused.size() == 5);
    CHECK(t.refused[0].why == RefusedAccess::Why::not_permitted);
    CHECK(!t.refused[0].storing);
    CHECK(t.refused[2].why == RefusedAccess::Why::not_mapped);
    CHECK(t.refused[2].address == 0x5000);
}

TEST_CASE("storage keys are checked behind the tables, and are no refusal of theirs") {
    Tables t;
    t.map(3, kFrame | kIoMayStore | kIoMayFetch);
    t.storage.set_key(kFrame, 0x30);
    CHECK(t.store(0x3000, 0x4) == ChannelAccess::protection);
    CHECK(t.fetch(0x3000, 0x4) == ChannelAccess::ok);
    t.storage.set_key(kFrame, 0x38);
    CHECK(t.fetch(0x3000, 0x4) == ChannelAccess::protection);
    CHECK(t.fetch(0x3000, 0x3) == ChannelAccess::ok);
    CHECK(t.refused.empty());
}

TEST_CASE("an entry that was taken out is used until the channel is told to forget it") {
    Tables t;
    t.map(3, kFrame | kIoMayStore);
    CHECK(t.store(0x3000) == ChannelAccess::ok);
    t.map(3, 0);
    CHECK(t.store(0x3000) == ChannelAccess::ok);
    t.zone.purge();
    CHECK(t.store(0x3000) == ChannelAccess::addressing);
    CHECK(t.zone.walks() == 2);
    // What is allowed in addition needs no purge.
    t.map(3, kFrame | kIoMayStore);
    CHECK(t.store(0x3000) == ChannelAccess::ok);
    t.map(3, kFrame | kIoMayStore | kIoMayFetch);
    CHECK(t.fetch(0x3000) == ChannelAccess::ok);
}

TEST_CASE("a zone is for the units that it was given") {
    Tables t;
    t.zone.units = {0x150, 0x152};
    CHECK(t.zone.permits_unit(0x152));
    CHECK(!t.zone.permits_unit(0x151));
}

}  // namespace
}  // namespace simulation::test
