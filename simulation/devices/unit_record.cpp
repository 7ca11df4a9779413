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

UnitRecordTimings UnitRecordTimings::of(const MachineModel& model, const UnitRecordConfiguration& units) {
    return {timing_of(model, name_of(units.console_model), UnitRecordRole::console),
            timing_of(model, name_of(units.reader_model), UnitRecordRole::card_reader),
            timing_of(model, name_of(units.punch_model), UnitRecordRole::card_punch),
            timing_of(model, name_of(units.printer_model), UnitRecordRole::printer)};
}

UnitRecordDevices attach_unit_record(ChannelSubsystem& channels, const UnitRecordConfiguration& units,
                                     const UnitRecordTimings& timings, UnitRecordOutput output) {
    UnitRecordDevices devices;
    devices.console = &channels.attach(
        units.console,
        std::make_unique<Console>(std::move(output.console), units.console_model, timings.console));
    devices.reader =
        &channels.attach(units.reader, std::make_unique<CardReader>(units.reader_model, timings.reader));
    channels.attach(units.punch,
                    std::make_unique<CardPunch>(std::move(output.punch), units.punch_model, timings.punch));
    channels.attach(units.printer, std::make_unique<Printer>(std::move(output.printer), units.printer_model,
                                                             timings.printer));
    return devices;
}

Device& attach_further_unit(ChannelSubsystem& channels, uint16_t address, std::string_view type,
                            const DeviceTiming& timing, UnitRecordOutput output) {
    UnitRecordConfiguration units;
    choose_unit(units, address, type);
    switch (*unit_record_role(type)) {
        case UnitRecordRole::card_reader:
            return channels.attach(address, std::make_unique<CardReader>(units.reader_model, timing));
        case UnitRecordRole::card_punch:
            return channels.attach(
                address, std::make_unique<CardPunch>(std::move(output.punch), units.punch_model, timing));
        case UnitRecordRole::printer:
            return channels.attach(
                address, std::make_unique<Printer>(std::move(output.printer), units.printer_model, timing));
        case UnitRecordRole::console: break;
    }
    throw std::invalid_argument(fmt::format("{:03X} {}: a machine has one console", address, type));
}

}  // namespace simulation
