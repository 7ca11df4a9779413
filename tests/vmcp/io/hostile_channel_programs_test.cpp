// Channel programs that try to reach what is not their machine's: cylinders of the neighbour on the same real
// disk, storage of the control program and of other machines. All of that holds one marker, which must stay
// where it is and appear nowhere else.
#include <doctest/doctest.h>
#include <set>

#include <cstdlib>

#include "simulation/images/ckd_image.hpp"
#include "tests/vmcp/io/io_host.hpp"
#include "tests/vmcp/io/marker.hpp"
#include "vmcp/conformance/random.hpp"

namespace vmcp::test {
namespace {

using conformance::Random;
using simulation::Ccw;

constexpr unsigned kFirst = 4, kCount = 3, kCylinders = 10;
constexpr uint32_t kProgram = 0x1000, kArguments = 0x3000, kLists = 0x3400, kData = 0x4000;

Bytes record(unsigned cylinder, unsigned head, unsigned number, unsigned length, uint8_t fill) {
    Bytes bytes = {0, uint8_t(cylinder), 0, uint8_t(head), uint8_t(number), 0, 0, uint8_t(length)};
    bytes.insert(bytes.end(), length, fill);
    return bytes;
}

/// Cylinders of the attacker's minidisk hold zeros, all others the marker.
void make_disk(const std::string& path) {
    const auto& geometry = *simulation::images::disk_geometry("3330");
    const auto image = simulation::images::create_ckd(path, geometry, kCylinders, {});
    for (unsigned cylinder = 0; cylinder < kCylinders; ++cylinder)
        for (unsigned head = 0; head < geometry.heads; ++head) {
            const bool own = cylinder >= kFirst && cylinder < kFirst + kCount;
            simulation::images::Track track(cylinder, head);
            for (uint8_t number = 1; number <= 3; ++number)
                track.format(number, record(own ? cylinder - kFirst : cylinder, head, number, 100,
                                            own ? uint8_t{0} : kMarker));
            image->write(cylinder * geometry.heads + head, track);
        }
}

struct Attack {
    /// `pieces`: the attacker's minidisk is in two, one behind the other.
    explicit Attack(bool pieces = false)
        : folder("vmcp-hostile"),
          path((folder.path() / "disk").string()),
          untouched((folder.path() / "untouched").string()) {
        make_disk(path);
        std::filesystem::copy_file(path, untouched);
        simulation::DeviceDescription device;
        device.address = kDevice;
        device.type = "3330";
        device.file = path;
        host.cp.real_io().attach(device);
        MappedDevice mapped;
        mapped.address = mapped.real = kDevice;
        mapped.first = kFirst;
        mapped.count = kCount;
        if (pieces) {
            mapped.count = kCount - 1;
            mapped.further = {{kDevice, kFirst + kCount - 1, 1}};
        }
        attacker = &host.log_on("attacker", StorageKind::paged, {mapped});
        mapped.further.clear();
        mapped.count = kCount;
        mapped.first = kFirst + kCount;
        neighbour = &host.log_on("neighbour", StorageKind::paged, {mapped});
        for (VirtualMachine* vm : {attacker, neighbour})
            put_storage(*vm, 0, Bytes(kTwinStorage, vm == attacker ? 0 : kMarker));
        // The free frames, as the ones of others.
        for (uint32_t a = kPage; a < host.machine.storage().size(); a += kPage) {
            const uint8_t* const frame = host.machine.storage().at(a);
            if (std::all_of(frame, frame + kPage, [](uint8_t byte) { return byte == 0; }) && !is_own(a))
                std::memset(host.machine.storage().at(a), kMarker, kPage);
        }
        // The neighbour reads its first record, again and again.
        const uint32_t at = 0x100;
        put_storage(*neighbour, at, Bytes{0x07, 0, 1, 0x40, 0x40, 0, 0, 6,  //
                                          0x31, 0, 1, 0x48, 0x40, 0, 0, 5,  //
                                          0x08, 0, 1, 0x08, 0,    0, 0, 0,  //
                                          0x06, 0, 2, 0,    0x20, 0, 0, 100});
        put_storage(*neighbour, 0x140, Bytes{0, 0, 0, 1, 0, 2, 0, 0, 0, kFirst + kCount + 1, 0, 2, 1});
        settle();
        while (attacker->io.channels.take(kDevice)) continue;
        while (neighbour->io.channels.take(kDevice)) continue;
        keep();
    }
    /// Frames of the control program's in which channel programs are translated: given back between programs.
    void note_areas() {
        for (VirtualMachine* vm : {attacker, neighbour})
            areas.insert(vm->io.relayed(kDevice)->program().area().at.value);
    }
    std::set<uint32_t> areas;
    bool is_own(uint32_t real) {
        if (host.machine.storage().size() <= real) return true;
        if (real < kPage) return true;
        note_areas();
        if (areas.contains(real)) return true;
        for (uint32_t a = 0; a < kTwinStorage; a += kPage)
            if (const auto at = attacker->storage.locate(SecondLevel(a)); at && at->value == real)
                return true;
        return false;
    }
    void keep() {
        const uint32_t size = host.machine.storage().size();
        before.assign(host.machine.storage().at(0), host.machine.storage().at(0) + size);
    }
    /// Where real storage that is not the attacker's has changed; empty: nowhere.
    std::string change() {
        for (uint32_t a = 0; a < before.size(); a += kPage)
            if (!is_own(a) && std::memcmp(&before[a], host.machine.storage().at(a), kPage) != 0)
                return fmt::format("the frame at {:06X} has changed", a);
        return {};
    }
    /// Which exchanges entries of a page table.
    void change_prefix(uint32_t prefix) {
        REQUIRE(change() == "");
        attacker->storage.change_prefix(prefix);
        attacker->state.prefix = prefix;
        keep();
    }
    bool quiet() {
        for (VirtualMachine* vm : {attacker, neighbour})
            if (vm->io.channels.working(kDevice) || vm->io.channels.device_end_due(kDevice)) return false;
        return !host.cp.real_io().interruption_pending();
    }
    /// False where somebody waits for what will never come. A program without end is stopped by its machine.
    bool settle() {
        for (unsigned steps = 0; !quiet(); ++steps) {
            note_areas();
            if (steps == 5000)
                attacker->io.channels.clear_io(kDevice);
            else if (steps > 10'000 || !host.step())
                return false;
        }
        return true;
    }
    void put_ccw(uint32_t at, const Ccw& ccw) {
        Bytes bytes;
        for (int shift = 56; shift >= 0; shift -= 8)
            bytes.push_back(static_cast<uint8_t>(encode(ccw) >> shift));
        put_storage(*attacker, at, bytes);
    }
    std::string text() {
        std::string all;
        for (uint32_t i = 0; i < 40; ++i)
            all += fmt::format("\n  {:06X}: {:08X} {:08X}", kProgram + 8 * i,
                               attacker->storage.peek32(SecondLevel(kProgram + 8 * i)),
                               attacker->storage.peek32(SecondLevel(kProgram + 8 * i + 4)));
        return all;
    }
    /// Empty: nothing outside of the attacker's minidisk has changed, and nothing of it come inside.
    std::string disk_change() {
        simulation::flush_devices(host.machine.channels());
        const std::string copy = path + "-copy";
        std::filesystem::copy_file(path, copy, std::filesystem::copy_options::overwrite_existing);
        const auto now = simulation::images::open_ckd(copy, simulation::images::Access::read);
        const auto then = simulation::images::open_ckd(untouched, simulation::images::Access::read);
        for (uint32_t number = 0; number < now->tracks(); ++number) {
            const unsigned cylinder = number / now->heads();
            const simulation::images::Track track = now->read(number), old = then->read(number);
            if (cylinder >= kFirst && cylinder < kFirst + kCount) {
                if (has_marker(track.bytes())) return fmt::format("the marker has come to track {}", number);
            } else if (!std::equal(track.bytes().begin(), track.bytes().end(), old.bytes().begin(),
                                   old.bytes().end())) {
                return fmt::format("track {} has changed", number);
            }
        }
        return {};
    }

    simulation::TemporaryDirectory folder;
    std::string path, untouched;
    IoHost host;
    VirtualMachine *attacker = nullptr, *neighbour = nullptr;
    Bytes before;
};

void make_program(Attack& attack, Random& random) {
    static constexpr uint8_t kPlausible[] = {0x03, 0x04, 0x06, 0x06, 0x07, 0x0B, 0x0E, 0x12, 0x13, 0x1B,
                                             0x1E, 0x1F, 0x31, 0x86, 0x9E, 0x92, 0x05, 0x1D, 0x0F, 0x02,
                                             0x17, 0x22, 0x23, 0x07, 0x08, 0x08, 0x51, 0x71, 0x1A, 0x16};
    static constexpr uint8_t kFlags[] = {0x40, 0x60, 0x60, 0x60, 0x80, 0x80, 0xA0, 0xC0, 0x64,
                                         0x44, 0x84, 0x20, 0x70, 0x90, 0x68, 0x00, 0x94, 0x61};
    // Seek arguments to everywhere, and lists of indirect addresses to everywhere.
    Bytes arguments;
    for (unsigned i = 0; i < 16; ++i)
        for (const uint8_t byte : {0u, 0u, random.chance(5) ? 0xFFu : 0u, random.below(12), 0u,
                                   random.below(20), random.below(4), 0u})
            arguments.push_back(static_cast<uint8_t>(byte));
    put_storage(*attack.attacker, kArguments, arguments);
    const auto anywhere = [&]() -> uint32_t {
        switch (random.below(8)) {
            case 0: return random.below(0x200000);  // what is no address of its own
            case 1: return kProgram + 8 * random.below(24) + random.below(8);
            case 2: return kArguments + random.below(128);
            case 3: return kData + 0x800 * random.below(8) - 3 + random.below(6);
            default: return kData + random.below(0x4000);
        }
    };
    for (unsigned i = 0; i < 32; ++i) {
        const uint32_t at = random.chance(60)   ? anywhere() & ~0x7FFu
                            : random.chance(50) ? kArguments + 8 * random.below(16)
                                                : anywhere();
        put_storage(*attack.attacker, kLists + 4 * i,
                    Bytes{0, uint8_t(at >> 16), uint8_t(at >> 8), uint8_t(at)});
    }
    for (unsigned i = 0; i < 24; ++i) {
        Ccw ccw;
        ccw.command = random.chance(80) ? random.pick(kPlausible) : random.byte();
        ccw.flags = random.pick(kFlags);
        ccw.count = static_cast<uint16_t>(random.chance(50) ? 1 + random.below(16) : 1 + random.below(300));
        ccw.address = anywhere();
        if (ccw.command == 0x07 || ccw.command == 0x0B || ccw.command == 0x1B) {
            ccw.address = kArguments + 8 * random.below(16);
            ccw.count = static_cast<uint16_t>(random.chance(60) ? 6 : 1 + random.below(8));
        }
        if ((ccw.flags & simulation::kFlagIndirect) != 0) ccw.address = kLists + 4 * random.below(31);
        if (ccw.transfers_in_channel()) ccw.address = kProgram + 8 * random.below(24);
        attack.put_ccw(kProgram + 8 * i, ccw);
    }
}

void attack_again_and_again(bool pieces) {
    const char* const wanted = std::getenv("VMCP_OPERATIONS");
    const unsigned operations = wanted != nullptr ? static_cast<unsigned>(std::atol(wanted)) : 6000;
    Attack attack(pieces);
    VirtualMachine &attacker = *attack.attacker, &neighbour = *attack.neighbour;
    for (unsigned n = 0; n < operations; ++n) {
        Random random(7, n);
        CAPTURE(n);
        make_program(attack, random);
        const std::string program = attack.text();
        CAPTURE(program);
        const bool beside = random.chance(40);
        if (beside) CHECK(attack.host.start(neighbour, 0x100).condition_code == 0);
        attack.host.start(attacker, kProgram + 8 * random.below(4));
        for (unsigned moment = random.below(60); moment > 0; --moment) {
            attack.note_areas();
            attack.host.step();
        }
        attack.note_areas();
        const unsigned interference = random.below(12);
        CAPTURE(interference);
        switch (interference) {
            case 0: attacker.io.channels.halt_io(kDevice); break;
            case 1: attacker.io.channels.halt_device(kDevice); break;
            case 2: attacker.io.channels.clear_io(kDevice); break;
            case 3: attacker.io.channels.reset(kDevice); break;
            case 4: make_program(attack, random); break;  // another program in the place of that under way
            case 5: attack.change_prefix(random.chance(50) ? 0 : 0x6000); break;
            default: break;
        }
        REQUIRE(attack.settle());
        while (attacker.io.channels.take(kDevice)) continue;
        if (beside) {
            Noticed noticed;
            while (const auto one = neighbour.io.channels.take(kDevice)) noticed.add(one->csw);
            REQUIRE(noticed.text() == "condition code 0, CSW 000001200C000000, later 00");
        }
        REQUIRE(attack.change() == "");
        for (VirtualMachine* vm : {&attacker, &neighbour})
            for (uint32_t a = 0; a < kTwinStorage; a += kPage)
                REQUIRE_FALSE(vm->storage.locked(SecondLevel(a)));
        REQUIRE_FALSE(has_marker(storage_of(attacker)));
        if (n % 100 == 99) REQUIRE(attack.disk_change() == "");
    }
    CHECK(attack.disk_change() == "");
    const RelayCounts& counts = attacker.io.relayed(kDevice)->counts();
    CHECK(counts.copied > operations / 20);
    CHECK(counts.followed > operations / 20);
}

TEST_CASE("whatever channel program a machine starts, it reaches nothing that is not its own") {
    attack_again_and_again(false);
}

TEST_CASE("nor on a minidisk of several pieces") { attack_again_and_again(true); }

TEST_CASE("who is logged off in the middle of an operation leaves nothing behind") {
    for (unsigned n = 0; n < 40; ++n) {
        Attack attack;
        Random random(8, n);
        const uint32_t free = attack.host.cp.frames().free_frames();
        MappedDevice mapped;
        mapped.address = mapped.real = kDevice;
        mapped.first = 0;
        mapped.count = 2;
        VirtualMachine& third = attack.host.log_on("third", StorageKind::paged, {mapped});
        put_storage(third, 0x100, Bytes{0x07, 0, 1, 0x40, 0x40, 0, 0, 6, 0x06, 0, 0x10, 0, 0x20, 0, 0, 200});
        put_storage(third, 0x140, Bytes{0, 0, 0, 1, 0, 2});
        CHECK(attack.host.start(*attack.neighbour, 0x100).condition_code == 0);
        CHECK(attack.host.start(third, 0x100).condition_code == 0);
        for (unsigned moment = random.below(12); moment > 0; --moment) attack.host.step();
        attack.host.cp.log_off(third);
        CHECK(attack.settle());
        CHECK(attack.host.cp.frames().free_frames() == free);
        CHECK(attack.neighbour->io.channels.take(kDevice));
    }
}

}  // namespace
}  // namespace vmcp::test
