// The unit-record devices of a small configuration: console, reader, punch, printer. A real machine and a
// virtual machine get the same four (standard_units, simulation/devices/device_configuration.hpp); only the
// timings and where the output goes differ.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "simulation/devices/card_punch.hpp"
#include "simulation/devices/card_reader.hpp"
#include "simulation/devices/console.hpp"
#include "simulation/devices/printer.hpp"

namespace simulation {

/// Where the four are and which units they are.
struct UnitRecordConfiguration {
    uint16_t console = 0x009, reader = 0x00C, punch = 0x00D, printer = 0x00E;
    ConsoleModel console_model = ConsoleModel::c3215;
    CardReaderModel reader_model = CardReaderModel::r3505;
    CardPunchModel punch_model = CardPunchModel::p3525;
    PrinterModel printer_model = PrinterModel::p1403;
    std::string carriage_tape = {};  // of all its printers, a file; empty: the standard one

    bool operator==(const UnitRecordConfiguration&) const = default;
};

/// The type, as machine models name it: "3215", "2540".
constexpr std::string_view name_of(ConsoleModel model) {
    return model == ConsoleModel::c3215 ? "3215" : model == ConsoleModel::c3210 ? "3210" : "1052";
}
constexpr std::string_view name_of(CardReaderModel model) {
    return model == CardReaderModel::r2540 ? "2540" : "3505";
}
constexpr std::string_view name_of(CardPunchModel model) {
    return model == CardPunchModel::p2540 ? "2540" : "3525";
}
constexpr std::string_view name_of(PrinterModel model) {
    return model == PrinterModel::p1403 ? "1403" : "3211";
}

/// What kind of unit a type of a configuration is: "1052", "3210", "3215"; "2540R", "3505"; "2540P", "3525";
/// "1403", "3211". Empty for any other.
std::optional<UnitRecordRole> unit_record_role(std::string_view type);

/// Puts a unit in the place of the one of its kind. Throws std::invalid_argument for another type.
void choose_unit(UnitRecordConfiguration& units, uint16_t address, std::string_view type);

/// Where the output of a device goes; a reader, disk or tape has none.
struct UnitRecordOutput {
    Console::Output console;
    CardPunch::Output punch;
    Printer::Output printer;
};

/// What of a machine's devices an operator has to do with most: its console and its first reader.
struct UnitRecordDevices {
    Console* console = nullptr;
    CardReader* reader = nullptr;
};

}  // namespace simulation
