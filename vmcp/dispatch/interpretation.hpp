// Pure interpretation: the control program executes every instruction of a guest by program, and the real CPU
// none. It fetches each from the guest's storage, through the guest's own translation and keys, decodes it,
// and lets the same body act on the guest's virtual CPU that the real CPU would have executed; privileged
// instructions are simulated as if they had trapped. Nothing hangs on what the real CPU refuses in the
// problem state, so a guest runs rightly on a machine with holes, too. It is the dearest of all techniques,
// and the oracle of the others. docs/techniques.md.
//
// Real time is what the control program's paths take, by the class of the instruction. Virtual time goes on
// as if the real CPU had executed the instruction, so that the guest's timers run as on a machine of its own.
#pragma once

#include "isa/per.hpp"
#include "vmcp/dispatch/interpreted_cpu.hpp"
#include "vmcp/dispatch/page_faults.hpp"
#include "vmcp/dispatch/privileged.hpp"

namespace vmcp {

class Interpretation {
  public:
    Interpretation(Nucleus& nucleus, SharedSegments& segments, Reflection& reflection, PageFaults& faults,
                   PrivilegedOperations& privileged)
        : nucleus_(nucleus),
          segments_(segments),
          reflection_(reflection),
          faults_(faults),
          privileged_(privileged) {}

    /// Executes instructions of the guest until it is `until`, its virtual timers want to be looked at, or an
    /// instruction has done what may concern the control program. One at least.
    void run(Work& work, VirtualMachine& vm, SimTime until);

    /// The one instruction that the guest's PSW is at, and nothing behind it.
    void step(Work& work, VirtualMachine& vm);

  private:
    /// One instruction that is under way.
    struct UnderWay {
        Work& work;
        VirtualMachine& vm;
        VirtualCpu& cpu;
        isa::PerRecorder& events;
        InterpretedInstruction& instruction;
        uint32_t address;      // in the guest's PSW before it
        bool fetched = false;  // its length is known
        SimTime price = 0;     // what the real CPU takes for it
    };
    /// What comes behind an instruction.
    enum class Next : uint8_t { instruction, control_program };

    Next execute_one(Work& work, VirtualMachine& vm, SimTime until, SimTime virtual_until);
    Next execute(UnderWay& one, const isa::Decoded& instruction);
    Next execute_control(UnderWay& one, const isa::Decoded& instruction);
    Next complete(UnderWay& one);
    void supervisor_call(UnderWay& one, uint8_t number);
    void refuse(UnderWay& one, const isa::ProgramCheck& check);
    void bring_in(UnderWay& one, SecondLevel page);
    isa::Decoded fetch(UnderWay& one, uint32_t address, uint8_t modifier = 0);
    static void charge(UnderWay& one, isa::Op op, SimTime price);
    void deliver_events(UnderWay& one);

    Nucleus& nucleus_;
    SharedSegments& segments_;
    Reflection& reflection_;
    PageFaults& faults_;
    PrivilegedOperations& privileged_;
};

}  // namespace vmcp
