#include "simulation/devices/unit_record.hpp"

#include <fmt/format.h>

#include <stdexcept>

namespace simulation {

std::optional<UnitRecordRole> unit_record_role(std::string_view type) {
    if (type == "1052" || type == "3210" || type == "3215") return UnitRecordRole::console;
    if (type == "2540R" || type == "3505") return UnitRecordRole::card_reader;
    if (type == "2540P" || type == "3525") return UnitRecordRole::card_punch;
    if (type == "1403" || type == "3211") return UnitRecordRole::printer;
    return std::nullopt;
}

void choose_unit(UnitRecordConfiguration& units, uint16_t address, std::string_view type) {
    const auto role = unit_record_role(type);
    if (!role) throw std::invalid_argument(fmt::format("{} is no unit-record device", type));
    switch (*role) {
        case UnitRecordRole::console:
            units.console = address;
            units.console_model = type == "3215"   ? ConsoleModel::c3215
                                  : type == "3210" ? ConsoleModel::c3210
                                                   : ConsoleModel::c1052;
            break;
        case UnitRecordRole::card_reader:
            units.reader = address;
            units.reader_model = type == "2540R" ? CardReaderModel::r2540 : CardReaderModel::r3505;
            break;
        case UnitRecordRole::card_punch:
            units.punch = address;
            units.punch_model = type == "2540P" ? CardPunchModel::p2540 : CardPunchModel::p3525;
            break;
        case UnitRecordRole::printer:
            units.printer = address;
            units.printer_model = type == "1403" ? PrinterModel::p1403 : PrinterModel::p3211;
            break;
    }
}

}  // namespace simulation
