#include "vmcp/dispatch/virtual_timers.hpp"

#include <algorithm>

#include "vmcp/dispatch/shared_page.hpp"

namespace vmcp {

namespace {

constexpr isa::ExternalInterruption kRingSignal{static_cast<isa::ExternalCode>(kRingExternalCode)};

}  // namespace

std::optional<isa::ExternalInterruption> external_pending(const Nucleus& nucleus, const VirtualMachine& vm,
                                                          const isa::CpuState& state) {
    if (!state.psw.external_mask) return std::nullopt;
    const auto of_machine = isa::highest_external(
        state, {.comparator = nucleus.machine.tod().read(nucleus.now()) > state.clocks.comparator,
                .timer = simulation::is_cpu_timer_negative(state.clocks, vm.virtual_now())});
    if (of_machine) return of_machine;
    // What the control program itself has to say comes behind what a machine of its own would.
    if (vm.rings != nullptr && vm.rings->signals() && (state.cr[0] & kRingSubclass) != 0) return kRingSignal;
    return std::nullopt;
}

void accept_external(VirtualMachine& vm, const isa::ExternalInterruption& taken) {
    if (taken.code == kRingSignal.code)
        vm.rings->signal_taken();
    else
        isa::accept(vm.state.external, taken);
}

SimTime next_clock_comparator(const Nucleus& nucleus, const VirtualMachine& vm) {
    if (!isa::external_enabled(vm.state, isa::kCr0ClockComparatorMask)) return simulation::kNever;
    return nucleus.machine.tod().exceeds(vm.state.clocks.comparator, nucleus.now());
}

SimTime next_enabled_timer(const Nucleus& nucleus, const VirtualMachine& vm) {
    const SimTime now = nucleus.now();
    SimTime next = simulation::kNever;
    const SimTime timer = vm.next_timer(vm.virtual_now());
    if (timer != simulation::kNever) next = now + std::max<SimTime>(timer - vm.virtual_now(), 0);
    next = std::min(next, next_clock_comparator(nucleus, vm));
    // One that the guest holds back is noted in its page already: it must not stop the guest again and again.
    if (next <= now && vm.paravirtual.page && shared_page::holds_back(vm, shared_page::external)) [[unlikely]]
        return simulation::kNever;
    return next;
}

void tick(Nucleus& nucleus, VirtualMachine& vm) {
    const SecondLevel location(isa::Assigned::interval_timer);
    // A page zero that has been taken away need not be brought in before the timer has something to tell.
    if (!vm.storage.locate(location) &&
        vm.interval_timer.becomes_negative(vm.storage.peek32(location)) > vm.virtual_now())
        return;
    const int64_t ticks = vm.interval_timer.take_ticks(vm.virtual_now());
    if (ticks == 0 || vm.status == VmState::stopped) return;
    const auto at = vm.storage.try_resident(location);
    if (!at) return;
    if (!vm.assists.has(Assist::vtimer) && !vm.interpretive())
        Work(nucleus.ledger, vm.account, Cause::virtual_timer).step(Step::timer_update);
    simulation::RealStorage& real = nucleus.machine.storage();
    real.put32(at->value, simulation::IntervalTimer::count_down(real.get32(at->value), ticks,
                                                                vm.state.external.interval_timer));
    vm.storage.note_change(location);
}

}  // namespace vmcp
