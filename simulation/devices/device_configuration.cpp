#include "simulation/devices/device_configuration.hpp"

#include <fmt/format.h>

#include <stdexcept>

#include "simulation/devices/channel_to_channel.hpp"
#include "simulation/devices/ckd_disk.hpp"
#include "simulation/devices/deck_file.hpp"
#include "simulation/devices/display_3277.hpp"
#include "simulation/devices/fba_disk.hpp"
#include "simulation/devices/tape_drive.hpp"

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

bool is_device_type(std::string_view type) {
    return images::disk_geometry(type) != nullptr || type == "3370" || type == "2400" || type == "3420" ||
           display_model(type) || type == kChannelToChannel || unit_record_role(type);
}

std::string device_types() {
    std::string types;
    for (const auto& geometry : images::disk_geometries()) types += fmt::format("{}, ", geometry.name);
    return types +
           "3370, 2400, 3420, 3277, 3277-1, 3278, CTCA, 1052, 3210, 3215, 2540R, 3505, 2540P, 3525, 1403, "
           "3211";
}

void check_device(const DeviceDescription& what) {
    const bool display = display_model(what.type).has_value(), adapter = what.type == kChannelToChannel;
    if (what.couple && !adapter)
        throw std::invalid_argument("only a channel-to-channel adapter is coupled with a device");
    if (what.listen != 0 && !display) throw std::invalid_argument("only a display listens for a terminal");
    if ((display || adapter) && !(what.file.empty() && what.overlay.empty()))
        throw std::invalid_argument(fmt::format("a {} has no file", what.type));
    if ((display || adapter) && what.read_only)
        throw std::invalid_argument("only disks and tapes can be read only");
}

void attach_device(ChannelSubsystem& channels, const MachineModel& model, const DeviceDescription& what,
                   UnitRecordOutput output) {
    if (const auto role = unit_record_role(what.type)) {
        attach_further_unit(channels, what.address, what.type, timing_of(model, what.type, *role),
                            std::move(output));
        if (*role == UnitRecordRole::card_reader && !what.file.empty()) mount(channels, what);
        return;
    }
    ChannelToChannel* other = nullptr;
    if (what.couple) {
        other = dynamic_cast<ChannelToChannel*>(channels.device(*what.couple));
        if (other == nullptr)
            throw std::invalid_argument(fmt::format(
                "device {:03X}: to be coupled with {:03X}: expected a channel-to-channel adapter described "
                "before",
                what.address, *what.couple));
    }
    Device& device = channels.attach(what.address, make_device(model, what.type));
    if (other != nullptr) static_cast<ChannelToChannel&>(device).couple(*other);
    if (!what.file.empty()) mount(channels, what);
    channels.test_io(what.address);  // the device end that tells of the mounting came before the machine did
}

void mount(ChannelSubsystem& channels, const DeviceDescription& what) {
    Device* device = channels.device(what.address);
    const auto access = what.read_only ? images::Access::read : images::Access::write;
    const bool off = what.file.empty();
    if (auto* disk = dynamic_cast<CkdDisk*>(device)) {
        disk->mount(nullptr);  // a file may be mounted again
        if (!off)
            disk->mount(what.overlay.empty() ? images::open_ckd(what.file, access)
                                             : images::open_ckd_with_overlay(what.file, what.overlay));
        return;
    }
    if (auto* disk = dynamic_cast<FbaDisk*>(device)) {
        disk->mount(nullptr);
        if (!off)
            disk->mount(what.overlay.empty() ? images::open_fba(what.file, access)
                                             : images::open_fba_with_overlay(what.file, what.overlay));
        return;
    }
    if (!what.overlay.empty())
        throw std::invalid_argument(fmt::format("device {:03X}: only disks have overlays", what.address));
    if (auto* tape = dynamic_cast<TapeDrive*>(device)) {
        tape->mount(nullptr);
        if (!off) tape->mount(std::make_unique<images::TapeImage>(what.file, access));
    } else if (auto* reader = dynamic_cast<CardReader*>(device)) {
        if (!off) reader->load(read_deck(what.file));
    } else {
        throw std::invalid_argument(fmt::format("device {:03X} is no disk, tape or reader", what.address));
    }
}

void flush_devices(ChannelSubsystem& channels) {
    for (const uint16_t address : channels.addresses())
        if (auto* disk = dynamic_cast<CkdDisk*>(channels.device(address))) disk->flush();
}

}  // namespace simulation
