#include "vmcp/dispatch/reflection.hpp"

#include <utility>

#include "vmcp/dispatch/message_interruption.hpp"
#include "vmcp/dispatch/shared_page.hpp"
#include "vmcp/dispatch/virtual_timers.hpp"

namespace vmcp {

std::optional<isa::ProgramInterruption> Reflection::psw_error(const VirtualMachine& vm) const {
    if (!isa::has_format_error(vm.state.psw, nucleus_.machine.model().facilities)) return std::nullopt;
    isa::ProgramInterruption i;
    i.code = isa::ProgramCode::specification;
    i.ilc = vm.state.early_ilc;
    return i;
}

namespace {

/// Of a clock that the machine has for each CPU.
bool is_of_timer(isa::ExternalCode code) {
    return code == isa::ExternalCode::clock_comparator || code == isa::ExternalCode::cpu_timer ||
           code == isa::ExternalCode::interval_timer;
}

}  // namespace

bool Reflection::present_pending(Work& work, VirtualMachine& vm) {
    bool any = false;
    while (vm.status != VmState::stopped && !vm.storage.exhausted() && !vm.asleep) {
        const auto pending = next_pending(vm);
        if (!pending) break;
        if (pending->own && vm.interpretive()) {
            present_by_hardware(vm, pending->interruption);
            continue;
        }
        work.turn_to(pending->cause);
        if (const auto* const e = std::get_if<isa::ExternalInterruption>(&pending->interruption);
            e != nullptr && e->code == isa::ExternalCode::clock_comparator)
            work.step(Step::take_timer_request);
        if (pending->cause == Cause::message) [[unlikely]]
            nucleus_.services->present_message(
                work, vm, std::get<isa::ExternalInterruption>(pending->interruption).code);
        // What came while a guest's instruction waits interrupts it in front of that.
        if (std::exchange(vm.paravirtual.blocked, false)) [[unlikely]]
            vm.state.psw.wait = false;
        deliver(work, vm, pending->interruption);
        any = true;
    }
    return any;
}

/// Something is pending for the guest: whether its masks in the page that it shares hold that back, which it
/// is told there. One that waits by hypercall goes on in either case.
bool Reflection::held_back(VirtualMachine& vm, shared_page::Kind kind, Cause cause) {
    if (std::exchange(vm.paravirtual.blocked, false)) vm.state.psw.wait = false;
    if (!shared_page::holds_back(vm, kind)) return false;
    shared_page::note_missed(nucleus_, vm, kind, cause);
    return true;
}

/// That is guest time, as an interruption on a machine of its own would be.
void Reflection::present_by_hardware(VirtualMachine& vm, const isa::Interruption& interruption) {
    vm.ran_until = nucleus_.now();
    nucleus_.cpu.spend(nucleus_.machine.model().interruption_ns.value);
    vm.enter_guest_time(nucleus_.now());
    if (std::holds_alternative<isa::IoInterruption>(interruption)) ++vm.io_presented;
    present(vm, interruption);
}

std::optional<Reflection::Pending> Reflection::next_pending(VirtualMachine& vm) {
    isa::CpuState& state = vm.state;
    if (const auto error = psw_error(vm)) return Pending{*error, Cause::reflect_program, true};
    if (state.psw.dat && !state.psw.wait && !isa::TranslationFormat::of(state.cr[0])) {
        // No instruction can be fetched with an invalid translation format.
        isa::ProgramInterruption i;
        i.code = isa::ProgramCode::translation_specification;
        i.ilc = 1;
        state.psw.address = (state.psw.address + 2) & isa::kAddressMask;
        return Pending{i, Cause::reflect_program, true};
    }
    if (const auto external = external_pending(nucleus_, vm, state);
        external && !(vm.paravirtual.page && held_back(vm, shared_page::external, Cause::reflect_external)))
        [[unlikely]] {
        accept_external(vm, *external);
        return Pending{*external, Cause::reflect_external, is_of_timer(external->code)};
    }
    if (vm.message_interruptions != 0) [[unlikely]] {
        const auto code = message_pending(vm, state);
        if (code && !(vm.paravirtual.page && held_back(vm, shared_page::external, Cause::message)))
            return Pending{isa::ExternalInterruption{*code}, Cause::message};
    }
    if (!vm.handshaking.arrived.empty() && takes_pseudo_page_faults(vm)) {
        constexpr uint32_t kCompleted = 0x80000000;
        isa::ProgramInterruption arrival;
        arrival.code = isa::ProgramCode::pseudo_page_fault;
        arrival.translation_address = vm.handshaking.arrived.front() | kCompleted;
        vm.handshaking.arrived.pop_front();
        return Pending{arrival, Cause::pseudo_page_fault};
    }
    if (!vm.io.channels.has_pending()) return std::nullopt;
    if (vm.paravirtual.page && vm.io.channels.pending(isa::enabled_channels(state)) &&
        held_back(vm, shared_page::io, Cause::reflect_io)) [[unlikely]]
        return std::nullopt;
    const auto io = vm.io.channels.take_first(isa::enabled_channels(state));
    if (!io) return std::nullopt;
    return Pending{isa::IoInterruption{io->address, encode(io->csw)}, Cause::reflect_io,
                   vm.io.interpretive(io->address) != nullptr};
}

}  // namespace vmcp
