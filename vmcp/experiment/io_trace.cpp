#include "vmcp/experiment/io_trace.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>
#include <stdexcept>

#include "simulation/images/disk_geometry.hpp"

namespace vmcp::experiment {
namespace {

struct Name {
    uint8_t command;
    const char* name;
};

constexpr Name kEverywhere[] = {{0x03, "no-operation"}, {0x04, "sense"}, {0xE4, "sense ID"}};
constexpr Name kDisk[] = {{0x07, "seek"},
                          {0x0B, "seek cylinder"},
                          {0x1B, "seek head"},
                          {0x13, "recalibrate"},
                          {0x17, "restore"},
                          {0x1F, "set file mask"},
                          {0x23, "set sector"},
                          {0x22, "read sector"},
                          {0x39, "search home address"},
                          {0x31, "search id equal"},
                          {0x51, "search id high"},
                          {0x71, "search id equal or high"},
                          {0x29, "search key equal"},
                          {0x49, "search key high"},
                          {0x69, "search key equal or high"},
                          {0x02, "read IPL"},
                          {0x06, "read data"},
                          {0x0E, "read key and data"},
                          {0x12, "read count"},
                          {0x16, "read record 0"},
                          {0x1A, "read home address"},
                          {0x1E, "read count, key and data"},
                          {0x05, "write data"},
                          {0x0D, "write key and data"},
                          {0x11, "erase"},
                          {0x15, "write record 0"},
                          {0x19, "write home address"},
                          {0x1D, "write count, key and data"},
                          {0xB4, "device reserve"},
                          {0x94, "device release"},
                          {0xA4, "read buffered log"}};
constexpr Name kFixedBlock[] = {{0x63, "define extent"}, {0x43, "locate"},
                                {0x42, "read"},          {0x41, "write"},
                                {0x02, "read IPL"},      {0x64, "read device characteristics"}};
constexpr Name kTape[] = {{0x01, "write"},
                          {0x02, "read"},
                          {0x0C, "read backward"},
                          {0x07, "rewind"},
                          {0x0F, "rewind and unload"},
                          {0x17, "erase gap"},
                          {0x1F, "write tape mark"},
                          {0x27, "backspace block"},
                          {0x2F, "backspace file"},
                          {0x37, "forward space block"},
                          {0x3F, "forward space file"},
                          {0x97, "data security erase"},
                          {0x1B, "request track in error"}};
constexpr Name kConsole[] = {
    {0x01, "write"}, {0x09, "write, carrier return"}, {0x0A, "read inquiry"}, {0x0B, "alarm"}};
constexpr Name kDisplay[] = {
    {0x01, "write"},         {0x05, "erase/write"}, {0x0D, "erase/write alternate"}, {0x02, "read buffer"},
    {0x06, "read modified"}, {0x0B, "select"},      {0x0F, "erase all unprotected"}};
constexpr Name kChannelToChannel[] = {{0x07, "control"},
                                      {0x14, "sense command byte"},
                                      {0x81, "write end of file"},
                                      {0xC3, "set extended mode"},
                                      {0x43, "set basic mode"},
                                      {0x01, "write"},
                                      {0x02, "read"}};

const char* find(std::span<const Name> names, uint8_t command) {
    for (const Name& n : names)
        if (n.command == command) return n.name;
    return nullptr;
}

}  // namespace

std::string command_name(std::string_view type, uint8_t command) {
    if (const char* name = find(kEverywhere, command)) return name;
    std::span<const Name> names;
    const bool disk = simulation::images::disk_geometry(type) != nullptr;
    if (disk) names = kDisk;
    if (type == "3370") names = kFixedBlock;
    if (type == "2400" || type == "3420") names = kTape;
    if (type == "3215" || type == "3210" || type == "1052") names = kConsole;
    if (type == "3277" || type == "3278") names = kDisplay;
    if (type == "CTCA") names = kChannelToChannel;
    if (const char* name = find(names, command)) return name;
    constexpr uint8_t kMultitrack = 0x80;
    if (disk)
        if (const char* name = find(names, command & ~kMultitrack))
            return fmt::format("{} (multitrack)", name);
    // The kinds that all devices have in common.
    if ((command & 0x0F) == 0x08) return "transfer in channel";
    if ((command & 0x0F) == 0x0C) return "read backward";
    constexpr const char* kKinds[] = {"sense", "write", "read", "control"};
    return kKinds[command & 3];
}

std::string status_text(uint8_t unit_status, uint8_t channel_status) {
    constexpr const char* kUnit[] = {"attention",   "status modifier", "control unit end", "busy",
                                     "channel end", "device end",      "unit check",       "unit exception"};
    constexpr const char* kChannel[] = {"program-controlled interruption",
                                        "incorrect length",
                                        "program check",
                                        "protection check",
                                        "channel data check",
                                        "channel control check",
                                        "interface control check",
                                        "chaining check"};
    std::string text;
    const auto add = [&](uint8_t bits, const char* const* names) {
        for (unsigned i = 0; i < 8; ++i)
            if ((bits & (0x80 >> i)) != 0) text += fmt::format("{}{}", text.empty() ? "" : ", ", names[i]);
    };
    add(unit_status, kUnit);
    add(channel_status, kChannel);
    return text;
}

ChannelSource channels_of(simulation::Machine& machine) {
    return {machine.channels(), [&machine] { return machine.events().now(); },
            [&storage = machine.storage()](uint32_t address, uint8_t* out, uint32_t length) {
                if (address >= storage.size() || length > storage.size() - address) return false;
                std::copy_n(storage.at(address), length, out);
                return true;
            },
            [&machine](uint16_t address) { return machine.channels().device(address); }};
}

IoTrace::IoTrace(ChannelSource source, Output output)
    : source_(std::move(source)), output_(std::move(output)) {
    source_.channels.observers.add(*this);
}

IoTrace::~IoTrace() { source_.channels.observers.remove(*this); }

std::string IoTrace::begin_line(uint16_t address) const {
    return fmt::format("{:15.9f} s  {}{}{:03X}  ",
                       static_cast<double>(source_.now()) / static_cast<double>(simulation::kSecond),
                       source_.name, source_.name.empty() ? "" : "  ", address);
}

void IoTrace::on_ccw(uint16_t address, const simulation::Ccw& ccw) {
    const simulation::Device* device = source_.device(address);
    std::string line = begin_line(address);
    line += fmt::format("{:02X} {:<26} {:06X}", ccw.command,
                        command_name(device != nullptr ? device->type() : "", ccw.command), ccw.address);
    if (!ccw.transfers_in_channel()) {
        line += fmt::format(" {:>11}", fmt::format("{} byte{}", ccw.count, ccw.count == 1 ? "" : "s"));
        constexpr const char* kFlags[] = {"CD", "CC", "SLI", "SKIP", "PCI", "IDA"};
        for (unsigned i = 0; i < 6; ++i)
            if ((ccw.flags & (0x80 >> i)) != 0) line += fmt::format(" {}", kFlags[i]);
        // What it sends, or the beginning of it.
        constexpr uint32_t kShown = 16;
        const bool sends =
            (ccw.command & 1) != 0 && (ccw.flags & simulation::kFlagIndirect) == 0 && !source_.apart(address);
        const uint32_t length = std::min<uint32_t>(ccw.count, kShown);
        std::array<uint8_t, kShown> bytes;
        if (sends && ccw.command != 0x03 && source_.fetch(ccw.address, bytes.data(), length)) {
            line += "  ";
            for (uint32_t i = 0; i < length; ++i) line += fmt::format("{:02X}", bytes[i]);
            if (ccw.count > kShown) line += "...";
        }
    }
    output_(source_.now(), line);
}

void IoTrace::on_status(uint16_t address, const simulation::Csw& csw) {
    const uint64_t image = encode(csw);
    std::string line =
        begin_line(address) + fmt::format("CSW {:08X} {:08X}  {}", image >> 32, image & 0xFFFFFFFF,
                                          status_text(csw.unit_status, csw.channel_status));
    if ((csw.unit_status & simulation::kUnitCheck) != 0) {
        line += "; sense ";
        if (const simulation::Device* device = source_.device(address))
            for (const uint8_t byte : device->sense()) line += fmt::format("{:02X}", byte);
    }
    output_(source_.now(), line);
}

}  // namespace vmcp::experiment
