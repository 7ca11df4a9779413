// Channel programs on a minidisk beside the same on a disk that is as large as it: a guest must not tell one
// from the other, whether the minidisk is in one piece or lies on several disks.
#include <doctest/doctest.h>

#include "simulation/devices/ckd_disk.hpp"
#include "simulation/devices/fba_disk.hpp"
#include "simulation/images/memory_image.hpp"
#include "tests/vmcp/io/io_host.hpp"
#include "vmcp/conformance/random.hpp"

namespace vmcp::test {
namespace {

using conformance::Random;
using simulation::Ccw;
namespace images = simulation::images;

constexpr unsigned kCylinders = 6, kHeads = 19, kRecords = 4, kLength = 40;
constexpr uint8_t kChain = simulation::kFlagChainCommand, kSuppress = simulation::kFlagSuppressLength;
constexpr uint32_t kProgram = 0x1000, kArguments = 0x3000, kData = 0x4000;

/// Each record says where it is.
images::Track filled(unsigned real_cylinder, unsigned head, unsigned cylinder) {
    images::Track track(real_cylinder, head);
    for (uint8_t number = 1; number <= kRecords; ++number) {
        Bytes bytes = {0, uint8_t(cylinder), 0, uint8_t(head), number, 0, 0, kLength};
        bytes.insert(bytes.end(), kLength, uint8_t(cylinder * 32 + head + number * 3));
        track.format(number, bytes);
    }
    return track;
}

/// Puts the cylinders `from` on of the disk that the guest sees at `first`.
void fill(images::CkdImage& image, unsigned first, unsigned from, unsigned count) {
    for (unsigned cylinder = 0; cylinder < count; ++cylinder)
        for (unsigned head = 0; head < kHeads; ++head)
            image.write((first + cylinder) * kHeads + head, filled(first + cylinder, head, from + cylinder));
}

simulation::CkdDisk& attach_pack(simulation::Machine& machine, RealIo* io, uint16_t address,
                                 std::unique_ptr<images::CkdImage> pack) {
    simulation::DeviceDescription device;
    device.address = address;
    device.type = "3330";
    if (io != nullptr)
        io->attach(device);
    else
        simulation::attach(machine.channels(), machine.model(), device);
    auto& disk = dynamic_cast<simulation::CkdDisk&>(*machine.channels().device(address));
    disk.mount(std::move(pack));
    machine.channels().test_io(address);
    return disk;
}

/// The bare machine, whose disk has as many cylinders as the minidisk.
struct Native {
    Native() : machine(simulation::MachineModel::load("s370-158-translating"), kTwinStorage) {
        machine.interval_timer_runs = false;
        auto pack = images::ckd_in_memory(*images::disk_geometry("3330"), kCylinders);
        fill(*pack, 0, 0, kCylinders);
        attach_pack(machine, nullptr, kDevice, std::move(pack));
    }
    bool step() {
        const SimTime next = machine.events().next();
        if (next == simulation::kNever) return false;
        machine.cpu().set_now(std::max(machine.cpu().now(), next));
        machine.catch_up();
        return true;
    }
    simulation::Machine machine;
};

/// A machine with a minidisk of these pieces, as many cylinders each, on disks of their own.
struct Virtual {
    explicit Virtual(const std::vector<unsigned>& counts, bool isam = true) {
        MappedDevice disk;
        disk.address = kDevice;
        unsigned from = 0;
        for (size_t i = 0; i < counts.size(); ++i) {
            const auto real = static_cast<uint16_t>(0x350 + 8 * i);
            const auto first = static_cast<unsigned>(7 + 2 * i);
            auto pack = images::ckd_in_memory(*images::disk_geometry("3330"), 20);
            fill(*pack, first, from, counts[i]);
            attach_pack(host.machine, &host.cp.real_io(), real, std::move(pack));
            if (i == 0) {
                disk.real = real;
                disk.first = first;
                disk.count = counts[i];
            } else {
                disk.further.push_back({real, first, counts[i]});
            }
            from += counts[i];
        }
        VmOptions options;
        options.name = "guest";
        options.storage = kTwinStorage;
        options.isam = isam;
        options.mapped_devices = {disk};
        vm = &host.cp.log_on(std::move(options), {});
    }
    IoHost host;
    VirtualMachine* vm;
};

/// What the two make of one program; storage is the same in the beginning.
struct Twins {
    explicit Twins(const std::vector<unsigned>& counts) : guest(counts) {}

    void put(uint32_t at, const Bytes& bytes) {
        native.machine.storage().put(at, bytes.data(), static_cast<uint32_t>(bytes.size()));
        put_storage(*guest.vm, at, bytes);
    }
    void put_program(const std::vector<Ccw>& program) {
        Bytes bytes(8 * program.size());
        for (size_t i = 0; i < program.size(); ++i) simulation::store(program[i], &bytes[8 * i]);
        put(kProgram, bytes);
    }
    Bytes native_storage() {
        const uint8_t* const at = native.machine.storage().at(0);
        return {at, at + kTwinStorage};
    }
    Noticed run_native() {
        simulation::ChannelSubsystem& channels = native.machine.channels();
        Noticed noticed;
        noticed.start(channels.start_io(kDevice, kProgram));
        const auto take = [&] {
            while (const auto one = channels.take(kDevice)) noticed.add(one->csw);
        };
        do take();
        while (native.step());
        take();
        return noticed;
    }
    Noticed run_virtual() {
        simulation::ChannelSubsystem& channels = guest.vm->io.channels;
        Noticed noticed;
        noticed.start(guest.host.start(*guest.vm, kProgram));
        const auto take = [&] {
            while (const auto one = channels.take(kDevice)) noticed.add(one->csw);
        };
        do take();
        while (guest.host.step());
        take();
        return noticed;
    }
    /// Empty: both are the same.
    std::string difference() {
        Noticed alone = run_native(), under = run_virtual();
        // An arm that is in place already ends at once what ends in two steps elsewhere.
        for (Noticed* one : {&alone, &under}) one->csw.unit_status = one->unit_status(), one->later = 0;
        // What START I/O would tell of an operation that is over at once may come as an interruption.
        if (alone.condition_code == 1 && under.condition_code <= 1)
            under.condition_code = 1, under.csw = {0, 0, under.csw.unit_status, under.csw.channel_status, 0};
        if (!(alone == under)) return fmt::format("natively {}, virtually {}", alone.text(), under.text());
        const Bytes one = native_storage(), other = storage_of(*guest.vm);
        for (uint32_t i = 0; i < kTwinStorage; ++i)
            if (one[i] != other[i])
                return fmt::format("storage at {:06X}: natively {:02X}, virtually {:02X}", i, one[i],
                                   other[i]);
        return {};
    }

    Native native;
    Virtual guest;
};

/// Seeks to and fro, and what may follow them; wherever the angle of the disk is, the outcome is the same.
std::vector<Ccw> random_program(Random& random, Twins& twins) {
    std::vector<Ccw> program;
    uint32_t argument = kArguments, data = kData;
    const auto add = [&](uint8_t command, uint16_t count, uint32_t address, uint8_t flags = kSuppress) {
        if (random.chance(8)) flags |= simulation::kFlagProgramControlled;
        program.push_back({command, static_cast<uint8_t>(kChain | flags), count, address});
    };
    const auto put = [&](const Bytes& bytes) {
        twins.put(argument, bytes);
        argument += 16;
        return argument - 16;
    };
    if (random.chance(20)) {
        static constexpr uint8_t kMasks[] = {0x00, 0xC0, 0xD0, 0x18, 0x40, 0xC8};
        add(0x1F, 1, put({random.pick(kMasks)}));
    }
    for (unsigned moves = 1 + random.below(6); moves > 0; --moves) {
        auto cylinder = static_cast<uint8_t>(random.below(kCylinders));
        auto head = static_cast<uint8_t>(random.below(kHeads));
        switch (random.below(14)) {
            case 0: add(0x03, 1, 0); break;
            case 1:
                add(0x13, 1, 0);
                cylinder = head = 0;
                break;
            case 2:
                add(0x02, 24, data);
                data += 64;
                continue;
            case 3: cylinder = static_cast<uint8_t>(kCylinders + random.below(3)); [[fallthrough]];
            case 4: add(0x0B, 6, put({0, 0, 0, cylinder, 0, head})); break;
            case 5:
                add(0x07, static_cast<uint16_t>(3 + random.below(3)), put({0, 0, 0, cylinder, 0, head}));
                break;
            default: add(0x07, 6, put({0, 0, 0, cylinder, 0, head})); break;
        }
        for (unsigned records = random.below(3); records > 0; --records) {
            const auto number = static_cast<uint8_t>(1 + random.below(random.chance(5) ? 9 : kRecords));
            const uint32_t search = kProgram + static_cast<uint32_t>(8 * program.size());
            add(0x31, 5, put({0, cylinder, 0, head, number}));
            program.push_back({0x08, 0, 0, search});
            if (random.chance(30)) {
                twins.put(data, Bytes(kLength, random.byte()));
                add(0x05, kLength, data);
            } else {
                add(random.chance(20) ? 0x0E : 0x06, static_cast<uint16_t>(1 + random.below(60)), data,
                    random.chance(80) ? kSuppress : 0);
            }
            data += 64;
        }
        if (random.chance(10)) {  // another head of the cylinder
            head = static_cast<uint8_t>(random.below(kHeads));
            add(0x1B, 6, put({0, 0, 0, cylinder, 0, head}));
        }
    }
    program.back().flags &= static_cast<uint8_t>(~kChain);
    return program;
}

TEST_CASE("a minidisk on several disks is one disk for its guest") {
    for (const std::vector<unsigned>& pieces : {std::vector<unsigned>{6}, {3, 3}, {1, 4, 1}, {2, 1, 2, 1}}) {
        CAPTURE(pieces.size());
        Twins twins(pieces);
        twins.put(0, Bytes(kTwinStorage, 0));
        for (unsigned n = 0; n < 400; ++n) {
            Random random(11, n);
            const auto program = random_program(random, twins);
            twins.put_program(program);
            std::string text;
            for (const Ccw& ccw : program) text += fmt::format(" {:016X}", encode(ccw));
            CAPTURE(n);
            CAPTURE(text);
            REQUIRE(twins.difference() == "");
            for (uint32_t a = 0; a < kTwinStorage; a += kPage)
                REQUIRE_FALSE(twins.guest.vm->storage.locked(SecondLevel(a)));
        }
        const RelayCounts& counts = twins.guest.vm->io.relayed(kDevice)->counts();
        CHECK(counts.copied > 20);
        if (pieces.size() > 1) CHECK(counts.followed > 100);
        for (const auto& device : twins.guest.host.cp.real_io().devices())
            CHECK(device->counts.requests > 20);
    }
}

TEST_CASE("a read IPL in the middle of a program that is followed reads the minidisk's first record") {
    Twins twins({3, 3});
    twins.put(0, Bytes(kTwinStorage, 0));
    twins.put(kArguments, {0, 0, 0, 1, 0, 2});
    // It reads into the address of a no-operation, so that it cannot be copied; the second time it has a seek
    // to another piece, too.
    for (const uint8_t to : {1, 4}) {
        twins.put(kArguments + 8, {0, 0, 0, to, 0, 3});
        twins.put_program({{0x07, 0x60, 6, kArguments},
                           {0x02, 0x60, 3, kProgram + 0x11},
                           {0x03, 0x60, 1, 0},
                           {0x02, 0xA0, 10, kData},
                           {0x00, 0x60, 14, kData + 0x40},
                           {0x07, 0x60, 6, kArguments + 8},
                           {0x02, 0x20, 24, kData + 0x80}});
        CHECK(twins.difference() == "");
        CHECK(twins.guest.vm->storage.peek32(SecondLevel(kData + 0x80)) == 0x03030303);
    }
}

TEST_CASE("a read IPL behind a file mask is rejected, on whatever way the channel comes to it") {
    Twins twins({6});
    twins.put(0, Bytes(kTwinStorage, 0));
    for (const uint32_t skipped : {0u, 8u}) {  // the next CCW, and one behind a CCW that is not used
        CAPTURE(skipped);
        twins.put_program({{0x1F, 0x60, 1, kArguments},
                           {0x08, 0, 0, kProgram + 0x10 + skipped},
                           {skipped == 0 ? uint8_t{0x02} : uint8_t{0x03}, 0x20, 24, kData},
                           {0x02, 0x20, 24, kData}});
        CHECK(twins.difference() == "");
    }
}

TEST_CASE("CLEAR I/O lets the arm come to its place, and the device end is told") {
    for (const unsigned steps : {0u, 1u}) {
        CAPTURE(steps);
        Twins twins({6});
        twins.put(0, Bytes(kTwinStorage, 0));
        twins.put(kArguments, {0, 0, 0, 5, 0, 2});
        twins.put_program({{0x07, 0x60, 6, kArguments}, {0x03, 0x20, 1, 0}});
        const auto clear = [&](simulation::ChannelSubsystem& channels, const auto& step, const auto& start) {
            Noticed noticed;
            CHECK(start().condition_code == 0);
            for (unsigned i = 0; i < steps; ++i) step();
            const simulation::IoResult result = channels.clear_io(kDevice);
            CHECK(result.condition_code == 1);
            noticed.add(result.csw);
            do
                while (const auto one = channels.take(kDevice)) noticed.add(one->csw);
            while (step());
            while (const auto one = channels.take(kDevice)) noticed.add(one->csw);
            return noticed;
        };
        const Noticed alone = clear(
            twins.native.machine.channels(), [&] { return twins.native.step(); },
            [&] { return twins.native.machine.channels().start_io(kDevice, kProgram); });
        const Noticed under = clear(
            twins.guest.vm->io.channels, [&] { return twins.guest.host.step(); },
            [&] { return twins.guest.host.start(*twins.guest.vm, kProgram); });
        CHECK((alone.unit_status() & simulation::kDeviceEnd) != 0);
        CHECK(alone.text() == under.text());
        // And the disk is free for the next program.
        CHECK(twins.difference() == "");
    }
}

TEST_CASE("a program that changes itself is followed with OPTION ISAM, and without it is as it was copied") {
    for (const bool isam : {true, false}) {
        CAPTURE(isam);
        Virtual guest({6}, isam);
        put_storage(*guest.vm, 0, Bytes(kTwinStorage, 0));
        // Record 1 of cylinder 1, head 2 is full of X'25': as a count it makes the second read one of 37
        // bytes.
        put_storage(*guest.vm, kArguments, {0, 0, 0, 1, 0, 2, 0, 0, 0, 1, 0, 2, 1});
        Bytes program = {0x07, 0, 0x30, 0x00, 0x60, 0, 0, 6,  //
                         0x31, 0, 0x30, 0x08, 0x60, 0, 0, 5,  //
                         0x08, 0, 0x10, 0x08, 0,    0, 0, 0,  //
                         0x06, 0, 0x10, 0x2F, 0x60, 0, 0, 1,  // its one byte becomes the count's low half
                         0x03, 0, 0x00, 0x00, 0x60, 0, 0, 1,  //
                         0x06, 0, 0x40, 0x00, 0x20, 0, 0, 8};
        put_storage(*guest.vm, kProgram, program);
        CHECK(guest.host.start(*guest.vm, kProgram).condition_code == 0);
        while (guest.host.step()) continue;
        const auto interruption = guest.vm->io.channels.take(kDevice);
        REQUIRE(interruption);
        CHECK((interruption->csw.unit_status & simulation::kUnitCheck) == 0);
        CHECK(guest.vm->storage.peek32(SecondLevel(kData + 12)) == (isam ? 0x28282828 : 0));
        const RelayCounts& counts = guest.vm->io.relayed(kDevice)->counts();
        CHECK(counts.followed == (isam ? 1 : 0));
        CHECK(counts.copied == (isam ? 0 : 1));
    }
}

TEST_CASE("the characteristics of a fixed-block minidisk are its own") {
    IoHost host;
    simulation::DeviceDescription device;
    device.address = 0x370;
    device.type = "3370";
    host.cp.real_io().attach(device);
    auto& disk = dynamic_cast<simulation::FbaDisk&>(*host.machine.channels().device(0x370));
    disk.mount(images::fba_in_memory(1000));
    host.machine.channels().test_io(0x370);
    MappedDevice mapped;
    mapped.address = kDevice;
    mapped.real = 0x370;
    mapped.first = 100;
    mapped.count = 0x123;
    VirtualMachine& vm = host.log_on("guest", StorageKind::paged, {mapped});
    const auto characteristics = [&](const Bytes& program) {
        put_storage(vm, 0, Bytes(kTwinStorage, 0));
        put_storage(vm, kProgram, program);
        CHECK(host.start(vm, kProgram).condition_code == 0);
        while (host.step()) continue;
        const auto interruption = vm.io.channels.take(kDevice);
        REQUIRE(interruption);
        CHECK((interruption->csw.unit_status & simulation::kUnitCheck) == 0);
        const Bytes all = storage_of(vm);
        return Bytes(&all[kData], &all[kData] + 32);
    };
    const Bytes whole = characteristics({0x64, 0, 0x40, 0, 0x20, 0, 0, 32});
    CHECK(Bytes(&whole[4], &whole[6]) == Bytes{2, 0});
    CHECK(Bytes(&whole[14], &whole[18]) == Bytes{0, 0, 1, 0x23});
    // In parts, of which one is skipped; and to the middle of the number only.
    const Bytes parts = characteristics({0x64, 0, 0x40, 0,  0xB0, 0, 0, 5,   //
                                         0x00, 0, 0x40, 5,  0xA0, 0, 0, 11,  //
                                         0x00, 0, 0x40, 16, 0x20, 0, 0, 16});
    CHECK(Bytes(&parts[5], &parts[32]) == Bytes(&whole[5], &whole[32]));
    CHECK(parts[4] == 0);
    const Bytes some = characteristics({0x64, 0, 0x40, 0, 0x20, 0, 0, 17});
    CHECK(Bytes(&some[0], &some[17]) == Bytes(&whole[0], &whole[17]));
}

}  // namespace
}  // namespace vmcp::test
