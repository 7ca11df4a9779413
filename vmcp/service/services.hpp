// What the control program does for guests that know where they run: DIAGNOSE, and by it CP commands.
#pragma once

#include "vmcp/dispatch/machine_states.hpp"
#include "vmcp/dispatch/shared_segments.hpp"
#include "vmcp/dispatch/virtual_cpu.hpp"
#include "vmcp/grants/grants.hpp"
#include "vmcp/message/iucv.hpp"
#include "vmcp/message/vmcf.hpp"
#include "vmcp/service/display_io.hpp"

namespace vmcp {

class Services final : public GuestServices {
  public:
    Services(Nucleus& nucleus, SharedSegments& segments, MachineStates& states)
        : nucleus_(nucleus),
          segments_(segments),
          states_(states),
          vmcf_(nucleus, states),
          iucv_(nucleus, states),
          grants_(nucleus) {}
    void diagnose(VirtualCpu& cpu, unsigned r1, unsigned r3, uint32_t code) override;
    void inter_user_communication(VirtualCpu& cpu, uint32_t parameter_list) override {
        iucv_.execute(cpu, parameter_list);
    }
    void present_message(Work& work, VirtualMachine& vm, isa::ExternalCode code) override;
    void end_communication(VirtualMachine& vm) override;

    const Vmcf& vmcf() const { return vmcf_; }
    const Iucv& iucv() const { return iucv_; }
    const Grants& grants() const { return grants_; }

  private:
    Nucleus& nucleus_;
    SharedSegments& segments_;
    MachineStates& states_;
    DisplayPrograms displays_;
    Vmcf vmcf_;
    Iucv iucv_;
    Grants grants_;
};

}  // namespace vmcp
