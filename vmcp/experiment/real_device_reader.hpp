// What a [[machine.device]] of a scenario says of a real device beside what it is and where: in which order
// it serves those who wait, and whether it is the control program's own.
#pragma once

#include "vmcp/experiment/scenario.hpp"
#include "vmcp/experiment/scenario_key.hpp"

namespace vmcp::experiment {

/// Its keys beside those of every device.
const std::vector<ScenarioKey<RealDeviceDescription, const Scenario>>& real_device_keys();

/// Checks what has been read. `so_far`: the machine model, and the real devices that are described before.
/// Throws simulation::TomlError.
void check_real_device(simulation::TomlReader& table, const RealDeviceDescription& device,
                       const Scenario& so_far);

/// The paging devices in the order in which they are filled: real ones by type and address, and those that
/// are alone on their channels by type.
std::vector<std::string> paging_devices_of(const Scenario& scenario);

}  // namespace vmcp::experiment
