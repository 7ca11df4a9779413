// The real CPU as a guest needs it: problem state, EC mode, translation through the guest's tables, everything enabled;
// the guest's key, condition code and masks. GA22-7000 chapter 4.
#pragma once

#include "vmcp/dispatch/nucleus.hpp"
#include "vmcp/dispatch/processor.hpp"

namespace vmcp {

class GuestContext {
  public:
    GuestContext(Nucleus& nucleus, Processor& processor) : nucleus_(nucleus), processor_(processor) {}

    /// Makes the shadow of the address space that the guest is in the active one. False where real storage has no room
    /// for its tables; the machine is exhausted then.
    bool choose_shadow(VirtualMachine& vm);
    /// Runs the guest until something interrupts the real CPU, at `until` at the latest.
    simulation::Exit run(VirtualMachine& vm, SimTime until);

  private:
    void load(VirtualMachine& vm);

    Nucleus& nucleus_;
    Processor& processor_;
};

}  // namespace vmcp
