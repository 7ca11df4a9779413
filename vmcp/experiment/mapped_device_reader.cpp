#include "vmcp/experiment/mapped_device_reader.hpp"

#include <fmt/format.h>

#include "simulation/devices/device_address.hpp"

namespace vmcp::experiment {

using simulation::TomlReader;

uint16_t read_device_address(TomlReader& table, const char* key) {
    const std::string text = table.text(key);
    const auto address = simulation::parse_device_address(text);
    if (!address)
        table.fail(key, fmt::format("\"{}\": expected a device address of three hexadecimal digits, such "
                                    "as \"01F\"",
                                    text));
    return *address;
}

namespace {

const RealDeviceDescription& real_device(const Scenario& so_far, TomlReader& table, const char* key) {
    const uint16_t address = read_device_address(table, key);
    for (const RealDeviceDescription& one : so_far.real_devices)
        if (one.device.address == address) return one;
    table.fail(key, fmt::format("there is no real device {:03X}: expected a [[machine.device]] with this "
                                "address",
                                address));
}

/// link = "OWNER 191": what that machine, described before, has there.
MappedDevice linked(const Scenario& so_far, TomlReader& table) {
    const std::string text = table.text("link");
    const size_t space = text.find(' ');
    const auto address = simulation::parse_device_address(
        space == std::string::npos ? std::string_view() : std::string_view(text).substr(space + 1));
    if (!address)
        table.fail("link", fmt::format("\"{}\": expected a machine's name and one of its device addresses, "
                                       "such as \"OWNER 191\"",
                                       text));
    for (const VmDescription& vm : so_far.vms) {
        if (vm.options.name != text.substr(0, space)) continue;
        for (const MappedDevice& device : vm.options.mapped_devices)
            if (device.address == *address && !device.dedicated) return device;
    }
    table.fail("link",
               fmt::format("\"{}\": expected a minidisk of a machine that is described before", text));
}

void read_way(const Scenario& so_far, TomlReader& table, MappedDevice& device) {
    const std::string way = table.text("io");
    for (const WayOfIo one :
         {WayOfIo::translation, WayOfIo::fast, WayOfIo::direct, WayOfIo::translating_channel})
        if (way == name_of(one)) {
            device.way = one;
            if (one == WayOfIo::translating_channel &&
                !so_far.machine.facilities.has(isa::Facility::translating_channels))
                table.fail("io", fmt::format("the machine model {} has no translating channels: expected a "
                                             "model with facility translating_channels",
                                             so_far.machine.name));
            return;
        }
    table.fail("io",
               fmt::format("\"{}\": expected ccw-translation, fast, direct or translating-channel", way));
}

const std::vector<ScenarioKey<MappedDevice, const Scenario>> kKeys = {
    {"dedicate", "\"350\"", "all of a real device; or minidisk = \"350\", or link = \"OWNER 191\"", nullptr},
    {"first", "10", "minidisks: the first cylinder of the real disk, or block",
     [](const Scenario&, TomlReader& t, MappedDevice& d) {
         d.first = static_cast<uint32_t>(t.integer("first", 0, 0xFFFFFF));
     }},
    {"count", "20", "minidisks: cylinders or blocks",
     [](const Scenario&, TomlReader& t, MappedDevice& d) {
         d.count = static_cast<uint32_t>(t.integer("count", 1, 0xFFFFFF));
     }},
    {"mode", "\"MR\"", "minidisks: R, RR, W, WR, M, MR, MW (default)",
     [](const Scenario&, TomlReader& t, MappedDevice& d) {
         const std::string mode = t.text("mode");
         for (const LinkMode one :
              {LinkMode::r, LinkMode::rr, LinkMode::w, LinkMode::wr, LinkMode::m, LinkMode::mr, LinkMode::mw})
             if (mode == name_of(one)) {
                 d.mode = one;
                 return;
             }
         t.fail("mode", fmt::format("\"{}\": expected one of R, RR, W, WR, M, MR, MW", mode));
     }},
    {"io", "\"ccw-translation\"",
     "the way of I/O: ccw-translation (default), fast, direct, translating-channel (virtual-io.md)",
     read_way},
};

}  // namespace

const std::vector<ScenarioKey<MappedDevice, const Scenario>>& mapped_device_keys() { return kKeys; }

std::optional<MappedDevice> read_mapped_device(TomlReader& table, const Scenario& so_far) {
    constexpr const char* kKinds[] = {"dedicate", "minidisk", "link"};
    const char* kind = nullptr;
    for (const char* key : kKinds) {
        if (!table.has(key)) continue;
        if (kind != nullptr)
            table.fail(key, fmt::format("\"{}\" beside \"{}\": expected one of them", key, kind));
        kind = key;
    }
    if (kind == nullptr) return std::nullopt;
    MappedDevice device;
    if (kind == std::string_view("link")) {
        device = linked(so_far, table);
    } else {
        const RealDeviceDescription& real = real_device(so_far, table, kind);
        device.real = real.device.address;
        device.dedicated = kind == std::string_view("dedicate");
    }
    device.address = read_device_address(table, "address");
    read_keys(kKeys, so_far, table, device);
    if (!device.dedicated && device.count == 0)
        table.fail("minidisk", "expected \"first\" and \"count\" beside it: cylinders, or blocks");
    if (device.dedicated)
        for (const char* key : {"first", "count", "mode"})
            if (table.has(key)) table.fail(key, "expected it beside a minidisk: a dedicated device is whole");
    return device;
}

}  // namespace vmcp::experiment
