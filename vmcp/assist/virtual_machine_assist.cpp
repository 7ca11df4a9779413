#include "vmcp/assist/virtual_machine_assist.hpp"

#include "isa/per.hpp"
#include "vmcp/dispatch/privileged.hpp"

namespace vmcp {
namespace {

using isa::Op;

/// What an instruction is to the assist.
enum class Part : uint8_t {
    none,   // the control program's
    psw,    // loads or changes the PSW
    plain,  // changes nothing that decides when the guest is interrupted
    clock,  // reads or sets a clock that does
};

struct Assisted {
    Part part = Part::none;
    bool expanded = false;  // only the expanded assist has it
};

constexpr Assisted assisted(Op op) {
    switch (op) {
        case Op::op_LPSW:
        case Op::op_SSM:
        case Op::op_STNSM:
        case Op::op_STOSM: return {Part::psw};
        case Op::op_LRA:
        case Op::op_STCTL:
        case Op::op_RRB:
        case Op::op_ISK:
        case Op::op_SSK:
        case Op::op_IPK:
        case Op::op_SPKA: return {Part::plain};
        case Op::op_PTLB:
        case Op::op_TCH:
        case Op::op_SIO:
        case Op::op_SIOF: return {Part::plain, true};
        case Op::op_STPT:
        case Op::op_SPT:
        case Op::op_SCKC: return {Part::clock, true};
        default: return {};
    }
}

constexpr std::array<Assisted, isa::kRowCount> kAssisted = [] {
    std::array<Assisted, isa::kRowCount> table{};
    for (unsigned i = 0; i < isa::kRowCount; ++i) table[i] = assisted(static_cast<Op>(i));
    return table;
}();

/// SVC 76 is VM/370's own: guests report errors of devices by it.
constexpr uint8_t kErrorRecording = 76;

}  // namespace

// ---- Instructions ----

bool VirtualMachineAssist::execute(simulation::Cpu& cpu, const isa::Decoded& instruction) {
    const Assisted what = kAssisted[static_cast<unsigned>(instruction.op)];
    if (what.part == Part::none || (what.expanded && !vm_.assists.has(Assist::evma))) return false;
    const Cause cause = Cause::simulated(instruction.op);
    if ((cpu.cr(6) & AssistControl::on) == 0) return settle(cpu, cause, AssistRefusal::switched_off, 0);
    if (vm_.state.psw.problem_state) return settle(cpu, cause, AssistRefusal::problem_state, 0);
    if (isa::records_events(vm_.state)) return settle(cpu, cause, AssistRefusal::recording, 0);
    VirtualCpu guest = guest_cpu(cpu);
    const auto why = attempt([&] {
        if (what.part == Part::psw) return execute_psw(*this, cpu, guest, instruction);
        if (what.part == Part::clock) vm_.enter_guest_time(cpu.now());
        const uint8_t key = vm_.state.psw.key;
        kSimulations[static_cast<unsigned>(instruction.op)].execute(guest, instruction.operands);
        cpu.registers().gpr = vm_.state.gpr;
        cpu.set_changing(vm_.state.psw);
        if (what.part == Part::clock) look_at_timers(cpu);
        if (vm_.state.psw.key == key) return;
        cpu.change_key(vm_.state.psw.key);
        block_.update_psw(isa::encode(vm_.state.psw));
    });
    return settle(cpu, cause, why, figures().simulate_ns.value);
}

void VirtualMachineAssist::check_transition(simulation::Cpu& cpu, const isa::Psw& next) {
    constexpr uint64_t kModes =
        isa::Psw::in_modes(offsetof(isa::Psw, per), offsetof(isa::Psw, dat),
                           offsetof(isa::Psw, secondary_space), offsetof(isa::Psw, wide_load_address));
    require_plain(next, kModes);
    if (!VirtualCpu::Openings(next).any_beside(VirtualCpu::Openings(vm_.state.psw))) return;
    vm_.enter_guest_time(cpu.now());
    isa::CpuState then = vm_.state;
    then.psw = next;
    // The expanded assist looks whether the interruption that is pending is enabled; else any one stops it.
    if (vm_.assists.has(Assist::evma) ? external_may_interrupt(then) || io_may_interrupt(then)
                                      : anything_pending())
        throw NeedsControlProgram{AssistRefusal::pending};
}

void VirtualMachineAssist::load(simulation::Cpu& cpu, const isa::Psw& next, uint64_t image) {
    isa::Psw& psw = vm_.state.psw;
    const bool other_state = next.problem_state != psw.problem_state, other_key = next.key != psw.key;
    const bool opens = next.external_mask && !psw.external_mask;
    psw = next;
    cpu.set_changing(next);
    if (other_state) cpu.set_cr(6, control());
    if (other_key) cpu.change_key(next.key);
    if (opens) look_at_timers(cpu);
    block_.update_psw(image);
}

// ---- Supervisor calls ----

bool VirtualMachineAssist::supervisor_call(simulation::Cpu& cpu, uint8_t number) {
    const Cause cause = Cause::reflect_supervisor_call;
    const uint32_t control = cpu.cr(6);
    if ((control & AssistControl::on) == 0 || (control & AssistControl::no_svc) != 0 ||
        number == kErrorRecording)
        return settle(cpu, cause, AssistRefusal::switched_off, 0);
    if (isa::records_events(vm_.state)) return settle(cpu, cause, AssistRefusal::recording, 0);
    vm_.state.psw.set_changing(cpu.psw());
    const auto why = attempt([&] {
        interrupt(*this, cpu, isa::SupervisorCallInterruption{number, cpu.execution().ilc});
    });
    return settle(cpu, cause, why,
                  figures().simulate_ns.value + nucleus_.machine.model().interruption_ns.value);
}

// ---- Shadow tables ----

bool VirtualMachineAssist::complete_translation(simulation::Cpu& cpu, uint32_t logical, bool secondary) {
    if (!vm_.state.psw.dat || vm_.by_its_own_tables()) return false;
    const Cause cause = Cause::shadow_fill;
    if ((cpu.cr(6) & AssistControl::shadow) == 0) return settle(cpu, cause, AssistRefusal::switched_off, 0);
    const auto why = attempt([&] { fill_shadow(logical, secondary); });
    return settle(cpu, cause, why, figures().shadow_ns.value);
}

void VirtualMachineAssist::fill_shadow(uint32_t logical, bool secondary) {
    const auto format = isa::TranslationFormat::of(vm_.state.cr[0]);
    if (!format) throw NeedsControlProgram{AssistRefusal::exception};
    GuestTables tables(vm_.storage, Needs::nothing);
    const isa::Translation t =
        isa::translate_address(tables, *format, vm_.state.cr[secondary ? 7 : 1], logical, false);
    if (!t.ok() || !vm_.storage.valid(SecondLevel(t.real)))
        throw NeedsControlProgram{AssistRefusal::exception};
    const FirstLevel frame = frame_of(vm_.storage, SecondLevel(t.real), Needs::nothing);
    if (format->page_shift == 11 && frame.value >= 16 * simulation::kMebibyte)
        throw NeedsControlProgram{AssistRefusal::no_frame};
    if (!vm_.shadow.has_table(ThirdLevel(logical), secondary))
        throw NeedsControlProgram{AssistRefusal::no_table};
    vm_.shadow.fill(ThirdLevel(logical), frame, SecondLevel(t.page_entry), secondary);
}

// ---- What the machine sees ----

uint32_t VirtualMachineAssist::control() const {
    const auto flag = [](bool on, uint32_t bit) { return on ? bit : 0; };
    return flag(vm_.assists.has(Assist::vma), AssistControl::on | AssistControl::shadow) |
           flag(vm_.state.psw.problem_state, AssistControl::problem_state) |
           flag(!vm_.assists_svc, AssistControl::no_svc) |
           flag(vm_.assists.has(Assist::ecps), AssistControl::paths) |
           flag(vm_.assists.has(Assist::vtimer), AssistControl::timer) | block_.address();
}

uint32_t VirtualMachineAssist::begin() {
    if (vm_.assists.has(Assist::vma)) block_.update(vm_, anything_pending());
    return control();
}

}  // namespace vmcp
