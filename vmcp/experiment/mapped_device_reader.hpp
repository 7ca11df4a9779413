// What a [[vm.device]] of a scenario says of a real device: `dedicate`, `minidisk` or `link`.
#pragma once

#include <optional>

#include "vmcp/experiment/scenario.hpp"
#include "vmcp/experiment/scenario_key.hpp"

namespace vmcp::experiment {

/// Its keys beside the address.
const std::vector<ScenarioKey<MappedDevice, const Scenario>>& mapped_device_keys();

/// Empty: the table says nothing of a real device. `so_far`: the real devices, and the machines that are
/// described before. Throws simulation::TomlError.
std::optional<MappedDevice> read_mapped_device(simulation::TomlReader& table, const Scenario& so_far);

/// An address of three hexadecimal digits. Throws simulation::TomlError.
uint16_t read_device_address(simulation::TomlReader& table, const char* key);

}  // namespace vmcp::experiment
