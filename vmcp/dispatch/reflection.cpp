#include "vmcp/dispatch/reflection.hpp"

#include "vmcp/dispatch/virtual_timers.hpp"

namespace vmcp {

std::optional<isa::ProgramInterruption> Reflection::psw_error(const VirtualMachine& vm) const {
    if (!isa::has_format_error(vm.state.psw, nucleus_.machine.model().facilities)) return std::nullopt;
    isa::ProgramInterruption i;
    i.code = isa::ProgramCode::specification;
    i.ilc = vm.state.early_ilc;
    return i;
}

bool Reflection::present_pending(Work& work, VirtualMachine& vm) {
    bool any = false;
    while (vm.status != VmState::stopped && !vm.storage.exhausted() && !vm.asleep) {
        const auto pending = next_pending(work, vm);
        if (!pending) break;
        deliver(work, vm, *pending);
        any = true;
    }
    return any;
}

std::optional<isa::Interruption> Reflection::next_pending(Work& work, VirtualMachine& vm) {
    isa::CpuState& state = vm.state;
    if (const auto error = psw_error(vm)) {
        work.turn_to(Cause::reflect_program);
        return *error;
    }
    if (state.psw.dat && !state.psw.wait && !isa::TranslationFormat::of(state.cr[0])) {
        // No instruction can be fetched with an invalid translation format.
        isa::ProgramInterruption i;
        i.code = isa::ProgramCode::translation_specification;
        i.ilc = 1;
        state.psw.address = (state.psw.address + 2) & isa::kAddressMask;
        work.turn_to(Cause::reflect_program);
        return i;
    }
    if (const auto external = external_pending(nucleus_, vm.state, vm.virtual_now())) {
        work.turn_to(Cause::reflect_external);
        isa::accept(state.external, *external);
        if (external->code == isa::ExternalCode::clock_comparator) work.step(Step::take_timer_request);
        return *external;
    }
    if (!vm.handshaking.arrived.empty() && takes_pseudo_page_faults(vm)) {
        constexpr uint32_t kCompleted = 0x80000000;
        isa::ProgramInterruption arrival;
        arrival.code = isa::ProgramCode::pseudo_page_fault;
        arrival.translation_address = vm.handshaking.arrived.front() | kCompleted;
        vm.handshaking.arrived.pop_front();
        work.turn_to(Cause::pseudo_page_fault);
        return arrival;
    }
    if (!vm.io.channels.has_pending()) return std::nullopt;
    const auto io = vm.io.channels.take_first(isa::enabled_channels(state));
    if (!io) return std::nullopt;
    work.turn_to(Cause::reflect_io);
    return isa::IoInterruption{io->address, encode(io->csw)};
}

}  // namespace vmcp
