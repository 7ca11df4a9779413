// Who pays with time for what happens on a machine's virtual devices.
//
// A virtual channel program goes on while its machine waits or others run, and moving a record to a spool
// file is the control program's work. Each machine's devices have a queue of events of their own
// (GuestMachine::device_events), which is run here: in the machine's own turn for as long as its slice lasts,
// in front of others only so far. A channel program that never ends gets its share and no more, the clock is
// never behind the events, and whose turn it is loses nothing of its slice.
#pragma once

#include "vmcp/dispatch/nucleus.hpp"
#include "vmcp/dispatch/processor.hpp"

namespace vmcp {

class DeviceWork {
  public:
    DeviceWork(Nucleus& nucleus, Processor& processor) : nucleus_(nucleus), processor_(processor) {}

    /// Runs the machine's device events from now on.
    void add(VirtualMachine& vm);
    void forget(VirtualMachine& vm);
    /// The machine gets a turn of `slice`; what is left of that when it has paid its debt.
    SimTime begin_turn(VirtualMachine& vm, SimTime slice);

  private:
    void arm(VirtualMachine& vm);
    void on_due(VirtualMachine& vm);
    void run_beside_others(VirtualMachine& vm);
    unsigned others_that_could_run(const VirtualMachine& vm) const;
    simulation::EventQueue& events() { return nucleus_.machine.events(); }
    SimTime now() const { return nucleus_.now(); }

    Nucleus& nucleus_;
    Processor& processor_;
    const VirtualMachine* within_ = nullptr;  // whose events are being run: it is armed when they have been
};

}  // namespace vmcp
