#include "vmcp/dispatch/dispatcher.hpp"

#include <algorithm>
#include <utility>

#include "vmcp/dispatch/shared_page.hpp"
#include "vmcp/dispatch/virtual_timers.hpp"

namespace vmcp {
namespace {

/// How long the user of a terminal waits for machines that do nothing (a guest's timer may run on meanwhile).
constexpr SimTime kPatience = 10 * simulation::kSecond;

}  // namespace

DispatchEnd Dispatcher::run(SimTime until, SimTime pause) {
    pause_ = pause;
    while (states_.live() != 0 && now() < until) {
        if (now() >= pause) return DispatchEnd::paused;
        if (std::exchange(open_, false)) {
            Work work = Work::continued(nucleus_.ledger, processor_.running->account, processor_.turn_cause);
            go_on(*processor_.running, work, true);
            continue;
        }
        catch_up();
        if (nucleus_.real_io.interruption_pending()) {
            if (nucleus_.real_io.take_interruptions(nullptr).last_payer != nullptr) idle_goes_on_ = false;
        }
        if (const auto choice = policy_.pick(now())) {
            begin_turn(nucleus_.machines[choice->id], choice->slice, until);
        } else if (!idle_until_next_event(until)) {
            return DispatchEnd::idle;
        }
    }
    return states_.live() == 0 ? DispatchEnd::all_stopped : DispatchEnd::time;
}

void Dispatcher::end_open_turn() {
    if (!std::exchange(open_, false)) return;
    Work work = Work::continued(nucleus_.ledger, processor_.running->account, processor_.turn_cause);
    come_out(work);
    end_turn(*processor_.running, true);
    segments_.check(*processor_.running);
    processor_.running = nullptr;
}

void Dispatcher::begin_turn(VirtualMachine& vm, SimTime slice, SimTime until) {
    tell_divided_idle();
    idle_goes_on_ = uninterrupted_ = false;
    interrupter_ = {};
    states_.begin_turn(vm);
    Work work(nucleus_.ledger, vm.account, Cause::dispatch);
    if (processor_.last_dispatched != vm.id) {
        work.step(Step::switch_machine);
        processor_.last_dispatched = vm.id;
        ++switches_;
        if (nucleus_.machine.model().facilities.has(isa::Facility::untagged_tlb)) processor_.cpu.purge_tlb();
    }
    processor_.until = until;
    processor_.turn_limit = std::min(now() + device_work_.begin_turn(vm, slice), until);
    nucleus_.pager.pay_by(vm.storage);
    update_interval_timer(nucleus_, vm);
    if (vm.paravirtual.page) [[unlikely]]
        shared_page::tell_time(nucleus_, work, vm);
    go_on(vm, work, false);
}

/// Presents what is pending, lets the guest run until the real CPU is interrupted, handles that, and so on
/// until the turn is over. `ran`: whether the guest has run in it, for every turn makes progress, however
/// short the slice is.
void Dispatcher::go_on(VirtualMachine& vm, Work& work, bool ran) {
    while (true) {
        if (reflection_.deliver_pending(work, vm)) come_out(work);
        if (turn_is_over(vm, ran)) break;
        if (now() >= pause_ && ran) [[unlikely]] {
            processor_.turn_cause = work.cause();
            open_ = true;
            return;
        }
        if (vm.options.technique != Technique::trap_and_emulate) [[unlikely]] {
            if (vm.interpreted())
                interpret(work, vm, !ran);
            else if (!run_translated(work, vm))
                continue;
            ran = true;
            continue;
        }
        if (!context_.choose_shadow(vm)) continue;
        if (uninterrupted_) [[unlikely]]
            uninterrupted_ = false;
        else
            resume(work, vm);
        const SimTime budget =
            std::min({processor_.turn_limit, nucleus_.machine.events().next(), next_timer(nucleus_, vm)});
        const simulation::Exit& exit = !vm.state.psw.wait ? context_.run(vm, std::max(budget, now() + 1))
                                                          : wait_inside(vm, std::max(budget, now()));
        ran = true;
        const auto* const privileged = std::get_if<simulation::PrivilegedOperation>(&exit);
        if (privileged != nullptr && !processor_.interpreting) [[likely]] {
            traps_.handle(work, vm, *privileged, exit);
            update_interval_timer(nucleus_, vm);
        } else {
            handle_other(work, vm, exit);
        }
        catch_up();
        if (nucleus_.real_io.interruption_pending()) [[unlikely]]
            take_interruptions(vm);
    }
    come_out(work);
    segments_.check(vm);
    processor_.running = nullptr;
}

/// The CPU waits with the guest, until something happens or the slice is over.
const simulation::Exit& Dispatcher::wait_inside(VirtualMachine& vm, SimTime until) {
    static const simulation::Exit kTimeIsUp = simulation::BudgetSpent{};
    const SimTime begin = now();
    processor_.cpu.set_changing(vm.state.psw);
    nucleus_.ledger.idle_until(until, false);
    vm.enter_wait(until - begin);
    vm.ran_until = until;
    if (until > begin) nucleus_.observers.tell([&](Observer& o) { o.idled(begin, until); });
    return kTimeIsUp;
}

/// The same for a guest that the control program executes: it never leaves it, and is interrupted itself.
void Dispatcher::interpret(Work& work, VirtualMachine& vm, bool first) {
    interrupter_ = {};
    if (first) {
        work.step(Step::dispatch);
        nucleus_.observers.tell([&](Observer& o) { o.resumed(vm, now()); });
    }
    const SimTime budget = std::min(
        {processor_.turn_limit, nucleus_.machine.events().next(), next_clock_comparator(nucleus_, vm)});
    interpretation_.run(work, vm, std::max(budget, now() + 1));
    if (now() >= budget) take_timer(work, vm);
    update_interval_timer(nucleus_, vm);
    catch_up();
    if (nucleus_.real_io.interruption_pending()) take_interruptions(vm);
}

/// The same for a guest of which the real CPU executes translated code. False: it could not be let go on.
bool Dispatcher::run_translated(Work& work, VirtualMachine& vm) {
    using Left = BinaryTranslation::Left;
    if (!context_.choose_code(vm) || !context_.choose_shadow(vm)) return false;
    if (!std::exchange(uninterrupted_, false)) resume(work, vm);
    const SimTime budget =
        std::min({processor_.turn_limit, nucleus_.machine.events().next(), next_timer(nucleus_, vm)});
    const simulation::Exit& exit = translation_.run(context_, vm, std::max(budget, now() + 1));
    const Left left = translation_.handle(work, vm, exit);
    // Sequences in line are control-program work: the guest's timers are due later than was thought.
    const bool nothing_due =
        std::holds_alternative<simulation::BudgetSpent>(translation_.exit()) && stopped_by_assist(vm);
    if (left == Left::as_any_guest && nothing_due)
        go_on_after(work, vm, translation_.exit());
    else if (left == Left::as_any_guest)
        handle_other(work, vm, translation_.exit());
    else
        update_interval_timer(nucleus_, vm);
    uninterrupted_ |= left == Left::no_trap;
    catch_up();
    if (nucleus_.real_io.interruption_pending()) take_interruptions(vm);
    return true;
}

/// The real CPU is interrupted by its timer while it interprets, for the same as it would be if it ran the
/// guest, and goes on with that.
void Dispatcher::take_timer(Work& work, VirtualMachine& vm) {
    const auto take = [this](Work& for_whom) {
        const SimTime before = now();
        processor_.cpu.take(isa::ExternalInterruption{isa::ExternalCode::clock_comparator});
        for_whom.interruption_taken(now() - before);
        for_whom.step(Step::timer_interruption);
    };
    const simulation::EventQueue& events = nucleus_.machine.events();
    const bool by_event = events.next() <= now() && now() < processor_.turn_limit;
    if (by_event && events.next_is_motion()) return;
    VirtualMachine* const owner = by_event ? nucleus_.machines.find(events.next_owner()) : nullptr;
    if (owner != nullptr && owner != &vm) {
        const SimTime before = now();
        Work for_other(nucleus_.ledger, owner->account, Cause::timer);
        take(for_other);
        return give_back(now() - before);
    }
    work.turn_to(Cause::timer);
    take(work);
}

/// What is done next is done by the control program.
void Dispatcher::come_out(Work& work) {
    uninterrupted_ = false;
    processor_.come_out(work);
}

void Dispatcher::go_in(Work& work, VirtualMachine& vm) {
    hosting_.let_go(work, vm);
    if (vm.interpretive_execution != nullptr && vm.interpretive()) processor_.go_in(work);
}

void Dispatcher::dispatch_for_interrupter(VirtualMachine& vm) {
    const SimTime before = now();
    Work work = Work::continued(nucleus_.ledger, *interrupter_.account, interrupter_.cause);
    let_go(work, vm);
    give_back(now() - before);
    interrupter_ = {};
}

/// The real CPU was stopped for the next event, and neither for the end of the slice nor by the guest's own
/// timer.
bool Dispatcher::stopped_by_event(const VirtualMachine& vm) const {
    return nucleus_.machine.events().next() <= now() && now() < processor_.turn_limit &&
           now() < next_timer(nucleus_, vm);
}

/// An assist has changed what the guest may be interrupted by: how long it may run is another question now.
bool Dispatcher::stopped_by_assist(const VirtualMachine& vm) const {
    return vm.assist != nullptr && now() < processor_.turn_limit &&
           now() < nucleus_.machine.events().next() && now() < next_timer(nucleus_, vm);
}

/// The hardware has presented an interruption of the guest's own, or will: a timer of the guest's has stopped
/// it, or something that it changed of its own state.
bool Dispatcher::stays_inside(const VirtualMachine& vm, const simulation::Exit& exit) const {
    const simulation::EventQueue& events = nucleus_.machine.events();
    if (std::holds_alternative<simulation::BudgetSpent>(exit))
        return now() < processor_.turn_limit && now() < events.next();
    if (std::holds_alternative<simulation::Attention>(exit))
        return now() < processor_.turn_limit && (now() < events.next() || events.next_is_motion());
    return vm.interpretive() && vm.interpretive_execution->present(processor_.cpu, exit);
}

/// What is no trapped instruction, or came out of interpretive execution.
void Dispatcher::handle_other(Work& work, VirtualMachine& vm, const simulation::Exit& exit) {
    if (is_no_trap(vm, exit)) return go_on_after(work, vm, exit);
    const bool came_out = std::holds_alternative<simulation::PrivilegedOperation>(exit);
    traps_.handle(work, vm, exit);
    update_interval_timer(nucleus_, vm);
    if (came_out && vm.options.exits_together) handle_following(work, vm);
}

/// Behind an instruction that came out: those that follow it at once, and would come out as well, until
/// something else is to be done. A pause waits so long, for it must change nothing.
void Dispatcher::handle_following(Work& work, VirtualMachine& vm) {
    while (true) {
        catch_up();
        if (nucleus_.real_io.interruption_pending() || !can_go_on(vm) || slice_is_over() ||
            reflection_.deliver_pending(work, vm) || !can_go_on(vm) || vm.state.psw.wait ||
            !following_.handle(work, vm))
            return;
        update_interval_timer(nucleus_, vm);
    }
}

/// Behind what was no trap of the guest's.
void Dispatcher::go_on_after(Work& work, VirtualMachine& vm, const simulation::Exit& exit) {
    if (std::holds_alternative<simulation::BudgetSpent>(exit) && stopped_by_event(vm))
        return on_event(work, vm, exit);
    traps_.break_off(vm);
    if (processor_.interpreting) update_interval_timer(nucleus_, vm);
    uninterrupted_ = true;
    if (vm.nesting.begins) [[unlikely]]
        run_guests(work, vm);
}

/// The guest is a host itself, and the hardware executes its guests.
void Dispatcher::run_guests(Work& work, VirtualMachine& vm) {
    vm.nesting.begins = false;
    const SimTime until =
        std::min({processor_.turn_limit, nucleus_.machine.events().next(), next_timer(nucleus_, vm)});
    const auto interruption = context_.run_guests(vm, std::max(until, now() + 1));
    if (!interruption) return update_interval_timer(nucleus_, vm);
    const simulation::Exit exit = *interruption;
    uninterrupted_ = false;
    handle_other(work, vm, exit);
}

/// What a device of the real machine does by itself is no interruption. What is done for another machine is
/// on that one's account. In both cases the guest's interval timer is not looked at: it is as if nothing had
/// been.
void Dispatcher::on_event(Work& work, VirtualMachine& vm, const simulation::Exit& exit) {
    const simulation::EventQueue& events = nucleus_.machine.events();
    VirtualMachine* const owner = nucleus_.machines.find(events.next_owner());
    if (events.next_is_motion()) {
        traps_.break_off(vm);
        uninterrupted_ = true;
    } else if (owner != nullptr && owner != &vm) {
        const SimTime before = now();
        Work for_other = Work::continued(nucleus_.ledger, owner->account, Cause::timer);
        traps_.handle_timer(for_other, vm, exit);
        interrupter_ = {&owner->account, Cause::timer};
        give_back(now() - before);
    } else {
        traps_.handle_timer(work, vm, exit);
        update_interval_timer(nucleus_, vm);
    }
}

void Dispatcher::take_interruptions(VirtualMachine& vm) {
    const TakenInterruptions taken = nucleus_.real_io.take_interruptions(&vm.account);
    if (taken.last_payer == nullptr) return;  // the machine keeps them for its guests
    const bool for_other = taken.last_payer != nullptr && taken.last_payer != &vm.account;
    if (for_other) interrupter_ = {taken.last_payer, Cause::real_io};
    const SimTime before = now();
    Work work = Work::continued(nucleus_.ledger, for_other ? *taken.last_payer : vm.account, Cause::real_io);
    come_out(work);
    give_back(taken.for_others + (for_other ? now() - before : 0));
}

/// Whose turn it is loses nothing of its slice by what is done for others.
void Dispatcher::give_back(SimTime time) {
    processor_.turn_limit = std::min(processor_.turn_limit + time, processor_.until);
}

bool Dispatcher::end_turn(VirtualMachine& vm, bool slice_is_over) {
    if (vm.storage.exhausted()) states_.stop(vm, StopReason::storage_exhausted);
    if (vm.status != VmState::running) return true;  // stopped, or loaded anew
    if (states_.waits_for_page(vm)) {
        states_.begin_page_wait(vm);
    } else if (vm.asleep) {
        states_.begin_wait(vm);
    } else if (vm.state.psw.wait) {
        if (isa::is_disabled_wait(vm.state) && !vm.paravirtual.blocked)
            states_.stop(vm, StopReason::disabled_wait);
        else if (slice_is_over && waits_inside(vm) && states_.kind_of_wait(vm) == scheduler::Wait::io)
            states_.end_slice(vm);
        else
            states_.begin_wait(vm);
    } else if (slice_is_over) {
        states_.end_slice(vm);
    } else {
        return false;
    }
    return true;
}

void Dispatcher::tell_divided_idle() {
    const Idle idle = std::exchange(divided_, {});
    if (idle.end != 0 && now() > idle.from)
        nucleus_.observers.tell([&](Observer& o) { o.idled(idle.from, now()); });
}

bool Dispatcher::idle_until_next_event(SimTime until) {
    const SimTime event = nucleus_.machine.events().next();
    if (on_idle && event - now() > kPatience && on_idle()) return true;
    if (event == simulation::kNever) return false;
    const SimTime end = std::min(event, until);
    if (divided_.end != end) {
        tell_divided_idle();
        if (!idle_goes_on_) Work(nucleus_.ledger, nucleus_.ledger.own(), Cause::idle).step(Step::idle);
        divided_.from = now();
    }
    const SimTime next = std::min(end, pause_);
    if (next > now()) nucleus_.ledger.idle_until(next, states_.waiting_for_pages() != 0);
    divided_.end = end;
    if (next == end) {
        tell_divided_idle();
        // What a device does by itself does not end the wait.
        idle_goes_on_ = nucleus_.machine.events().next_is_motion();
    }
    return true;
}

}  // namespace vmcp
