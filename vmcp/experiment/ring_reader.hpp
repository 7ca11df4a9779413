// What a [[vm.ring]] of a scenario says: a device with shared rings.
#pragma once

#include "vmcp/experiment/scenario.hpp"
#include "vmcp/experiment/scenario_key.hpp"

namespace vmcp::experiment {

const std::vector<ScenarioKey<RingDescription, const VmOptions>>& ring_keys();

/// `machine`: what is described of it before, its other devices included. `several`: there are several of it.
/// Throws simulation::TomlError.
RingDescription read_ring(simulation::TomlReader& table, const VmOptions& machine, bool several);

/// What an entropy device of a machine of this name begins with.
uint64_t entropy_seed(uint64_t scenario_seed, std::string_view machine);

}  // namespace vmcp::experiment
