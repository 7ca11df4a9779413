#include "vmcp/dispatch/machine_states.hpp"

#include <utility>

#include "vmcp/dispatch/virtual_timers.hpp"

namespace vmcp {

void MachineStates::add(VirtualMachine& vm) {
    policy_.add(vm.id, vm.options.scheduling, now());
    vm.since = vm.started = now();
    vm.io.on_interruption_pending_for_guest = [this, &vm] { wake_if_interrupted(vm); };
    // To end a wait takes the control program.
    vm.io.machine_presents = [&vm](uint16_t device) {
        const uint32_t channel = simulation::ChannelSubsystem::channel_bit(device / 256);
        const bool ends_wait = waits_for_interruption(vm) && (isa::enabled_channels(vm.state) & channel) != 0;
        return vm.interpretive() && !ends_wait;
    };
    if (vm.rings != nullptr) vm.rings->on_signal = [this, &vm] { wake_if_signalled(vm); };
    ++live_;
}

void MachineStates::forget(VirtualMachine& vm) {
    forget_pages(vm);
    if (processor_.last_dispatched == vm.id) processor_.last_dispatched = Processor::kNobody;
}

void MachineStates::forget_pages(VirtualMachine& vm) {
    for (const auto& [page, arrival] : vm.handshaking.under_way) events().cancel(arrival.event);
    vm.handshaking.under_way.clear();
    vm.handshaking.arrived.clear();
}

void MachineStates::set_status(VirtualMachine& vm, VmState status) {
    const SimTime spent = now() - vm.since;
    if (vm.status == VmState::waiting) vm.enter_wait(spent);
    if (vm.status == VmState::ready) vm.was_ready += spent;
    if (vm.status == VmState::page_wait) vm.page_waited += spent;
    if (vm.status == VmState::running) {
        const simulation::CpuCounters& counted = processor_.cpu.counters();
        vm.tlb_misses += counted.tlb_misses - processor_.before.tlb_misses;
        vm.table_references += counted.table_references - processor_.before.table_references;
    }
    vm.status = status;
    vm.since = now();
}

/// Tells the policy what the machine that runs has used.
void MachineStates::settle_turn(VirtualMachine& vm) {
    if (vm.status != VmState::running) return;
    policy_.charge(vm.id, now() - processor_.turn_began, now());
    policy_.observe_working_set(vm.id, vm.storage.resident_pages());
}

void MachineStates::begin_turn(VirtualMachine& vm) {
    set_status(vm, VmState::running);
    processor_.running = &vm;
    processor_.turn_began = now();
    processor_.before = processor_.cpu.counters();
    processor_.preempt = yields_ = false;
}

void MachineStates::end_slice(VirtualMachine& vm) {
    Work(nucleus_.ledger, vm.account, Cause::slice_end).step(Step::slice_end);
    settle_turn(vm);
    set_status(vm, VmState::ready);
    if (!yields_) return policy_.requeue(vm.id, now());
    // Policies let one whose slice was cut short go on with the rest of it; this one is to queue up.
    policy_.block(vm.id, now(), scheduler::Wait::io);
    policy_.ready(vm.id, now());
}

// ---- Waiting ----

scheduler::Wait MachineStates::kind_of_wait(const VirtualMachine& vm) {
    if (vm.asleep) return vm.synchronous_io.under_way ? scheduler::Wait::io : scheduler::Wait::idle;
    if (vm.io.devices.console->read_waiting()) return scheduler::Wait::terminal;
    for (const uint16_t device : vm.io.channels.addresses())
        if (vm.io.channels.working(device)) return scheduler::Wait::io;
    return scheduler::Wait::idle;
}

void MachineStates::begin_wait(VirtualMachine& vm) {
    const scheduler::Wait kind = kind_of_wait(vm);
    Work(nucleus_.ledger, vm.account, Cause::schedule).step(Step::schedule);
    settle_turn(vm);
    set_status(vm, VmState::waiting);
    ++vm.responses;
    vm.response_time += now() - vm.woken;
    policy_.block(vm.id, now(), kind);
    if (vm.asleep) return;
    const SimTime timer = next_timer(nucleus_, vm);
    if (timer != simulation::kNever)
        vm.wake_up = events().schedule_for(vm.id, timer, [this, &vm] {
            vm.wake_up = 0;
            if (vm.status == VmState::waiting) wake(vm);
        });
}

void MachineStates::wake_if_interrupted(VirtualMachine& vm) {
    if (vm.synchronous_io.under_way) return vm.synchronous_io.on_interruption();
    if (waits_for_interruption(vm) && vm.io.channels.pending(isa::enabled_channels(vm.state))) wake(vm);
}

void MachineStates::wake_if_signalled(VirtualMachine& vm) {
    if (waits_for_interruption(vm) && isa::external_enabled(vm.state, kRingSubclass)) wake(vm);
}

void MachineStates::wake(VirtualMachine& vm) {
    if (vm.wake_up != 0) events().cancel(vm.wake_up);
    vm.wake_up = 0;
    if (std::exchange(vm.paravirtual.blocked, false)) vm.state.psw.wait = false;
    make_ready(vm);
}

void MachineStates::make_ready(VirtualMachine& vm) {
    set_status(vm, VmState::ready);
    vm.woken = now();
    Work(nucleus_.ledger, vm.account, Cause::schedule).step(Step::wake_machine);
    ready(vm);
}

void MachineStates::ready(VirtualMachine& vm) {
    policy_.ready(vm.id, now());
    const VirtualMachine* const running = processor_.running;
    if (running != nullptr && policy_.preempts(vm.id, running->id, now() - processor_.turn_began))
        processor_.preempt = true;
}

void MachineStates::sleep(VirtualMachine& vm, SimTime duration) {
    if (vm.wake_up != 0) events().cancel(vm.wake_up);
    vm.asleep = true;
    vm.wake_up = events().schedule_for(vm.id, now() + duration, [this, &vm] {
        vm.wake_up = 0;
        vm.asleep = false;
        if (vm.status == VmState::waiting) wake(vm);
    });
}

// ---- Page waits ----

void MachineStates::begin_page_wait(VirtualMachine& vm) {
    settle_turn(vm);
    set_status(vm, VmState::page_wait);
    ++vm.page_waits;
    ++waiting_for_pages_;
    policy_.block(vm.id, now(), scheduler::Wait::io);
    await_pages(vm);
}

/// Of pages on real devices nobody knows when they will come.
void MachineStates::await_pages(VirtualMachine& vm) {
    if (vm.storage.pages_under_way()) {
        vm.pages = vm.storage.when_pages_arrive([this, &vm] {
            vm.pages.reset();
            if (waits_for_page(vm)) return await_pages(vm);
            end_page_wait(vm);
        });
        return;
    }
    vm.page_arrival = events().schedule_for(vm.id, vm.storage.pages_ready(), [this, &vm] {
        vm.page_arrival = 0;
        end_page_wait(vm);
    });
}

void MachineStates::end_page_wait(VirtualMachine& vm) {
    --waiting_for_pages_;
    set_status(vm, VmState::ready);
    ready(vm);
}

// ---- Starting anew, and the end ----

void MachineStates::hold(VirtualMachine& vm) {
    cancel_events(vm);
    vm.asleep = vm.synchronous_io.under_way = false;
    vm.paravirtual = {};
    if (vm.status == VmState::waiting) return;
    if (vm.status == VmState::page_wait) --waiting_for_pages_;
    settle_turn(vm);
    set_status(vm, VmState::waiting);
    policy_.block(vm.id, now(), scheduler::Wait::idle);
}

void MachineStates::reset_input_output(VirtualMachine& vm) {
    vm.io.channels.reset();
    if (vm.rings != nullptr) vm.rings->reset();
    nucleus_.services->end_communication(vm);
}

void MachineStates::load_soon(VirtualMachine& vm) {
    if (!vm.load_request || vm.load != 0) return;
    vm.load = events().schedule_for(vm.id, now(), [this, &vm] {
        vm.load = 0;
        nucleus_.load_anew(vm);
    });
}

void MachineStates::cancel_events(VirtualMachine& vm) {
    for (simulation::EventQueue::Handle* event : {&vm.wake_up, &vm.page_arrival, &vm.load}) {
        if (*event != 0) events().cancel(*event);
        *event = 0;
    }
    vm.pages.reset();
    vm.load_request.reset();
}

bool MachineStates::revive(VirtualMachine& vm) {
    if (vm.status != VmState::stopped) return true;
    if (vm.stop != StopReason::disabled_wait && vm.stop != StopReason::check_stop &&
        vm.stop != StopReason::load_failed)
        return false;
    vm.stop = StopReason::none;
    vm.interruptions = {};
    policy_.add(vm.id, vm.options.scheduling, now());
    set_status(vm, VmState::waiting);
    ++live_;
    return true;
}

void MachineStates::stop(VirtualMachine& vm, StopReason reason) {
    if (vm.status == VmState::stopped) return;
    Work(nucleus_.ledger, vm.account, Cause::stop).step(Step::stop_machine);
    vm.stop = reason;
    cancel_events(vm);
    vm.asleep = vm.synchronous_io.under_way = false;
    if (vm.status == VmState::page_wait) --waiting_for_pages_;
    vm.left_pending = vm.io.channels.pending();
    reset_input_output(vm);
    settle_turn(vm);
    set_status(vm, VmState::stopped);
    policy_.remove(vm.id, now());
    vm.ended = now();
    --live_;
    nucleus_.observers.tell([&](Observer& o) { o.stopped(vm, now()); });
}

}  // namespace vmcp
