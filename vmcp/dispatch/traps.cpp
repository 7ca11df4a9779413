#include "vmcp/dispatch/traps.hpp"

#include "isa/per.hpp"
#include "simulation/model/overloaded.hpp"

namespace vmcp {
void Traps::tell(const VirtualMachine& vm, const Trap& trap) {
    nucleus_.observers.tell([&](Observer& o) { o.trapped(vm, trap); });
}

/// An interception is no interruption: the control program goes on behind the instruction by which it had
/// entered interpretive execution, and finds the reason in the state description.
void Traps::come_out(Work& work, VirtualMachine& vm, const isa::Interruption& real,
                     const simulation::Exit& exit, const isa::Decoded* instruction) {
    const SimTime before = nucleus_.now();
    const isa::Psw interrupted = processor_.cpu.psw();
    vm.state.psw.set_changing(interrupted);
    processor_.come_out(work);
    vm.interpretation->end(exit);
    const bool intercepted = std::holds_alternative<simulation::PrivilegedOperation>(exit) ||
                             std::holds_alternative<isa::SupervisorCallInterruption>(exit);
    if (!intercepted) {
        const SimTime out = nucleus_.now();
        std::visit([this](const auto& one) { processor_.cpu.take(one); }, real);
        work.interruption_taken(nucleus_.now() - out);
    }
    tell(vm, {exit, real, interrupted, work.account(), before, nucleus_.now(),
              instruction != nullptr ? std::optional(*instruction) : std::nullopt, intercepted});
}

void Traps::handle_timer(Work& work, VirtualMachine& vm, const simulation::Exit& exit) {
    ++count_;
    ++vm.exits;
    on_timer(work, vm, exit);
}

void Traps::on_timer(Work& work, VirtualMachine& vm, const simulation::Exit& exit) {
    work.turn_to(Cause::timer);
    take(work, vm, isa::ExternalInterruption{isa::ExternalCode::clock_comparator}, exit);
    work.steps(Step::enter_from_trap, Step::timer_interruption);
}

void Traps::on_supervisor_call(Work& work, VirtualMachine& vm, const isa::SupervisorCallInterruption& i,
                               const simulation::Exit& exit) {
    work.turn_to(Cause::reflect_supervisor_call);
    take(work, vm, i, exit);
    reflection_.deliver(work, vm, i);  // the way in is a part of its own path
    if (i.per_code == 0) return;
    // Program events of the SUPERVISOR CALL interrupt the real CPU again, in front of the control program's
    // first instruction, and then the guest's in front of its handler's.
    const isa::Psw guest = vm.state.psw;
    work.turn_to(Cause::reflect_program);
    take(work, vm, isa::per_interruption(i.per_code, i.per_address, i.ilc, std::nullopt), exit);
    vm.state.psw = guest;
    enter_and_deliver(work, vm,
                      isa::per_interruption(i.per_code, i.per_address, i.ilc, reflection_.psw_error(vm)));
}

void Traps::on_program(Work& work, VirtualMachine& vm, const isa::ProgramInterruption& i,
                       const simulation::Exit& exit) {
    const bool translation =
        i.code == isa::ProgramCode::segment_translation || i.code == isa::ProgramCode::page_translation;
    const bool by_shadow = vm.state.psw.dat && !i.by_host_tables;
    const bool by_guest = by_shadow && vm.by_its_own_tables();
    if (!translation || by_guest) {
        work.turn_to(Cause::reflect_program);
        take(work, vm, i, exit);
        return enter_and_deliver(work, vm, i);
    }
    if (by_shadow) {
        work.turn_to(Cause::shadow_fill);
        take(work, vm, i, exit);
        work.step(Step::enter_from_trap);
        return faults_.on_shadow_fault(work, vm, i);
    }
    if (const SecondLevel page(i.translation_address); vm.storage.valid(page)) {
        work.turn_to(vm.storage.slot(page).exists() ? Cause::page_in : Cause::page_fill);
        take(work, vm, i, exit);
        work.step(Step::enter_from_trap);
        return faults_.on_page_fault(work, vm, page, i);
    }
    // Beyond the guest's storage: what would be an addressing exception on its own machine.
    work.turn_to(Cause::reflect_program);
    take(work, vm, i, exit);
    isa::ProgramInterruption addressing = i;
    addressing.code = isa::ProgramCode::addressing;
    vm.state.psw.address = (vm.state.psw.address + 2 * i.ilc) & isa::kAddressMask;
    enter_and_deliver(work, vm, addressing);
}

void Traps::handle_other(Work& work, VirtualMachine& vm, const simulation::Exit& exit) {
    std::visit(
        simulation::Overloaded{
            [&](const isa::ProgramInterruption& i) { on_program(work, vm, i, exit); },
            [&](const isa::SupervisorCallInterruption& i) { on_supervisor_call(work, vm, i, exit); },
            [&](const simulation::PrivilegedOperation& p) { on_privileged(work, vm, p, exit); },
            [&](const simulation::BudgetSpent&) { on_timer(work, vm, exit); },
            [&](const simulation::Attention&) { on_timer(work, vm, exit); },  // MVCL and the like made way
            [&](const simulation::Breakpoint&) { on_timer(work, vm, exit); },
        },
        exit);
}

}  // namespace vmcp
