// The states of virtual machines between their turns, and what changes them: waiting and waking, page waits,
// sleep, stopping. It tells the dispatching policy, keeps the times that machines spend in each state, and
// the events that will wake them.
#pragma once

#include "scheduler/policy.hpp"
#include "vmcp/dispatch/nucleus.hpp"
#include "vmcp/dispatch/processor.hpp"

namespace vmcp {

class MachineStates {
  public:
    MachineStates(Nucleus& nucleus, scheduler::Policy& policy, Processor& processor)
        : nucleus_(nucleus), policy_(policy), processor_(processor) {}
    MachineStates(const MachineStates&) = delete;
    MachineStates& operator=(const MachineStates&) = delete;

    void add(VirtualMachine& vm);
    /// The machine, which is stopped, is forgotten, with all events that concern it.
    void forget(VirtualMachine& vm);
    /// Pages that the machine was to be told of (VM handshaking) are forgotten: its storage is another one.
    void forget_pages(VirtualMachine& vm);
    /// How many are not stopped.
    unsigned live() const { return live_; }
    /// A machine that has stopped by itself is to be started again by its user. False where it cannot be.
    bool revive(VirtualMachine& vm);
    /// How many wait for pages.
    unsigned waiting_for_pages() const { return waiting_for_pages_; }

    // ---- Of the machine whose turn it is ----
    void begin_turn(VirtualMachine& vm);
    /// Its slice is over, or another one goes first.
    void end_slice(VirtualMachine& vm);
    /// It gives the rest of its slice away: its turn ends behind what it does now, and others go first.
    void yield() { yields_ = processor_.preempt = true; }
    /// It has nothing to do: it loaded a wait PSW, or sleeps.
    void begin_wait(VirtualMachine& vm);
    /// What it waits for.
    static scheduler::Wait kind_of_wait(const VirtualMachine& vm);
    bool waits_for_page(const VirtualMachine& vm) const {
        return vm.storage.pages_ready() > nucleus_.now() || vm.storage.pages_under_way();
    }
    void begin_page_wait(VirtualMachine& vm);

    // ---- Of any ----
    /// Lets a machine that waits, or was never started, go on.
    void make_ready(VirtualMachine& vm);
    void wake(VirtualMachine& vm);
    /// Wakes it if an interruption that it has enabled is pending.
    void wake_if_interrupted(VirtualMachine& vm);
    /// Wakes it if it has enabled what it is told of its rings by.
    void wake_if_signalled(VirtualMachine& vm);
    /// Whether it waits, and an interruption that it has enabled would end that.
    static bool waits_for_interruption(const VirtualMachine& vm) {
        return vm.status == VmState::waiting && vm.state.psw.wait && !vm.asleep;
    }
    /// Whatever it does or waits for comes to nothing: it is about to be started anew.
    void hold(VirtualMachine& vm);
    /// What a system reset does beside the CPU: channels, devices with rings, what it has with other
    /// machines.
    void reset_input_output(VirtualMachine& vm);
    /// Does what its load request, if any, asks for when the instruction that it executes is over.
    void load_soon(VirtualMachine& vm);
    /// Puts it to sleep for a time, whatever it waits for (CP command SLEEP).
    void sleep(VirtualMachine& vm, SimTime duration);
    void stop(VirtualMachine& vm, StopReason reason);

  private:
    void set_status(VirtualMachine& vm, VmState status);
    void settle_turn(VirtualMachine& vm);
    void await_pages(VirtualMachine& vm);
    void end_page_wait(VirtualMachine& vm);
    void cancel_events(VirtualMachine& vm);
    void ready(VirtualMachine& vm);
    simulation::EventQueue& events() { return nucleus_.machine.events(); }
    SimTime now() const { return nucleus_.now(); }

    Nucleus& nucleus_;
    scheduler::Policy& policy_;
    Processor& processor_;
    unsigned live_ = 0, waiting_for_pages_ = 0;
    bool yields_ = false;  // the machine whose turn it is
};

}  // namespace vmcp
