// Virtual-machine assist: microcode that executes privileged instructions of a guest, gives it its supervisor
// calls and fills its shadow tables, where nothing stands in the way; where something does, the control
// program is interrupted as if there were no assist. GA22-7074 (1980).
//
// An instruction is executed on the same virtual CPU as when the control program simulates it, so that an
// assist can do nothing else; only that pages are not brought in and nothing is charged but what the machine
// model says of assists. What the conditions are: docs/assists.md.
#pragma once

#include "vmcp/assist/assist_block.hpp"
#include "vmcp/assist/microcode.hpp"

namespace vmcp {

class VirtualMachineAssist final : public Microcode {
  public:
    /// For this machine, which owns it. Throws std::runtime_error where real storage has no room.
    VirtualMachineAssist(Nucleus& nucleus, SharedSegments& segments, VirtualMachine& vm)
        : Microcode(nucleus, segments, vm), block_(nucleus.pager.frames()) {}

    bool execute(simulation::Cpu& cpu, const isa::Decoded& instruction) override;
    bool supervisor_call(simulation::Cpu& cpu, uint8_t number) override;
    bool complete_translation(simulation::Cpu& cpu, uint32_t logical, bool secondary) override;
    uint32_t begin() override;

    const AssistBlock& block() const { return block_; }

  private:
    friend class Microcode;
    /// Whether the control program would have to do more than to load this PSW.
    void check_transition(simulation::Cpu& cpu, const isa::Psw& next);
    /// Loads a PSW that check_transition lets pass.
    void load(simulation::Cpu& cpu, const isa::Psw& next, uint64_t image);
    /// The PSW has this system mask now. `external`: which lets external interruptions through.
    void masks_loaded(simulation::Cpu& cpu, uint8_t mask, bool external) {
        if (external) look_at_timers(cpu);
        block_.update_mask(mask);
    }
    void fill_shadow(uint32_t logical, bool secondary);
    uint32_t control() const;
    bool settle(simulation::Cpu& cpu, Cause cause, AssistRefusal why, SimTime hit) {
        return Microcode::settle(cpu, cause, why, refusal(why), hit);
    }
    SimTime refusal(AssistRefusal why) const {
        if (why == AssistRefusal::switched_off) return 0;
        // What it hands over it has worked on as on what it does.
        return (why == AssistRefusal::handed_over ? figures().simulate_ns : figures().refuse_ns).value;
    }
    const simulation::AssistFigures& figures() const { return nucleus_.machine.model().assist; }

    AssistBlock block_;
};

}  // namespace vmcp
