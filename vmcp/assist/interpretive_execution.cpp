#include "vmcp/assist/interpretive_execution.hpp"

#include "isa/per.hpp"
#include "vmcp/dispatch/assigned_page.hpp"
#include "vmcp/dispatch/privileged.hpp"

namespace vmcp {
namespace {

using isa::Op;

/// What an instruction is to interpretive execution.
enum class Part : uint8_t {
    out,      // always the control program's
    psw,      // loads or changes the PSW
    plain,    // changes nothing that the machine was told when the guest was entered
    clock,    // reads or sets a clock
    context,  // control registers, the prefix, the address space
};

struct Interpreted {
    Part part = Part::out;
    std::optional<Intercept> control = {};  // what may make it come out
};

constexpr Interpreted interpreted(Op op) {
    switch (op) {
        case Op::op_SSM:
        case Op::op_STNSM:
        case Op::op_STOSM: return {Part::psw, Intercept::masks};
        case Op::op_LPSW: return {Part::psw, Intercept::psw};
        case Op::op_LCTL: return {Part::context, Intercept::control};
        case Op::op_STCTL: return {Part::plain, Intercept::control};
        case Op::op_ISK:
        case Op::op_SSK:
        case Op::op_RRB:
        case Op::op_ISKE:
        case Op::op_SSKE:
        case Op::op_RRBE: return {Part::plain, Intercept::keys};
        case Op::op_SCKC:
        case Op::op_STCKC:
        case Op::op_SPT:
        case Op::op_STPT: return {Part::clock, Intercept::clocks};
        case Op::op_LRA:
        case Op::op_IPK:
        case Op::op_SPKA:
        case Op::op_PTLB:
        case Op::op_IPTE:
        case Op::op_STPX:
        case Op::op_STAP:
        case Op::op_STIDP:
        case Op::op_TPROT:
        case Op::op_EPAR:
        case Op::op_ESAR:
        case Op::op_IAC:
        case Op::op_IVSK: return {Part::plain};
        case Op::op_SPX:
        case Op::op_LASP:
        case Op::op_PC:
        case Op::op_PT:
        case Op::op_SAC:
        case Op::op_SSAR: return {Part::context};
        // SCK, TB, SIGP, DIAGNOSE, direct control, all I/O; and moves between spaces, which the control
        // program does where a page may be missing in the middle.
        default: return {};
    }
}

constexpr std::array<Interpreted, isa::kRowCount> kInterpreted = [] {
    std::array<Interpreted, isa::kRowCount> table{};
    for (unsigned i = 0; i < isa::kRowCount; ++i) table[i] = interpreted(static_cast<Op>(i));
    return table;
}();

/// Whether the real CPU must be loaded anew between the two.
bool changes_context(const isa::Psw& from, const isa::Psw& to) {
    constexpr uint64_t kModes =
        isa::Psw::in_modes(offsetof(isa::Psw, per), offsetof(isa::Psw, dat),
                           offsetof(isa::Psw, secondary_space), offsetof(isa::Psw, wide_load_address));
    return ((from.modes() ^ to.modes()) & kModes) != 0 ||
           ((to.ec_reserved_high | to.ec_reserved_low) != 0);  // an exception of the PSW itself
}

constexpr uint32_t new_psw_of(const isa::ProgramInterruption&) { return isa::Assigned::program_new; }
constexpr uint32_t new_psw_of(const isa::SupervisorCallInterruption&) {
    return isa::Assigned::supervisor_call_new;
}

}  // namespace

// ---- Instructions ----

bool InterpretiveExecution::is_semi_privileged(const isa::Decoded& instruction) const {
    return instruction.row().privilege == isa::Privilege::semi &&
           nucleus_.machine.model().facilities.has(isa::Facility::dual_address_space);
}

bool InterpretiveExecution::execute(simulation::Cpu& cpu, const isa::Decoded& instruction) {
    const Interpreted what = kInterpreted[static_cast<unsigned>(instruction.op)];
    // In the guest's problem state it is an exception, which present() gives it.
    if (what.part == Part::out || (vm_.state.psw.problem_state && !is_semi_privileged(instruction)))
        return false;
    const Cause cause = Cause::simulated(instruction.op);
    if (what.control && vm_.options.intercepts.has(*what.control))
        return settle(cpu, cause, AssistRefusal::intercepted);
    if (isa::records_events(vm_.state)) return settle(cpu, cause, AssistRefusal::recording);
    vm_.state.gpr = cpu.state().gpr;
    vm_.state.psw.set_changing(cpu.psw());
    VirtualCpu guest(nucleus_, segments_, vm_, nullptr, cpu.execution().ilc);
    const uint8_t key = vm_.state.psw.key;
    try {
        if (what.part == Part::psw) {
            execute_psw(*this, cpu, guest, instruction);
        } else {
            if (what.part == Part::clock) vm_.enter_guest_time(cpu.now());
            kSimulations[static_cast<unsigned>(instruction.op)].execute(guest, instruction.operands);
            cpu.registers().gpr = vm_.state.gpr;
            cpu.set_changing(vm_.state.psw);
            if (what.part == Part::context) cpu.ask_owner();
            if (what.part == Part::clock) look_at_timers(cpu);
            if (vm_.state.psw.key != key) cpu.change_key(vm_.state.psw.key);
        }
    } catch (const NeedsControlProgram& refusal) {
        return settle(cpu, cause, refusal.why);
    } catch (const isa::ProgramCheck&) {
        return settle(cpu, cause, AssistRefusal::exception);
    }
    return settle(cpu, cause, AssistRefusal::none);
}

void InterpretiveExecution::check_transition(simulation::Cpu& cpu, const isa::Psw& next) {
    if (next.wait) throw NeedsControlProgram{AssistRefusal::wait};
    if (!VirtualCpu::Openings(next).any_beside(VirtualCpu::Openings(vm_.state.psw))) return;
    vm_.enter_guest_time(cpu.now());
    isa::CpuState then = vm_.state;
    then.psw = next;
    if (io_may_interrupt(then)) throw NeedsControlProgram{AssistRefusal::pending};
}

void InterpretiveExecution::load(simulation::Cpu& cpu, const isa::Psw& next) {
    const isa::Psw before = vm_.state.psw;
    vm_.state.psw = next;
    cpu.set_changing(next);
    if (changes_context(before, next)) return cpu.ask_owner();
    if (next.key != before.key) cpu.change_key(next.key);
    if (!next.external_mask || before.external_mask) return;
    vm_.enter_guest_time(cpu.now());
    if (external_may_interrupt(vm_.state)) return cpu.ask_owner();
    look_at_timers(cpu);
}

// ---- Interruptions ----

template <class Interruption>
void InterpretiveExecution::interrupt(simulation::Cpu& cpu, const Interruption& interruption) {
    if (!vm_.storage.locate(SecondLevel(0))) throw NeedsControlProgram{AssistRefusal::no_frame};
    auto page = AssignedPage::of(vm_);
    isa::Psw next;
    vm_.loaded_psws.load(next, page->fetch_assigned64(new_psw_of(interruption)));
    check_transition(cpu, next);
    if (nucleus_.observers.any()) [[unlikely]] {
        vm_.state.gpr = cpu.state().gpr;
        vm_.state.fpr = cpu.state().fpr;
        nucleus_.observers.tell([&](Observer& o) { o.reflected(vm_, interruption); });
    }
    isa::store_interruption(vm_.state.psw, *page, interruption);
    vm_.state.early_ilc = 0;
    load(cpu, next);
}

bool InterpretiveExecution::supervisor_call(simulation::Cpu& cpu, uint8_t number) {
    const Cause cause = Cause::reflect_supervisor_call;
    if (vm_.options.intercepts.has(Intercept::svc)) return settle(cpu, cause, AssistRefusal::intercepted);
    if (isa::records_events(vm_.state)) return settle(cpu, cause, AssistRefusal::recording);
    vm_.state.psw.set_changing(cpu.psw());
    try {
        interrupt(cpu, isa::SupervisorCallInterruption{number, cpu.execution().ilc});
    } catch (const NeedsControlProgram& refusal) {
        return settle(cpu, cause, refusal.why);
    }
    return settle(cpu, cause, AssistRefusal::none, nucleus_.machine.model().interruption_ns.value);
}

/// What the CPU stopped for, if that is an interruption of the guest's own; empty where the control program
/// has to act for it.
std::optional<isa::ProgramInterruption> InterpretiveExecution::own_interruption(
    const simulation::Exit& exit) const {
    if (const auto* const p = std::get_if<simulation::PrivilegedOperation>(&exit)) {
        const bool refused = vm_.state.psw.problem_state && !is_semi_privileged(p->instruction);
        return refused ? std::optional(p->interruption) : std::nullopt;
    }
    const auto* const i = std::get_if<isa::ProgramInterruption>(&exit);
    if (i == nullptr) return std::nullopt;
    const bool translation =
        i->code == isa::ProgramCode::segment_translation || i->code == isa::ProgramCode::page_translation;
    if (!translation || (vm_.state.psw.dat && !i->by_host_tables)) return *i;
    if (vm_.storage.valid(SecondLevel(i->translation_address))) return std::nullopt;
    isa::ProgramInterruption beyond_storage = *i;
    beyond_storage.code = isa::ProgramCode::addressing;
    return beyond_storage;
}

bool InterpretiveExecution::present(simulation::Cpu& cpu, const simulation::Exit& exit) {
    const auto own = own_interruption(exit);
    if (!own) return false;
    vm_.state.psw.set_changing(cpu.psw());
    if (own->code == isa::ProgramCode::addressing && program_interruption(exit)->code != own->code)
        vm_.state.psw.address = (vm_.state.psw.address + 2 * own->ilc) & isa::kAddressMask;
    const Cause cause = Cause::reflect_program;
    try {
        // An endless string of them is for the control program to end.
        if (vm_.interruptions.add(vm_.instructions)) throw NeedsControlProgram{AssistRefusal::exception};
        interrupt(cpu, *own);
    } catch (const NeedsControlProgram& refusal) {
        return settle(cpu, cause, refusal.why);
    }
    settle(cpu, cause, AssistRefusal::none, nucleus_.machine.model().interruption_ns.value);
    vm_.enter_guest_time(cpu.now());
    return true;
}

// ---- What the machine sees ----

uint32_t InterpretiveExecution::begin() {
    isa::CpuState open = vm_.state;
    open.psw.external_mask = true;
    description_.enter(vm_, vm_.io.channels.has_pending(), external_may_interrupt(open));
    return 0;
}

}  // namespace vmcp
