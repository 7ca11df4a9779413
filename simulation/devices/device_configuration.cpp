#include "simulation/devices/device_configuration.hpp"

#include <fmt/format.h>

#include <array>
#include <stdexcept>
#include <tuple>
#include <utility>

#include "simulation/devices/carriage_tape_file.hpp"
#include "simulation/devices/channel_to_channel.hpp"
#include "simulation/devices/ckd_disk.hpp"
#include "simulation/devices/display_3277.hpp"
#include "simulation/devices/fba_disk.hpp"
#include "simulation/devices/tape_drive.hpp"
#include "simulation/images/block_cipher.hpp"

namespace simulation {

namespace {

// The models of tape units that machine models have figures for.
constexpr std::string_view k2400 = "2401-3", k3420 = "3420-7";

constexpr std::string_view kChannelToChannel = "CTCA";

std::optional<DisplayModel> display_model(std::string_view type) {
    if (type == "3277" || type == "3277-2") return DisplayModel::d3277_2;
    if (type == "3277-1") return DisplayModel::d3277_1;
    if (type == "3278" || type == "3278-2") return DisplayModel::d3278_2;
    return std::nullopt;
}

std::unique_ptr<Device> make_unit(const MachineModel& model, std::string_view type, UnitRecordRole role,
                                  UnitRecordOutput output, const Pace& pace) {
    const auto timing = [&](auto unit) {
        const DeviceTiming own = timing_of(model, name_of(unit), role);
        if (!pace || role == UnitRecordRole::console) return own;
        DeviceTiming timing = *pace;
        if (own.ends_together == DeviceTiming::Together::none) timing.ends_together = own.ends_together;
        return timing;
    };
    switch (role) {
        case UnitRecordRole::console:
            return std::make_unique<Console>(std::move(output.console), console_model(type),
                                             timing(console_model(type)));
        case UnitRecordRole::card_reader:
            return std::make_unique<CardReader>(card_reader_model(type), timing(card_reader_model(type)));
        case UnitRecordRole::card_punch:
            return std::make_unique<CardPunch>(std::move(output.punch), card_punch_model(type),
                                               timing(card_punch_model(type)));
        case UnitRecordRole::printer: break;
    }
    return std::make_unique<Printer>(std::move(output.printer), printer_model(type),
                                     timing(printer_model(type)));
}

std::unique_ptr<Device> make_device(const MachineModel& model, std::string_view type) {
    if (const auto* geometry = images::disk_geometry(type))
        return std::make_unique<CkdDisk>(*geometry, DiskTiming::of(model, geometry->name));
    if (type == "3370") return std::make_unique<FbaDisk>(DiskTiming::of(model, type));
    if (type == "2400") return std::make_unique<TapeDrive>(TapeModel::t2400, TapeTiming::of(model, k2400));
    if (type == "3420") return std::make_unique<TapeDrive>(TapeModel::t3420, TapeTiming::of(model, k3420));
    if (const auto display = display_model(type))
        return std::make_unique<Display3277>(*display, DisplayTiming::of(model, type.substr(0, 4)));
    if (type == kChannelToChannel)
        return std::make_unique<ChannelToChannel>(ChannelToChannelTiming::of(model));
    throw std::invalid_argument(fmt::format("device type {}: expected one of {}", type, device_types()));
}

}  // namespace

bool is_disk(std::string_view type) { return images::disk_geometry(type) != nullptr || type == "3370"; }

bool is_tape(std::string_view type) { return type == "2400" || type == "3420"; }

bool is_display(std::string_view type) { return display_model(type).has_value(); }

bool is_device_type(std::string_view type) {
    return is_disk(type) || is_tape(type) || is_display(type) || type == kChannelToChannel ||
           unit_record_role(type);
}

std::string device_types() {
    std::string types;
    for (const auto& geometry : images::disk_geometries()) types += fmt::format("{}, ", geometry.name);
    return types +
           "3370, 2400, 3420, 3277, 3277-1, 3278, CTCA, 1052, 3210, 3215, 2540R, 3505, 2540P, 3525, 1403, "
           "3211";
}

void check_device(const DeviceDescription& what) {
    const bool display = is_display(what.type), adapter = what.type == kChannelToChannel;
    if (what.couple && !adapter)
        throw std::invalid_argument("only a channel-to-channel adapter is coupled with a device");
    if (what.listen != 0 && !display) throw std::invalid_argument("only a display listens for a terminal");
    if ((display || adapter) && !(what.file.empty() && what.overlay.empty()))
        throw std::invalid_argument(fmt::format("a {} has no file", what.type));
    if ((display || adapter) && what.read_only)
        throw std::invalid_argument("only disks and tapes can be read only");
}

DeviceList standard_units() {
    DeviceList units(4);
    constexpr std::array<std::pair<uint16_t, const char*>, 4> kUnits{
        {{0x009, "3215"}, {0x00C, "3505"}, {0x00D, "3525"}, {0x00E, "1403"}}};
    for (size_t i = 0; i < units.size(); ++i) std::tie(units[i].address, units[i].type) = kUnits[i];
    return units;
}

const DeviceDescription& first_unit(const DeviceList& devices, UnitRecordRole role) {
    for (const DeviceDescription& device : devices)
        if (unit_record_role(device.type) == role) return device;
    throw std::invalid_argument(
        "a machine has a console, a reader, a punch and a printer: expected all four");
}

DeviceDescription& first_unit(DeviceList& devices, UnitRecordRole role) {
    return const_cast<DeviceDescription&>(first_unit(std::as_const(devices), role));
}

Device& attach(ChannelSubsystem& channels, const MachineModel& model, const DeviceDescription& what,
               UnitRecordOutput output, const Pace& pace) {
    if (const auto role = unit_record_role(what.type)) {
        Device& unit =
            channels.attach(what.address, make_unit(model, what.type, *role, std::move(output), pace));
        if (!what.carriage_tape.empty())
            static_cast<Printer&>(unit).mount(read_carriage_tape(what.carriage_tape));
        // The file of a punch or printer is no medium of its own.
        if (*role == UnitRecordRole::card_reader && !what.file.empty()) {
            mount(channels, what);
            channels.test_io(what.address);  // as below
        }
        return unit;
    }
    ChannelToChannel* other = nullptr;
    if (what.couple && what.couple_machine.empty()) {
        other = dynamic_cast<ChannelToChannel*>(channels.device(*what.couple));
        if (other == nullptr)
            throw std::invalid_argument(fmt::format(
                "device {:03X}: to be coupled with {:03X}: expected a channel-to-channel adapter described "
                "before",
                what.address, *what.couple));
    }
    Device& device = channels.attach(what.address, make_device(model, what.type));
    if (other != nullptr) static_cast<ChannelToChannel&>(device).couple(*other);
    if (!what.block_key.empty())
        dynamic_cast<FbaDisk&>(device).set_filter(images::block_cipher(what.block_key), 0, ~uint32_t{0});
    if (!what.file.empty()) mount(channels, what);
    channels.test_io(what.address);  // the device end that tells of the mounting came before the machine did
    return device;
}

UnitRecordDevices attach_all(ChannelSubsystem& channels, const MachineModel& model, const DeviceList& devices,
                             const std::function<UnitRecordOutput(const DeviceDescription&)>& output,
                             const Pace& pace) {
    UnitRecordDevices known;
    for (const DeviceDescription& what : devices) {
        const auto role = unit_record_role(what.type);
        if (role == UnitRecordRole::console && known.console != nullptr)
            throw std::invalid_argument(
                fmt::format("{:03X} {}: a machine has one console", what.address, what.type));
        Device& device = attach(channels, model, what, output(what), pace);
        if (role == UnitRecordRole::console) known.console = static_cast<Console*>(&device);
        if (role == UnitRecordRole::card_reader && known.reader == nullptr)
            known.reader = static_cast<CardReader*>(&device);
    }
    return known;
}

void mount(ChannelSubsystem& channels, const DeviceDescription& what) {
    Device* const device = channels.device(what.address);
    if (device == nullptr)
        throw std::invalid_argument(
            fmt::format("device {:03X}: there is none: expected a disk, tape or card reader", what.address));
    try {
        device->mount(what.medium());
    } catch (const std::invalid_argument& error) {
        throw std::invalid_argument(fmt::format("device {:03X}: {}", what.address, error.what()));
    }
}

CardReader& card_reader(ChannelSubsystem& channels, uint16_t address) {
    auto* const reader = dynamic_cast<CardReader*>(channels.device(address));
    if (reader == nullptr)
        throw std::invalid_argument(fmt::format("device {:03X}: expected a card reader", address));
    return *reader;
}

void flush_devices(ChannelSubsystem& channels) {
    for (const uint16_t address : channels.addresses())
        if (Device* const device = channels.device(address)) device->flush();
}

}  // namespace simulation
