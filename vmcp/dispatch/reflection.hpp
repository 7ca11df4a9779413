// Presenting interruptions to a guest, as its own machine would.
#pragma once

#include "vmcp/dispatch/assigned_page.hpp"
#include "vmcp/dispatch/machine_states.hpp"
#include "vmcp/dispatch/nucleus.hpp"

namespace vmcp {

namespace shared_page {
enum Kind : uint8_t;
}

/// The step that giving a guest such an interruption is. Machine checks and restarts are as rare as they are
/// unmeasured: they count as program interruptions.
template <class Interruption>
constexpr Step reflecting(const Interruption&) {
    if constexpr (std::is_same_v<Interruption, isa::SupervisorCallInterruption>) return Step::reflect_svc;
    if constexpr (std::is_same_v<Interruption, isa::ExternalInterruption>) return Step::reflect_external;
    if constexpr (std::is_same_v<Interruption, isa::IoInterruption>) return Step::reflect_io;
    return Step::reflect_program;
}
inline Step reflecting(const isa::Interruption& interruption) {
    return std::visit([](const auto& one) { return reflecting(one); }, interruption);
}

class Reflection {
  public:
    Reflection(Nucleus& nucleus, MachineStates& states) : nucleus_(nucleus), states_(states) {}

    /// Gives the guest an interruption: swaps the PSWs in its page zero.
    template <class Interruption>
    void deliver(Work& work, VirtualMachine& vm, const Interruption& interruption) {
        work.step(reflecting(interruption));
        present(vm, interruption);
    }
    /// The same, for which the step has been charged.
    template <class Interruption>
    void present(VirtualMachine& vm, const Interruption& interruption) {
        nucleus_.observers.tell([&](Observer& o) { o.reflected(vm, interruption); });
        auto page = AssignedPage::of(vm);
        if (!page) return;  // page zero could not be had: the turn ends with a stop
        const bool in_string = vm.interruptions.add(vm.instructions);
        if (in_string) [[unlikely]]
            vm.interruptions.keep_first(vm.state.psw, *page);
        vm.state.psw = isa::decode_psw(isa::store_interruption(vm.state.psw, *page, interruption));
        vm.state.early_ilc = 0;
        if (in_string && vm.interruptions.endless()) [[unlikely]]
            states_.stop(vm, StopReason::check_stop);
    }
    /// Gives it what is pending, in the order of the architecture, until nothing is that it has enabled.
    /// Whether the control program had anything to do with it.
    bool deliver_pending(Work& work, VirtualMachine& vm) {
        return may_be_pending(vm) && present_pending(work, vm);
    }
    /// The specification exception of a virtual PSW that breaks its format.
    std::optional<isa::ProgramInterruption> psw_error(const VirtualMachine& vm) const;

    /// Whether the guest is to be told of its page waits, and can be now (VM handshaking).
    static bool takes_pseudo_page_faults(const VirtualMachine& vm) {
        return vm.handshaking.on && vm.state.psw.ec_mode && vm.state.psw.io_mask;
    }

  private:
    /// Cheap, and true where next_pending may find something: nothing is pending behind most traps.
    static bool may_be_pending(const VirtualMachine& vm) {
        const isa::Psw& psw = vm.state.psw;
        return psw.external_mask || psw.dat || psw.secondary_space || psw.wide_load_address ||
               (psw.ec_reserved_high | psw.ec_reserved_low) != 0 || vm.io.channels.has_pending() ||
               !vm.handshaking.arrived.empty();
    }
    bool present_pending(Work& work, VirtualMachine& vm);
    struct Pending {
        isa::Interruption interruption;
        Cause cause;
        bool own =
            false;  // of the CPU itself: interpretive execution presents it without the control program
    };
    /// What the architecture presents before the next instruction; empty if there is nothing.
    std::optional<Pending> next_pending(VirtualMachine& vm);
    [[gnu::cold]] bool held_back(VirtualMachine& vm, shared_page::Kind kind, Cause cause);
    void present_by_hardware(VirtualMachine& vm, const isa::Interruption& interruption);

    Nucleus& nucleus_;
    MachineStates& states_;
};

}  // namespace vmcp
