// What stands in translated code for the instructions that are replaced most: short sequences on the virtual
// CPU's state, which neither trap nor call the control program. Where one cannot do it all (something is
// pending that it would let through, a mode changes, a page is missing), it calls.
//
// It is control-program work, and priced as such (Step::translated_sequence); that the real CPU comes to it
// as to an assist is how the simulator finds it. docs/binary-translation.md.
#pragma once

#include "vmcp/assist/microcode.hpp"
#include "vmcp/translation/code_space.hpp"

namespace vmcp {

class TranslatedSequences final : public Microcode {
  public:
    /// For this machine, which owns it, and has a code space.
    TranslatedSequences(Nucleus& nucleus, SharedSegments& segments, VirtualMachine& vm)
        : Microcode(nucleus, segments, vm) {}

    bool execute(simulation::Cpu& cpu, const isa::Decoded& instruction) override;

  private:
    friend class Microcode;
    const Replaced* replaced(simulation::Cpu& cpu, uint32_t address) const;
    [[gnu::cold]] void tell(simulation::Cpu& cpu, uint32_t address, const isa::Decoded& instruction);
    void execute_out_of_line(simulation::Cpu& cpu, uint32_t address, const isa::Decoded& instruction);
    void perform(simulation::Cpu& cpu, VirtualCpu& guest, const isa::Decoded& instruction);
    void check_transition(simulation::Cpu& cpu, const isa::Psw& next);
    void load(simulation::Cpu& cpu, const isa::Psw& next, uint64_t image);
    void masks_loaded(simulation::Cpu& cpu, uint8_t mask, bool external);
};

}  // namespace vmcp
