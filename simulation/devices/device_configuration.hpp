// The devices of a machine's configuration: what is attached where, and which file it works on. One list for
// real and virtual machines, standard units and further ones alike.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "simulation/channel/channel_subsystem.hpp"
#include "simulation/devices/unit_record.hpp"
#include "simulation/model/machine_model.hpp"

namespace simulation {

struct DeviceDescription {
    uint16_t address = 0;
    /// "2311", "2314", "3330-1" or "3330", "3330-11", "3340-35" or "3340", "3340-70", "3350", "3370"; "2400",
    /// "3420"; "3277-2" or "3277", "3277-1", "3278-2" or "3278"; "CTCA"; those of unit_record_role.
    std::string type;
    /// Of a disk or tape the image; empty: nothing is mounted. Of a reader the cards in it. Of a punch or
    /// printer where its output goes, which is the business of whoever attaches it.
    std::string file;
    std::string overlay;     // of a disk: takes what is written; the file stays as it is
    bool read_only = false;  // the file is opened for reading: a disk that rejects writes, a protected tape
    /// Of a channel-to-channel adapter's end the device that is the other end; it must have been described
    /// before.
    std::optional<uint16_t> couple;
    /// The machine that has the other end, where several run on one: the business of whoever runs them.
    /// Empty: this one.
    std::string couple_machine = {};
    /// Of a display the TCP port at which a terminal may connect to be its screen: the business of whoever
    /// runs the machine. 0: none.
    uint16_t listen = 0;
    std::string carriage_tape;  // of a printer: the file of one that is not the standard one
    /// Of a 3370 the key that its blocks are enciphered under (simulation/images/block_cipher.hpp); empty:
    /// they are not.
    std::string block_key = {};

    Medium medium() const { return {file, overlay, read_only}; }

    bool operator==(const DeviceDescription&) const = default;
};

/// Whether there is such a type, for messages that say where a wrong one was.
bool is_device_type(std::string_view type);
bool is_disk(std::string_view type);
bool is_tape(std::string_view type);
bool is_display(std::string_view type);
/// The types, for messages: "2311, 2314, ...".
std::string device_types();

/// Throws std::invalid_argument with the reason where a device of this type cannot have what is said of it.
void check_device(const DeviceDescription& what);

/// The devices of one machine, in the order in which they are attached.
using DeviceList = std::vector<DeviceDescription>;

/// What every machine has: the console 009, reader 00C, punch 00D and printer 00E; a 3215, 3505, 3525 and
/// 1403.
DeviceList standard_units();

/// The first of its kind: the machine's console, or the reader, punch or printer that is meant where none is
/// named. Throws std::invalid_argument where the list has none.
const DeviceDescription& first_unit(const DeviceList& devices, UnitRecordRole role);
DeviceDescription& first_unit(DeviceList& devices, UnitRecordRole role);

/// At which pace readers, punches and printers work: empty, their own, which the machine model tells; or
/// that of whoever stands for them. A console is a typewriter in any case.
using Pace = std::optional<DeviceTiming>;

/// Attaches the device and mounts its file; `output` is for a console, punch or printer. Throws
/// images::ImageError, std::out_of_range (a figure that the machine model does not have)
/// std::invalid_argument (an address that is taken, a type that is unknown) or TomlError (a carriage tape).
Device& attach(ChannelSubsystem& channels, const MachineModel& model, const DeviceDescription& what,
               UnitRecordOutput output = {}, const Pace& pace = {});

/// Attaches a machine's devices. Throws as attach, and std::invalid_argument for a second console.
UnitRecordDevices attach_all(ChannelSubsystem& channels, const MachineModel& model, const DeviceList& devices,
                             const std::function<UnitRecordOutput(const DeviceDescription&)>& output,
                             const Pace& pace = {});

/// Mounts another file on a disk or tape that is attached; an empty file name takes off what is there. Puts
/// cards into a reader, behind those in it. Throws as Device::mount, with the device in front, and
/// std::invalid_argument where there is no such device.
void mount(ChannelSubsystem& channels, const DeviceDescription& what);

/// The card reader at that address. Throws std::invalid_argument where there is none.
CardReader& card_reader(ChannelSubsystem& channels, uint16_t address);

/// Saves what devices hold of what was written to them. Throws images::ImageError.
void flush_devices(ChannelSubsystem& channels);

}  // namespace simulation
