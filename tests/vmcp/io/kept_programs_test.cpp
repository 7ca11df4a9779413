// Copies of channel programs that are kept: which are found again, what looking for them costs, and who has
// to give one up.
#include <doctest/doctest.h>

#include "simulation/devices/ckd_disk.hpp"
#include "simulation/images/memory_image.hpp"
#include "tests/vmcp/io/io_host.hpp"

namespace vmcp::test {
namespace {

constexpr uint16_t kOther = 0x158;
constexpr uint8_t kChain = simulation::kFlagChainCommand, kSuppress = simulation::kFlagSuppressLength;

/// A machine with two disks of its own, `kept` copies each.
struct KeptPair {
    explicit KeptPair(unsigned kept, uint32_t real_storage = 2 * simulation::kMebibyte)
        : host(real_storage, 0, true, {"clock", {"2305-2"}}) {
        std::vector<MappedDevice> disks;
        for (const uint16_t address : {kDevice, kOther}) {
            simulation::DeviceDescription device;
            device.address = address;
            device.type = "3330";
            host.cp.real_io().attach(device);
            auto& disk = dynamic_cast<simulation::CkdDisk&>(*host.machine.channels().device(address));
            disk.mount(simulation::images::ckd_in_memory(*simulation::images::disk_geometry("3330"), 2, {}));
            host.machine.channels().test_io(address);
            MappedDevice mapped;
            mapped.address = mapped.real = address;
            mapped.dedicated = true;
            mapped.way = WayOfIo::fast;
            mapped.kept_programs = kept;
            disks.push_back(mapped);
        }
        vm = &host.log_on("guest", StorageKind::paged, disks);
    }
    /// So many no-operations.
    void put(uint32_t at, unsigned ccws) {
        Bytes bytes;
        for (unsigned left = ccws; left > 0; --left) {
            const auto flags = static_cast<uint8_t>(left == 1 ? kSuppress : kChain | kSuppress);
            bytes.insert(bytes.end(), {0x03, 0, 0, 0, flags, 0, 0, 1});
        }
        put_storage(*vm, at, bytes);
    }
    void start(uint32_t at, uint16_t device = kDevice) {
        host.start(*vm, at, device);
        while (vm->io.channels.working(device) && host.step()) continue;
        while (vm->io.channels.take(device)) continue;
    }
    uint64_t compared() {
        return host.cp.ledger().totals().steps[static_cast<unsigned>(Step::compare_ccw)].count;
    }
    uint64_t reused(uint16_t device = kDevice) { return vm->io.relayed(device)->counts().reused; }

    IoHost host;
    VirtualMachine* vm;
};

TEST_CASE("as many programs as are kept take turns without being translated anew") {
    for (const unsigned kept : {1u, 2u, 3u, 4u}) {
        CAPTURE(kept);
        KeptPair pair(kept);
        for (unsigned i = 0; i < 3; ++i) pair.put(0x1000 + 0x100 * i, 2);
        for (unsigned turn = 0; turn < 5; ++turn)
            for (unsigned i = 0; i < 3; ++i) pair.start(0x1000 + 0x100 * i);
        CHECK(pair.reused() == (kept < 3 ? 0 : 12));
        CHECK(pair.host.cp.copies().count() == std::min(kept, 3u) - 1);
    }
}

TEST_CASE("every CCW that is looked at is charged, and no more") {
    KeptPair pair(4);
    pair.put(0x1000, 5);
    pair.start(0x1000);
    CHECK(pair.compared() == 0);
    pair.start(0x1000);
    CHECK(pair.compared() == 5);
    pair.put(0x1000, 3);  // the third one has another flag
    pair.start(0x1000);
    CHECK(pair.compared() == 5 + 3);
    pair.start(0x1000);  // the last one is looked at first
    CHECK(pair.compared() == 5 + 3 + 3);
    pair.put(0x1000, 5);
    pair.start(0x1000);
    CHECK(pair.compared() == 5 + 3 + 3 + 3 + 5);
    pair.put(0x2000, 5);  // somewhere else: nothing is like it
    pair.start(0x2000);
    CHECK(pair.compared() == 5 + 3 + 3 + 3 + 5);
    CHECK(pair.reused() == 3);
}

TEST_CASE("of all devices' further copies the least recently used one goes, and none of the last ones") {
    KeptPair pair(8, 128 * kPage);  // two further copies in all
    const SpareCopies& copies = pair.host.cp.copies();
    REQUIRE(copies.most() == 2);
    for (unsigned i = 0; i < 3; ++i) pair.put(0x1000 + 0x100 * i, 2);
    for (unsigned i = 0; i < 3; ++i) pair.start(0x1000 + 0x100 * i);
    CHECK(copies.count() == 2);
    pair.start(0x1000, kOther);
    pair.start(0x1100, kOther);  // for it the first one has gone
    CHECK(copies.count() == 2);
    pair.start(0x1200);
    CHECK(pair.reused() == 1);
    pair.start(0x1100);
    CHECK(pair.reused() == 2);
    pair.start(0x1000);
    CHECK(pair.reused() == 2);
    CHECK(copies.count() == 2);
}

TEST_CASE("further copies are given up before a page of anybody is taken away") {
    KeptPair pair(4, 128 * kPage);
    for (unsigned i = 0; i < 3; ++i) pair.put(0x1000 + 0x100 * i, 2);
    for (unsigned i = 0; i < 3; ++i) pair.start(0x1000 + 0x100 * i);
    REQUIRE(pair.host.cp.copies().count() == 2);
    VirtualMachine& hog = pair.host.log_on("hog", StorageKind::paged, {}, 128 * kPage);
    for (uint32_t at = 0; pair.host.cp.copies().count() != 0; at += kPage) {
        REQUIRE(at < hog.storage.size());
        CHECK(pair.host.cp.pager().counts().taken == 0);
        hog.storage.resident(SecondLevel(at));
    }
    // What is left are the last copies. None is added where frames are short.
    pair.start(0x1200);
    CHECK(pair.reused() == 1);
    pair.start(0x1000);
    pair.start(0x1100);
    CHECK(pair.host.cp.copies().count() == 0);
    CHECK(pair.reused() == 1);
}

TEST_CASE("a device that is reset or detached forgets what it kept") {
    KeptPair pair(4);
    for (unsigned i = 0; i < 3; ++i) pair.put(0x1000 + 0x100 * i, 2);
    for (const uint16_t device : {kDevice, kOther})
        for (unsigned i = 0; i < 3; ++i) pair.start(0x1000 + 0x100 * i, device);
    CHECK(pair.host.cp.copies().count() == 4);
    pair.vm->io.relayed(kDevice)->reset();
    CHECK(pair.host.cp.copies().count() == 2);
    pair.start(0x1200);
    CHECK(pair.reused() == 0);
    pair.vm->io.detach(kOther);
    CHECK(pair.host.cp.copies().count() == 0);
}

}  // namespace
}  // namespace vmcp::test
