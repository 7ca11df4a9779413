#include "vmcp/experiment/real_device_reader.hpp"

#include <fmt/format.h>

#include "simulation/devices/unit_record.hpp"
#include "simulation/images/disk_geometry.hpp"
#include "vmcp/io/paging_volume.hpp"

namespace vmcp::experiment {

using simulation::TomlReader;

namespace {

const std::vector<ScenarioKey<RealDeviceDescription, const Scenario>> kRealDeviceKeys = {
    {"order", "\"arrival\"", "of requests that wait: arrival (default), cylinder (the arm sweeps)",
     [](const Scenario&, TomlReader& t, RealDeviceDescription& d) {
         const std::string order = t.text("order");
         if (order == name_of(QueueOrder::cylinder))
             d.order = QueueOrder::cylinder;
         else if (order != name_of(QueueOrder::arrival))
             t.fail("order", fmt::format("\"{}\": expected arrival or cylinder", order));
     }},
    {"temporary", "false", "true: a disk without a file, all of it space for temporary disks",
     [](const Scenario&, TomlReader& t, RealDeviceDescription& d) { d.temporary = t.boolean("temporary"); }},
    {"paging", "false", "true: a disk without a file, all of it for pages (virtual-storage.md)",
     [](const Scenario&, TomlReader& t, RealDeviceDescription& d) { d.paging = t.boolean("paging"); }},
    {"spool", "false", "true: a disk without a file, all of it for pages of spool files (spooling.md)",
     [](const Scenario&, TomlReader& t, RealDeviceDescription& d) { d.spool = t.boolean("spool"); }},
};

OwnUse own_use(const RealDeviceDescription& device) {
    return device.paging ? OwnUse::paging : device.spool ? OwnUse::spool : OwnUse::none;
}

/// That it can be a volume for pages, of storage or of spool files.
void check_volume(TomlReader& table, const RealDeviceDescription& device, const Scenario& so_far) {
    const std::string& type = device.device.type;
    const char* const key = device.paging ? "paging" : "spool";
    if (device.temporary)
        table.fail(key, "expected it without temporary = true: a disk has pages or temporary disks");
    if (device.paging && device.spool)
        table.fail("spool",
                   "expected it without paging = true: a disk has pages of storage or of spool files");
    if (simulation::images::disk_geometry(type) == nullptr)
        table.fail(key, fmt::format("a {}: expected a disk with cylinders", type));
    try {
        PagingVolume::check(so_far.machine, type);
    } catch (const std::exception& reason) {
        table.fail(key,
                   fmt::format("a {} cannot be a {}: {}", type, name_of(own_use(device)), reason.what()));
    }
}

}  // namespace

const std::vector<ScenarioKey<RealDeviceDescription, const Scenario>>& real_device_keys() {
    return kRealDeviceKeys;
}

void check_real_device(TomlReader& table, const RealDeviceDescription& device, const Scenario& so_far) {
    if (simulation::unit_record_role(device.device.type))
        table.fail("type", fmt::format("\"{}\": expected a disk or a tape; readers, punches, printers and "
                                       "consoles of guests are spooled",
                                       device.device.type));
    if (device.temporary && !simulation::is_disk(device.device.type))
        table.fail("temporary", fmt::format("a {}: expected a disk", device.device.type));
    const OwnUse use = own_use(device);
    if (use != OwnUse::none) check_volume(table, device, so_far);
    for (const char* key : {"file", "overlay", "read_only"})
        if ((device.temporary || use != OwnUse::none) && table.has(key))
            table.fail(key, fmt::format("expected none of a {}: it begins empty in each run",
                                        device.temporary ? "disk for temporary disks" : name_of(use)));
    for (const RealDeviceDescription& other : so_far.real_devices)
        if (other.device.address == device.device.address)
            table.fail("address",
                       fmt::format("there is a real device {:03X} already", device.device.address));
}

std::vector<std::string> paging_devices_of(const Scenario& scenario) {
    std::vector<std::string> devices;
    for (const RealDeviceDescription& real : scenario.real_devices)
        if (real.paging)
            devices.push_back(fmt::format("{} at {:03X}", real.device.type, real.device.address));
    devices.insert(devices.end(), scenario.paging.devices.begin(), scenario.paging.devices.end());
    return devices;
}

}  // namespace vmcp::experiment
