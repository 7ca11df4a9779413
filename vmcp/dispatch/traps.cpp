#include "vmcp/dispatch/traps.hpp"

#include "isa/per.hpp"
#include "simulation/model/overloaded.hpp"
#include "vmcp/dispatch/error_recording.hpp"
#include "vmcp/dispatch/inter_user_communication.hpp"

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
    processor_.come_out(work, exit);
    const bool intercepted = std::holds_alternative<simulation::PrivilegedOperation>(exit) ||
                             std::holds_alternative<isa::SupervisorCallInterruption>(exit);
    const SimTime out = nucleus_.now();
    if (!intercepted) {
        std::visit([this](const auto& one) { processor_.cpu.take(one); }, real);
        work.interruption_taken(nucleus_.now() - out);
    }
    tell(vm,
         {exit, real, interrupted, work.account(), before, nucleus_.now(),
          instruction != nullptr ? std::optional(*instruction) : std::nullopt, out - before, intercepted});
}

void Traps::enter(Work& work, VirtualMachine& vm, const isa::ProgramInterruption& real,
                  const simulation::Exit& exit) {
    ++count_;
    ++vm.exits;
    take(work, vm, real, exit);
    work.step(Step::enter_from_trap);
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
    if (i.number == kErrorRecording && i.per_code == 0 && record_error(nucleus_, segments_, work, vm))
        [[unlikely]]
        return;
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
    if (const auto operands = interrupted_communication(nucleus_, segments_, vm, i,
                                                        processor_.cpu.psw().address)) [[unlikely]] {
        work.turn_to(Cause::iucv);
        take(work, vm, i, exit);
        work.step(Step::enter_from_trap);
        return privileged_.communicate(work, vm, *operands, i);
    }
    const Concern concern = concern_of(vm, i);
    const SecondLevel page(i.translation_address);
    if (concern == Concern::shadow)
        work.turn_to(Cause::shadow_fill);
    else if (concern == Concern::storage)
        work.turn_to(vm.storage.slot(page).exists() ? Cause::page_in : Cause::page_fill);
    else
        work.turn_to(Cause::reflect_program);
    take(work, vm, i, exit);
    switch (concern) {
        case Concern::guest: return enter_and_deliver(work, vm, i);
        case Concern::beyond: return enter_and_deliver(work, vm, addressing_exception(vm, i));
        case Concern::shadow: work.step(Step::enter_from_trap); return faults_.on_shadow_fault(work, vm, i);
        case Concern::storage:
            work.step(Step::enter_from_trap);
            return faults_.on_page_fault(work, vm, page, i);
    }
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
