#include "vmcp/dispatch/traps.hpp"

#include "isa/per.hpp"
#include "simulation/model/overloaded.hpp"

namespace vmcp {
namespace {

/// Where the hardware has stored the old PSW.
constexpr uint32_t old_psw_of(const isa::ProgramInterruption&) { return isa::Assigned::program_old; }
constexpr uint32_t old_psw_of(const isa::SupervisorCallInterruption&) {
    return isa::Assigned::supervisor_call_old;
}
constexpr uint32_t old_psw_of(const isa::ExternalInterruption&) { return isa::Assigned::external_old; }

}  // namespace

void Traps::tell(const VirtualMachine& vm, const Trap& trap) {
    nucleus_.observers.tell([&](Observer& o) { o.trapped(vm, trap); });
}

template <class Interruption>
[[gnu::always_inline]] inline void Traps::take(Work& work, VirtualMachine& vm, const Interruption& real,
                                               const simulation::Exit& exit,
                                               const isa::Decoded* instruction) {
    const SimTime before = nucleus_.now();
    processor_.cpu.take(real);
    const uint64_t old = nucleus_.machine.storage().get64(old_psw_of(real));
    vm.state.psw.set_changing(old);
    const SimTime taken = nucleus_.now();
    if (nucleus_.observers.any()) [[unlikely]]
        tell(vm, {exit, real, isa::decode_psw(old), before, taken,
                  instruction != nullptr ? std::optional(*instruction) : std::nullopt});
    work.interruption_taken(taken - before);
    work.step(Step::enter_from_trap);
}

void Traps::on_timer(Work& work, VirtualMachine& vm, const simulation::Exit& exit) {
    work.turn_to(Cause::timer);
    take(work, vm, isa::ExternalInterruption{isa::ExternalCode::clock_comparator}, exit);
    work.step(Step::timer_interruption);
}

void Traps::on_supervisor_call(Work& work, VirtualMachine& vm, const isa::SupervisorCallInterruption& i,
                               const simulation::Exit& exit) {
    work.turn_to(Cause::reflect_supervisor_call);
    take(work, vm, i, exit);
    reflection_.deliver(work, vm, i);
    if (i.per_code == 0) return;
    // Program events of the SUPERVISOR CALL interrupt the real CPU again, in front of the control program's
    // first instruction, and then the guest's in front of its handler's.
    const isa::Psw guest = vm.state.psw;
    work.turn_to(Cause::reflect_program);
    take(work, vm, isa::per_interruption(i.per_code, i.per_address, i.ilc, std::nullopt), exit);
    vm.state.psw = guest;
    reflection_.deliver(work, vm,
                        isa::per_interruption(i.per_code, i.per_address, i.ilc, reflection_.psw_error(vm)));
}

/// What the guest must not execute in the real problem state. Where its own state allows it, it is simulated;
/// a semi-privileged instruction in any state, for the real CPU knows nothing of the guest's authority.
void Traps::on_privileged(Work& work, VirtualMachine& vm, const simulation::PrivilegedOperation& p,
                          const simulation::Exit& exit) {
    const bool allowed = !vm.state.psw.problem_state ||
                         (p.instruction.row().privilege == isa::Privilege::semi &&
                          nucleus_.machine.model().facilities.has(isa::Facility::dual_address_space));
    work.turn_to(allowed ? Cause::simulated(p.instruction.op) : Cause::reflect_program);
    take(work, vm, p.interruption, exit, allowed ? &p.instruction : nullptr);
    if (allowed)
        privileged_.simulate(work, vm, p.instruction, p.interruption);
    else
        reflection_.deliver(work, vm, p.interruption);
}

void Traps::on_program(Work& work, VirtualMachine& vm, const isa::ProgramInterruption& i,
                       const simulation::Exit& exit) {
    const bool translation =
        i.code == isa::ProgramCode::segment_translation || i.code == isa::ProgramCode::page_translation;
    const bool by_shadow = vm.state.psw.dat && !i.by_host_tables;
    const bool by_guest = by_shadow && vm.options.translation == GuestTranslation::nested;  // its own tables
    if (!translation || by_guest) {
        work.turn_to(Cause::reflect_program);
        take(work, vm, i, exit);
        return reflection_.deliver(work, vm, i);
    }
    if (by_shadow) {
        work.turn_to(Cause::shadow_fill);
        take(work, vm, i, exit);
        return faults_.on_shadow_fault(work, vm, i);
    }
    if (const SecondLevel page(i.translation_address); vm.storage.valid(page)) {
        work.turn_to(vm.storage.slot(page).exists() ? Cause::page_in : Cause::page_fill);
        take(work, vm, i, exit);
        return faults_.on_page_fault(work, vm, page, i);
    }
    // Beyond the guest's storage: what would be an addressing exception on its own machine.
    work.turn_to(Cause::reflect_program);
    take(work, vm, i, exit);
    isa::ProgramInterruption addressing = i;
    addressing.code = isa::ProgramCode::addressing;
    vm.state.psw.address = (vm.state.psw.address + 2 * i.ilc) & isa::kAddressMask;
    reflection_.deliver(work, vm, addressing);
}

void Traps::handle(Work& work, VirtualMachine& vm, const simulation::Exit& exit) {
    ++count_;
    ++vm.exits;
    if (const auto* p = std::get_if<simulation::PrivilegedOperation>(&exit))
        return on_privileged(work, vm, *p, exit);
    std::visit(
        simulation::Overloaded{
            [&](const isa::ProgramInterruption& i) { on_program(work, vm, i, exit); },
            [&](const isa::SupervisorCallInterruption& i) { on_supervisor_call(work, vm, i, exit); },
            [&](const simulation::PrivilegedOperation&) {},
            [&](const simulation::BudgetSpent&) { on_timer(work, vm, exit); },
            [&](const simulation::Attention&) { on_timer(work, vm, exit); },  // MVCL and the like made way
            [&](const simulation::Breakpoint&) { on_timer(work, vm, exit); },
        },
        exit);
}

}  // namespace vmcp
