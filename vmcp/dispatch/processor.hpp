// What one real CPU is doing for the control program.
#pragma once

#include <utility>

#include "vmcp/machine/virtual_machine.hpp"

namespace vmcp {

struct Processor {
    simulation::Cpu& cpu;
    VirtualMachine* running = nullptr;  // whose turn it is; null: nobody's
    SimTime turn_began = 0;             // of that one
    SimTime turn_limit = 0;             // when its slice is over
    SimTime until = 0;                  // when all running ends
    Cause turn_cause =
        Cause::dispatch;  // what the control program did for it last, while a pause keeps the turn open
    simulation::CpuCounters before{};  // the turn: what the hardware had counted
    bool preempt = false;              // somebody who may go first has become ready during the turn
    bool interpreting = false;         // it has entered the running machine's interpretive execution
    VmId last_dispatched = kNobody;    // whose registers and address space it still holds

    static constexpr VmId kNobody = ~VmId{0};

    /// Enters interpretive execution of the running machine, and comes out of it for this reason, if it is
    /// in; at the expense of whom `work` is for.
    void go_in(Work& work) {
        transit(work, cpu.model().interpretive.entry_ns.value);
        interpreting = true;
    }
    void come_out(Work& work, const simulation::Exit& why = simulation::BudgetSpent{}) {
        if (!std::exchange(interpreting, false)) return;
        transit(work, cpu.model().interpretive.exit_ns.value);
        running->interpretive_execution->end(why);
    }

  private:
    void transit(Work& work, SimTime time) {
        cpu.spend(time);
        work.transit(time);
    }
};

}  // namespace vmcp
