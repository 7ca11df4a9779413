// Virtual machines of a scenario as machines of their own: what their minidisks and temporary disks become.
#include "vmcp/experiment/bare_machine.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>

#include "simulation/images/ckd_image.hpp"
#include "simulation/images/fba_image.hpp"
#include "vmcp/experiment/native.hpp"
#include "vmcp/experiment/private_media.hpp"
#include "vmcp/experiment/run.hpp"

namespace vmcp::experiment {
namespace {

namespace images = simulation::images;

const std::string kExamples = std::string(VMCP_SOURCE_DIR) + "/examples/";

const VmDescription& vm_of(const Scenario& scenario, std::string_view name) {
    return *std::ranges::find_if(scenario.vms,
                                 [name](const VmDescription& vm) { return vm.options.name == name; });
}

const simulation::DeviceDescription& device_of(const VmDescription& vm, uint16_t address) {
    return *std::ranges::find_if(vm.options.devices, [address](const simulation::DeviceDescription& one) {
        return one.address == address;
    });
}

/// Whether they are the same but for their home addresses.
bool same_cylinder(images::CkdImage& one, unsigned cylinder, images::CkdImage& other, unsigned there) {
    for (unsigned head = 0; head < one.heads(); ++head) {
        const auto a = one.read(cylinder * one.heads() + head);
        const auto b = other.read(there * one.heads() + head);
        if (!std::ranges::equal(a.bytes().subspan(images::kHomeAddressSize),
                                b.bytes().subspan(images::kHomeAddressSize)))
            return false;
    }
    return true;
}

TEST_CASE("a minidisk becomes a disk of its own with the same contents, in one piece or several") {
    const Scenario scenario = read_scenario(kExamples + "scenarios/temporary-disk.toml");
    const auto pack = images::open_ckd(kExamples + "disks/demo.cckd", images::Access::read);
    std::filesystem::path file;
    {
        BareDisks disks;
        const VmDescription bert = bare_machine(scenario, vm_of(scenario, "bert"), disks);
        CHECK(bert.options.mapped_devices.empty());
        CHECK(device_of(bert, 0x191).read_only);
        CHECK(device_of(bert, 0x191).type == "3330");
        file = device_of(bert, 0x191).file;
        const auto disk = images::open_ckd(file.string(), images::Access::read);
        CHECK(disk->cylinders() == 2);
        CHECK(same_cylinder(*disk, 0, *pack, 4));
        CHECK(same_cylinder(*disk, 1, *pack, 5));

        const VmDescription carl = bare_machine(scenario, vm_of(scenario, "carl"), disks);
        const auto pieces = images::open_ckd(device_of(carl, 0x191).file, images::Access::read);
        CHECK(pieces->cylinders() == 2);
        CHECK(same_cylinder(*pieces, 0, *pack, 2));
        CHECK(same_cylinder(*pieces, 1, *pack, 3));
    }
    CHECK_FALSE(std::filesystem::exists(file));
}

TEST_CASE("a minidisk of blocks becomes a disk of these blocks; one that goes over the end is refused") {
    const simulation::TemporaryDirectory folder("vmcp-bare-test");
    {
        const auto pack = images::create_fba((folder.path() / "pack").string(), 20);
        for (uint32_t block = 0; block < 20; ++block)
            pack->write(block, std::vector<uint8_t>(512, static_cast<uint8_t>(block)));
    }
    Scenario scenario;
    simulation::DeviceDescription& real = scenario.real_devices.emplace_back().device;
    real.address = 0x350;
    real.type = "3370";
    real.file = (folder.path() / "pack").string();
    VmDescription& vm = scenario.vms.emplace_back();
    MappedDevice& minidisk = vm.options.mapped_devices.emplace_back();
    minidisk.address = 0x190;
    minidisk.real = 0x350;
    minidisk.first = 7;
    minidisk.count = 5;
    BareDisks disks;
    const VmDescription bare = bare_machine(scenario, vm, disks);
    const auto disk = images::open_fba(device_of(bare, 0x190).file, images::Access::read);
    CHECK(disk->blocks() == 5);
    std::vector<uint8_t> block(512);
    for (uint32_t i = 0; i < 5; ++i) {
        disk->read(i, block);
        CHECK(block == std::vector<uint8_t>(512, static_cast<uint8_t>(7 + i)));
    }
    minidisk.count = 14;
    CHECK_THROWS_AS(bare_machine(scenario, vm, disks), GuestError);
}

TEST_CASE("a temporary disk becomes an empty one that may be written") {
    const Scenario scenario = read_scenario(kExamples + "scenarios/temporary-disk.toml");
    BareDisks disks;
    const VmDescription bert = bare_machine(scenario, vm_of(scenario, "bert"), disks);
    const simulation::DeviceDescription& device = device_of(bert, 0x193);
    CHECK_FALSE(device.read_only);
    const auto disk = images::open_ckd(device.file, images::Access::write);
    CHECK(disk->cylinders() == 4);
    CHECK(disk->read(3 * 19).records().size() == 1);  // record 0
}

TEST_CASE("a machine with minidisks shows natively what it shows under the control program") {
    const Scenario scenario = read_scenario(kExamples + "scenarios/temporary-disk.toml");
    const VmDescription& carl = vm_of(scenario, "carl");
    BareDisks disks;
    PrivateMedia media;
    VmDescription bare = bare_machine(scenario, carl, disks);
    media.replace_in(bare);
    const NativeResult natively = NativeMachine(scenario.machine, bare).run({.time = scenario.time_limit});
    Scenario single = scenario;
    single.vms = {carl};
    const RunResult under = run_on_copies(single, {});
    REQUIRE(natively.output.console.size() == under.vms.front().output.console.size());
    for (size_t i = 0; i < natively.output.console.size(); ++i)
        CHECK(natively.output.console[i].text == under.vms.front().output.console[i].text);
    CHECK(natively.stop == simulation::Stop::disabled_wait);
}

TEST_CASE("a machine whose adapter leads to another machine is none of its own") {
    const Scenario scenario = read_scenario(kExamples + "scenarios/adapter.toml");
    BareDisks disks;
    for (const char* name : {"anna", "bert"}) {
        const std::string message = kExamples + "scenarios/adapter.toml: virtual machine " + name +
                                    ": the other end of adapter 0E0 is another machine's, which is not there "
                                    "natively: expected adapters that are coupled with nothing or within the "
                                    "machine";
        CHECK_THROWS_WITH_AS(bare_machine(scenario, vm_of(scenario, name), disks), message.c_str(),
                             GuestError);
    }
    CHECK(bare_machine(scenario, vm_of(scenario, "carl"), disks).options.mapped_devices.empty());
}

}  // namespace
}  // namespace vmcp::experiment
