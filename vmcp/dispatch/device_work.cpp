#include "vmcp/dispatch/device_work.hpp"

#include <algorithm>
#include <utility>

namespace vmcp {
namespace {

/// So often may something happen on a waiting machine's devices at once, before that is held back for others:
/// ordinary channel programs are shorter (assumed).
constexpr unsigned kAtOnce = 16;
/// And then no sooner than after this, or after as long as it took for each of the others (assumed).
constexpr SimTime kPace = 5 * simulation::kMillisecond;

}  // namespace

void DeviceWork::add(VirtualMachine& vm) {
    vm.on_next_device_event_changed = [this, &vm] {
        if (within_ != &vm) arm(vm);
    };
    arm(vm);
}

void DeviceWork::forget(VirtualMachine& vm) {
    vm.on_next_device_event_changed = [] {};
    events().cancel(std::exchange(vm.device_work.event, 0));
}

/// Never before now: the clock may have gone on since the event was due.
void DeviceWork::arm(VirtualMachine& vm) {
    events().cancel(std::exchange(vm.device_work.event, 0));
    const SimTime next = vm.device_events.next();
    if (next == simulation::kNever) return;
    const SimTime held = processor_.running == &vm ? 0 : vm.device_work.held_until;
    vm.device_work.event = events().schedule_for(vm.id, std::max({next, held, now()}), [this, &vm] {
        vm.device_work.event = 0;
        on_due(vm);
    });
}

SimTime DeviceWork::begin_turn(VirtualMachine& vm, SimTime slice) {
    DeviceWorkNotes& notes = vm.device_work;
    const bool held = std::exchange(notes.held_until, 0) != 0;
    notes.since_turn = 0;
    if (held) arm(vm);
    const SimTime paid = std::min(notes.debt, slice / 2);
    notes.debt -= paid;
    return slice - paid;
}

void DeviceWork::on_due(VirtualMachine& vm) {
    const VirtualMachine* const outer = std::exchange(within_, &vm);
    if (processor_.running == &vm) {
        do vm.device_events.run_until(vm.device_events.next());
        while (vm.device_events.next() <= now() && now() < processor_.turn_limit);
    } else {
        run_beside_others(vm);
    }
    within_ = outer;
    arm(vm);
}

void DeviceWork::run_beside_others(VirtualMachine& vm) {
    DeviceWorkNotes& notes = vm.device_work;
    const SimTime began = now();
    if (began >= notes.last + 2 * kPace) notes.since_turn = 0;
    do vm.device_events.run_until(vm.device_events.next());
    while (++notes.since_turn < kAtOnce && vm.device_events.next() <= now());
    notes.last = now();
    const SimTime spent = notes.last - began;
    processor_.turn_limit = std::min(processor_.turn_limit + spent, processor_.until);
    if (notes.since_turn < kAtOnce) return;
    const unsigned others = others_that_could_run(vm);
    if (others == 0) {
        notes.since_turn = 0;
        return;
    }
    notes.debt += spent;
    notes.held_until = notes.last + std::max(spent * others, kPace);
}

unsigned DeviceWork::others_that_could_run(const VirtualMachine& vm) const {
    unsigned others = 0;
    for (const VirtualMachine& other : nucleus_.machines)
        others += &other != &vm && (other.status == VmState::ready || other.status == VmState::running);
    return others;
}

}  // namespace vmcp
