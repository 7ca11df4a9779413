// The clocks of a virtual machine: what they request, when they will, and the word at its location 80.
#pragma once

#include <optional>

#include "vmcp/dispatch/nucleus.hpp"

namespace vmcp {

/// The external interruption that the guest must get first now, if there is one.
std::optional<isa::ExternalInterruption> external_pending(const Nucleus& nucleus, const VirtualMachine& vm);

/// When a virtual timer or clock comparator that the guest has enabled will want to interrupt, in real time; kNever if
/// none will.
SimTime next_timer(const Nucleus& nucleus, const VirtualMachine& vm);

/// Counts the word at location 80 down, if a tick is due. Does nothing else in most cases.
void update_interval_timer(Nucleus& nucleus, VirtualMachine& vm);

}  // namespace vmcp
