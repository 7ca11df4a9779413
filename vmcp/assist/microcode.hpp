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

    Nucleus& nucleus_;
    SharedSegments& segments_;
    VirtualMachine& vm_;
};

}  // namespace vmcp
