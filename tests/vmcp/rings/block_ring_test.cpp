// Disks with rings: what is written is there for everybody, takes the time that the disk takes, and nothing
// comes late.
#include <doctest/doctest.h>

#include "simulation/devices/ckd_disk.hpp"
#include "simulation/images/memory_image.hpp"
#include "tests/vmcp/rings/ring_driver.hpp"

namespace vmcp::test {
namespace {

constexpr uint32_t kQueue = 0x1000, kHeader = 0x3000, kStatus = 0x3100, kData = 0x8000;
constexpr uint16_t kReal = 0x370, kVirtual = 0x191;
enum Type : uint32_t { read = 0, write = 1, flush = 4, identify = 8 };

MappedDevice minidisk(uint32_t first, uint32_t count, LinkMode mode = LinkMode::mw) {
    MappedDevice one;
    one.address = kVirtual;
    one.real = kReal;
    one.first = first;
    one.count = count;
    one.mode = mode;
    return one;
}

RingDescription block_ring(uint32_t block = 512) {
    RingDescription one = ring_of(RingKind::block);
    one.disk = kVirtual;
    one.block = block;
    return one;
}

/// A host with a fixed-block disk that is in a file of its own.
struct Disk {
    Disk() {
        simulation::DeviceDescription disk;
        disk.address = kReal;
        disk.type = "3370";
        disk.file = (folder.path() / "pack").string();
        simulation::images::create_fba(disk.file, 7000);
        host.cp.real_io().attach(disk);
        host.machine.channels().test_io(kReal);
    }
    simulation::TemporaryDirectory folder{"rings"};
    IoHost host;
};

/// A machine with a queue for one disk.
struct Reader {
    explicit Reader(IoHost& host, const MappedDevice& disk, uint32_t block = 512,
                    const std::string& name = "reader")
        : machine(host, {block_ring(block)}, {disk}, name), queue(machine, 0, 0, kQueue, 32) {
        bring_up({&queue});
    }
    /// The request, as it is offered; `slot`: of the header, status and data.
    void offer(uint32_t type, uint64_t block, uint32_t bytes, uint32_t slot = 0) {
        VirtualMachine& vm = *machine.vm;
        put_header(vm, kHeader + 16 * slot, type, block);
        put(vm, kStatus + slot, 0xFF, 1);
        std::vector<Buffer> buffers{{kHeader + 16 * slot, 16, false}};
        if (bytes != 0) buffers.push_back({kData + 0x1000 * slot, bytes, type != write});
        buffers.push_back({kStatus + slot, 1, true});
        queue.offer(buffers);
    }
    /// Status of a request that is done alone, and how long it took.
    std::pair<uint32_t, SimTime> request(uint32_t type, uint64_t block, uint32_t bytes) {
        offer(type, block, bytes);
        const uint16_t before = queue.used_index();
        const SimTime began = machine.host.cp.now();
        queue.ring();
        while (queue.used_index() == before && machine.host.step()) {
        }
        CHECK(queue.used_index() == uint16_t(before + 1));
        return {get(*machine.vm, kStatus, 1), machine.host.cp.now() - began};
    }
    void fill(uint8_t with, uint32_t bytes = 4096) {
        Bytes data(bytes);
        for (uint32_t i = 0; i < bytes; ++i) data[i] = static_cast<uint8_t>(with + i * 7 + i / 256);
        put_storage(*machine.vm, kData, data);
    }
    Bytes data(uint32_t bytes = 4096) { return get_bytes(*machine.vm, kData, bytes); }

    RingMachine machine;
    QueueDriver queue;
};

TEST_CASE("what was written is read, from where the minidisk lies") {
    Disk disk;
    Reader one(disk.host, minidisk(1000, 100), 512, "one");
    const auto configuration = one.machine.device().configuration();
    CHECK(configuration[7] == 100);
    CHECK((configuration[10] << 8 | configuration[11]) == 512);
    one.fill(1);
    const Bytes written = one.data();
    CHECK(one.request(write, 10, 4096).first == 0);
    one.fill(99);
    CHECK(one.request(read, 10, 4096).first == 0);
    CHECK(one.data() == written);
    CHECK(one.queue.entry(1).second == 4097);
    // Somebody else has the same blocks under other numbers.
    Reader other(disk.host, minidisk(1005, 50), 512, "other");
    CHECK(other.request(read, 5, 4096).first == 0);
    CHECK(other.data() == written);
    CHECK(one.machine.device().counts().bytes == 8192);
    CHECK(one.request(flush, 0, 0).first == 0);
    CHECK(one.request(identify, 0, 20).first == 0);
    CHECK(isa::printable(one.data(1)[0]) == 'D');
    CHECK(one.request(77, 0, 0).first == 2);
}

TEST_CASE("what is not on the disk is refused, and nobody else's blocks are touched") {
    Disk disk;
    Reader one(disk.host, minidisk(1000, 100));
    Reader neighbour(disk.host, minidisk(1100, 10), 512, "neighbour");
    neighbour.fill(3, 512);
    const Bytes kept = neighbour.data(512);
    REQUIRE(neighbour.request(write, 0, 512).first == 0);
    one.fill(200);
    CHECK(one.request(write, 100, 512).first == 1);
    CHECK(one.request(write, 99, 1024).first == 1);
    CHECK(one.request(write, ~uint64_t{0}, 512).first == 1);
    CHECK(one.request(write, uint64_t{1} << 32, 512).first == 1);
    CHECK(one.request(write, 0, 500).first == 1);
    CHECK(one.request(write, 0, 0).first == 1);
    CHECK(one.machine.device().counts().refused == 6);
    CHECK(one.machine.device().live());
    CHECK(neighbour.request(read, 0, 512).first == 0);
    CHECK(neighbour.data(512) == kept);
}

TEST_CASE("a disk that may only be read says so") {
    Disk disk;
    Reader one(disk.host, minidisk(0, 100, LinkMode::r));
    CHECK((one.machine.device().offered() & 0x20) != 0);
    CHECK(one.request(write, 0, 512).first == 1);
    CHECK(one.request(read, 0, 512).first == 0);
}

TEST_CASE("a request takes the time of the same channel program by START I/O") {
    Disk disk;
    Reader one(disk.host, minidisk(1000, 5000));
    // Both begin at the same phase of the disk, with the arm at the same place.
    const auto align = [&disk] {
        const SimTime turn = simulation::DiskTiming::of(disk.host.machine.model(), "3370").rotation;
        disk.host.cp.ledger().idle_until((disk.host.cp.now() / turn + 2) * turn, false);
        disk.host.machine.catch_up();
    };
    CHECK(one.request(read, 0, 4096).first == 0);
    align();
    const SimTime by_ring = one.request(read, 4000, 4096).second;
    CHECK(one.request(read, 0, 4096).first == 0);
    VirtualMachine& vm = *one.machine.vm;
    // Define extent, locate, read.
    put_storage(vm, 0x4000, {0x63, 0, 0x41, 0, 0x40, 0, 0,    16, 0x43, 0, 0x41, 0x10,
                             0x40, 0, 0,    8, 0x42, 0, 0x80, 0,  0x00, 0, 0x10, 0});
    put_storage(vm, 0x4100,
                {0x40, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x13, 0x87, 6, 0, 0, 8, 0, 0, 0x0F, 0xA0});
    align();
    const SimTime began = disk.host.cp.now();
    REQUIRE(disk.host.start(vm, 0x4000, kVirtual).condition_code == 0);
    std::optional<SimTime> by_sio;
    while (!by_sio && disk.host.step())
        if (const auto ended = vm.io.channels.take(kVirtual)) {
            CHECK(ended->csw.unit_status == 0x0C);
            by_sio = disk.host.cp.now() - began;
        }
    REQUIRE(by_sio);
    CHECK(by_ring == *by_sio);
}

TEST_CASE("several requests are under way at once, and each comes back once") {
    Disk disk;
    Reader one(disk.host, minidisk(0, 5000));
    for (uint32_t i = 0; i < 10; ++i) one.offer(read, 500 * (9 - i), 512, i);
    one.queue.ring();
    auto& ring = dynamic_cast<BlockRing&>(one.machine.device());
    CHECK(ring.under_way() == BlockRing::kMostUnderWay);
    CHECK_FALSE(one.queue.wants_doorbell());
    one.machine.rest();
    CHECK(one.queue.used_index() == 10);
    for (uint32_t i = 0; i < 10; ++i) CHECK(get(*one.machine.vm, kStatus + i, 1) == 0);
    CHECK(one.queue.wants_doorbell());
}

TEST_CASE("descriptors that change under way change nothing") {
    Disk disk;
    Reader one(disk.host, minidisk(0, 100));
    one.fill(5);
    REQUIRE(one.request(write, 0, 4096).first == 0);
    const Bytes written = one.data();
    one.fill(77);
    one.offer(read, 0, 4096);
    one.queue.ring();
    for (uint16_t n = 0; n < 32; ++n) one.queue.descriptor(n, 0, 0x20000, 3, n);
    put_header(*one.machine.vm, kHeader, write, 50);
    one.machine.rest();
    CHECK(one.data() == written);
    CHECK(get(*one.machine.vm, kStatus, 1) == 0);
    CHECK(get(*one.machine.vm, 0, 4) == 0);
}

TEST_CASE("a reset at any moment, or a log-off, gives everything back, and nothing comes late") {
    for (unsigned steps = 0; steps < 40; steps += 3)
        for (const bool log_off : {false, true}) {
            CAPTURE(steps);
            Disk disk;
            const uint32_t frames = disk.host.cp.frames().free_frames();
            {
                Reader one(disk.host, minidisk(0, 5000));
                one.fill(1);
                for (uint32_t i = 0; i < 8; ++i) one.offer(i % 2 == 0 ? read : write, 600 * i, 512, i);
                one.queue.ring();
                for (unsigned i = 0; i < steps; ++i) disk.host.step();
                if (!log_off) {
                    REQUIRE(one.machine.device().set_status(0) == RingRefusal::none);
                    put_storage(*one.machine.vm, 0, Bytes(kRingStorage, 0xEE));
                    one.machine.rest();
                    CHECK(storage_of(*one.machine.vm) == Bytes(kRingStorage, 0xEE));
                    CHECK_FALSE(disk.host.cp.real_io().find(kReal)->busy());
                }
                disk.host.cp.log_off(*one.machine.vm);
                while (disk.host.step()) {
                }
            }
            CHECK(disk.host.cp.frames().free_frames() == frames);
            CHECK_FALSE(disk.host.cp.real_io().find(kReal)->busy());
            // The disk serves the next one.
            Reader next(disk.host, minidisk(0, 5000), 512, "next");
            CHECK(next.request(read, 0, 512).first == 0);
        }
}

TEST_CASE("a disk that goes under way ends its requests with an error") {
    Disk disk;
    Reader one(disk.host, minidisk(0, 5000));
    one.offer(read, 0, 512, 0);
    one.offer(read, 900, 512, 1);
    one.queue.ring();
    CHECK(one.machine.vm->io.detach(kVirtual));
    CHECK(one.queue.used_index() == 2);
    CHECK(get(*one.machine.vm, kStatus, 2) == 0x0101);
    one.machine.rest();
    CHECK(one.request(read, 0, 512).first == 1);
    CHECK(one.machine.device().live());
}

TEST_CASE("a fault while requests are under way ends them") {
    Disk disk;
    Reader one(disk.host, minidisk(0, 5000));
    one.offer(read, 0, 512, 0);
    one.queue.ring();
    put(*one.machine.vm, one.queue.available + 2, 500, 2);
    one.queue.ring();
    CHECK(one.machine.device().fault() == RingFault::index);
    const Bytes before = storage_of(*one.machine.vm);
    one.machine.rest();
    CHECK(storage_of(*one.machine.vm) == before);
}

TEST_CASE("a disk with cylinders, whose tracks are formatted with records of one length") {
    IoHost host;
    simulation::DeviceDescription pack;
    pack.address = kReal;
    pack.type = "3330";
    RealDevice& real = host.cp.real_io().attach(pack);
    auto& disk = dynamic_cast<simulation::CkdDisk&>(real.device);
    const uint32_t records = BlockDisk::records_of_track(disk.geometry(), 2048);
    disk.mount(
        simulation::images::ckd_in_memory(disk.geometry(), 20, {static_cast<uint16_t>(records), 2048}));
    host.machine.channels().test_io(kReal);
    Reader one(host, minidisk(3, 2), 2048);
    const uint32_t blocks = 2 * disk.geometry().heads * records;
    CHECK(one.machine.device().configuration()[7] == (blocks & 0xFF));
    // Over the end of a track, and of a cylinder.
    for (const uint32_t block : {0u, records - 1, disk.geometry().heads * records - 1, blocks - 2}) {
        CAPTURE(block);
        one.fill(static_cast<uint8_t>(block));
        const Bytes written = one.data();
        CHECK(one.request(write, block, 4096).first == 0);
        one.fill(1);
        CHECK(one.request(read, block, 4096).first == 0);
        CHECK(one.data() == written);
    }
    CHECK(one.request(read, blocks - 1, 4096).first == 1);
    CHECK(one.request(read, 0, 512).first == 1);
}

TEST_CASE("what cannot be a disk with rings is told at log-on") {
    Disk disk;
    const auto log_on = [&](RingDescription ring, std::vector<MappedDevice> disks) {
        RingMachine(disk.host, {ring}, std::move(disks));
    };
    CHECK_THROWS_WITH_AS(log_on(block_ring(), {}), doctest::Contains("no real disk at 191"),
                         std::invalid_argument);
    CHECK_THROWS_WITH_AS(log_on(block_ring(1024), {minidisk(0, 10)}), doctest::Contains("blocks of 512"),
                         std::invalid_argument);
    CHECK(disk.host.cp.find("ringer") == nullptr);
}

}  // namespace
}  // namespace vmcp::test
