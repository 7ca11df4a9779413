// The trap path: from an interruption of the real CPU to what the guest shall see.
#pragma once

#include "vmcp/dispatch/page_faults.hpp"
#include "vmcp/dispatch/privileged.hpp"
#include "vmcp/dispatch/reflection.hpp"

namespace vmcp {

class Traps {
  public:
    Traps(Nucleus& nucleus, Processor& processor, Reflection& reflection, PageFaults& faults,
          PrivilegedOperations& privileged)
        : nucleus_(nucleus),
          processor_(processor),
          reflection_(reflection),
          faults_(faults),
          privileged_(privileged) {}

    /// The guest ran until this. `work` turns to what has to be done.
    void handle(Work& work, VirtualMachine& vm, const simulation::Exit& exit);

    uint64_t count() const { return count_; }

  private:
    void on_program(Work& work, VirtualMachine& vm, const isa::ProgramInterruption& i,
                    const simulation::Exit& exit);
    void on_privileged(Work& work, VirtualMachine& vm, const simulation::PrivilegedOperation& p,
                       const simulation::Exit& exit);
    void on_supervisor_call(Work& work, VirtualMachine& vm, const isa::SupervisorCallInterruption& i,
                            const simulation::Exit& exit);
    void on_timer(Work& work, VirtualMachine& vm, const simulation::Exit& exit);
    /// The hardware's part, and the way in: the real PSWs are swapped, and the guest's instruction address,
    /// condition code and program mask are found in the real old PSW.
    [[gnu::cold]] void tell(const VirtualMachine& vm, const Trap& trap);
    template <class Interruption>
    void take(Work& work, VirtualMachine& vm, const Interruption& real, const simulation::Exit& exit,
              const isa::Decoded* instruction = nullptr);

    Nucleus& nucleus_;
    Processor& processor_;
    Reflection& reflection_;
    PageFaults& faults_;
    PrivilegedOperations& privileged_;
    uint64_t count_ = 0;
};

}  // namespace vmcp
