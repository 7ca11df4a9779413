// Simulating a privileged instruction of a guest on its virtual CPU.
#pragma once

#include "vmcp/dispatch/reflection.hpp"
#include "vmcp/dispatch/shared_segments.hpp"
#include "vmcp/dispatch/virtual_cpu.hpp"

namespace vmcp {

class PrivilegedOperations {
  public:
    PrivilegedOperations(Nucleus& nucleus, SharedSegments& segments, Reflection& reflection)
        : nucleus_(nucleus), segments_(segments), reflection_(reflection) {}

    /// `trap`: the real CPU's privileged-operation interruption. The guest gets what its instruction runs into.
    void simulate(Work& work, VirtualMachine& vm, const isa::Decoded& instruction,
                  const isa::ProgramInterruption& trap);

    using Simulation = void (*)(VirtualCpu&, const isa::Operands&);

  private:
    void simulate_recording(VirtualCpu& cpu, Simulation simulation, const isa::Decoded& instruction,
                            const isa::ProgramInterruption& trap);
    void refuse(Work& work, VirtualMachine& vm, const isa::ProgramCheck& check, unsigned ilc,
                const isa::PerRecorder* events);

    Nucleus& nucleus_;
    SharedSegments& segments_;
    Reflection& reflection_;
};

}  // namespace vmcp
