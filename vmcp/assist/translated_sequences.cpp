#include "vmcp/assist/translated_sequences.hpp"

#include "isa/per.hpp"
#include "simulation/executor/handlers.hpp"
#include "vmcp/dispatch/privileged.hpp"

namespace vmcp {
namespace {

using isa::Op;

/// Whether a sequence stands for it. The others take more than the virtual CPU's own state.
constexpr bool is_done_in_line(Op op) {
    switch (op) {
        case Op::op_SSM:
        case Op::op_STNSM:
        case Op::op_STOSM:
        case Op::op_LPSW:
        case Op::op_IPK:
        case Op::op_SPKA:
        case Op::op_STCTL:
        case Op::op_STIDP: return true;
        default: return false;
    }
}
constexpr bool changes_psw(Op op) {
    return op == Op::op_SSM || op == Op::op_STNSM || op == Op::op_STOSM || op == Op::op_LPSW;
}

}  // namespace

/// What is replaced at this address; null where nothing is.
const Replaced* TranslatedSequences::replaced(simulation::Cpu& cpu, uint32_t address) const {
    const uint32_t at = cpu.instruction_place(address);
    const CodePage* const page = vm_.code->of_copy(FirstLevel(at));
    return page != nullptr ? page->replaced(at % kPage) : nullptr;
}

bool TranslatedSequences::execute(simulation::Cpu& cpu, const isa::Decoded& stands_there) {
    if (stands_there.op != Op::op_DIAG || !vm_.translated() || isa::records_events(vm_.state)) return false;
    const uint32_t address = (cpu.psw().address - kReplacementBytes) & isa::kAddressMask;
    const Replaced* const found = replaced(cpu, address);
    if (found == nullptr) return false;
    const isa::Decoded instruction = found->instruction;
    if (found->how == Replaced::How::out_of_line) {
        execute_out_of_line(cpu, address, instruction);
        return true;
    }
    if (found->how != Replaced::How::simulated || !is_done_in_line(instruction.op) ||
        vm_.state.psw.problem_state)
        return false;
    if (nucleus_.observers.any()) [[unlikely]]
        tell(cpu, address, instruction);
    VirtualCpu guest = guest_cpu(cpu);
    vm_.state.psw.address = (address + instruction.length) & isa::kAddressMask;
    const AssistRefusal why = attempt([&] { perform(cpu, guest, instruction); });
    if (why != AssistRefusal::none) return false;
    ++vm_.code->counts.sequences;
    vm_.enter_guest_time(cpu.now());
    Work(nucleus_.ledger, vm_.account, Cause::simulated(instruction.op)).step(Step::translated_sequence);
    vm_.ran_until = cpu.now();
    return true;
}

/// Not what stands there: that is executed.
void TranslatedSequences::tell(simulation::Cpu& cpu, uint32_t address, const isa::Decoded& instruction) {
    vm_.state.gpr = cpu.state().gpr;
    vm_.state.fpr = cpu.state().fpr;
    vm_.state.psw.set_changing(cpu.psw());
    vm_.state.psw.address = address;
    nucleus_.observers.tell([&](Observer& o) { o.comes_again(vm_); });
    nucleus_.observers.tell([&](Observer& o) { o.followed(vm_, instruction); });
}

/// By an EXECUTE of it, say. What it raises leaves this from within.
void TranslatedSequences::execute_out_of_line(simulation::Cpu& cpu, uint32_t address,
                                              const isa::Decoded& instruction) {
    if (nucleus_.observers.any()) [[unlikely]]
        tell(cpu, address, instruction);
    const isa::Row& row = instruction.row();
    ++vm_.code->counts.out_of_line;
    cpu.spend(cpu.model().cost(row.cost, isa::units_of(row, instruction.operands)));
    simulation::body_of(instruction.op)(cpu, instruction.operands);
}

void TranslatedSequences::perform(simulation::Cpu& cpu, VirtualCpu& guest, const isa::Decoded& instruction) {
    if (changes_psw(instruction.op)) {
        execute_psw(*this, cpu, guest, instruction);
    } else {
        const uint8_t key = vm_.state.psw.key;
        kSimulations[static_cast<unsigned>(instruction.op)].execute(guest, instruction.operands);
        cpu.registers().gpr = vm_.state.gpr;
        if (vm_.state.psw.key != key) cpu.change_key(vm_.state.psw.key);
    }
    cpu.set_changing(vm_.state.psw);
}

/// The same state and modes, and nothing that would interrupt at once.
void TranslatedSequences::check_transition(simulation::Cpu& cpu, const isa::Psw& next) {
    constexpr uint64_t kModes = isa::Psw::in_modes(
        offsetof(isa::Psw, per), offsetof(isa::Psw, dat), offsetof(isa::Psw, secondary_space),
        offsetof(isa::Psw, wide_load_address), offsetof(isa::Psw, problem_state));
    require_plain(next, kModes);
    if (!VirtualCpu::Openings(next).any_beside(VirtualCpu::Openings(vm_.state.psw))) return;
    vm_.enter_guest_time(cpu.now());
    isa::CpuState then = vm_.state;
    then.psw = next;
    if (external_may_interrupt(then) || io_may_interrupt(then))
        throw NeedsControlProgram{AssistRefusal::pending};
}

void TranslatedSequences::load(simulation::Cpu& cpu, const isa::Psw& next, uint64_t) {
    isa::Psw& psw = vm_.state.psw;
    const bool other_key = next.key != psw.key, opens = next.external_mask && !psw.external_mask;
    psw = next;
    cpu.set_changing(next);
    if (other_key) cpu.change_key(next.key);
    if (opens) look_at_timers(cpu);
}

void TranslatedSequences::masks_loaded(simulation::Cpu& cpu, uint8_t, bool external) {
    if (external) look_at_timers(cpu);
}

}  // namespace vmcp
