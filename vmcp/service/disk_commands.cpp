#include "vmcp/service/disk_commands.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "simulation/devices/device_configuration.hpp"
#include "simulation/model/capitals.hpp"
#include "vmcp/service/adapter_commands.hpp"
#include "vmcp/service/configuration_commands.hpp"
#include "vmcp/service/synchronous_io.hpp"

namespace vmcp {
namespace {

// Message numbers, which are the return codes, and texts in the manner of GC20-1808 (VM/370 System Messages).
enum ReturnCode : uint32_t {
    kDone = 0,
    kInvalidOption = 3,
    kInvalidOperand = 7,
    kUserMissing = 20,
    kAddressMissing = 22,
    kOperandMissing = 26,
    kNoDevice = 40,
    kAddressTaken = 90,
    kNoSpace = 91,
    kNotOfTheMachine = 98,
    kForcedWriters = 101,
    kForcedBoth = 102,
    kForcedReaders = 103,
    kRefusedWriters = 104,
    kRefusedReaders = 105,
    kRefusedBoth = 106,
    kNotInDirectory = 107,
    kLinkTaken = 110,
    kLinkFailed = 119,
};

constexpr std::string_view kBlockDisk = "3370";

/// Where an "AS" may stand.
size_t behind(const DeviceCommand& c, size_t i, std::string_view may_be) {
    return c.word(i) == may_be ? i + 1 : i;
}

std::string_view mode_text(bool read_only) { return read_only ? "R/O" : "R/W"; }

std::string amount_text(const DiskExtent& extent) {
    return extent.device == DeviceClass::fixed_block ? fmt::format("{:06} BLK", extent.size())
                                                     : fmt::format("{:03} CYL", extent.size());
}

// ---- Who else has a disk ----

struct Neighbour {
    const VirtualMachine* vm;
    uint16_t address;
    bool read_only;
};

std::vector<MinidiskPiece> pieces_of(const RelayedDevice& what) {
    if (what.extent.whole) return {{what.device->address, 0, ~uint32_t{0}}};
    if (what.pieces.empty()) return {{what.device->address, what.extent.first, what.extent.count}};
    std::vector<MinidiskPiece> all;
    for (const RelayedDevice::Piece& piece : what.pieces)
        all.push_back({piece.device->address, piece.extent.first, piece.extent.count});
    return all;
}

bool overlap(const std::vector<MinidiskPiece>& some, const std::vector<MinidiskPiece>& others) {
    for (const MinidiskPiece& one : some)
        for (const MinidiskPiece& other : others)
            if (one.real == other.real && one.first < uint64_t{other.first} + other.count &&
                other.first < uint64_t{one.first} + one.count)
                return true;
    return false;
}

/// Who has any of these places, in the order of machines and addresses.
std::vector<Neighbour> neighbours(const Nucleus& nucleus, const std::vector<MinidiskPiece>& places) {
    std::vector<Neighbour> all;
    for (const VirtualMachine& vm : nucleus.machines)
        for (const uint16_t address : vm.io.channels.addresses())
            if (const RelayedSubchannel* const relay = vm.io.relayed(address))
                if (overlap(pieces_of(relay->what()), places))
                    all.push_back({&vm, address, relay->what().extent.read_only});
    return all;
}

/// "R/W BY ANNA; R/O BY 2 USERS", and which of these there are.
struct Others {
    explicit Others(const std::vector<Neighbour>& all) {
        for (const bool read_only : {false, true}) {
            const auto of_kind = [read_only](const Neighbour& one) { return one.read_only == read_only; };
            const auto n = std::count_if(all.begin(), all.end(), of_kind);
            (read_only ? readers : writers) = n != 0;
            if (n == 0) continue;
            if (!text.empty()) text += "; ";
            const auto who = std::find_if(all.begin(), all.end(), of_kind);
            text += fmt::format("{} BY {}", mode_text(read_only),
                                n == 1 ? who->vm->options.name : fmt::format("{:03} USERS", n));
        }
    }
    std::string text;
    bool readers = false, writers = false;

    uint32_t choose(uint32_t for_writers, uint32_t for_both, uint32_t for_readers) const {
        return writers && readers ? for_both : writers ? for_writers : for_readers;
    }
};

// ---- LINK ----

std::optional<LinkMode> link_mode(std::string_view text) {
    for (const LinkMode mode :
         {LinkMode::r, LinkMode::rr, LinkMode::w, LinkMode::wr, LinkMode::m, LinkMode::mr, LinkMode::mw})
        if (text == name_of(mode)) return mode;
    return std::nullopt;
}

/// What a user was described to have at an address: by the machine that is logged on, or else in the
/// directory. Null: no minidisk.
const MappedDevice* described_disk(const DeviceCommand& c, const VirtualMachine* owner, std::string_view user,
                                   uint16_t address) {
    const auto find = [address](const std::vector<MappedDevice>& all) -> const MappedDevice* {
        for (const MappedDevice& one : all)
            if (one.address == address && !one.dedicated && one.temporary.empty()) return &one;
        return nullptr;
    };
    if (owner != nullptr) return find(owner->options.mapped_devices);
    for (const DirectoryUser& one : c.nucleus.directory)
        if (one.name == user || simulation::capitals(one.name) == user) return find(one.disks);
    return nullptr;
}

uint32_t link(const DeviceCommand& c) {
    size_t at = behind(c, 1, "TO");
    if (at >= c.size()) return c.refuse(kUserMissing, "DMKLNK020E USERID MISSING OR INVALID");
    const std::string user(c.word(at++));
    const auto from = c.address(at++);
    at = behind(c, at, "AS");
    const auto to = c.address(at++);
    if (!from || !to) return c.refuse(kAddressMissing, "DMKLNK022E VADDR MISSING OR INVALID");
    LinkMode mode = LinkMode::r;
    if (at < c.size()) {
        const auto said = link_mode(c.word(at));
        if (!said)
            return c.refuse(kInvalidOperand, fmt::format("DMKLNK007E INVALID OPERAND - {}", c.word(at)));
        mode = *said;
    }
    const auto not_linked = [&](uint32_t code, std::string_view why) {
        return c.refuse(code, fmt::format("DMKLNK{:03}E {} {:03X} NOT LINKED; {}", code, user, *from, why));
    };
    const VirtualMachine* const owner = find_user(c.nucleus, c.vm, user);
    const MappedDevice* const disk = described_disk(c, owner, user, *from);
    if (disk == nullptr) return not_linked(kNotInDirectory, "NOT IN CP DIRECTORY");
    for (const uint16_t taken : c.vm.io.channels.addresses())
        if (taken == *to) return not_linked(kLinkTaken, fmt::format("VADDR {:03X} ALREADY DEFINED", *to));

    MappedDevice mine = *disk;
    mine.address = *to;
    mine.mode = mode;
    if (owner != &c.vm) mine.way = WayOfIo::translation;
    const Others others(neighbours(c.nucleus, mine.pieces()));
    if (!c.vm.io.may_attach(mine))
        return not_linked(others.choose(kRefusedWriters, kRefusedBoth, kRefusedReaders), others.text);
    try {
        c.vm.io.attach(mine);
    } catch (const std::invalid_argument& why) {
        return not_linked(kLinkFailed, why.what());
    }
    const bool read_only = c.vm.io.relayed(*to)->what().extent.read_only;
    const bool wanted_more = mode != LinkMode::r && mode != LinkMode::rr;
    if (read_only && wanted_more) {
        const uint32_t code = others.choose(kForcedWriters, kForcedBoth, kForcedReaders);
        return c.refuse(code, fmt::format("DMKLNK{:03}E DASD {:03X} FORCED R/O; {}", code, *to, others.text));
    }
    c.say(fmt::format("DASD {:03X} LINKED {}{}{}", *to, mode_text(read_only), others.text.empty() ? "" : "; ",
                      others.text));
    return kDone;
}

// ---- DETACH ----

uint32_t detach(const DeviceCommand& c) {
    if (c.size() < 2) return c.refuse(kAddressMissing, "DMKVDB022E VADDR MISSING OR INVALID");
    uint32_t code = kDone;
    for (size_t i = 1; i < c.size(); ++i) {
        const auto address = c.address(i);
        if (!address) return c.refuse(kAddressMissing, "DMKVDB022E VADDR MISSING OR INVALID");
        const simulation::Device* const device = device_at(c.vm, *address);
        if (device == nullptr) {
            code = c.refuse(kNoDevice, fmt::format("DMKVDB040E DEV {:03X} DOES NOT EXIST", *address));
            continue;
        }
        if (device == c.vm.io.devices.console) {
            code = c.refuse(
                kNotOfTheMachine,
                fmt::format("DMKVDB098E CONS {:03X} NOT DETACHED; A MACHINE KEEPS ITS CONSOLE", *address));
            continue;
        }
        const std::string_view kind = kind_of(*device);
        end_synchronous_io(c.states, c.vm, *address);
        tell_dropped(c, *address);
        c.vm.io.detach(*address);
        c.say(fmt::format("{} {:03X} DETACHED", kind, *address));
    }
    return code;
}

// ---- DEFINE ----

uint32_t define_address(const DeviceCommand& c, uint16_t from) {
    const auto to = c.address(behind(c, 2, "AS"));
    if (!to) return c.refuse(kAddressMissing, "DMKDEF022E VADDR MISSING OR INVALID");
    const simulation::Device* const device = device_at(c.vm, from);
    if (device == nullptr)
        return c.refuse(kNoDevice, fmt::format("DMKDEF040E DEV {:03X} DOES NOT EXIST", from));
    if (device_at(c.vm, *to) != nullptr)
        return c.refuse(kAddressTaken,
                        fmt::format("DMKDEF090E DEV {:03X} NOT DEFINED; {:03X} ALREADY DEFINED", from, *to));
    end_synchronous_io(c.states, c.vm, from);
    c.vm.io.move(from, *to);
    c.say(fmt::format("{} {:03X} DEFINED", kind_of(*device), *to));
    return kDone;
}

uint32_t define_temporary(const DeviceCommand& c, std::string_view type) {
    const bool blocks = type == kBlockDisk;
    size_t at = behind(c, 2, "AS");
    const auto address = c.address(at++);
    if (!address) return c.refuse(kAddressMissing, "DMKDEF022E VADDR MISSING OR INVALID");
    at = behind(c, at, blocks ? "BLK" : "CYL");
    if (at >= c.size()) return c.refuse(kOperandMissing, "DMKDEF026E OPERAND MISSING OR INVALID");
    const auto count = c.number(at);
    if (!count || *count == 0)
        return c.refuse(kInvalidOperand, fmt::format("DMKDEF007E INVALID OPERAND - {}", c.word(at)));
    if (device_at(c.vm, *address) != nullptr)
        return c.refuse(kAddressTaken,
                        fmt::format("DMKDEF090E DASD {:03X} NOT DEFINED; ALREADY DEFINED", *address));
    MappedDevice disk;
    disk.address = *address;
    disk.temporary = type;
    disk.count = *count;
    try {
        c.vm.io.attach(disk);
    } catch (const std::invalid_argument&) {
        return c.refuse(
            kNoSpace, fmt::format("DMKDEF091E DASD {:03X} NOT DEFINED; TEMP SPACE NOT AVAILABLE", *address));
    }
    c.say(fmt::format("DASD {:03X} DEFINED   {}", *address,
                      amount_text(c.vm.io.relayed(*address)->what().extent)));
    return kDone;
}

/// What DEFINE names of readers, punches and printers, by kind or type, and of ends of channel-to-channel
/// adapters. A console stays the only one.
std::optional<std::string> unit_type(const DeviceCommand& c) {
    if (c.is(1, "READER", 1) || c.word(1) == "RDR") return "3505";
    if (c.is(1, "PUNCH", 2)) return "3525";
    if (c.is(1, "PRINTER", 2)) return "1403";
    const auto role = simulation::unit_record_role(c.word(1));
    const bool unit = role && *role != simulation::UnitRecordRole::console;
    return unit || c.word(1) == "CTCA" ? std::optional(std::string(c.word(1))) : std::nullopt;
}

uint32_t define_unit(const DeviceCommand& c, const std::string& type) {
    const auto address = c.address(behind(c, 2, "AS"));
    if (!address) return c.refuse(kAddressMissing, "DMKDEF022E VADDR MISSING OR INVALID");
    if (device_at(c.vm, *address) != nullptr)
        return c.refuse(kAddressTaken,
                        fmt::format("DMKDEF090E DEV {:03X} NOT DEFINED; ALREADY DEFINED", *address));
    simulation::DeviceDescription unit;
    unit.address = *address;
    unit.type = type;
    try {
        c.vm.io.attach(c.nucleus.machine.model(), unit);
    } catch (const std::out_of_range&) {  // the machine model has no figures for such a device
        return c.refuse(kInvalidOption, fmt::format("DMKDEF003E INVALID OPTION - {}", c.word(1)));
    }
    c.say(fmt::format("{} {:03X} DEFINED", kind_of(*device_at(c.vm, *address)), *address));
    return kDone;
}

uint32_t define(const DeviceCommand& c) {
    if (c.size() < 2) return c.refuse(kOperandMissing, "DMKDEF026E OPERAND MISSING OR INVALID");
    const std::string_view what = c.word(1);
    if (what == "TFB-512") return define_temporary(c, kBlockDisk);
    if (what.size() > 1 && what[0] == 'T') {
        const std::string_view type = what.substr(1);
        if (simulation::is_disk(type)) return define_temporary(c, type);
    }
    if (const auto type = unit_type(c)) return define_unit(c, *type);
    if (const auto address = c.address(1)) return define_address(c, *address);
    return c.refuse(kInvalidOption, fmt::format("DMKDEF003E INVALID OPTION - {}", what));
}

// ---- QUERY ----

std::string line_of(const DeviceCommand& c, uint16_t address) {
    const simulation::Device& device = *device_at(c.vm, address);
    std::string text = fmt::format("{} {:03X} ", kind_of(device), address);
    const RelayedSubchannel* const relay = c.vm.io.relayed(address);
    if (const auto* const end = c.vm.io.adapter(address)) return text + coupled_text(c.nucleus, *end);
    if (relay == nullptr) return text + fmt::format("ON {}", device.type());
    const RelayedDevice& what = relay->what();
    if (what.dedicated)
        return text + fmt::format("ON DEV {:03X} {}", what.device->address, mode_text(what.extent.read_only));
    std::string where = "(TEMP)";
    if (!what.temporary) {
        where = "ON";
        for (const MinidiskPiece& piece : pieces_of(what)) where += fmt::format(" {:03X}", piece.real);
    }
    return text + fmt::format("{} {} {} {}", device.type(), where, mode_text(what.extent.read_only),
                              amount_text(what.extent));
}

uint32_t query_virtual(const DeviceCommand& c) {
    const auto tell = [&](std::initializer_list<std::string_view> kinds) {
        bool any = false;
        for (const uint16_t address : c.vm.io.channels.addresses()) {
            const std::string_view kind = kind_of(*device_at(c.vm, address));
            if (std::find(kinds.begin(), kinds.end(), kind) == kinds.end()) continue;
            c.say(line_of(c, address));
            any = true;
        }
        return any;
    };
    const auto tell_all = [&](std::initializer_list<std::string_view> kinds) -> uint32_t {
        if (tell(kinds)) return kDone;
        return c.refuse(kNoDevice, "DMKCQG040E DEV DOES NOT EXIST");
    };
    if (c.size() == 2 || c.is(2, "ALL", 3)) {
        c.say(storage_text(c.vm));
        c.say(channels_text(c.vm));
        for (const std::string_view kind : {"CONS", "GRAF", "DASD", "TAPE", "RDR", "PUN", "PRT", "CTCA"})
            tell({kind});
        return kDone;
    }
    if (c.is(2, "DASD", 2)) return tell_all({"DASD"});
    if (c.is(2, "TAPES", 2)) return tell_all({"TAPE"});
    if (c.is(2, "CONSOLE", 3)) return tell_all({"CONS"});
    if (c.is(2, "CTCA", 4)) return tell_all({"CTCA"});
    if (c.word(2) == "UR") return tell_all({"RDR", "PUN", "PRT"});
    const auto address = c.address(2);
    if (!address) return c.refuse(kInvalidOption, fmt::format("DMKCQG003E INVALID OPTION - {}", c.word(2)));
    if (device_at(c.vm, *address) == nullptr)
        return c.refuse(kNoDevice, fmt::format("DMKCQG040E DEV {:03X} DOES NOT EXIST", *address));
    c.say(line_of(c, *address));
    return kDone;
}

/// Who has the disk, or a part of it: "anna 191 R/W, bert 291 R/O".
uint32_t query_links(const DeviceCommand& c) {
    const auto address = c.address(2);
    if (!address) return c.refuse(kAddressMissing, "DMKCQG022E VADDR MISSING OR INVALID");
    const RelayedSubchannel* const relay = c.vm.io.relayed(*address);
    if (relay == nullptr)
        return c.refuse(kNoDevice, fmt::format("DMKCQG040E DEV {:03X} DOES NOT EXIST", *address));
    std::string line;
    for (const Neighbour& one : neighbours(c.nucleus, pieces_of(relay->what()))) {
        const std::string text =
            fmt::format("{} {:03X} {}", one.vm->options.name, one.address, mode_text(one.read_only));
        if (line.size() + text.size() > 70) {
            c.say(line);
            line.clear();
        }
        line += (line.empty() ? "" : ", ") + text;
    }
    c.say(line);
    return kDone;
}

}  // namespace

std::optional<uint32_t> execute_disk_command(const DeviceCommand& c) {
    if (c.word(0) == "LINK") return link(c);
    if (c.is(0, "DETACH", 3)) return detach(c);
    if (c.is(0, "DEFINE", 3)) return define(c);
    if (!c.is(0, "QUERY", 1)) return std::nullopt;
    if (c.is(1, "VIRTUAL", 1)) return query_virtual(c);
    if (c.is(1, "LINKS", 3)) return query_links(c);
    return std::nullopt;
}

}  // namespace vmcp
