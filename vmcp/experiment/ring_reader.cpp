#include "vmcp/experiment/ring_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>

#include "vmcp/experiment/mapped_device_reader.hpp"

namespace vmcp::experiment {

using simulation::TomlReader;

namespace {

constexpr std::array<RingKind, 4> kKinds{RingKind::block, RingKind::console, RingKind::network,
                                         RingKind::entropy};

void read_kind(const VmOptions& machine, TomlReader& t, RingDescription& ring) {
    const std::string type = t.text("type");
    const auto* const kind =
        std::find_if(kKinds.begin(), kKinds.end(), [&type](RingKind one) { return type == name_of(one); });
    if (kind == kKinds.end())
        t.fail("type", fmt::format("\"{}\": expected block, console, network or entropy", type));
    ring.kind = *kind;
    const auto is_console = [](const RingDescription& other) { return other.kind == RingKind::console; };
    if (is_console(ring) && std::any_of(machine.rings.begin(), machine.rings.end(), is_console))
        t.fail("type", "expected at most one console with rings");
}

void check_belongs(const TomlReader& t, const char* key, const RingDescription& ring, RingKind kind) {
    if (ring.kind != kind) t.fail(key, fmt::format("expected it beside type = \"{}\"", name_of(kind)));
}

void read_disk(const VmOptions& machine, TomlReader& t, RingDescription& ring) {
    check_belongs(t, "disk", ring, RingKind::block);
    ring.disk = read_device_address(t, "disk");
    for (const MappedDevice& device : machine.mapped_devices)
        if (device.address == ring.disk) {
            if (!device.further.empty())
                t.fail("disk", fmt::format("{:03X} is a minidisk of several pieces: expected one in one "
                                           "piece",
                                           ring.disk));
            if (device.watched)
                t.fail("disk",
                       fmt::format("the data of {:03X} are watched, which is paid for where its machine "
                                   "starts it: expected another disk",
                                   ring.disk));
            return;
        }
    for (const simulation::DeviceDescription& device : machine.devices)
        if (device.address == ring.disk) return;  // whether it can be one is seen when it is attached
    t.fail("disk", fmt::format("the machine has no real disk at {:03X}: expected a [[vm.device]] with "
                               "minidisk, link, temp or dedicate",
                               ring.disk));
}

/// "02:00:00:00:00:01"; of one machine, not of a group.
void read_mac(TomlReader& t, RingDescription& ring) {
    check_belongs(t, "mac", ring, RingKind::network);
    const std::string text = t.text("mac");
    MacAddress mac{};
    bool good = text.size() == 3 * mac.size() - 1;
    for (size_t i = 0; good && i < mac.size(); ++i) {
        uint32_t byte = 0;
        good = parse_hex(text.substr(3 * i, 2), 0xFF, byte) && (i == 0 || text[3 * i - 1] == ':');
        mac[i] = static_cast<uint8_t>(byte);
    }
    if (!good || (mac[0] & 0x01) != 0)
        t.fail("mac", fmt::format("\"{}\": expected six bytes such as \"02:00:00:00:00:01\", the first one "
                                  "even",
                                  text));
    ring.mac = mac;
}

const std::vector<ScenarioKey<RingDescription, const VmOptions>> kRingKeys = {
    {"type", "\"block\"", "block, console, network, entropy", read_kind, true},
    {"disk", "\"191\"", "block: the disk of the machine that it is; a minidisk or a dedicated disk",
     read_disk},
    {"block", "512",
     "block, on a disk with cylinders: bytes of each record, with which its tracks are formatted; default "
     "512",
     [](const VmOptions&, TomlReader& t, RingDescription& r) {
         check_belongs(t, "block", r, RingKind::block);
         r.block = static_cast<uint32_t>(t.integer("block", 128, 8192));
     }},
    {"driver_fault", "100",
     "block: the request at which the control program's own driver fails, and the whole system with it "
     "(service-machines.md); default: never",
     [](const VmOptions&, TomlReader& t, RingDescription& r) {
         check_belongs(t, "driver_fault", r, RingKind::block);
         r.driver_fault = static_cast<uint64_t>(t.integer("driver_fault", 1, 1'000'000'000));
     }},
    {"mac", "\"02:00:00:00:00:01\"", "network: its address; default: made of the numbers of machine and ring",
     [](const VmOptions&, TomlReader& t, RingDescription& r) { read_mac(t, r); }},
    {"queue_size", "128", "entries of a queue, at most: a power of two, 2 to 256; default 128",
     [](const VmOptions&, TomlReader& t, RingDescription& r) {
         const auto size = static_cast<uint16_t>(t.integer("queue_size", 2, kMostRingEntries));
         if (!std::has_single_bit(size))
             t.fail("queue_size", fmt::format("{}: expected a power of two from 2 to 256", size));
         r.queue_size = size;
     }},
};

}  // namespace

const std::vector<ScenarioKey<RingDescription, const VmOptions>>& ring_keys() { return kRingKeys; }

RingDescription read_ring(TomlReader& table, const VmOptions& machine, bool several) {
    RingDescription ring;
    read_keys(kRingKeys, machine, table, ring);
    if (ring.kind == RingKind::block && !table.has("disk"))
        table.fail("disk", "a block device without a disk: expected \"disk\" beside it");
    if (ring.mac && several)
        table.fail("mac", "several machines cannot have one address: expected no \"count\"");
    if (machine.rings.size() == kMostRingDevices)
        table.fail("type", fmt::format("expected at most {} devices with rings", kMostRingDevices));
    table.finish();
    return ring;
}

/// FNV-1a over the name, so that machines that are described alike get different bytes.
uint64_t entropy_seed(uint64_t scenario_seed, std::string_view machine) {
    uint64_t hash = 0xCBF29CE484222325 ^ scenario_seed;
    for (const char c : machine) hash = (hash ^ static_cast<uint8_t>(c)) * 0x100000001B3;
    return hash;
}

}  // namespace vmcp::experiment
