#include "simulation/channel/device_timing.hpp"

#include "simulation/model/machine_model.hpp"

namespace simulation {

DeviceTiming timing_of(const MachineModel& model, std::string_view type, UnitRecordRole role) {
    if (type == "1052" && !model.has_device(type)) type = "3210";  // nearly the same typewriter
    const auto figure = [&](std::string_view name) { return model.device(type, name).value; };
    const auto transfer = [&](SimTime bytes) {
        return bytes * kSecond / figure("transfer_bytes_per_second");
    };
    constexpr SimTime card_bytes = 80;
    constexpr SimTime line_bytes = 132;
    // Left out where a model has nothing to say of it.
    const auto set = [&](std::string_view name) {
        const auto& figures = model.devices.find(type)->second;
        const auto at = figures.find(name);
        return at != figures.end() && at->second.value != 0;
    };
    DeviceTiming timing;
    switch (role) {
        case UnitRecordRole::console:
            timing.character = figure("character_us") * kMicrosecond;
            timing.checks_write_length = set("write_length_check");
            break;
        case UnitRecordRole::card_reader:
            timing.cycle = 60 * kSecond / figure("cards_per_minute_read");
            timing.transfer = transfer(card_bytes);
            if (set("device_end_apart")) timing.ends_together = DeviceTiming::Together::none;
            break;
        case UnitRecordRole::card_punch:
            timing.cycle = 60 * kSecond / figure("cards_per_minute_punched");
            timing.transfer = transfer(card_bytes);
            break;
        case UnitRecordRole::printer:
            timing.cycle = 60 * kSecond / figure("lines_per_minute");
            timing.transfer = transfer(line_bytes);
            timing.space = kSecond / (figure("space_inches_per_second") * figure("lines_per_inch"));
            timing.skip = kSecond / (figure("skip_inches_per_second") * figure("lines_per_inch"));
            break;
    }
    return timing;
}

}  // namespace simulation
