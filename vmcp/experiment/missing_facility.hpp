// Of a program that died: whether that was for an instruction that its machine does not have, and which
// machine model has it.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "simulation/model/machine_model.hpp"

namespace vmcp::experiment {

/// Looks at what the last program interruption has left in the assigned locations (chapter 4). `byte`: of the
/// program's real storage, which has `size` bytes. Empty unless it was an operation exception of an
/// instruction that another machine has; else one line.
std::string missing_facility(const simulation::MachineModel& model, uint32_t size,
                             const std::function<uint8_t(uint32_t)>& byte);

}  // namespace vmcp::experiment
