// Dispatching: one virtual machine's turn on the real CPU, and the states between turns.
#include <algorithm>

#include "vmcp/control_program.hpp"

namespace vmcp {

void ControlProgram::take_turn(VirtualMachine& vm, SimTime slice, SimTime until) {
    set_status(vm, VmState::running);
    running_ = &vm;
    turn_began_ = now();
    preempt_ = false;
    cause_ = Cause::dispatch;
    count(vm, Cause::dispatch);
    if (last_dispatched_ != &vm) {
        charge(&vm, Cause::dispatch, Step::switch_machine);
        last_dispatched_ = &vm;
        ++switches_;
    }
    const SimTime slice_end = now() + slice;
    bool ran = false;  // every turn makes progress, however short the slice is
    pager_.pay_by(vm.storage);
    update_virtual_timers(vm);
    while (true) {
        deliver_pending(vm);
        if (vm.storage.exhausted()) stop(vm, StopReason::storage_exhausted);
        if (vm.status == VmState::stopped) break;
        if (waits_for_page(vm)) {
            begin_page_wait(vm);
            break;
        }
        if (vm.asleep) {
            begin_wait(vm, scheduler::Wait::idle);
            break;
        }
        if (vm.state.psw.wait) {
            if (isa::is_disabled_wait(vm.state))
                stop(vm, StopReason::disabled_wait);
            else
                begin_wait(vm, kind_of_wait(vm));
            break;
        }
        if (ran && (now() >= slice_end || now() >= until || preempt_)) {
            count(vm, Cause::slice_end);
            charge(&vm, Cause::slice_end, Step::slice_end);
            settle_turn(vm);
            set_status(vm, VmState::ready);
            options_.policy->requeue(vm.id, now());
            break;
        }
        if (!choose_shadow(vm)) continue;
        charge(&vm, cause_, Step::dispatch);
        if (observer != nullptr) observer->resumed(vm, now());
        const SimTime budget = std::min({slice_end, until, machine_.events().next(), next_timer(vm)});
        const simulation::Exit exit = run_guest(vm, std::max(budget, now() + 1));
        ran = true;
        on_trap(vm, exit);
        machine_.catch_up();
    }
    check_shared_segments(vm);
    running_ = nullptr;
}

/// Makes the shadow of the address space that the guest is in the active one. Tables that shadowed another
/// one keep their real address, by which the TLB knows them: what it holds of them must go. False where real
/// storage has no room for them.
bool ControlProgram::choose_shadow(VirtualMachine& vm) {
    if (!vm.state.psw.dat || vm.options.translation == GuestTranslation::nested) return true;
    try {
        const auto format = *isa::TranslationFormat::of(vm.state.cr[0]);
        bool reused = vm.shadow.activate(format, vm.state.cr[1]).reused;
        if (vm.state.psw.secondary_space) reused |= vm.shadow.activate(format, vm.state.cr[7], true).reused;
        if (!reused) return true;
    } catch (RealStorageExhausted) {
        vm.storage.set_exhausted();
        return false;
    }
    count(vm, Cause::shadow_purge);
    charge(&vm, Cause::shadow_purge, Step::shadow_purge);
    machine_.cpu().purge_tlb();
    return true;
}

/// The real CPU as the guest needs it: problem state, EC mode, translation through the guest's tables,
/// everything enabled; the guest's key, condition code and masks. GA22-7000 chapter 4.
void ControlProgram::load_guest(VirtualMachine& vm) {
    simulation::Cpu& cpu = machine_.cpu();
    cpu.registers().gpr = vm.state.gpr;
    cpu.registers().fpr = vm.state.fpr;
    const uint32_t low_address_protection = vm.state.cr[0] & isa::kCr0LowAddressProtection;
    if ((cpu.cr(0) ^ low_address_protection) & isa::kCr0LowAddressProtection) cpu.flush_access();
    // Second-level addresses go through the tables of its storage, third-level ones through a shadow of its
    // own tables, or with nested translation through its own tables and then those of its storage.
    ShadowTables::Designation tables{GuestStorage::kCr0Format, vm.storage.cr1()};
    const bool secondary = vm.state.psw.dat && vm.state.psw.secondary_space;
    const bool nested = vm.state.psw.dat && vm.options.translation == GuestTranslation::nested;
    cpu.set_host_table(nested ? vm.storage.cr1() : 0);
    if (nested) {
        tables = {vm.state.cr[0] & (isa::kCr0PageSizeMask | isa::kCr0SegmentSizeMask), vm.state.cr[1]};
        cpu.set_cr(7, vm.state.cr[7]);
    } else if (vm.state.psw.dat) {
        const auto format = *isa::TranslationFormat::of(vm.state.cr[0]);
        tables = vm.shadow.activate(format, vm.state.cr[1]);
        if (secondary) cpu.set_cr(7, vm.shadow.activate(format, vm.state.cr[7], true).cr1);
    }
    cpu.set_cr(0, tables.cr0_format | low_address_protection | isa::kCr0ClockComparatorMask);
    cpu.set_cr(1, tables.cr1);
    cpu.set_cr(8, vm.state.cr[8]);
    // Program-event recording: the guest's logical addresses are the real CPU's too.
    for (unsigned r = 9; r <= 11; ++r) cpu.set_cr(r, vm.state.cr[r]);
    isa::Psw psw = vm.state.psw;
    psw.ec_mode = true;
    psw.dat = psw.io_mask = psw.external_mask = psw.machine_check_mask = true;
    psw.bc_channel_masks = 0;
    psw.wait = false;
    psw.secondary_space = secondary;
    psw.problem_state = true;
    cpu.set_psw(psw);
}

simulation::Exit ControlProgram::run_guest(VirtualMachine& vm, SimTime until) {
    simulation::Cpu& cpu = machine_.cpu();
    load_guest(vm);
    const SimTime begin = now();
    const uint64_t instructions = cpu.counters().instructions;
    const simulation::Exit exit = machine_.executor().run(cpu, until);
    vm.account.guest += now() - begin;
    vm.instructions += cpu.counters().instructions - instructions;
    vm.state.gpr = cpu.state().gpr;
    vm.state.fpr = cpu.state().fpr;
    if (observer != nullptr) observer->guest_ran(vm, begin, now());
    return exit;
}

// ---- States ----

void ControlProgram::set_status(VirtualMachine& vm, VmState status) {
    const SimTime spent = now() - vm.since;
    if (vm.status == VmState::waiting) vm.waited += spent;
    if (vm.status == VmState::ready) vm.was_ready += spent;
    if (vm.status == VmState::page_wait) vm.page_waited += spent;
    vm.status = status;
    vm.since = now();
}

void ControlProgram::settle_turn(VirtualMachine& vm) {
    if (vm.status != VmState::running) return;
    options_.policy->charge(vm.id, now() - turn_began_, now());
    options_.policy->observe_working_set(vm.id, vm.storage.resident_pages());
}

scheduler::Wait ControlProgram::kind_of_wait(const VirtualMachine& vm) const {
    if (vm.devices.console->read_waiting()) return scheduler::Wait::terminal;
    for (uint16_t device : vm.channels.addresses())
        if (vm.channels.working(device)) return scheduler::Wait::io;
    return scheduler::Wait::idle;
}

void ControlProgram::begin_wait(VirtualMachine& vm, scheduler::Wait kind) {
    count(vm, Cause::schedule);
    charge(&vm, Cause::schedule, Step::schedule);
    settle_turn(vm);
    set_status(vm, VmState::waiting);
    ++vm.responses;
    vm.response_time += now() - vm.woken;
    options_.policy->block(vm.id, now(), kind);
    if (vm.asleep) return;
    const SimTime timer = next_timer(vm);
    if (timer != simulation::kNever)
        vm.wake_up = machine_.events().schedule(timer, [this, &vm] {
            vm.wake_up = 0;
            if (vm.status == VmState::waiting) wake(vm);
        });
}

void ControlProgram::wake_if_interrupted(VirtualMachine& vm) {
    if (vm.status == VmState::waiting && vm.state.psw.wait && !vm.asleep &&
        vm.channels.pending(isa::enabled_channels(vm.state)))
        wake(vm);
}

void ControlProgram::wake(VirtualMachine& vm) {
    if (vm.wake_up != 0) machine_.events().cancel(vm.wake_up);
    vm.wake_up = 0;
    make_ready(vm);
}

void ControlProgram::make_ready(VirtualMachine& vm) {
    set_status(vm, VmState::ready);
    vm.woken = now();
    count(vm, Cause::schedule);
    charge(&vm, Cause::schedule, Step::schedule);
    options_.policy->ready(vm.id, now());
    if (running_ != nullptr && options_.policy->preempts(vm.id, running_->id, now() - turn_began_))
        preempt_ = true;
}

/// When a virtual timer or clock comparator that the guest has enabled will want to interrupt, in real time.
SimTime ControlProgram::next_timer(VirtualMachine& vm) {
    SimTime next = simulation::kNever;
    const SimTime timer = vm.next_timer();
    if (timer != simulation::kNever) next = now() + std::max<SimTime>(timer - vm.virtual_now(), 0);
    if (vm.state.psw.external_mask && vm.state.cr[0] & isa::kCr0ClockComparatorMask)
        next = std::min(next, machine_.tod().exceeds(vm.state.clocks.comparator, now()));
    return next;
}

}  // namespace vmcp
