#include "simulation/devices/unit_record.hpp"

namespace simulation {

std::optional<UnitRecordRole> unit_record_role(std::string_view type) {
    if (type == "1052" || type == "3210" || type == "3215") return UnitRecordRole::console;
    if (type == "2540R" || type == "3505") return UnitRecordRole::card_reader;
    if (type == "2540P" || type == "3525") return UnitRecordRole::card_punch;
    if (type == "1403" || type == "3211") return UnitRecordRole::printer;
    return std::nullopt;
}

}  // namespace simulation
