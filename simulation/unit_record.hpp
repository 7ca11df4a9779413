// The unit-record devices of a small configuration: console, reader, punch, printer. A real machine and a
// virtual machine get the same four; only the timings and where the output goes differ.
#pragma once

#include <functional>
#include <string_view>

#include "simulation/channel_subsystem.hpp"
#include "simulation/devices/card_punch.hpp"
#include "simulation/devices/card_reader.hpp"
#include "simulation/devices/console.hpp"
#include "simulation/devices/printer.hpp"

namespace simulation {

struct UnitRecordAddresses {
    uint16_t console = 0x009, reader = 0x00C, punch = 0x00D, printer = 0x00E;
};

struct UnitRecordTimings {
    DeviceTiming console, reader, punch, printer;

    /// 3215, 3505, 3525 and 1403 as the machine model has them.
    static UnitRecordTimings of(const MachineModel& model);
};

struct UnitRecordOutput {
    Console::Output console;
    CardPunch::Output punch;
    Printer::Output printer;
};

struct UnitRecordDevices {
    Console* console = nullptr;
    CardReader* reader = nullptr;
};

/// Attaches the four devices; the subsystem owns them. Throws std::invalid_argument if two have one address.
UnitRecordDevices attach_unit_record(ChannelSubsystem& channels, const UnitRecordAddresses& addresses,
                                     const UnitRecordTimings& timings, UnitRecordOutput output);

}  // namespace simulation
