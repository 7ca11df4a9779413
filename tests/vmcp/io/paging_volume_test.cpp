// A paging device on a channel of the real machine: how long a page takes, who has to wait, and who pays.
#include <doctest/doctest.h>

#include <array>
#include <utility>

#include "simulation/devices/ckd_disk.hpp"
#include "simulation/images/memory_image.hpp"
#include "tests/vmcp/guest_pair.hpp"
#include "tests/vmcp/io/io_host.hpp"
#include "vmcp/io/paging_volume.hpp"

namespace vmcp::test {
namespace {

using simulation::kMicrosecond;
using simulation::kMillisecond;
using simulation::kSecond;

constexpr uint32_t kPages = 64;
constexpr uint16_t kVolume = 0x2B0;
constexpr SimTime kTurn = 16'700 * kMicrosecond;

/// A machine whose pages do not fit, and time that goes on only where a test says so: what the control
/// program does takes none.
struct Pages {
    explicit Pages(const std::string& type = "3330-1", QueueOrder order = QueueOrder::arrival,
                   std::vector<std::string> further = {})
        : host(40 * kPage, 0, true, {"clock", std::move(further)}) {
        host.page_on(kVolume, type, order);
    }
    VirtualMachine& log_on(const std::string& name, const std::vector<MappedDevice>& mapped = {}) {
        return host.log_on(name, StorageKind::paged, mapped, kPages * kPage);
    }
    /// Lets every page of the machine be touched and changed.
    void touch(VirtualMachine& vm, uint8_t with) {
        for (uint32_t page = 0; page < kPages; ++page)
            put_storage(vm, page * kPage, Bytes(8, static_cast<uint8_t>(with + page)));
    }
    bool unchanged(VirtualMachine& vm, uint8_t with) {
        for (uint32_t page = 0; page < kPages; ++page)
            if (vm.storage.peek32(SecondLevel(page * kPage)) != 0x01010101 * uint32_t{uint8_t(with + page)})
                return false;
        return true;
    }
    const PagingVolume& volume() {
        return dynamic_cast<const PagingVolume&>(*host.cp.pager().devices().front());
    }
    RealDevice& device() { return *host.cp.real_io().find(kVolume); }
    void rest() {
        while (host.step()) {
        }
        REQUIRE(volume().under_way() == 0);
    }
    /// Nothing happens until then.
    void idle_until(SimTime time) {
        host.cp.ledger().idle_until(time, false);
        host.machine.catch_up();
    }
    /// The beginning of a revolution that is still to come: the index of every disk passes.
    SimTime next_index() { return (host.cp.now() / kTurn + 1) * kTurn; }
    /// The page that lies in a slot, and has no frame.
    SecondLevel page_in(VirtualMachine& vm, uint32_t slot) {
        for (uint32_t page = 0; page < kPages; ++page) {
            const SecondLevel at(page * kPage);
            if (vm.storage.slot(at).exists() && vm.storage.slot(at).slot == slot && !vm.storage.locate(at))
                return at;
        }
        FAIL("no page is in slot ", slot);
        return SecondLevel(0);
    }
    /// Brings it in, with nothing else to do: how long it took.
    SimTime read_slot(VirtualMachine& vm, uint32_t slot) {
        const SimTime begin = host.cp.now();
        CHECK(vm.storage.try_resident(page_in(vm, slot)));
        CHECK(vm.storage.pages_under_way());
        while (vm.storage.pages_under_way()) REQUIRE(host.step());
        return vm.storage.pages_ready() - begin;
    }
    /// Gives back the frames of pages that are there, so that nothing need be written out for the next ones.
    void make_room(VirtualMachine& vm) {
        for (uint32_t page = 0; page < kPages; ++page)
            if (vm.storage.locate(SecondLevel(page * kPage))) vm.storage.discard(SecondLevel(page * kPage));
    }

    IoHost host;
};

TEST_CASE("a page on a real 3330 takes the seek, the rotation to its record, and the transfer") {
    // 16.7 ms a revolution at 806,000 bytes a second; behind home address and record 0 (295 bytes) each
    // record takes 4,096 + 135, of which a half lies before the data and a quarter behind. The control unit
    // takes 20 us to ask for an argument, the channel 10 us from one command to the next.
    const auto passes = [](int64_t bytes) { return bytes * kSecond / 806'000; };
    const auto end_of = [&](uint32_t record) {
        return passes(295 + record * (4096 + 135) + 135 / 2 + 4096 + 135 / 4);
    };
    Pages p;
    VirtualMachine& vm = p.log_on("a");
    p.touch(vm, 1);
    p.rest();
    p.make_room(vm);
    const auto arm = [&] { return dynamic_cast<const simulation::CkdDisk&>(p.device().device).state().arm; };
    // 57 pages a cylinder: 19 tracks of three. The first read brings the arm to cylinder 0.
    p.read_slot(vm, 3);
    REQUIRE(arm() == 0);
    for (uint32_t record : {0u, 1u, 2u}) {
        CAPTURE(record);
        p.idle_until(p.next_index());
        CHECK(p.read_slot(vm, 12 + record) == end_of(record));
    }
    // Half a revolution later the first record has passed; the last one is still to come.
    p.idle_until(p.next_index() + kTurn / 2);
    CHECK(p.read_slot(vm, 6) == kTurn / 2 + end_of(0));
    p.idle_until(p.next_index() + kTurn / 2);
    CHECK(p.read_slot(vm, 8) == end_of(2) - kTurn / 2);
}

TEST_CASE("the arm of a paging volume moves first") {
    Pages p;
    VirtualMachine &a = p.log_on("a"), &b = p.log_on("b");
    p.touch(a, 1);
    p.touch(b, 100);
    p.rest();
    p.make_room(a);
    p.make_room(b);
    // Slots 57 to 113 are in cylinder 1.
    const auto in_cylinder = [&](uint32_t from, uint32_t to) {
        for (VirtualMachine* vm : {&a, &b})
            for (uint32_t page = 0; page < kPages; ++page) {
                const PageSlot slot = vm->storage.slot(SecondLevel(page * kPage));
                if (slot.exists() && slot.slot >= from && slot.slot < to && slot.slot % 3 == 2 &&
                    !vm->storage.locate(SecondLevel(page * kPage)))
                    return std::pair(vm, slot.slot);
            }
        FAIL("no slot");
        return std::pair(&a, 0u);
    };
    const auto read = [&](uint32_t from, uint32_t to) {
        const auto [vm, slot] = in_cylinder(from, to);
        return p.read_slot(*vm, slot);
    };
    read(57, 114);
    p.idle_until(p.next_index());
    // 10 ms to the next cylinder: the third record of the track is still to come.
    const SimTime third = (295 + 2 * 4231 + 67 + 4096 + 33) * kSecond / 806'000;
    CHECK(read(0, 57) == third);
    p.idle_until(p.next_index() + 2 * kMillisecond);
    CHECK(read(57, 114) == third + kTurn - 2 * kMillisecond);  // has passed when the arm is there
}

TEST_CASE("pages that are asked for together wait for each other") {
    for (const QueueOrder order : {QueueOrder::arrival, QueueOrder::cylinder}) {
        Pages p("3350", order);
        VirtualMachine& vm = p.log_on("a");
        p.touch(vm, 1);
        CHECK(p.volume().under_way() > 20);
        p.rest();
        const RealDeviceCounts& counts = p.device().counts;
        CHECK(counts.requests == p.volume().transfers());
        CHECK(counts.requests == p.host.cp.pager().counts().writes + p.host.cp.pager().counts().reads);
        CHECK(counts.interruptions == counts.requests);
        CHECK(counts.queued > 20);
        CHECK(counts.queueing > 0);
        CHECK(p.volume().busy_time() == counts.service);
        CHECK(p.unchanged(vm, 1));
    }
}

TEST_CASE("pages come back as they were, however often, and in whatever frames") {
    for (const char* type : {"2314", "3330-11", "3340-35", "3350"}) {
        CAPTURE(type);
        Pages p(type);
        VirtualMachine &a = p.log_on("a"), &b = p.log_on("b");
        uint32_t random = 1;
        std::array<std::array<uint32_t, kPages>, 2> written{};
        for (unsigned i = 0; i < 3000; ++i) {
            random = random * 1664525 + 1013904223;
            VirtualMachine& vm = (random >> 30 & 1) != 0 ? a : b;
            auto& words = written[&vm == &a ? 0 : 1];
            const uint32_t page = random >> 20 & (kPages - 1);
            const FirstLevel at = vm.storage.resident(SecondLevel(page * kPage));
            REQUIRE(vm.storage.real().get32(at.value) == words[page]);
            if ((random >> 8 & 3) != 0) {
                vm.storage.real().put32(at.value, words[page] = random);
                vm.storage.note_change(SecondLevel(page * kPage));
            }
            // Sometimes all that is under way comes to its end, mostly some of it.
            for (unsigned n = random >> 12 & 15; n > 0 && p.host.step(); --n) {
            }
            if ((random & 0xFF000) == 0) p.rest();
        }
        p.rest();
        CHECK(p.host.cp.pager().counts().reads > 500);
        for (VirtualMachine* vm : {&a, &b})
            for (uint32_t page = 0; page < kPages; ++page)
                CHECK(vm->storage.peek32(SecondLevel(page * kPage)) == written[vm == &a ? 0 : 1][page]);
    }
}

// ---- Neighbours ----

/// How long the third record of a track takes while a neighbour's disk is at this address; 0: there is none.
SimTime beside(uint16_t neighbour) {
    Pages p;
    std::vector<MappedDevice> mapped;
    if (neighbour != 0) {
        simulation::DeviceDescription disk;
        disk.address = neighbour;
        disk.type = "3330-1";
        p.host.cp.attach_temporary(disk);
        MappedDevice one;
        one.address = kDevice;
        one.temporary = "3330-1";
        one.count = 2;
        mapped.push_back(one);
    }
    VirtualMachine &vm = p.log_on("a"), &other = p.log_on("b", mapped);
    p.touch(vm, 1);
    p.rest();
    p.make_room(vm);
    p.read_slot(vm, 3);
    if (neighbour != 0) {
        // Ten home addresses, one a revolution, with the control unit at work from the first to the last.
        Bytes program;
        for (unsigned i = 0; i < 10; ++i)
            for (const int byte : {0x1A, 0, 0x10, 0, i == 9 ? 0 : 0x40, 0, 0, 5})
                program.push_back(static_cast<uint8_t>(byte));
        put_storage(other, 0x800, program);
        p.rest();
        p.idle_until(p.next_index());
        CHECK(p.host.start(other, 0x800).condition_code == 0);
        while (!p.host.cp.real_io().find(neighbour)->busy()) REQUIRE(p.host.step());
    }
    p.idle_until(p.next_index());
    const auto paid = [](const Account& account) { return account.of(Cause::real_io).count; };
    const auto all = [&] { return paid(vm.account) + paid(p.host.cp.ledger().own()); };
    const uint64_t before = all(), others = paid(other.account), told = p.device().counts.interruptions;
    const SimTime took = p.read_slot(vm, 14);
    p.rest();
    // One interruption for the page, and one that tells that the control unit is free again, where it was
    // not; and the neighbour's for its own program. Nobody is told of a channel that was busy.
    CHECK(p.device().counts.interruptions - told == (neighbour == 0x2B1 ? 2 : 1));
    CHECK(all() - before >= p.device().counts.interruptions - told);
    CHECK(paid(other.account) - others == (neighbour == 0 ? 0 : 1));
    return took;
}

TEST_CASE("a page waits for control unit and channel while they work for somebody else's disk") {
    const SimTime alone = beside(0);
    CHECK(alone < kTurn);
    CHECK(beside(0x350) == alone);
    CHECK(beside(0x2B8) > 8 * kTurn);  // another string on the same channel
    CHECK(beside(0x2B1) > 8 * kTurn);
}

TEST_CASE("pages come and go beside a neighbour that does whatever it likes with its disk") {
    for (const uint32_t seed : {1u, 2u, 3u}) {
        CAPTURE(seed);
        Pages p("3330-1", seed == 2 ? QueueOrder::cylinder : QueueOrder::arrival);
        simulation::DeviceDescription disk;
        disk.address = seed == 3 ? 0x2B8 : 0x2B1;  // on the control unit of the pages, or only on the channel
        disk.type = "3330-1";
        p.host.cp.attach_temporary(disk);
        MappedDevice mapped;
        mapped.address = kDevice;
        mapped.temporary = "3330-1";
        mapped.count = 2;
        VirtualMachine &a = p.log_on("a"), &b = p.log_on("b", {mapped});
        uint32_t state = seed;
        const auto random = [&state](uint32_t below) {
            state = state * 1664525 + 1013904223;
            return static_cast<uint32_t>(uint64_t{state} * below >> 32);
        };
        std::array<uint32_t, kPages> words{};
        for (unsigned i = 0; i < 2000; ++i) {
            const SecondLevel page(random(kPages) * kPage);
            const FirstLevel at = a.storage.resident(page);
            uint32_t& word = words[page.value / kPage];
            REQUIRE(a.storage.real().get32(at.value) == word);
            a.storage.real().put32(at.value, word = i);
            a.storage.note_change(page);
            Bytes program;
            const uint32_t ccws = 1 + random(6);
            for (uint32_t n = 0; n < ccws; ++n) {
                static constexpr uint8_t kCommands[] = {0x1A, 0x12, 0x16, 0x1E, 0x22, 0x31, 0x39,
                                                        0x07, 0x23, 0x03, 0x1F, 0x1D, 0x92};
                for (const uint32_t byte : {uint32_t{kCommands[random(sizeof kCommands)]}, 0u, 0x10u, 0u,
                                            n + 1 == ccws ? 0x20u : 0x60u, 0u, 0u, 1 + random(8)})
                    program.push_back(static_cast<uint8_t>(byte));
            }
            if (random(2) == 0 && !b.io.channels.working(kDevice)) {
                put_storage(b, 0x800, program);
                put_storage(b, 0x1000, Bytes(8, static_cast<uint8_t>(random(3))));
                p.host.start(b, 0x800);
            }
            switch (random(12)) {
                case 0: b.io.channels.halt_io(kDevice); break;
                case 1: b.io.channels.clear_io(kDevice); break;
                case 2: b.io.channels.reset(kDevice); break;
                default: break;
            }
            while (b.io.channels.take(kDevice)) {
            }
            for (unsigned n = random(12); n > 0 && p.host.step(); --n) {
            }
        }
        p.rest();
        CHECK(!p.device().busy());
        CHECK(p.device().waiting() == 0);
        CHECK(p.volume().transfers() > 500);
        for (uint32_t page = 0; page < kPages; ++page)
            CHECK(a.storage.peek32(SecondLevel(page * kPage)) == words[page]);
    }
}

TEST_CASE("a neighbour that is told of a busy control unit, and forgets it, keeps no page out") {
    for (const bool leaves : {false, true}) {
        CAPTURE(leaves);
        Pages p;
        std::vector<MappedDevice> mapped;
        for (const uint16_t address : {0x2B1, 0x2B2}) {
            simulation::DeviceDescription disk;
            disk.address = address;
            disk.type = "3330-1";
            RealDevice& real = p.host.cp.real_io().attach(disk);
            auto& drive = dynamic_cast<simulation::CkdDisk&>(real.device);
            drive.mount(simulation::images::ckd_in_memory(drive.geometry(), 10));
            p.host.machine.channels().test_io(address);
            MappedDevice one;
            one.address = one.real = address;
            one.dedicated = true;
            mapped.push_back(one);
        }
        VirtualMachine &a = p.log_on("a"), &b = p.log_on("b", mapped);
        p.touch(a, 1);
        p.rest();
        p.make_room(a);
        p.read_slot(a, 3);
        // Seek to track 1, search for record 0, write another one: the control unit erases up to index then.
        put_storage(b, 0x800, {0x07, 0, 0x08, 0x40, 0x40, 0, 0, 6, 0x31, 0, 0x08, 0x42, 0x40, 0, 0, 5,
                               0x08, 0, 0x08, 0x08, 0,    0, 0, 0, 0x1D, 0, 0x08, 0x50, 0x20, 0, 0, 108});
        put_storage(b, 0x840, {0, 0, 0, 0, 0, 1, 0});
        put_storage(b, 0x850, {0, 0, 0, 1, 1, 0, 0, 100});
        p.rest();
        p.idle_until(p.next_index());
        CHECK(p.host.start(b, 0x800, 0x2B1).condition_code == 0);
        while (p.host.cp.real_io().find(0x2B1)->busy()) REQUIRE(p.host.step());
        const auto ended = b.io.channels.take(0x2B1);
        REQUIRE(ended);
        CHECK(ended->csw.unit_status == (simulation::kChannelEnd | simulation::kDeviceEnd));
        // Busy, with status modifier: control unit end is due.
        CHECK(b.io.channels.test_io(0x2B2).csw.unit_status ==
              (simulation::kStatusModifier | simulation::kBusy));
        CHECK(a.storage.try_resident(p.page_in(a, 12)));
        REQUIRE(p.volume().under_way() == 1);
        while (p.device().waiting() == 0) REQUIRE(p.host.step());
        if (leaves)
            p.host.cp.log_off(b);
        else
            b.io.channels.reset(0x2B2);
        if (leaves) p.host.cp.real_io().detach(0x2B2);
        p.rest();
        CHECK(!a.storage.pages_under_way());
    }
}

TEST_CASE("who needs a page pays for its way, and no step is charged twice") {
    Host host(40 * kPage, "round-robin", "s370-158", kMillisecond, {"clock", {}});
    host.page_on("3330");
    VmOptions options;
    options.name = "other";
    options.storage = 0x8000;
    options.reserved_pages = 2;
    VirtualMachine &walker = host.log_on("walker", kPages * kPage), &other = host.log_on(options);
    // Adds one to a word of each page, again and again; the other one counts.
    const std::vector<uint8_t> touches = {0x58, 0x20, 0x02, 0x1C, 0x41, 0x30, 0x00, 0x00, 0x5E,
                                          0x30, 0x02, 0x20, 0x50, 0x23, 0x00, 0x80, 0x46, 0x20,
                                          0x02, 0x08, 0x47, 0xF0, 0x02, 0x00, 0,    0,    0,
                                          0,    0,    0,    0,    60,   0,    0,    0x10, 0};
    const std::vector<uint8_t> counts = {0x41, 0x10, 0x10, 0x01, 0x47, 0xF0, 0x02, 0x00};
    for (const auto& [vm, code] : {std::pair(&walker, touches), std::pair(&other, counts)}) {
        host.cp.load(*vm, SecondLevel(4), {0, 0, 0x02, 0});
        host.cp.load(*vm, SecondLevel(0x200), code);
        host.cp.restart(*vm);
    }
    host.cp.run(5 * kSecond);
    const auto totals = host.cp.ledger().totals();
    const auto times = [&](Step step) { return totals.steps[static_cast<unsigned>(step)].count; };
    CHECK(times(Step::page_in) > 50);
    CHECK(times(Step::start_device) == 0);
    CHECK(times(Step::take_io_interruption) == 0);
    CHECK(times(Step::queue_io) == 0);
    CHECK(times(Step::end_device) == 0);
    CHECK(walker.account.of(Cause::real_io).count > 100);
    CHECK(walker.account.of(Cause::real_io).time > 0);  // the hardware's part
    CHECK(other.account.of(Cause::real_io).count == 0);
    CHECK(other.account.of(Cause::page_out).count == 0);
    CHECK(walker.page_waited > 2 * kSecond);
    CHECK(other.page_waited == 0);
    CHECK(other.account.guest > 2 * kSecond);
}

// ---- Ends ----

TEST_CASE("a machine logs off in the middle of its transfers, and its neighbour notices nothing") {
    Pages p;
    VirtualMachine &a = p.log_on("a"), &b = p.log_on("b");
    p.touch(b, 100);
    p.touch(a, 1);
    CHECK(a.storage.try_resident(SecondLevel(0)));
    for (unsigned i = 0; i < 5; ++i) p.host.step();
    REQUIRE(p.volume().under_way() > 10);
    p.host.cp.log_off(a);
    CHECK(p.volume().under_way() > 10);
    p.touch(p.log_on("c"), 50);
    p.rest();
    CHECK(p.unchanged(b, 100));
    CHECK(p.unchanged(*p.host.cp.find("c"), 50));
    CHECK(p.host.cp.ledger().own().of(Cause::real_io).count > 0);
}

TEST_CASE("a control program ends in the middle of transfers") {
    Pages p;
    p.touch(p.log_on("a"), 1);
    for (unsigned i = 0; i < 5; ++i) p.host.step();
    CHECK(p.volume().under_way() > 10);
}

TEST_CASE("where a paging volume is full, pages go to the next device") {
    simulation::MachineModel model = machine_model(true);
    model.devices["3330-1"]["cylinders"].value = 1;
    simulation::Machine machine(model, 40 * kPage);
    ControlProgram cp(
        machine, {free_of_charge(model), scheduler::make_policy("round-robin", {}), {"clock", {"2305-2"}}});
    simulation::DeviceDescription disk;
    disk.address = kVolume;
    disk.type = "3330-1";
    cp.attach_paging(disk);
    const auto log_on = [&cp](const char* name) -> VirtualMachine& {
        VmOptions options;
        options.name = name;
        options.storage = kPages * kPage;
        return cp.log_on(std::move(options), {});
    };
    VirtualMachine &a = log_on("a"), &b = log_on("b");
    for (unsigned round = 0; round < 3; ++round)
        for (VirtualMachine* vm : {&a, &b})
            for (uint32_t page = 0; page < kPages; ++page) {
                const uint32_t at = page * kPage;
                if (round != 0)
                    CHECK(vm->storage.real().get32(vm->storage.resident(SecondLevel(at)).value) ==
                          0x01010101 * (page + round));
                put_storage(*vm, at, Bytes(4, static_cast<uint8_t>(page + round + 1)));
                if (page % 3 == 0 && machine.events().next() != simulation::kNever) {
                    cp.ledger().idle_until(std::max(cp.now(), machine.events().next()), false);
                    machine.catch_up();
                    cp.real_io().take_interruptions(nullptr);
                }
            }
    const auto& devices = cp.pager().devices();
    REQUIRE(devices.size() == 2);
    CHECK(devices[0]->slots() == 57);
    CHECK(devices[0]->slots_in_use() == 57);
    CHECK(devices[0]->transfers() > 0);
    CHECK(devices[1]->slots_in_use() > 10);
    while (machine.events().next() != simulation::kNever || cp.real_io().interruption_pending()) {
        if (machine.events().next() != simulation::kNever)
            cp.ledger().idle_until(std::max(cp.now(), machine.events().next()), false);
        machine.catch_up();
        cp.real_io().take_interruptions(nullptr);
    }
    CHECK(!a.storage.pages_under_way());
    CHECK(!b.storage.pages_under_way());
    CHECK(devices[1]->transfers() > 10);
    CHECK(devices[0]->transfers() + devices[1]->transfers() ==
          cp.pager().counts().reads + cp.pager().counts().writes);
}

TEST_CASE("what cannot be a paging volume is refused, and nobody has any of one") {
    Pages p;
    simulation::DeviceDescription other;
    other.address = 0x180;
    other.type = "3420";
    CHECK_THROWS_WITH_AS(p.host.cp.attach_paging(other),
                         "device 180: a 3420 cannot be a paging volume: expected a disk with cylinders",
                         std::invalid_argument);
    const simulation::MachineModel model = simulation::MachineModel::load("s370-158");
    CHECK_THROWS_WITH_AS(PagingVolume::check(model, "2311"),
                         "a track of a 2311 does not hold a page of 4096 bytes", std::invalid_argument);
    CHECK_THROWS_AS(PagingVolume::check(model, "3370"), std::invalid_argument);
    CHECK_NOTHROW(PagingVolume::check(model, "3330"));
    simulation::MachineModel larger = model;
    larger.devices["3330-1"]["bytes_per_track"].value = 4 * 4096;
    CHECK_THROWS_AS(PagingVolume::check(larger, "3330-1"), std::invalid_argument);
    for (const bool dedicated : {false, true}) {
        MappedDevice mapped;
        mapped.address = kDevice;
        mapped.real = kVolume;
        mapped.dedicated = dedicated;
        mapped.count = dedicated ? 0 : 1;
        CHECK_THROWS_WITH_AS(p.log_on("a", {mapped}), "device 150: the real device 2B0 is a paging volume",
                             std::invalid_argument);
    }
    p.touch(p.log_on("b"), 1);
    other.address = 0x2B1;
    other.type = "3330";
    CHECK_THROWS_AS(p.host.cp.attach_paging(other), std::logic_error);
}

}  // namespace
}  // namespace vmcp::test
