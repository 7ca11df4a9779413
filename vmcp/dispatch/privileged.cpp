// Simulating privileged and semi-privileged instructions: the bodies of isa/semantics, acting on the guest's
// virtual CPU. The table below is made from the instruction table, so that none can be forgotten: one without
// a body, or with a cost class that names no step, does not compile.
//
// The real CPU never executes a semi-privileged instruction of a guest: no authority is ever given to it in
// the real control registers. So it traps, in either state of the guest, and the body checks what the guest's
// own registers allow.
#include "vmcp/dispatch/privileged.hpp"

#include "simulation/executor/hole_bodies.hpp"
#include "vmcp/dispatch/virtual_cpu.hpp"

namespace vmcp {
namespace {

using isa::CostClass;
using isa::Op;

constexpr Step kNoStep = static_cast<Step>(kSteps);

/// The step of control-program work that an instruction's simulation is, beyond trapping, decoding and
/// operands.
constexpr Step step_of(Op op) {
    switch (op) {
        case Op::op_LPSW: return Step::simulate_lpsw;
        case Op::op_SSM: return Step::simulate_ssm;
        case Op::op_STNSM:
        case Op::op_STOSM: return Step::simulate_mask_store;
        case Op::op_RRB: return Step::simulate_rrb;
        case Op::op_SPKA: return Step::simulate_spka;
        case Op::op_IPK: return Step::simulate_ipk;
        case Op::op_STCKC: return Step::simulate_stckc;
        case Op::op_SCKC: return Step::simulate_sckc;
        case Op::op_STIDC: return Step::identify_channel;
        case Op::op_STIDP:
        case Op::op_STAP: return Step::simulate_identification;
        case Op::op_DIAG: return Step::simulate_diagnose;
        case Op::op_MVCK:
        case Op::op_MVCP:
        case Op::op_MVCS: return Step::simulate_control;
        case Op::op_SIO:
        case Op::op_SIOF: return Step::start_io;
        case Op::op_TCH:
        case Op::op_CLRCH: return Step::test_channel;
        case Op::op_HIO:
        case Op::op_HDV: return Step::halt_io;
        default: break;
    }
    switch (isa::row_of(op).cost) {
        case CostClass::load_control:
        case CostClass::control: return Step::simulate_control;
        case CostClass::key: return Step::simulate_key;
        case CostClass::timer: return Step::simulate_cpu_timer;
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

using Body = void (*)(VirtualCpu&, const isa::Operands&);

template <Op op, Body body>
[[gnu::flatten]] void checked(VirtualCpu& cpu, const isa::Operands& o) {
    isa::check_requirements<op>(cpu, o);
    body(cpu, o);
}

template <Op op>
constexpr Before before() {
    if (step_of(op) == Step::start_io) return Before::io;
    if (isa::row_of(op).cost == CostClass::io) return Before::io_step;
    if (op == Op::op_LCTL || op == Op::op_STCTL) return Before::operand_and_each;
    return has_storage_operand(isa::row_of(op)) ? Before::operand_and_step : Before::step;
}

template <Op op, Body body>
constexpr Simulation simulation_of() {
    static_assert(step_of(op) != kNoStep, "this privileged instruction's cost class names no step");
    return {&checked<op, body>, step_of(op), before<op>()};
}

}  // namespace

const std::array<Simulation, isa::kRowCount> kSimulations = {{
// By class of the row, as may_be_simulated() has it.
#define VMCP_SIMULATION_problem(mnemonic, body) \
    Simulation {}
#define VMCP_SIMULATION_semi(mnemonic, body) \
    simulation_of<Op::op_##mnemonic, &isa::semantics::body<VirtualCpu>>()
#define VMCP_SIMULATION_privileged VMCP_SIMULATION_semi
#define INSTRUCTION(mnemonic, opcode, format, privilege, how, body, ...) \
    VMCP_SIMULATION_##privilege(mnemonic, body),
#include "isa/instruction_table.inc"
#undef INSTRUCTION
#undef VMCP_SIMULATION_privileged
#undef VMCP_SIMULATION_semi
#undef VMCP_SIMULATION_problem
}};

void PrivilegedOperations::charge(Work& work, const Simulation& simulation, const isa::Operands& operands) {
    switch (simulation.before) {
        case Before::step: return work.step(simulation.step);
        case Before::operand_and_step: return work.steps(Step::fetch_operand, simulation.step);
        case Before::operand_and_each:
            work.step(Step::fetch_operand);
            return work.step(simulation.step, ((operands.r2 - operands.r1) & 15u) + 1);
        case Before::io_step: return work.steps(Step::decode_io, simulation.step);
        case Before::io: return work.step(Step::decode_io);
    }
}

void PrivilegedOperations::simulate_decoded(Work& work, VirtualMachine& vm, const isa::Decoded& instruction,
                                            const isa::ProgramInterruption& trap, isa::Hole hole) {
    Simulation what = kSimulations[static_cast<unsigned>(instruction.op)];
    if (hole != isa::Hole::none) what.execute = simulation::hole_body_of<VirtualCpu>(instruction.op, hole);
    charge(work, what, instruction.operands);
    perform(work, vm, what, instruction, trap);
}

void PrivilegedOperations::communicate(Work& work, VirtualMachine& vm, const isa::Operands& operands,
                                       const isa::ProgramInterruption& trap) {
    constexpr Simulation kCommunication{[](VirtualCpu& cpu, const isa::Operands& o) {
                                            cpu.inter_user_communication(cpu.address(o.b2, o.d2));
                                        },
                                        Step::fetch_and_decode, Before::step};
    isa::Decoded instruction{};
    instruction.operands = operands;
    charge(work, kCommunication, operands);
    perform(work, vm, kCommunication, instruction, trap);
}

/// The hardware has recorded that the instruction was fetched; what it does is recorded here.
void PrivilegedOperations::simulate_recording(VirtualCpu& cpu, const Simulation& simulation,
                                              const isa::Decoded& instruction,
                                              const isa::ProgramInterruption& trap) {
    VirtualMachine& vm = cpu.vm();
    isa::PerRecorder events(vm.state, (vm.state.psw.address - 2 * trap.ilc) & isa::kAddressMask,
                            trap.per_code);
    cpu.record(events);
    try {
        simulation.execute(cpu, instruction.operands);
        ++vm.instructions;
        if (events.any() && vm.status != VmState::stopped)
            reflection_.deliver(
                cpu.work(), vm,
                isa::per_interruption(events.code(), events.address(), trap.ilc, reflection_.psw_error(vm)));
    } catch (const isa::ProgramCheck& check) {
        refuse(cpu.work(), vm, check, trap.ilc, &events);
    } catch (RealStorageExhausted) {
        // The turn ends with a stop.
    }
}

/// The guest gets the exception that its instruction ran into.
void PrivilegedOperations::refuse(Work& work, VirtualMachine& vm, const isa::ProgramCheck& check,
                                  unsigned ilc, const isa::PerRecorder* events) {
    isa::ProgramInterruption i;
    i.code = check.code;
    i.ilc = ilc;
    i.translation_address = check.translation_address;
    if (isa::completes(check.code)) ++vm.instructions;
    if (isa::nullifies(check.code))
        vm.state.psw.address = (vm.state.psw.address - 2 * ilc) & isa::kAddressMask;
    if (events != nullptr) events->mark(i);
    reflection_.deliver(work, vm, i);
}

}  // namespace vmcp
