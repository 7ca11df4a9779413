#include "simulation/unit_record.hpp"

namespace simulation {

UnitRecordTimings UnitRecordTimings::of(const MachineModel& model) {
    return {timing_of(model, "3215", UnitRecordRole::console),
            timing_of(model, "3505", UnitRecordRole::card_reader),
            timing_of(model, "3525", UnitRecordRole::card_punch),
            timing_of(model, "1403", UnitRecordRole::printer)};
}

UnitRecordDevices attach_unit_record(ChannelSubsystem& channels, const UnitRecordAddresses& addresses,
                                     const UnitRecordTimings& timings, UnitRecordOutput output) {
    UnitRecordDevices devices;
    devices.console = &channels.attach(
        addresses.console,
        std::make_unique<Console>(std::move(output.console), ConsoleModel::c3215, timings.console));
    devices.reader = &channels.attach(addresses.reader,
                                      std::make_unique<CardReader>(CardReaderModel::r3505, timings.reader));
    channels.attach(addresses.punch, std::make_unique<CardPunch>(std::move(output.punch),
                                                                 CardPunchModel::p3525, timings.punch));
    channels.attach(addresses.printer, std::make_unique<Printer>(std::move(output.printer),
                                                                 PrinterModel::p1403, timings.printer));
    return devices;
}

}  // namespace simulation
