// The unit-record devices by their types. Every machine, real or virtual, has a console, a reader, a punch
// and a printer (standard_units, simulation/devices/device_configuration.hpp); only the timings and where the
// output goes differ.
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

/// The unit of such a type, which must be of that kind.
constexpr ConsoleModel console_model(std::string_view type) {
    return type == "3215" ? ConsoleModel::c3215 : type == "3210" ? ConsoleModel::c3210 : ConsoleModel::c1052;
}
constexpr CardReaderModel card_reader_model(std::string_view type) {
    return type == "2540R" ? CardReaderModel::r2540 : CardReaderModel::r3505;
}
constexpr CardPunchModel card_punch_model(std::string_view type) {
    return type == "2540P" ? CardPunchModel::p2540 : CardPunchModel::p3525;
}
constexpr PrinterModel printer_model(std::string_view type) {
    return type == "1403" ? PrinterModel::p1403 : PrinterModel::p3211;
}

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
