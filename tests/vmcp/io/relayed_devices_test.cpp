// Single things that random programs have found: what a guest is told of a device that lies on a real one.
#include <doctest/doctest.h>

#include "simulation/devices/fba_disk.hpp"
#include "tests/vmcp/io/channel_twins.hpp"
#include "vmcp/storage/frame_table.hpp"

namespace vmcp::test {
namespace {

using What = TwinAction::What;

/// Twins with a folder of their own.
struct Pair {
    explicit Pair(const TwinKind& kind) : twins(kind, folder.path()) {}
    simulation::TemporaryDirectory folder{"vmcp-twins"};
    Twins twins;
};

TEST_CASE("the status in which a device ends behind CLEAR I/O comes to the guest") {
    Pair pair({.name = "3330"});
    // Search for a record that is not there, and so for two turns.
    pair.twins.put(0x1000, {0x31, 0, 0x20, 0, 0x40, 0, 0, 5, 0x08, 0, 0x10, 0, 0, 0, 0, 0});
    pair.twins.put(0x2000, {0, 0, 0, 0, 99});
    CHECK(pair.twins.difference(0x1000, {{What::clear_io, 7 * simulation::kMillisecond}}) == "");
    // A seek goes on; its device end is to come.
    pair.twins.put(0x1000, {0x07, 0, 0x20, 0, 0x40, 0, 0, 6, 0x03, 0, 0, 0, 0, 0, 0, 1});
    pair.twins.put(0x2000, {0, 0, 0, 5, 0, 0});
    CHECK(pair.twins.difference(0x1000, {{What::clear_io, 3 * simulation::kMillisecond},
                                         {What::start_io, 4 * simulation::kMillisecond}}) == "");
}

TEST_CASE("blocks are enciphered as long as the machine has the disk, and no longer") {
    IoHost host;
    simulation::DeviceDescription space;
    space.address = 0x370;
    space.type = "3370";
    host.cp.attach_temporary(space);
    MappedDevice one;
    one.address = 0x190;
    one.temporary = "3370";
    one.count = 20;
    one.watched = true;
    one.block_key = "2718281828459045235360287471352631415926535897932384626433832795";
    VirtualMachine& vm = host.log_on("a", StorageKind::paged, {one});
    const auto& disk = dynamic_cast<const simulation::FbaDisk&>(*host.machine.channels().device(0x370));
    CHECK(disk.filters() == 1);
    vm.io.detach(0x190);
    CHECK(disk.filters() == 0);
}

TEST_CASE("CLEAR I/O tells of a program-controlled interruption that was not taken") {
    Pair pair({.name = "3330"});
    pair.twins.put(0x1000, {0x31, 0, 0x20, 0, 0x48, 0, 0, 5, 0x08, 0, 0x10, 0, 0, 0, 0, 0});
    pair.twins.put(0x2000, {0, 0, 0, 0, 99});
    CHECK(pair.twins.difference(
              0x1000,
              {{What::clear_io, 7 * simulation::kMillisecond}, {What::enable, 8 * simulation::kMillisecond}},
              false) == "");
}

TEST_CASE("START I/O that finds the device busy tells of the first CCW's program-controlled interruption") {
    Pair pair({.name = "3420", .type = "3420"});
    pair.twins.put(0x1000, {0x37, 0, 0, 0, 0x60, 0, 0, 1, 0x07, 0, 0, 0, 0x20, 0, 0, 1});
    CHECK(pair.twins.difference(0x1000) == "");
    pair.twins.put(0x1000, {0x07, 0, 0, 0, 0x28, 0, 0, 1});  // rewind: channel end at once
    CHECK(pair.twins.difference(0x1000, {{What::start_io, simulation::kMicrosecond}}) == "");
}

TEST_CASE("sense information of a unit check in the initial status is kept for the guest") {
    Pair pair({.name = "3370", .type = "3370", .first = 12 * 62, .count = 80, .shared = true});
    pair.twins.put(0x1000, {0x43, 0, 0x20, 0, 0x20, 0, 0, 8});  // a locate without its extent
    pair.twins.put(0x1800, {0x04, 0, 0x30, 0, 0x20, 0, 0, 2});
    for (unsigned n = 0; n < 4; ++n) {
        conformance::Random random(1, n);
        CHECK(pair.twins.difference(0x1000) == "");
        CHECK(pair.twins.checked());
        pair.twins.let_others(random, false);
        CHECK(pair.twins.difference(0x1800) == "");
        CHECK(pair.twins.storage_difference() == "");
    }
}

TEST_CASE("recalibrate on a minidisk has moved no byte") {
    Pair pair({.name = "3330", .first = 4, .count = 3});
    pair.twins.put(0x1000, {0x07, 0, 0x20, 0, 0x40, 0, 0, 6, 0x13, 0, 0, 0, 0x20, 0, 0, 22});
    pair.twins.put(0x2000, Bytes(6));
    CHECK(pair.twins.difference(0x1000) == "");
    CHECK(pair.twins.difference(0x1000) == "");
}

TEST_CASE("a program that is followed begins anew where the control unit was busy") {
    Pair pair({.name = "3330", .first = 4, .count = 3});
    // A new record 1 on cylinder 1, which keeps the control unit busy until it has erased what lies behind
    // it.
    pair.twins.put(0x1000, {0x07, 0, 0x20, 0, 0x40, 0, 0, 6, 0x31, 0, 0x20, 2,    0x40, 0, 0, 5,  //
                            0x08, 0, 0x10, 8, 0,    0, 0, 0, 0x1D, 0, 0x20, 0x10, 0x20, 0, 0, 12});
    pair.twins.put(0x2000, {0, 0, 0, 1, 0, 0, 0});
    pair.twins.put(0x2010, {0, 1, 0, 0, 1, 0, 0, 4, 1, 2, 3, 4});
    CHECK(pair.twins.difference(0x1000) == "");
    // The seek's argument comes in two parts, and the program reads into itself.
    pair.twins.put(0x1000, {0x07, 0, 0x20, 0,    0x80, 0, 0, 5, 0,    0, 0x20, 5, 0x40, 0, 0, 1,  //
                            0x12, 0, 0x10, 0x18, 0x60, 0, 0, 8, 0x03, 0, 0,    0, 0x20, 0, 0, 1});
    CHECK(pair.twins.difference(0x1000) == "");
    CHECK(pair.twins.counts().followed == 1);
}

TEST_CASE("where channel programs are copied to, no key of a former page is left") {
    simulation::RealStorage storage(8 * kPage);
    FrameTable frames(storage, 0);
    std::vector<FirstLevel> pages;
    while (const auto page = frames.take_page()) pages.push_back(*page);
    for (const FirstLevel page : pages) storage.set_key(page.value + simulation::kBlock, 0x98);
    frames.give_back(pages.back());
    const auto table = frames.take_table(kPage, 64);
    REQUIRE(table);
    CHECK(storage.key(table->value + simulation::kBlock) == 0);
}

}  // namespace
}  // namespace vmcp::test
