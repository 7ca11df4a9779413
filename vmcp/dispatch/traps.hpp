// The trap path: from an interruption of the real CPU to what the guest shall see.
#pragma once

#include "vmcp/dispatch/page_faults.hpp"
#include "vmcp/dispatch/privileged.hpp"
#include "vmcp/dispatch/reflection.hpp"

namespace vmcp {

class Traps {
  public:
    Traps(Nucleus& nucleus, SharedSegments& segments, Processor& processor, Reflection& reflection,
          PageFaults& faults, PrivilegedOperations& privileged)
        : nucleus_(nucleus),
          segments_(segments),
          processor_(processor),
          reflection_(reflection),
          faults_(faults),
          privileged_(privileged) {}

    /// The guest ran until this. `work` turns to what has to be done.
    void handle(Work& work, VirtualMachine& vm, const simulation::Exit& exit) {
        ++count_;
        ++vm.exits;
        handle_other(work, vm, exit);
    }
    /// The same for the most frequent of all.
    [[gnu::always_inline]] void handle(Work& work, VirtualMachine& vm,
                                       const simulation::PrivilegedOperation& p,
                                       const simulation::Exit& exit) {
        ++count_;
        ++vm.exits;
        on_privileged(work, vm, p, exit);
    }

    /// The same where it ran until a time that was set for it.
    void handle_timer(Work& work, VirtualMachine& vm, const simulation::Exit& exit);

    /// The same for who handles what the real CPU was interrupted by himself: the control program has taken
    /// over.
    void enter(Work& work, VirtualMachine& vm, const isa::ProgramInterruption& real,
               const simulation::Exit& exit);

    /// The guest was stopped, but nothing interrupted the real CPU: it will go on where it was.
    void break_off(VirtualMachine& vm) { vm.state.psw.set_changing(processor_.cpu.psw()); }

    uint64_t count() const { return count_; }

  private:
    void handle_other(Work& work, VirtualMachine& vm, const simulation::Exit& exit);
    void on_program(Work& work, VirtualMachine& vm, const isa::ProgramInterruption& i,
                    const simulation::Exit& exit);
    void on_privileged(Work& work, VirtualMachine& vm, const simulation::PrivilegedOperation& p,
                       const simulation::Exit& exit);
    void on_supervisor_call(Work& work, VirtualMachine& vm, const isa::SupervisorCallInterruption& i,
                            const simulation::Exit& exit);
    void on_timer(Work& work, VirtualMachine& vm, const simulation::Exit& exit);
    [[gnu::cold]] void tell(const VirtualMachine& vm, const Trap& trap);
    [[gnu::cold]] void come_out(Work& work, VirtualMachine& vm, const isa::Interruption& real,
                                const simulation::Exit& exit, const isa::Decoded* instruction);
    template <class Interruption>
    void enter_and_deliver(Work& work, VirtualMachine& vm, const Interruption& interruption) {
        work.steps(Step::enter_from_trap, reflecting(interruption));
        reflection_.present(vm, interruption);
    }
    /// The hardware's part: the real PSWs are swapped. The guest's instruction address, condition code and
    /// program mask are those of the real old PSW. The control program's way in is the next step. From
    /// interpretive execution it comes out first, which may be all.
    template <class Interruption>
    void take(Work& work, VirtualMachine& vm, const Interruption& real, const simulation::Exit& exit,
              const isa::Decoded* instruction = nullptr);

    Nucleus& nucleus_;
    SharedSegments& segments_;
    Processor& processor_;
    Reflection& reflection_;
    PageFaults& faults_;
    PrivilegedOperations& privileged_;
    uint64_t count_ = 0;
};

/// Where the hardware has stored the old PSW.
constexpr uint32_t old_psw_of(const isa::ProgramInterruption&) { return isa::Assigned::program_old; }
constexpr uint32_t old_psw_of(const isa::SupervisorCallInterruption&) {
    return isa::Assigned::supervisor_call_old;
}
constexpr uint32_t old_psw_of(const isa::ExternalInterruption&) { return isa::Assigned::external_old; }

template <class Interruption>
[[gnu::always_inline]] inline void Traps::take(Work& work, VirtualMachine& vm, const Interruption& real,
                                               const simulation::Exit& exit,
                                               const isa::Decoded* instruction) {
    if (processor_.interpreting) [[unlikely]]
        return come_out(work, vm, real, exit, instruction);
    const SimTime before = nucleus_.now();
    vm.state.psw.set_changing(processor_.cpu.psw());  // which becomes the old one
    processor_.cpu.take(real);
    const SimTime taken = nucleus_.now();
    if (nucleus_.observers.any()) [[unlikely]]
        tell(vm,
             {exit, real, isa::decode_psw(nucleus_.machine.storage().get64(old_psw_of(real))), work.account(),
              before, taken, instruction != nullptr ? std::optional(*instruction) : std::nullopt});
    work.interruption_taken(taken - before);
}

/// What the guest must not execute in the real problem state. Where its own state allows it, it is simulated;
/// a semi-privileged instruction in any state, for the real CPU knows nothing of the guest's authority.
[[gnu::always_inline]] inline void Traps::on_privileged(Work& work, VirtualMachine& vm,
                                                        const simulation::PrivilegedOperation& p,
                                                        const simulation::Exit& exit) {
    const bool allowed = may_execute(vm, p.instruction, nucleus_.machine.model().facilities);
    work.turn_to(allowed ? Cause::simulated(p.instruction.op) : Cause::reflect_program);
    take(work, vm, p.interruption, exit, allowed ? &p.instruction : nullptr);
    if (allowed)
        privileged_.simulate(work, vm, p.instruction, p.interruption);
    else
        enter_and_deliver(work, vm, p.interruption);
}

}  // namespace vmcp
