#include "vmcp/experiment/mapped_device_reader.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "simulation/devices/device_address.hpp"
#include "simulation/images/block_cipher.hpp"
#include "simulation/images/disk_geometry.hpp"

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
        if (one.device.address == address) {
            if (one.temporary)
                table.fail(key,
                           fmt::format("the real device {:03X} is space for temporary disks: expected temp = "
                                       "\"{}\"",
                                       address, one.device.type));
            if (one.paging || one.spool)
                table.fail(key, fmt::format("the real device {:03X} is a {}: expected another one", address,
                                            name_of(one.paging ? OwnUse::paging : OwnUse::spool)));
            return one;
        }
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
            if (device.address == *address && !device.dedicated && device.temporary.empty()) return device;
    }
    table.fail("link",
               fmt::format("\"{}\": expected a minidisk of a machine that is described before", text));
}

/// extents = [{ on = "350", first = 10, count = 20 }, ...]: one behind the other.
void read_extents(const Scenario& so_far, TomlReader& table, MappedDevice& device) {
    std::vector<MinidiskPiece> pieces;
    std::string type;
    for (TomlReader& entry : table.tables("extents")) {
        const RealDeviceDescription& real = real_device(so_far, entry, "on");
        const bool cylinders = simulation::images::disk_geometry(real.device.type) != nullptr;
        if (!cylinders && real.device.type != "3370")
            entry.fail("on", fmt::format("a {}: expected a disk", real.device.type));
        const int64_t most = cylinders ? 0xFFFF : 0xFFFFFF;
        if (!type.empty() && type != real.device.type)
            entry.fail("on",
                       fmt::format("a {} beside a {}: expected disks of one type", real.device.type, type));
        type = real.device.type;
        pieces.push_back({real.device.address, static_cast<uint32_t>(entry.integer("first", 0, most)),
                          static_cast<uint32_t>(entry.integer("count", 1, most))});
        entry.finish();
    }
    if (pieces.empty())
        table.fail("extents", "expected at least one piece: { on = \"350\", first = 0, count = 1 }");
    device.real = pieces.front().real;
    device.first = pieces.front().first;
    device.count = pieces.front().count;
    device.further.assign(pieces.begin() + 1, pieces.end());
    for (const char* key : {"first", "count"})
        if (table.has(key)) table.fail(key, "expected it within each of the extents");
}

/// temp = "3330": a disk of this type for the time being.
std::string temporary_type(const Scenario& so_far, TomlReader& table) {
    std::string type = table.text("temp");
    const auto same = [&type](const RealDeviceDescription& real) {
        const auto *one = simulation::images::disk_geometry(type),
                   *other = simulation::images::disk_geometry(real.device.type);
        return real.temporary && (one != nullptr ? one == other : real.device.type == type);
    };
    if (std::none_of(so_far.real_devices.begin(), so_far.real_devices.end(), same))
        table.fail(
            "temp",
            fmt::format("\"{}\": expected the type of a [[machine.device]] with temporary = true", type));
    return type;
}

void read_way(const Scenario&, TomlReader& table, MappedDevice& device) {
    const std::string way = table.text("io");
    for (const WayOfIo one :
         {WayOfIo::translation, WayOfIo::fast, WayOfIo::direct, WayOfIo::translating_channel})
        if (way == name_of(one)) {
            device.way = one;
            return;
        }
    table.fail("io",
               fmt::format("\"{}\": expected ccw-translation, fast, direct or translating-channel", way));
}

void read_block_key(const Scenario&, TomlReader& table, MappedDevice& device) {
    device.block_key = table.text("encipher");
    if (!simulation::images::is_block_key(device.block_key))
        table.fail("encipher", "expected a key of 64 hexadecimal digits, two halves that differ");
    if (!simulation::images::has_block_ciphers())
        table.fail("encipher", "this program has been built without ciphers");
    device.watched = true;
}

/// What is watched is all of a disk of blocks, and goes through the control program.
void check_watched(const Scenario& so_far, TomlReader& table, const MappedDevice& device) {
    const char* const key = device.block_key.empty() ? "watch" : "encipher";
    const auto same = [&device](const RealDeviceDescription& real) {
        return real.device.address == device.real && real.device.type == "3370";
    };
    const bool dedicated =
        device.dedicated && std::any_of(so_far.real_devices.begin(), so_far.real_devices.end(), same);
    if (!dedicated && device.temporary != "3370")
        table.fail(key, "expected it beside dedicate or temp, of a 3370");
    if (device.way == WayOfIo::direct || device.way == WayOfIo::translating_channel)
        table.fail(key, fmt::format("io = \"{}\": expected ccw-translation or fast, for what is passed "
                                    "through does not go through the control program",
                                    name_of(device.way)));
}

void read_mapping(const Scenario&, TomlReader& table, MappedDevice& device) {
    if (device.way != WayOfIo::translating_channel)
        table.fail("io_mapping", "expected it beside io = \"translating-channel\"");
    const std::string mapping = table.text("io_mapping");
    for (const IoMappingStrategy one : {IoMappingStrategy::whole_guest, IoMappingStrategy::per_program,
                                        IoMappingStrategy::per_program_cached})
        if (mapping == name_of(one)) {
            device.mapping = one;
            return;
        }
    table.fail("io_mapping",
               fmt::format("\"{}\": expected whole-guest, per-program or per-program-cached", mapping));
}

/// Whether there is such hardware is seen when the machine logs on.
void read_interpretive_io(const Scenario&, TomlReader& table, MappedDevice& device) {
    device.interpretive = table.boolean("interpretive_io");
    const bool as_it_is = device.way == WayOfIo::direct || (device.way == WayOfIo::translating_channel &&
                                                            device.mapping == IoMappingStrategy::whole_guest);
    if (device.interpretive && !as_it_is)
        table.fail("interpretive_io",
                   "expected it beside io = \"direct\", or io = \"translating-channel\" with io_mapping = "
                   "\"whole-guest\": the control program has to do with other channel programs");
}

const std::vector<ScenarioKey<MappedDevice, const Scenario>> kMappedDeviceKeys = {
    {"dedicate", "\"350\"",
     "all of a real device; or minidisk = \"350\", link = \"OWNER 191\", temp = \"3330\" (a type), or "
     "extents",
     nullptr},
    {"extents", "[{ on = \"350\", first = 10, count = 20 }]",
     "a minidisk of several pieces, one behind the other: cylinders or blocks", nullptr},
    {"first", "10", "minidisks: the first cylinder of the real disk, or block",
     [](const Scenario&, TomlReader& t, MappedDevice& d) {
         d.first = static_cast<uint32_t>(t.integer("first", 0, 0xFFFFFF));
     }},
    {"count", "20", "minidisks and temporary disks: cylinders or blocks",
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
    {"kept_programs", "4", "with io = \"fast\": how many translated programs are kept; default 4",
     [](const Scenario&, TomlReader& t, MappedDevice& d) {
         if (d.way != WayOfIo::fast) t.fail("kept_programs", "expected it beside io = \"fast\"");
         d.kept_programs = static_cast<unsigned>(t.integer("kept_programs", 1, 64));
     }},
    {"watch", "true",
     "a dedicated or temporary 3370: the control program looks at all data (thin-monitor.md); default false",
     [](const Scenario&, TomlReader& t, MappedDevice& d) { d.watched = t.boolean("watch"); }},
    {"encipher", "\"...\"",
     "a dedicated or temporary 3370: the control program enciphers its blocks: a key of 64 hexadecimal "
     "digits",
     read_block_key},
    {"io_mapping", "\"whole-guest\"",
     "with io = \"translating-channel\": whole-guest (default), per-program, per-program-cached "
     "(pass-through.md)",
     read_mapping},
    {"mapped_pages", "64", "with io_mapping = \"per-program-cached\": how many pages stay mapped; default 64",
     [](const Scenario&, TomlReader& t, MappedDevice& d) {
         if (d.mapping != IoMappingStrategy::per_program_cached)
             t.fail("mapped_pages", "expected it beside io_mapping = \"per-program-cached\"");
         d.mapped_pages = static_cast<unsigned>(t.integer("mapped_pages", 1, 4096));
     }},
    {"interpretive_io", "true",
     "with io = \"direct\" or whole-guest mapping: START I/O and interruptions without the control program "
     "(pass-through.md); default false",
     read_interpretive_io},
    {"unsafe", "false",
     "with io = \"direct\": true lets channel programs reach all of real storage, for tests "
     "(pass-through.md)",
     [](const Scenario&, TomlReader& t, MappedDevice& d) {
         d.unsafe = t.boolean("unsafe");
         if (d.unsafe && d.way != WayOfIo::direct) t.fail("unsafe", "expected it beside io = \"direct\"");
         if (d.unsafe && d.interpretive) t.fail("unsafe", "expected it without interpretive_io");
     }},
};

}  // namespace

const std::vector<ScenarioKey<MappedDevice, const Scenario>>& mapped_device_keys() {
    return kMappedDeviceKeys;
}

std::optional<MappedDevice> read_mapped_device(TomlReader& table, const Scenario& so_far) {
    constexpr const char* kKinds[] = {"dedicate", "minidisk", "link", "temp", "extents"};
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
    } else if (kind == std::string_view("temp")) {
        device.temporary = temporary_type(so_far, table);
    } else if (kind == std::string_view("extents")) {
        read_extents(so_far, table, device);
    } else {
        const RealDeviceDescription& real = real_device(so_far, table, kind);
        device.real = real.device.address;
        device.dedicated = kind == std::string_view("dedicate");
    }
    device.address = read_device_address(table, "address");
    read_keys(kMappedDeviceKeys, so_far, table, device);
    if (device.watched) check_watched(so_far, table, device);
    if (!device.temporary.empty()) {
        if (device.count == 0) table.fail("temp", "expected \"count\" beside it: cylinders, or blocks");
        for (const char* key : {"first", "mode"})
            if (table.has(key)) table.fail(key, "expected it beside a minidisk: a temporary disk is new");
    }
    if (!device.dedicated && device.count == 0)
        table.fail("minidisk", "expected \"first\" and \"count\" beside it: cylinders, or blocks");
    if (device.dedicated)
        for (const char* key : {"first", "count", "mode"})
            if (table.has(key)) table.fail(key, "expected it beside a minidisk: a dedicated device is whole");
    return device;
}

}  // namespace vmcp::experiment
