// Devices that are passed through to guests by translating channels: when pages are in the I/O tables, what
// that costs and protects from, units of one control unit for several guests, and machine models that have no
// such channels.
#include <doctest/doctest.h>

#include "simulation/devices/ckd_disk.hpp"
#include "simulation/images/memory_image.hpp"
#include "tests/vmcp/io/io_host.hpp"

namespace vmcp::test {
namespace {

constexpr uint16_t kOther = 0x151;  // on the same control unit
constexpr auto kWhole = IoMappingStrategy::whole_guest, kByProgram = IoMappingStrategy::per_program,
               kCached = IoMappingStrategy::per_program_cached;
constexpr uint32_t kPages = kTwinStorage / kPage;

MappedDevice through(uint16_t real, IoMappingStrategy mapping, uint16_t address = 0) {
    MappedDevice mapped;
    mapped.address = address != 0 ? address : real;
    mapped.real = real;
    mapped.dedicated = true;
    mapped.way = WayOfIo::translating_channel;
    mapped.mapping = mapping;
    return mapped;
}

/// A control program with disks on one control unit.
struct Disks {
    explicit Disks(uint32_t real_storage = 2 * simulation::kMebibyte, uint32_t v_equals_r = 0)
        : host(real_storage, v_equals_r, true, {"clock", {"2305-2"}}) {
        for (const uint16_t address : {kDevice, kOther}) {
            simulation::DeviceDescription device;
            device.address = address;
            device.type = "3330";
            host.cp.real_io().attach(device);
            auto& disk = dynamic_cast<simulation::CkdDisk&>(*host.machine.channels().device(address));
            disk.mount(simulation::images::ckd_in_memory(*simulation::images::disk_geometry("3330"), 2, {}));
            host.machine.channels().test_io(address);
        }
    }
    /// The channel status of the program; its storage is looked at while it is under way.
    uint8_t run(VirtualMachine& vm, uint32_t caw, uint16_t device = kDevice,
                const std::function<void(RelayedSubchannel&)>& meanwhile = {}) {
        const auto result = host.start(vm, caw, device);
        if (result.condition_code == 1) return result.csw.channel_status;
        CHECK(result.condition_code == 0);
        if (meanwhile) meanwhile(*vm.io.relayed(device));
        while (vm.io.channels.working(device) && host.step()) continue;
        uint8_t status = 0;
        while (const auto taken = vm.io.channels.take(device)) status |= taken->csw.channel_status;
        return status;
    }
    uint64_t steps(Step step) { return host.cp.ledger().totals().steps[static_cast<unsigned>(step)].count; }

    IoHost host;
};

/// Seek, and read home address into 3000: CCWs at 1000, the argument at 2000.
void put_program(VirtualMachine& vm, uint32_t data = 0x3000) {
    put_storage(vm, 0x1000,
                {0x07, 0, 0x20, 0, 0x40, 0, 0, 6,  //
                 0x1A, static_cast<uint8_t>(data >> 16), static_cast<uint8_t>(data >> 8),
                 static_cast<uint8_t>(data), 0x20, 0, 0, 5});
    put_storage(vm, 0x2000, {0, 0, 0, 1, 0, 2});
}

const IoMappingCounts& mapping(VirtualMachine& vm, uint16_t device = kDevice) {
    return vm.io.relayed(device)->counts().mapping;
}

TEST_CASE("a whole guest is mapped once, for all of its devices") {
    Disks disks;
    VirtualMachine& vm =
        disks.host.log_on("guest", StorageKind::paged, {through(kDevice, kWhole), through(kOther, kWhole)});
    put_program(vm);
    for (unsigned n = 0; n < 3; ++n)
        for (const uint16_t device : {kDevice, kOther}) CHECK(disks.run(vm, 0x1000, device) == 0);
    CHECK(mapping(vm).mapped == kPages);
    CHECK(mapping(vm, kOther).mapped == 0);
    CHECK(disks.steps(Step::map_io_page) == kPages);
    CHECK(disks.steps(Step::unmap_io_page) == 0);
    CHECK(disks.steps(Step::scan_ccw) == 0);
    CHECK(disks.steps(Step::translate_data_ccw) == 0);
    for (uint32_t page = 0; page < kTwinStorage; page += kPage) CHECK(vm.storage.locked(SecondLevel(page)));
    CHECK(storage_of(vm)[0x3001] == 0);
    CHECK(storage_of(vm)[0x3002] == 1);  // cylinder 1, head 2
    CHECK(storage_of(vm)[0x3004] == 2);
}

TEST_CASE("mapped by the program, pages go in before it and out behind it") {
    Disks disks;
    VirtualMachine& vm = disks.host.log_on("guest", StorageKind::paged, {through(kDevice, kByProgram)});
    put_program(vm);
    for (unsigned n = 0; n < 3; ++n)
        CHECK(disks.run(vm, 0x1000, kDevice, [&](RelayedSubchannel& one) {
            CHECK(one.io_tables()->pages() == 3);
            CHECK(vm.storage.locked(SecondLevel(0x3000)));
            CHECK(!vm.storage.locked(SecondLevel(0x4000)));
        }) == 0);
    CHECK(mapping(vm).scanned == 6);
    CHECK(mapping(vm).mapped == 9);
    CHECK(mapping(vm).unmapped == 9);
    CHECK(mapping(vm).purges == 3);
    CHECK(disks.steps(Step::unmap_io_page) == 9);
    CHECK(disks.steps(Step::purge_io_tlb) == 3);
    CHECK(vm.io.relayed(kDevice)->io_tables()->pages() == 0);
    CHECK(!vm.storage.locked(SecondLevel(0x3000)));
    CHECK(storage_of(vm)[0x3004] == 2);
}

TEST_CASE("cached, pages stay until others need their place") {
    Disks disks;
    MappedDevice mapped = through(kDevice, kCached);
    mapped.mapped_pages = 4;
    VirtualMachine& vm = disks.host.log_on("guest", StorageKind::paged, {mapped});
    put_program(vm);
    for (unsigned n = 0; n < 3; ++n) CHECK(disks.run(vm, 0x1000) == 0);
    CHECK(mapping(vm).mapped == 3);
    CHECK(mapping(vm).found == 6);
    CHECK(mapping(vm).unmapped == 0);
    for (const uint32_t data : {0x4000, 0x5000}) {
        put_program(vm, data);
        CHECK(disks.run(vm, 0x1000) == 0);
    }
    CHECK(mapping(vm).mapped == 5);
    CHECK(mapping(vm).unmapped == 1);  // 3000 went first
    CHECK(!vm.storage.locked(SecondLevel(0x3000)));
    CHECK(vm.storage.locked(SecondLevel(0x5000)));
    vm.io.channels.reset(kDevice);
    CHECK(vm.io.relayed(kDevice)->io_tables()->pages() == 0);
}

// What a strategy protects from is shown by a device at fault: while it works for a guest, it stores where no
// CCW says so.
TEST_CASE("a stray store of a device reaches what the strategy has mapped, and no more") {
    struct Case {
        IoMappingStrategy strategy;
        bool other_data, former_program, own_program;
    };
    for (const Case& one : {Case{kWhole, true, true, true}, Case{kCached, false, true, false},
                            Case{kByProgram, false, false, false}}) {
        CAPTURE(name_of(one.strategy));
        Disks disks;
        VirtualMachine& vm = disks.host.log_on("guest", StorageKind::paged, {through(kDevice, one.strategy)});
        VirtualMachine& neighbour = disks.host.log_on("neighbour", StorageKind::paged, {});
        put_storage(neighbour, 0, Bytes(kTwinStorage));
        put_storage(vm, 0x8000, Bytes(kPage));
        put_program(vm, 0x4000);
        CHECK(disks.run(vm, 0x1000) == 0);
        put_program(vm);
        const auto stray = [](RelayedSubchannel& device, uint32_t address) {
            const uint8_t bytes[] = {0xBA, 0xD0};
            return device.storage_in_use()->store(address, bytes, 2, 0) == simulation::ChannelAccess::ok;
        };
        CHECK(disks.run(vm, 0x1000, kDevice, [&](RelayedSubchannel& device) {
            CHECK(stray(device, 0x3800));  // the program's own page, where it reads something else
            CHECK(stray(device, 0x4800) == one.former_program);
            CHECK(stray(device, 0x8800) == one.other_data);
            CHECK(stray(device, 0x1000) == one.own_program);  // its CCWs may only be fetched
            CHECK(!stray(device, kTwinStorage));              // what no strategy maps
            CHECK(!stray(device, 0xFFF000));
        }) == 0);
        CHECK((storage_of(vm)[0x8800] == 0xBA) == one.other_data);
        CHECK(storage_of(neighbour) == Bytes(kTwinStorage));
        CHECK(vm.io.refused() == 2u + !one.former_program + !one.other_data + !one.own_program);
        CHECK(vm.io.refusals().back().device == kDevice);
        CHECK(vm.io.refusals().back().address == 0xFFF000);
    }
}

TEST_CASE("an address that is not the guest's is refused as its own channel would, and recorded") {
    for (const IoMappingStrategy strategy : {kWhole, kByProgram, kCached}) {
        CAPTURE(name_of(strategy));
        Disks disks;
        VirtualMachine& vm = disks.host.log_on("guest", StorageKind::paged, {through(kDevice, strategy)});
        put_program(vm, kTwinStorage + 0x800);
        CHECK(disks.run(vm, 0x1000) == simulation::kProgramCheck);
        REQUIRE(vm.io.refused() == 1);
        CHECK(vm.io.refusals()[0].what == IoRefusal::What::not_mapped);
        CHECK(vm.io.refusals()[0].address == kTwinStorage + 0x800);
        CHECK(vm.io.refusals()[0].storing);
        CHECK(vm.io.relayed(kDevice)->counts().refused == 1);
    }
}

TEST_CASE("a program that reads into itself is followed, for nobody knows beforehand what it needs") {
    Disks disks;
    VirtualMachine& vm = disks.host.log_on("guest", StorageKind::paged, {through(kDevice, kByProgram)});
    put_program(vm, 0x1800);
    CHECK(disks.run(vm, 0x1000) == 0);
    CHECK(vm.io.relayed(kDevice)->counts().by_tables == 1);  // the same page is no matter
    put_program(vm, 0x100B);
    disks.run(vm, 0x1000);
    CHECK(vm.io.relayed(kDevice)->counts().by_tables == 1);
    CHECK(vm.io.relayed(kDevice)->counts().followed == 1);
    CHECK(vm.io.relayed(kDevice)->io_tables()->pages() == 0);
}

TEST_CASE("units of one control unit are passed through to two guests, and none reaches the other's") {
    Disks disks;
    VirtualMachine& one = disks.host.log_on("one", StorageKind::paged, {through(kDevice, kWhole)});
    VirtualMachine& two = disks.host.log_on("two", StorageKind::paged, {through(kOther, kByProgram)});
    put_program(one);
    put_program(two, 0x4000);
    CHECK(disks.host.start(one, 0x1000, kDevice).condition_code == 0);
    CHECK(disks.host.start(two, 0x1000, kOther).condition_code == 0);
    while (disks.host.step()) continue;
    CHECK(one.io.channels.take(kDevice));
    CHECK(storage_of(one)[0x3004] == 2);
    CHECK(storage_of(one)[0x4004] == 0);
    CHECK(storage_of(two)[0x4004] == 2);
    CHECK(storage_of(two)[0x3004] == 0);
    // The other's unit is not there; that somebody asked for it is noted.
    CHECK(disks.host.start(one, 0x1000, kOther).condition_code == 3);
    CHECK(disks.host.start(one, 0x1000, 0x7FF).condition_code == 3);
    REQUIRE(one.io.refused() == 1);
    CHECK(one.io.refusals()[0].what == IoRefusal::What::unit);
    CHECK(one.io.refusals()[0].device == kOther);
    CHECK(two.io.refused() == 0);
    // Nor does the channel start a unit with the tables of another one.
    disks.run(one, 0x1000, kDevice, [&](RelayedSubchannel& device) {
        CHECK(disks.host.machine.channels()
                  .start_io(kOther, 0x1000, false, device.storage_in_use())
                  .condition_code == 3);
    });
}

TEST_CASE("where the control unit works for another guest the machine starts a unit later, by itself") {
    Disks disks;
    disks.host.interpretive = true;
    const auto own = [&](const char* name, uint16_t real, uint32_t data) -> VirtualMachine& {
        MappedDevice mapped = through(real, kWhole);
        mapped.interpretive = true;
        VirtualMachine& vm = disks.host.log_on(name, StorageKind::paged, {mapped});
        vm.io.machine_presents = [](uint16_t) { return true; };
        put_program(vm, data);
        CHECK(disks.run(vm, 0x1000, real) == 0);  // the control program maps it
        return vm;
    };
    VirtualMachine &one = own("one", kDevice, 0x3000), &two = own("two", kOther, 0x4000);
    const auto start = [](VirtualMachine& vm, uint16_t device) {
        RelayedSubchannel& relay = *vm.io.relayed(device);
        REQUIRE(relay.starts_by_machine());
        relay.set_called_by_machine(true);
        CHECK(vm.io.channels.start_io(device, 0x1000).condition_code == 0);
        relay.set_called_by_machine(false);
    };
    const auto queued = [&] { return disks.host.cp.real_io().find(kOther)->counts.queued; };
    const uint64_t before = queued(), started = disks.steps(Step::start_device),
                   taken = disks.steps(Step::take_io_interruption);
    constexpr unsigned kMoments = 12;  // of the other's program, at which it is started
    for (unsigned moment = 0; moment < kMoments; ++moment) {
        CAPTURE(moment);
        put_storage(two, 0x4000, Bytes(8));
        start(one, kDevice);
        for (unsigned n = 0; n < moment; ++n) disks.host.step();
        start(two, kOther);
        while (disks.host.step()) continue;
        CHECK(storage_of(two)[0x4004] == 2);
        for (const auto& [vm, device] : {std::pair(&one, kDevice), std::pair(&two, kOther)})
            while (const auto told = vm->io.channels.take(device)) CHECK(told->csw.channel_status == 0);
    }
    CHECK(queued() > before);
    CHECK(disks.steps(Step::start_device) == started);
    CHECK(disks.steps(Step::take_io_interruption) == taken);
    CHECK(one.io.relayed(kDevice)->counts().by_machine == kMoments);
    CHECK(two.io.relayed(kOther)->counts().by_machine == kMoments);
}

TEST_CASE("a guest too large to stay mapped as a whole is mapped by its programs") {
    Disks disks(40 * kPage);
    VirtualMachine& vm =
        disks.host.log_on("guest", StorageKind::paged, {through(kDevice, kWhole)}, 24 * kPage);
    put_program(vm);
    CHECK(disks.run(vm, 0x1000) == 0);
    CHECK(vm.io.relayed(kDevice)->mapping() == kCached);
    CHECK(vm.io.relayed(kDevice)->io_tables()->pages() == 3);
    CHECK(storage_of(vm)[0x3004] == 2);
}

TEST_CASE("without translating channels the next way is taken, and said") {
    for (const auto& [kind, way] : {std::pair(StorageKind::paged, WayOfIo::translation),
                                    std::pair(StorageKind::resident, WayOfIo::direct)}) {
        simulation::Machine machine(simulation::MachineModel::load("s370-158"), 2 * simulation::kMebibyte);
        ControlProgram cp(machine, {ControlProgramModel::load("vm370", machine.model()),
                                    scheduler::make_policy("round-robin", scheduler::Parameters{}),
                                    {},
                                    0});
        simulation::DeviceDescription device;
        device.address = kDevice;
        device.type = "3330";
        cp.real_io().attach(device);
        VmOptions options;
        options.name = "guest";
        options.storage = kTwinStorage;
        options.storage_kind = kind;
        options.mapped_devices = {through(kDevice, kWhole)};
        VirtualMachine& vm = cp.log_on(std::move(options), {});
        CHECK(vm.io.relayed(kDevice)->what().way == way);
        CHECK(vm.io.relayed(kDevice)->what().instead_of == WayOfIo::translating_channel);
    }
}

TEST_CASE("without translation and bounds nothing is passed through, unless a test asks for that") {
    Disks disks;
    MappedDevice mapped = through(kDevice, kWhole);
    mapped.way = WayOfIo::direct;
    std::string why;
    try {
        disks.host.log_on("guest", StorageKind::paged, {mapped});
    } catch (const std::exception& error) {
        why = error.what();
    }
    CHECK(why.find("would reach the storage of others") != std::string::npos);
}

TEST_CASE("unsafe, a V=R guest stores into its neighbour") {
    Disks disks(2 * simulation::kMebibyte, kTwinStorage);
    MappedDevice mapped = through(kDevice, kWhole);
    mapped.way = WayOfIo::direct;
    for (const bool unsafe : {false, true}) {
        CAPTURE(unsafe);
        mapped.unsafe = unsafe;
        VirtualMachine& vm = disks.host.log_on("guest", StorageKind::real, {mapped});
        VirtualMachine& neighbour = disks.host.log_on("neighbour", StorageKind::paged, {});
        put_storage(neighbour, 0, Bytes(kTwinStorage));
        const auto victim = neighbour.storage.locate(SecondLevel(0));
        REQUIRE(victim);
        put_program(vm, victim->value);
        const uint8_t status = disks.run(vm, 0x1000);
        CHECK((status == 0) == unsafe);
        CHECK((storage_of(neighbour)[2] == 1) == unsafe);
        disks.host.cp.log_off(neighbour);
        disks.host.cp.log_off(vm);
    }
}

}  // namespace
}  // namespace vmcp::test
