// What the control program does for guests that know where they run: DIAGNOSE, and by it CP commands.
#pragma once

#include "vmcp/dispatch/machine_states.hpp"
#include "vmcp/dispatch/shared_segments.hpp"
#include "vmcp/dispatch/virtual_cpu.hpp"
#include "vmcp/service/display_io.hpp"

namespace vmcp {

class Services final : public GuestServices {
  public:
    Services(Nucleus& nucleus, SharedSegments& segments, MachineStates& states)
        : nucleus_(nucleus), segments_(segments), states_(states) {}
    void diagnose(VirtualCpu& cpu, unsigned r1, unsigned r3, uint32_t code) override;

  private:
    Nucleus& nucleus_;
    SharedSegments& segments_;
    MachineStates& states_;
    DisplayPrograms displays_;
};

}  // namespace vmcp
