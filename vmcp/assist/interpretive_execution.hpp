// Interpretive execution: hardware that knows of guests (370-XA, 1983). It executes a guest's privileged
// instructions on the guest's own state, gives it its supervisor calls, program interruptions and timers, and
// comes out to the control program only for what a state description says. SA22-7095 is what it is after;
// docs/interpretive-execution.md says what is the same.
//
// As the assists do, it executes instructions on the virtual CPU that the control program's simulation acts
// on, so that a guest cannot tell. Entering and leaving takes time (MachineModel::interpretive); an
// instruction or an interruption within takes what it takes natively.
#pragma once

#include "vmcp/assist/microcode.hpp"
#include "vmcp/assist/state_description.hpp"

namespace vmcp {

class InterpretiveExecution final : public Microcode {
  public:
    /// For this machine, which owns it. Throws std::runtime_error where real storage has no room.
    InterpretiveExecution(Nucleus& nucleus, SharedSegments& segments, VirtualMachine& vm)
        : Microcode(nucleus, segments, vm), description_(nucleus.pager.frames()) {}

    bool execute(simulation::Cpu& cpu, const isa::Decoded& instruction) override;
    bool supervisor_call(simulation::Cpu& cpu, uint8_t number) override;
    bool present(simulation::Cpu& cpu, const simulation::Exit& exit) override;
    uint32_t begin() override;
    void end(const simulation::Exit& exit) override { description_.leave(vm_, exit); }

    const StateDescription& description() const { return description_; }

  private:
    friend class Microcode;
    /// Raises NeedsControlProgram where this PSW is one that comes out.
    void check_transition(simulation::Cpu& cpu, const isa::Psw& next);
    void load(simulation::Cpu& cpu, const isa::Psw& next, uint64_t image);
    /// Likewise, of its system mask. `external`: which lets external interruptions through.
    void masks_loaded(simulation::Cpu& cpu, uint8_t /*mask*/, bool external) {
        if (external) external_opened(cpu);
        io_opened(cpu);
    }
    void external_opened(simulation::Cpu& cpu);
    bool begin_nesting(simulation::Cpu& cpu);
    bool execute_io(simulation::Cpu& cpu, const isa::Decoded& instruction);
    bool waits_inside(const isa::Psw& next) const;
    void io_opened(simulation::Cpu& cpu);
    bool settle(simulation::Cpu& cpu, Cause cause, AssistRefusal why, SimTime hit = 0) {
        return Microcode::settle(cpu, cause, why, 0, hit);
    }

    StateDescription description_;
};

}  // namespace vmcp
