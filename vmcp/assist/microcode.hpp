// What assists have in common: the guest whose they are, what may interrupt it, and the books.
#pragma once

#include "vmcp/dispatch/nucleus.hpp"
#include "vmcp/dispatch/shared_segments.hpp"
#include "vmcp/dispatch/virtual_cpu.hpp"

namespace vmcp {

class Microcode : public simulation::PrivilegedAssist {
  protected:
    /// For this machine, which owns it.
    Microcode(Nucleus& nucleus, SharedSegments& segments, VirtualMachine& vm)
        : nucleus_(nucleus), segments_(segments), vm_(vm) {}

    /// Whether something is pending that a guest in this state must get first.
    bool external_may_interrupt(const isa::CpuState& state) const;
    bool io_may_interrupt(const isa::CpuState& state) const;
    /// Whatever the masks of the PSW say.
    bool anything_pending() const;
    /// The guest may be interrupted at another time than was thought when it was let go on.
    void look_at_timers(simulation::Cpu& cpu);
    /// Enters the outcome, and the time that a refusal or a hit takes. Whether it was a hit.
    bool settle(simulation::Cpu& cpu, Cause cause, AssistRefusal why, SimTime refusal, SimTime hit) {
        AssistCount& count = vm_.assist_counts[cause];
        ++count.calls;
        const bool done = why == AssistRefusal::none;
        const SimTime cost = done ? hit : refusal;
        ++(done ? count.hits : count.refused[static_cast<unsigned>(why)]);
        vm_.assist_counts.time += cost;
        cpu.spend(cost);
        return done;
    }

    /// SSM, STNSM, STOSM, LPSW. `Assist` knows which PSWs it may load (check_transition, which raises
    /// NeedsControlProgram), and how (load). Raises that, before anything has changed, or what the guest's
    /// own exception would be.
    template <class Assist>
    void execute_psw(Assist& assist, simulation::Cpu& cpu, VirtualCpu& guest,
                     const isa::Decoded& instruction) {
        const isa::Operands& o = instruction.operands;
        const uint32_t address = guest.address(o.b1, o.d1);
        const isa::Psw& now = vm_.state.psw;
        isa::Psw next = now;
        if (instruction.op == isa::Op::op_LPSW) {
            if (address % 8 != 0) guest.program_check(isa::ProgramCode::specification);
            vm_.loaded_psws.load(next, guest.load64(address));
            assist.check_transition(cpu, next);
            vm_.state.early_ilc = 0;
            return assist.load(cpu, next);
        }
        const uint8_t mask = isa::system_mask(now);
        if (instruction.op == isa::Op::op_SSM) {
            if (guest.cr(0) & isa::kCr0SsmSuppression)
                guest.program_check(isa::ProgramCode::special_operation);
            isa::set_system_mask(next, static_cast<uint8_t>(guest.load8(address)));
            assist.check_transition(cpu, next);
        } else {
            const auto immediate = static_cast<uint8_t>(o.imm);
            isa::set_system_mask(next,
                                 instruction.op == isa::Op::op_STNSM ? mask & immediate : mask | immediate);
            assist.check_transition(cpu, next);
            guest.store8(address, mask);
        }
        vm_.state.early_ilc = cpu.execution().ilc;
        assist.load(cpu, next);
    }

    Nucleus& nucleus_;
    SharedSegments& segments_;
    VirtualMachine& vm_;
};

}  // namespace vmcp
