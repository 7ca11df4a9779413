// A virtual machine of a scenario as a machine of its own: what it has of real devices becomes its own.
#pragma once

#include "vmcp/experiment/scenario.hpp"

namespace vmcp::experiment {

/// Throws GuestError where it has what a bare machine cannot have: a minidisk.
VmDescription bare_machine(const Scenario& scenario, const VmDescription& vm);

}  // namespace vmcp::experiment
