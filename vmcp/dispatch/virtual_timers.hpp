// The clocks of a virtual machine: what they request, when they will, and the word at its location 80.
#pragma once

#include <optional>

#include "vmcp/dispatch/nucleus.hpp"

namespace vmcp {

/// The external interruption that the guest must get first now, if there is one, when it is in this state.
std::optional<isa::ExternalInterruption> external_pending(const Nucleus& nucleus, const VirtualMachine& vm,
                                                          const isa::CpuState& state);
/// It is being given that.
void accept_external(VirtualMachine& vm, const isa::ExternalInterruption& taken);

/// When the clock comparator of a guest that has enabled it will want to interrupt, in real time; kNever if
/// it has not.
SimTime next_clock_comparator(const Nucleus& nucleus, const VirtualMachine& vm);
/// When a virtual timer or clock comparator that the guest has enabled will want to interrupt, in real time;
/// kNever if none will.
SimTime next_enabled_timer(const Nucleus& nucleus, const VirtualMachine& vm);
inline SimTime next_timer(const Nucleus& nucleus, const VirtualMachine& vm) {
    return vm.state.psw.external_mask ? next_enabled_timer(nucleus, vm) : simulation::kNever;
}

/// Counts the word at location 80 down, if a tick is due. Does nothing else in most cases.
void tick(Nucleus& nucleus, VirtualMachine& vm);
inline void update_interval_timer(Nucleus& nucleus, VirtualMachine& vm) {
    if (vm.virtual_now() >= vm.interval_timer.next_tick()) tick(nucleus, vm);
}

}  // namespace vmcp
