// Presenting interruptions to a guest, as its own machine would.
#pragma once

#include "vmcp/dispatch/machine_states.hpp"
#include "vmcp/dispatch/nucleus.hpp"

namespace vmcp {

class Reflection {
  public:
    Reflection(Nucleus& nucleus, MachineStates& states) : nucleus_(nucleus), states_(states) {}

    /// Gives the guest an interruption: swaps the PSWs in its page zero.
    void deliver(Work& work, VirtualMachine& vm, const isa::Interruption& interruption);
    /// Gives it what is pending, in the order of the architecture, until nothing is that it has enabled.
    void deliver_pending(Work& work, VirtualMachine& vm);
    /// The specification exception of a virtual PSW that breaks its format.
    std::optional<isa::ProgramInterruption> psw_error(const VirtualMachine& vm) const;

    /// Whether the guest is to be told of its page waits, and can be now (VM handshaking).
    static bool takes_pseudo_page_faults(const VirtualMachine& vm) {
        return vm.handshaking.on && vm.state.psw.ec_mode && vm.state.psw.io_mask;
    }

  private:
    /// What the architecture presents before the next instruction; empty if there is nothing. `work` has turned to it.
    std::optional<isa::Interruption> next_pending(Work& work, VirtualMachine& vm);

    Nucleus& nucleus_;
    MachineStates& states_;
};

}  // namespace vmcp
