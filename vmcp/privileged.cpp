// Simulating privileged and semi-privileged instructions: the bodies of isa/semantics, acting on the guest's
// virtual CPU. The table below is made from the instruction table, so that none can be forgotten: one without
// a body, or with a cost class that names no step, does not compile.
//
// The real CPU never executes a semi-privileged instruction of a guest: no authority is ever given to it in
// the real control registers. So it traps, in either state of the guest, and the body checks what the guest's
// own registers allow.
#include "isa/requirement_check.hpp"
#include "isa/semantics/all.hpp"
#include "vmcp/control_program.hpp"
#include "vmcp/virtual_cpu.hpp"

namespace vmcp {
namespace {

using isa::CostClass;
using isa::Op;

constexpr Step kNoStep = static_cast<Step>(kSteps);

/// The step of control-program work that an instruction's simulation is, beyond trapping, decoding and
/// operands.
constexpr Step step_of(Op op) {
    switch (op) {
        case Op::op_SIO:
        case Op::op_SIOF: return Step::start_io;
        case Op::op_STIDC:
        case Op::op_STIDP:
        case Op::op_STAP: return Step::simulate_identification;
        case Op::op_DIAG: return Step::simulate_diagnose;
        case Op::op_MVCK:
        case Op::op_MVCP:
        case Op::op_MVCS: return Step::simulate_control;
        default: break;
    }
    switch (isa::row_of(op).cost) {
        case CostClass::psw: return Step::simulate_psw;
        case CostClass::load_control:
        case CostClass::control: return Step::simulate_control;
        case CostClass::key: return Step::simulate_key;
        case CostClass::timer: return Step::simulate_timer;
        case CostClass::translate_address:
        case CostClass::purge: return Step::simulate_translation;
        case CostClass::io: return Step::test_io;
        default: return kNoStep;
    }
}

/// Whether the simulation has to reach for an operand in the guest's storage.
constexpr bool has_storage_operand(const isa::Row& row) {
    switch (row.format) {
        case isa::Format::SI:
        case isa::Format::SI_S:
        case isa::Format::SS_R:
        case isa::Format::SSE: return true;
        case isa::Format::RS: return row.cost == CostClass::load_control;
        case isa::Format::S:
            return row.cost != CostClass::io && row.privilege != isa::Privilege::semi &&
                   row.mnemonic != "RRB";
        default: return false;
    }
}

using Simulation = void (*)(VirtualCpu&, const isa::Operands&);

struct Entry {
    Simulation simulate = nullptr;
    Step step = kNoStep;
    bool storage_operand = false;
};

template <Op op, Simulation body>
void checked(VirtualCpu& cpu, const isa::Operands& o) {
    isa::check_requirements<op>(cpu, o);
    body(cpu, o);
}

template <Op op, Simulation body>
constexpr Entry entry_of() {
    static_assert(step_of(op) != kNoStep, "this privileged instruction's cost class names no step");
    return {&checked<op, body>, step_of(op), has_storage_operand(isa::row_of(op))};
}

constexpr Entry kEntries[] = {
// By class of the row, as may_be_simulated() has it.
#define VMCP_ENTRY_problem(mnemonic, body) \
    Entry {}
#define VMCP_ENTRY_semi(mnemonic, body) entry_of<Op::op_##mnemonic, &isa::semantics::body<VirtualCpu>>()
#define VMCP_ENTRY_privileged VMCP_ENTRY_semi
#define INSTRUCTION(mnemonic, opcode, format, privilege, how, body, ...) \
    VMCP_ENTRY_##privilege(mnemonic, body),
#include "isa/instruction_table.inc"
#undef INSTRUCTION
#undef VMCP_ENTRY_privileged
#undef VMCP_ENTRY_semi
#undef VMCP_ENTRY_problem
};

}  // namespace

/// What the hardware trapped, fetched anew. Empty where that is no instruction which it would have trapped:
/// the guest has changed its translation tables and goes on by what a TLB remembers, which the guest's tables
/// no longer say.
std::optional<isa::Decoded> ControlProgram::fetch_trapped(VirtualMachine& vm, uint32_t next_address,
                                                          unsigned ilc) {
    // The hardware has just fetched these bytes for the guest: they are there, and keys have been checked.
    const auto fetch = [&](uint32_t address, uint8_t* out) {
        VirtualCpu cpu(*this, vm, ilc);
        for (uint32_t i = 0; i < 6; ++i) {
            out[i] = 0;
            try {
                const SecondLevel at =
                    cpu.second_level((address + i) & isa::kAddressMask, isa::AccessPath::Space::primary);
                const auto real = vm.storage.valid(at) ? vm.storage.locate(at) : std::nullopt;
                if (real) out[i] = *machine_.storage().at(real->value);
            } catch (const isa::ProgramCheck&) {  // beyond the instruction, on another page
            }
        }
    };
    uint8_t bytes[6];
    fetch((next_address - 2 * ilc) & isa::kAddressMask, bytes);
    const isa::FacilitySet facilities = machine_.model().facilities;
    isa::Decoded instruction = isa::decode(bytes, facilities);
    if (instruction.length != 2 * ilc) return std::nullopt;
    if (instruction.op == Op::op_EX) {
        const isa::Operands o = instruction.operands;
        const VirtualCpu cpu(*this, vm, ilc);
        fetch(cpu.address(o.r2, o.b2, o.d2), bytes);
        if (o.r1 != 0) bytes[1] |= static_cast<uint8_t>(cpu.gpr(o.r1));
        instruction = isa::decode(bytes, facilities);
    }
    if (instruction.op == Op::invalid || kEntries[static_cast<unsigned>(instruction.op)].simulate == nullptr)
        return std::nullopt;
    return instruction;
}

void ControlProgram::simulate(VirtualMachine& vm, const isa::Decoded& instruction,
                              const isa::ProgramInterruption& trap) {
    const unsigned ilc = trap.ilc;
    const Entry& entry = kEntries[static_cast<unsigned>(instruction.op)];
    charge(&vm, cause_, Step::fetch_and_decode);
    if (entry.storage_operand) charge(&vm, cause_, Step::fetch_operand);
    charge(&vm, cause_, entry.step);
    machine_.events().run_until(now());  // virtual devices live in the same time as everything else
    VirtualCpu cpu(*this, vm, ilc);
    // The hardware has recorded that the instruction was fetched; what it does is recorded here.
    const bool records = isa::records_events(vm.state);
    isa::PerRecorder events(vm.state, (vm.state.psw.address - 2 * ilc) & isa::kAddressMask, trap.per_code);
    cpu.record(events);
    try {
        entry.simulate(cpu, instruction.operands);
        ++vm.instructions;
        if (records && events.any() && vm.status != VmState::stopped)
            deliver(vm, isa::per_interruption(events.code(), events.address(), ilc, psw_error(vm)));
    } catch (const isa::ProgramCheck& check) {
        isa::ProgramInterruption i;
        i.code = check.code;
        i.ilc = ilc;
        i.translation_address = check.translation_address;
        if (isa::completes(check.code)) ++vm.instructions;
        if (isa::nullifies(check.code))
            vm.state.psw.address = (vm.state.psw.address - 2 * ilc) & isa::kAddressMask;
        if (records) events.mark(i);
        deliver(vm, i);
    } catch (RealStorageExhausted) {
        // The turn ends with a stop.
    }
}

}  // namespace vmcp
