#include "vmcp/assist/interpretive_execution.hpp"

#include "isa/per.hpp"
#include "simulation/cpu/interpreted_instructions.hpp"
#include "vmcp/dispatch/inter_user_communication.hpp"
#include "vmcp/dispatch/page_faults.hpp"
#include "vmcp/dispatch/privileged.hpp"

namespace vmcp {
namespace {

/// Whether the real CPU must be loaded anew between the two.
bool changes_context(const isa::Psw& from, const isa::Psw& to) {
    constexpr uint64_t kModes =
        isa::Psw::in_modes(offsetof(isa::Psw, per), offsetof(isa::Psw, dat),
                           offsetof(isa::Psw, secondary_space), offsetof(isa::Psw, wide_load_address));
    return ((from.modes() ^ to.modes()) & kModes) != 0 ||
           ((to.ec_reserved_high | to.ec_reserved_low) != 0);  // an exception of the PSW itself
}

/// An I/O instruction that is about a device, and not about its channel.
bool reaches_device(isa::Op op) {
    switch (op) {
        case isa::Op::op_SIO:
        case isa::Op::op_SIOF:
        case isa::Op::op_TIO:
        case isa::Op::op_CLRIO:
        case isa::Op::op_HIO:
        case isa::Op::op_HDV: return true;
        default: return false;
    }
}
bool starts_device(isa::Op op) { return op == isa::Op::op_SIO || op == isa::Op::op_SIOF; }

/// What changes the tables, or which of them hold: of the control program where it keeps shadows of them.
bool concerns_tables(isa::Op op, simulation::Interpreted::Part part) {
    return part == simulation::Interpreted::Part::context || op == isa::Op::op_PTLB || op == isa::Op::op_IPTE;
}

}  // namespace

// ---- Instructions ----

bool InterpretiveExecution::execute(simulation::Cpu& cpu, const isa::Decoded& instruction) {
    using Part = simulation::Interpreted::Part;
    const simulation::Interpreted what = simulation::kInterpreted[static_cast<unsigned>(instruction.op)];
    // What its own state does not let it execute is an exception, which present() gives it.
    if (!may_execute(vm_, instruction, nucleus_.machine.model().facilities)) return false;
    if (what.part == Part::out) return execute_io(cpu, instruction);
    if (what.part == Part::hosting) return begin_nesting(cpu);
    const Cause cause = Cause::simulated(instruction.op);
    if (what.control && vm_.options.intercepts.has(*what.control))
        return settle(cpu, cause, AssistRefusal::intercepted);
    if (!vm_.by_its_own_tables() && concerns_tables(instruction.op, what.part))
        return settle(cpu, cause, AssistRefusal::intercepted);
    if (isa::records_events(vm_.state)) return settle(cpu, cause, AssistRefusal::recording);
    VirtualCpu guest = guest_cpu(cpu);
    return settle(cpu, cause, attempt([&] {
                      if (what.part == Part::psw) return execute_psw(*this, cpu, guest, instruction);
                      if (what.part == Part::clock) vm_.enter_guest_time(cpu.now());
                      const uint8_t key = vm_.state.psw.key;
                      kSimulations[static_cast<unsigned>(instruction.op)].execute(guest,
                                                                                  instruction.operands);
                      cpu.registers().gpr = vm_.state.gpr;
                      cpu.set_changing(vm_.state.psw);
                      if (what.part == Part::context) cpu.ask_owner();
                      if (what.part == Part::clock) look_at_timers(cpu);
                      if (vm_.state.psw.key != key) cpu.change_key(vm_.state.psw.key);
                  }));
}

/// The dispatcher has the machine execute the instruction: GuestContext::run_guests.
bool InterpretiveExecution::begin_nesting(simulation::Cpu& cpu) {
    const isa::FacilitySet& facilities = nucleus_.machine.model().facilities;
    if (!facilities.has(isa::Facility::nested_interpretive_execution) || vm_.storage.shares_segments() ||
        !vm_.by_its_own_tables())
        return false;
    vm_.nesting.begins = true;
    cpu.repeat_instruction();
    return true;
}

/// Interpretive I/O: of devices that are the guest's own, whose channel programs run as they are. All else
/// comes out.
bool InterpretiveExecution::execute_io(simulation::Cpu& cpu, const isa::Decoded& instruction) {
    if (!reaches_device(instruction.op) || vm_.io.all_relayed().empty()) return false;
    VirtualCpu guest = guest_cpu(cpu);
    const isa::Operands& o = instruction.operands;
    RelayedSubchannel* const own = vm_.io.interpretive(static_cast<uint16_t>(guest.address(o.b2, o.d2)));
    if (own == nullptr) return false;
    const Cause cause = Cause::simulated(instruction.op);
    if (isa::records_events(vm_.state)) return settle(cpu, cause, AssistRefusal::recording);
    const auto why = attempt([&] {
        if (!vm_.storage.locate(SecondLevel(0))) throw NeedsControlProgram{AssistRefusal::no_frame};
        if (starts_device(instruction.op) && !own->starts_by_machine())
            throw NeedsControlProgram{AssistRefusal::not_mapped};
        nucleus_.machine.events().run_until(cpu.now());
        own->set_called_by_machine(true);
        kSimulations[static_cast<unsigned>(instruction.op)].execute(guest, o);
        cpu.set_changing(vm_.state.psw);
        cpu.ask_owner();  // the device may be what happens next
    });
    own->set_called_by_machine(false);
    return settle(cpu, cause, why, nucleus_.machine.model().interpretive.io_ns.value);
}

/// Whether the guest waits under this PSW without coming out.
bool InterpretiveExecution::waits_inside(const isa::Psw& next) const {
    if (!vm_.options.wait_completion) return false;
    isa::CpuState then = vm_.state;
    then.psw = next;
    return !isa::is_disabled_wait(then);
}

void InterpretiveExecution::check_transition(simulation::Cpu& cpu, const isa::Psw& next) {
    if (next.wait && !waits_inside(next)) throw NeedsControlProgram{AssistRefusal::wait};
    if (!vm_.by_its_own_tables() && changes_context(vm_.state.psw, next))
        throw NeedsControlProgram{AssistRefusal::mode};
    if (!VirtualCpu::Openings(next).any_beside(VirtualCpu::Openings(vm_.state.psw))) return;
    vm_.enter_guest_time(cpu.now());
    isa::CpuState then = vm_.state;
    then.psw = next;
    // What the machine itself presents does not matter here.
    const auto device = vm_.io.channels.pending(isa::enabled_channels(then));
    if ((device && vm_.io.interpretive(*device) == nullptr) || !vm_.handshaking.arrived.empty())
        throw NeedsControlProgram{AssistRefusal::pending};
}

void InterpretiveExecution::load(simulation::Cpu& cpu, const isa::Psw& next, uint64_t /*image*/) {
    const isa::Psw before = vm_.state.psw;
    vm_.state.psw = next;
    cpu.set_changing(next);
    if (changes_context(before, next)) return cpu.ask_owner();
    if (next.key != before.key) cpu.change_key(next.key);
    if (next.wait) cpu.ask_owner();
    io_opened(cpu);
    if (next.external_mask && !before.external_mask) external_opened(cpu);
}

void InterpretiveExecution::external_opened(simulation::Cpu& cpu) {
    vm_.enter_guest_time(cpu.now());
    if (external_may_interrupt(vm_.state)) return cpu.ask_owner();
    look_at_timers(cpu);
}

/// The owner has the machine present what is let through now (Reflection).
void InterpretiveExecution::io_opened(simulation::Cpu& cpu) {
    if (vm_.io.channels.has_pending() && io_may_interrupt(vm_.state)) cpu.ask_owner();
}

// ---- Interruptions ----

bool InterpretiveExecution::supervisor_call(simulation::Cpu& cpu, uint8_t number) {
    const Cause cause = Cause::reflect_supervisor_call;
    if (vm_.options.intercepts.has(Intercept::svc)) return settle(cpu, cause, AssistRefusal::intercepted);
    if (isa::records_events(vm_.state)) return settle(cpu, cause, AssistRefusal::recording);
    vm_.state.psw.set_changing(cpu.psw());
    const auto why = attempt([&] {
        interrupt(*this, cpu, isa::SupervisorCallInterruption{number, cpu.execution().ilc});
    });
    return settle(cpu, cause, why, nucleus_.machine.model().interruption_ns.value);
}

bool InterpretiveExecution::present(simulation::Cpu& cpu, const simulation::Exit& exit) {
    const auto* const privileged = std::get_if<simulation::PrivilegedOperation>(&exit);
    if (privileged != nullptr &&
        may_execute(vm_, privileged->instruction, nucleus_.machine.model().facilities))
        return false;
    const isa::ProgramInterruption* const stopped = program_interruption(exit);
    if (stopped == nullptr) return false;
    if (stopped->code == isa::ProgramCode::operation) {
        // Perhaps an instruction of the control program's, for its guests.
        vm_.state.gpr = cpu.state().gpr;
        if (interrupted_communication(nucleus_, segments_, vm_, *stopped, cpu.psw().address)) return false;
    }
    const Concern concern = concern_of(vm_, *stopped);
    if (concern == Concern::storage || concern == Concern::shadow) return false;
    vm_.state.psw.set_changing(cpu.psw());
    const isa::ProgramInterruption own =
        concern == Concern::beyond ? addressing_exception(vm_, *stopped) : *stopped;
    const auto why = attempt([&] {
        // An endless string of them is for the control program to end.
        if (vm_.interruptions.add(vm_.instructions)) {
            if (vm_.interruptions.endless()) throw NeedsControlProgram{AssistRefusal::exception};
            if (const auto page = AssignedPage::of(vm_)) vm_.interruptions.keep_first(vm_.state.psw, *page);
        }
        interrupt(*this, cpu, own);
    });
    const bool done =
        settle(cpu, Cause::reflect_program, why, nucleus_.machine.model().interruption_ns.value);
    vm_.enter_guest_time(cpu.now());
    return done;
}

// ---- What the machine sees ----

uint32_t InterpretiveExecution::begin() {
    vm_.nesting.begins = false;
    // It may have been left inside, for the host's sake.
    if (!description_.in_use()) description_.enter(vm_, vm_.io.channels.has_pending(), external_is_pending());
    return 0;
}

}  // namespace vmcp
