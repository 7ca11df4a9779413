// Which technique is used for a virtual machine, where there are several: the values of `technique`, `kind`,
// `translation`, `assists`, `intercepts` and `exits_together` in a scenario. All throw simulation::TomlError.
#pragma once

#include "vmcp/experiment/scenario.hpp"

namespace vmcp::experiment {

/// `so_far`: the machines that are described before; there is at most one V=R machine.
void read_storage_kind(simulation::TomlReader& table, const Scenario& so_far, VmOptions& options);
void read_technique(simulation::TomlReader& table, VmOptions& options);
/// Of machines that the hardware executes. What the machine model has.
void read_translation(simulation::TomlReader& table, const simulation::MachineModel& model,
                      VmOptions& options);
void read_assists(simulation::TomlReader& table, const simulation::MachineModel& model, VmOptions& options);

/// Of what is executed interpretively.
void read_intercepts(simulation::TomlReader& table, VmOptions& options);
void read_device_server(simulation::TomlReader& table, const ControlProgramModel& model, VmOptions& options);
void read_exits_together(simulation::TomlReader& table, VmOptions& options);
void read_wait_completion(simulation::TomlReader& table, VmOptions& options);

/// A technique by its name.
std::optional<Technique> parse_technique(std::string_view text);

/// "vma+ecps", "none"; empty: it is something else.
std::optional<AssistSet> parse_assists(std::string_view text);

}  // namespace vmcp::experiment
