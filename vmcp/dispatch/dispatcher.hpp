// Dispatching: whose turn it is on the real CPU, and one turn. Read go_on first: everything that the
// control program does for a guest happens in that loop.
#pragma once

#include <functional>

#include "vmcp/dispatch/binary_translation.hpp"
#include "vmcp/dispatch/device_work.hpp"
#include "vmcp/dispatch/following_exits.hpp"
#include "vmcp/dispatch/guest_context.hpp"
#include "vmcp/dispatch/hosting.hpp"
#include "vmcp/dispatch/interpretation.hpp"
#include "vmcp/dispatch/traps.hpp"

namespace vmcp {

/// Why the dispatcher has come back.
enum class DispatchEnd : uint8_t {
    all_stopped,  // every virtual machine
    idle,         // nothing will ever happen again
    time,         // simulated time is up
    paused,
};

class Dispatcher {
  public:
    Dispatcher(Nucleus& nucleus, scheduler::Policy& policy, SharedSegments& segments, Processor& processor,
               MachineStates& states)
        : nucleus_(nucleus),
          policy_(policy),
          segments_(segments),
          processor_(processor),
          states_(states),
          device_work_(nucleus, processor),
          reflection_(nucleus, states),
          faults_(nucleus, states, reflection_),
          privileged_(nucleus, segments, reflection_),
          following_(nucleus, segments, privileged_),
          interpretation_(nucleus, segments, reflection_, faults_, privileged_),
          traps_(nucleus, segments, processor, reflection_, faults_, privileged_),
          translation_(nucleus, traps_, reflection_, privileged_, interpretation_),
          context_(nucleus, processor),
          hosting_(nucleus) {}

    /// Runs until every virtual machine is stopped, nothing will ever happen again, or simulated time is
    /// `until`, which ends turns and waits; or until it is `pause` or a little later, at a moment between two
    /// interruptions of a guest: whoever goes on after that finds the same as without the pause.
    DispatchEnd run(SimTime until, SimTime pause = simulation::kNever);
    /// Ends the turn that a pause has left open, if any, so that what is done to its machine is in order.
    void end_open_turn();
    /// A machine has logged on.
    void add(VirtualMachine& vm) {
        states_.add(vm);
        device_work_.add(vm);
    }
    /// Forgets a machine that is stopped, and is about to go.
    void forget(VirtualMachine& vm) {
        states_.forget(vm);
        device_work_.forget(vm);
        context_.forget();
        if (interrupter_.account == &vm.account) interrupter_ = {};
    }

    /// A machine's storage is another one: the real CPU must be loaded anew for it.
    void forget_context() { context_.forget(); }

    Reflection& reflection() { return reflection_; }
    uint64_t switches() const { return switches_; }
    uint64_t traps() const { return traps_.count(); }

    /// Asked when nothing will happen by itself, or not soon; true if it has entered something (a line from a
    /// terminal, say).
    std::function<bool()> on_idle;

  private:
    void begin_turn(VirtualMachine& vm, SimTime slice, SimTime until);
    void go_on(VirtualMachine& vm, Work& work, bool ran);
    /// Whether the machine cannot go on, or must not now. Its state tells.
    bool turn_is_over(VirtualMachine& vm, bool ran) {
        if (can_go_on(vm) && !(ran && slice_is_over())) [[likely]]
            return false;
        return end_turn(vm, ran && slice_is_over());
    }
    bool can_go_on(const VirtualMachine& vm) const {
        return vm.status == VmState::running && (!vm.state.psw.wait || waits_inside(vm)) && !vm.asleep &&
               !vm.storage.exhausted() && !states_.waits_for_page(vm);
    }
    /// Whether it waits within interpretive execution, and keeps the CPU.
    [[gnu::cold]] static bool waits_inside(const VirtualMachine& vm) {
        return vm.options.wait_completion && vm.state.psw.wait && vm.interpretive() &&
               !vm.paravirtual.blocked && !isa::is_disabled_wait(vm.state);
    }
    [[gnu::cold, gnu::noinline]] const simulation::Exit& wait_inside(VirtualMachine& vm, SimTime until);
    bool slice_is_over() const { return now() >= processor_.turn_limit || processor_.preempt; }
    bool end_turn(VirtualMachine& vm, bool slice_is_over);
    /// Lets the guest go on, at the expense of whoever had it interrupted.
    void resume(Work& work, VirtualMachine& vm) {
        if (interrupter_.account == nullptr) [[likely]]
            let_go(work, vm);
        else
            dispatch_for_interrupter(vm);
        nucleus_.observers.tell([&](Observer& o) { o.resumed(vm, now()); });
    }
    void come_out(Work& work);
    [[gnu::cold]] void dispatch_for_interrupter(VirtualMachine& vm);
    void let_go(Work& work, VirtualMachine& vm) {
        work.step(Step::dispatch);
        if (vm.goes_in_specially) [[unlikely]]
            go_in(work, vm);
    }
    [[gnu::cold]] void go_in(Work& work, VirtualMachine& vm);
    bool is_no_trap(const VirtualMachine& vm, const simulation::Exit& exit) const {
        return (std::holds_alternative<simulation::BudgetSpent>(exit) && stopped_by_event(vm)) ||
               (std::holds_alternative<simulation::Attention>(exit) && stopped_by_assist(vm)) ||
               (processor_.interpreting && stays_inside(vm, exit));
    }
    [[gnu::cold]] bool stays_inside(const VirtualMachine& vm, const simulation::Exit& exit) const;
    bool stopped_by_event(const VirtualMachine& vm) const;
    bool stopped_by_assist(const VirtualMachine& vm) const;
    void handle_other(Work& work, VirtualMachine& vm, const simulation::Exit& exit);
    void handle_following(Work& work, VirtualMachine& vm);
    void go_on_after(Work& work, VirtualMachine& vm, const simulation::Exit& exit);
    [[gnu::cold, gnu::noinline]] void run_guests(Work& work, VirtualMachine& vm);
    void on_event(Work& work, VirtualMachine& vm, const simulation::Exit& exit);
    [[gnu::cold, gnu::noinline]] void interpret(Work& work, VirtualMachine& vm, bool first);
    [[gnu::cold, gnu::noinline]] bool run_translated(Work& work, VirtualMachine& vm);
    void take_timer(Work& work, VirtualMachine& vm);
    void take_interruptions(VirtualMachine& vm);
    void give_back(SimTime time);
    bool idle_until_next_event(SimTime until);
    void tell_divided_idle();
    SimTime now() const { return nucleus_.now(); }
    /// Does what is due. The word at location 80 is the guests', so that no tick of the real timer is.
    void catch_up() { nucleus_.machine.events().run_until(now()); }

    Nucleus& nucleus_;
    scheduler::Policy& policy_;
    SharedSegments& segments_;
    Processor& processor_;
    MachineStates& states_;
    DeviceWork device_work_;
    Reflection reflection_;
    PageFaults faults_;
    PrivilegedOperations privileged_;
    FollowingExits following_;
    Interpretation interpretation_;
    Traps traps_;
    BinaryTranslation translation_;
    GuestContext context_;
    Hosting hosting_;
    uint64_t switches_ = 0;
    SimTime pause_ = simulation::kNever;
    bool open_ = false;  // a pause has left a turn open
    // Nothing but the motion of a device has happened since the CPU began to wait, or since it was stopped
    // for that while it ran the guest.
    bool idle_goes_on_ = false, uninterrupted_ = false;
    /// On whose account the guest was interrupted, if not on its own: the way back to it is entered there.
    struct Interrupter {
        Account* account = nullptr;
        Cause cause = Cause::timer;
    };
    Interrupter interrupter_;
    /// A stretch in which nothing runs, and that a pause has divided.
    struct Idle {
        SimTime from = 0, end = 0;
    };
    Idle divided_;
};

}  // namespace vmcp
