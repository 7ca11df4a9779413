// Random drivers that are hostile, two at a time: rings that change at any moment, lengths, addresses, loops,
// doorbells, resets, disks that go. Nobody but the machine itself is harmed: no storage of others and no
// block outside of its minidisk changes, all work is bounded, and in the end everything is given back.
#include <doctest/doctest.h>

#include <cstdlib>
#include <random>

#include "simulation/devices/fba_disk.hpp"
#include "tests/vmcp/rings/ring_driver.hpp"

namespace vmcp::test {
namespace {

constexpr uint16_t kReal = 0x370, kVirtual = 0x191;
constexpr uint32_t kBlocks = 200;

using Random = std::mt19937;

uint32_t below(Random& random, uint32_t n) { return static_cast<uint32_t>(random() % n); }

MappedDevice minidisk(uint32_t first) {
    MappedDevice one;
    one.address = kVirtual;
    one.real = kReal;
    one.first = first;
    one.count = kBlocks;
    return one;
}

struct Hostile {
    Hostile(IoHost& host, unsigned n, uint32_t disk, Random& with)
        : random(with), machine(host, rings(), {minidisk(disk)}, "hostile" + std::to_string(n)) {}

    static std::vector<RingDescription> rings() {
        RingDescription block = ring_of(RingKind::block);
        block.disk = kVirtual;
        return {ring_of(RingKind::entropy), block, ring_of(RingKind::network), ring_of(RingKind::console)};
    }
    /// Mostly within the rings and a few pages of buffers, sometimes anywhere.
    uint32_t some_address() {
        switch (below(random, 8)) {
            case 0: return random();
            case 1: return kRingStorage - below(random, 64);
            default: return below(random, 0x8000);
        }
    }
    uint32_t some_length() {
        switch (below(random, 6)) {
            case 0: return random();
            case 1: return 0;
            case 2: return 512 * (1 + below(random, 8));
            default: return 1 + below(random, 600);
        }
    }
    static uint32_t base(unsigned device, unsigned queue) { return 0x1000 * (1 + device) + 0x800 * queue; }

    /// As a driver should; with a size of 4 or 8.
    void bring_up_again(unsigned number) {
        RingDevice& device = machine.device(number);
        device.set_status(0);
        device.set_status(1);
        device.set_status(3);
        device.accept(below(random, 2) == 0 ? 0 : kEventIndex);
        device.set_status(11);
        for (unsigned q = 0; q < device.queues(); ++q) {
            put_storage(*machine.vm, base(number, q), Bytes(0x200));
            QueueDriver(machine, number, q, base(number, q), 8).set_up();
            available[number][q] = 0;
        }
        device.set_status(15);
    }
    void chain(unsigned number, unsigned q) {
        QueueDriver queue(machine, number, q, base(number, q), 8);
        const uint32_t at = 0x5000 + 512 * below(random, 8);
        for (uint16_t n = 0; n < 8; ++n)
            queue.descriptor(n, below(random, 12) == 0 ? some_address() : at + 16 * n,
                             below(random, 12) == 0 ? some_length() : 1 + below(random, 512),
                             static_cast<uint16_t>(below(random, 40) == 0 ? random() : below(random, 4)),
                             static_cast<uint16_t>(below(random, 20) == 0 ? random() : below(random, 8)));
        if (number == 1 && below(random, 2) == 0) {  // a good request for the disk
            put_header(*machine.vm, at, below(random, 2), below(random, kBlocks + 8));
            queue.descriptor(0, at, 16, 1, 1);
            queue.descriptor(1, 0x6000, 512 * (1 + below(random, 2)),
                             get(*machine.vm, at + 3, 1) == 0 ? 3 : 1, 2);
            queue.descriptor(2, at + 32, 1, 2, 0);
            put(*machine.vm, queue.available + 4 + 2u * (available[number][q] % 8), 0, 2);
        } else {
            put(*machine.vm, queue.available + 4 + 2u * (available[number][q] % 8), below(random, 8), 2);
        }
        ++available[number][q];
        if (below(random, 200) == 0) available[number][q] = static_cast<uint16_t>(random());  // it jumps
        put(*machine.vm, queue.available + 2, available[number][q], 2);
    }
    void operate() {
        const unsigned number = below(random, 4);
        RingDevice& device = machine.device(number);
        const unsigned q = below(random, device.queues());
        switch (below(random, 16)) {
            case 0:
                if (!device.live() || below(random, 20) == 0) bring_up_again(number);
                break;
            case 1: device.set_status(static_cast<uint8_t>(random())); break;
            case 2: device.accept(random()); break;
            case 3:
                device.set_queue(below(random, 3), {static_cast<uint16_t>(1u << below(random, 10)),
                                                    some_address(), some_address(), some_address()});
                break;
            case 4: {  // scribbles over its rings
                Bytes some(1 + below(random, 16));
                for (uint8_t& byte : some) byte = static_cast<uint8_t>(random());
                if (below(random, 8) == 0) put_storage(*machine.vm, 0x1000 + below(random, 0x4000), some);
                break;
            }
            case 5: machine.vm->rings->set_indicators(some_address()); break;
            case 6: machine.vm->rings->signal_taken(); break;
            case 7:
                if (below(random, 40) == 0) machine.vm->rings->reset();
                break;
            case 8: machine.vm->io.devices.console->enter("a line"); break;
            case 9:
                if (below(random, 500) == 0) machine.vm->io.detach(kVirtual);
                break;
            default:
                if (!device.live()) return bring_up_again(number);
                chain(number, q);
                break;
        }
        Work work(machine.host.cp.ledger(), machine.vm->account, Cause::rings);
        const uint64_t before = device.counts().requests;
        device.doorbell(work, q);
        if (device.counts().requests - before > RingDevice::kAtOnce) FAIL("a doorbell does too much");
    }

    Random& random;
    RingMachine machine;
    std::array<std::array<uint16_t, 2>, 4> available{};
};

TEST_CASE("hostile drivers harm nobody") {
    const char* const wanted = std::getenv("VMCP_OPERATIONS");
    const unsigned operations = wanted != nullptr ? static_cast<unsigned>(std::atol(wanted)) : 200'000;
    constexpr unsigned kLife = 5'000;  // operations, until it logs off in the middle of everything
    Random random(370);
    RingCounts all;
    std::array<uint64_t, 4> bytes{};  // by device
    for (unsigned done = 0; done < operations; done += 2 * kLife) {
        IoHost host;
        simulation::TemporaryDirectory folder{"rings"};
        simulation::DeviceDescription pack;
        pack.address = kReal;
        pack.type = "3370";
        pack.file = (folder.path() / "pack").string();
        simulation::images::create_fba(pack.file, 3 * kBlocks);
        auto& disk = dynamic_cast<simulation::FbaDisk&>(host.cp.real_io().attach(pack).device);
        host.machine.channels().test_io(kReal);
        // A bystander whose storage is to stay as it is, and the blocks between the two minidisks.
        RingMachine bystander(host, {}, {}, "bystander");
        const Bytes untouched(kRingStorage, 0x5A);
        put_storage(*bystander.vm, 0, untouched);
        const uint32_t frames = host.cp.frames().free_frames();
        {
            Hostile one(host, 1, 0, random), other(host, 2, 2 * kBlocks, random);
            for (unsigned i = 0; i < kLife; ++i) {
                one.operate();
                other.operate();
                for (unsigned steps = below(random, 4); steps > 0; --steps) host.step();
            }
            for (const Hostile* each : {&one, &other})
                for (unsigned n = 0; n < 4; ++n) {
                    const RingCounts& counts = each->machine.device(n).counts();
                    all.requests += counts.requests;
                    bytes[n] += counts.bytes;
                    for (unsigned f = 0; f < kRingFaults; ++f) all.faults[f] += counts.faults[f];
                }
            host.cp.log_off(*one.machine.vm);
            for (unsigned i = 0; i < 50; ++i) other.operate();
            host.cp.log_off(*other.machine.vm);
            for (unsigned i = 0; i < 100'000 && host.step(); ++i) {
            }
        }
        REQUIRE(storage_of(*bystander.vm) == untouched);
        REQUIRE(host.cp.frames().free_frames() == frames);
        REQUIRE_FALSE(host.cp.real_io().find(kReal)->busy());
        REQUIRE(host.cp.real_io().find(kReal)->waiting() == 0);
        disk.mount(simulation::Medium{});  // closes the file
        const auto image = simulation::images::open_fba(pack.file, simulation::images::Access::read);
        std::vector<uint8_t> block(512);
        for (uint32_t b = kBlocks; b < 2 * kBlocks; ++b) {
            image->read(b, block);
            REQUIRE(block == std::vector<uint8_t>(512));
        }
    }
    // It was no idle play: requests were served, and each fault has come about.
    CHECK(all.requests > operations / 20);
    for (unsigned n = 0; n < bytes.size(); ++n) {
        CAPTURE(n);
        CHECK(bytes[n] > operations / 2);
    }
    for (unsigned f = 1; f < kRingFaults; ++f) {
        CAPTURE(name_of(static_cast<RingFault>(f)));
        CHECK(all.faults[f] > 0);
    }
}

}  // namespace
}  // namespace vmcp::test
