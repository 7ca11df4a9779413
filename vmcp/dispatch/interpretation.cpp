#include "vmcp/dispatch/interpretation.hpp"

#include <algorithm>

#include "isa/requirement_check.hpp"
#include "isa/semantics/all.hpp"
#include "vmcp/dispatch/error_recording.hpp"
#include "vmcp/dispatch/inter_user_communication.hpp"
#include "vmcp/dispatch/virtual_timers.hpp"

namespace vmcp {
namespace {

using isa::CostClass;
using isa::Format;
using isa::Op;

using Body = void (*)(InterpretedCpu&, const isa::Operands&);

template <Op op, Body body>
void checked(InterpretedCpu& cpu, const isa::Operands& o) {
    if constexpr (isa::row_of(op).requires_ != isa::none) isa::check_requirements<op>(cpu, o);
    body(cpu, o);
}

/// Empty for those that the control program simulates on a virtual CPU anyway (kSimulations).
constexpr Body kBodies[] = {
#define INTERPRETED_problem(mnemonic, body) &checked<Op::op_##mnemonic, &isa::semantics::body<InterpretedCpu>>
#define INTERPRETED_semi(mnemonic, body) nullptr
#define INTERPRETED_privileged INTERPRETED_semi
#define INSTRUCTION(mnemonic, opcode, format, privilege, how, body, ...) \
    INTERPRETED_##privilege(mnemonic, body),
#include "isa/instruction_table.inc"
#undef INSTRUCTION
#undef INTERPRETED_privileged
#undef INTERPRETED_semi
#undef INTERPRETED_problem
};
static_assert(sizeof(kBodies) / sizeof(Body) == isa::kRowCount);

/// The interpreter's routine for an instruction of the problem state. A supervisor call is only reflected,
/// and of long instructions the units of operation are charged.
constexpr std::optional<Step> routine_of(const isa::Row& row) {
    switch (row.cost) {
        case CostClass::supervisor_call:
        case CostClass::move_long: return std::nullopt;
        case CostClass::branch:
        case CostClass::branch_count: return Step::interpret_branch;
        case CostClass::move_bytes:
        case CostClass::logic_bytes:
        case CostClass::translate_bytes:
        case CostClass::convert:
        case CostClass::pack:
        case CostClass::decimal_add:
        case CostClass::decimal_multiply:
        case CostClass::decimal_divide:
        case CostClass::edit: return Step::interpret_field;
        case CostClass::float_load:
        case CostClass::float_add:
        case CostClass::float_multiply:
        case CostClass::float_divide:
        case CostClass::float_extended: return Step::interpret_float;
        case CostClass::execute: return Step::interpret_execute;
        default: return Step::interpret_general;
    }
}

/// How many addresses of storage operands the routine translates, and of the target of EXECUTE. Those of the
/// long instructions are a part of their units of operation.
constexpr unsigned operands_of(const isa::Row& row) {
    switch (row.format) {
        case Format::RX:
        case Format::RS:
        case Format::RS_M:
        case Format::RSE:
        case Format::RXE:
        case Format::SI:
        case Format::S: break;
        case Format::SS_L:
        case Format::SS_LL: return 2;
        case Format::SS_LI: return 1;
        default: return 0;
    }
    // An address that is computed, and not gone to.
    const bool address_only = row.cost == CostClass::branch || row.cost == CostClass::branch_count ||
                              row.cost == CostClass::shift || row.cost == CostClass::register_op ||
                              row.mnemonic == "MC";
    return address_only ? 0 : 1;
}

/// Whether it takes the real CPU longer than the simple instruction that the routine counts in its place. Of
/// the long ones each unit of operation does.
constexpr bool takes_its_time(const isa::Row& row) {
    switch (row.cost) {
        case CostClass::register_op:
        case CostClass::load_op:
        case CostClass::store_op:
        case CostClass::immediate:
        case CostClass::branch:
        case CostClass::branch_count:
        case CostClass::shift:
        case CostClass::execute:
        case CostClass::supervisor_call:
        case CostClass::move_long: return false;
        default: return true;
    }
}

struct Path {
    std::optional<Step> routine;
    uint8_t operands = 0;
    bool takes_its_time = false;
};
constexpr auto kPaths = [] {
    std::array<Path, isa::kRowCount> paths{};
    for (unsigned i = 0; i < isa::kRowCount; ++i)
        paths[i] = {routine_of(isa::kRows[i]), static_cast<uint8_t>(operands_of(isa::kRows[i])),
                    takes_its_time(isa::kRows[i])};
    return paths;
}();

}  // namespace

void Interpretation::run(Work& work, VirtualMachine& vm, SimTime until) {
    const SimTime timers = std::min(vm.next_timer(vm.virtual_now()), vm.interval_timer.next_tick());
    const SimTime virtual_until = std::max(timers, vm.virtual_now() + 1);
    while (execute_one(work, vm, until, virtual_until) == Next::instruction && nucleus_.now() < until &&
           vm.virtual_now() < virtual_until) {
    }
}

void Interpretation::step(Work& work, VirtualMachine& vm) {
    execute_one(work, vm, nucleus_.now() + 1, vm.virtual_now() + 1);
}

Interpretation::Next Interpretation::execute_one(Work& work, VirtualMachine& vm, SimTime until,
                                                 SimTime virtual_until) {
    const uint32_t address = vm.state.psw.address;
    isa::PerRecorder events(vm.state, address);
    InterpretedInstruction instruction{
        .address = address, .ilc = 1, .until = until, .virtual_until = virtual_until};
    VirtualCpu cpu(nucleus_, segments_, vm, nullptr, 0);
    if (isa::records_events(vm.state)) cpu.record(events);
    UnderWay one{work, vm, cpu, events, instruction, address};
    try {
        work.turn_to(Cause::interpretation);
        work.step(Step::interpret_fetch);
        if (vm.state.psw.dat) work.step(Step::interpret_walk);
        const isa::Decoded next = fetch(one, address);
        one.fetched = true;
        instruction.ilc = next.length / 2u;
        nucleus_.observers.tell([&](Observer& o) { o.interpreted(vm, next, nucleus_.cpu); });
        vm.state.psw.address = (address + next.length) & isa::kAddressMask;
        return execute(one, next);
    } catch (const isa::ProgramCheck& check) {
        refuse(one, check);
    } catch (const NeedsControlProgram& missing) {
        bring_in(one, missing.page);
    }
    return Next::control_program;
}

/// The instruction at a logical address, in which the bits of `modifier` are or-ed to the second byte.
isa::Decoded Interpretation::fetch(UnderWay& one, uint32_t address, uint8_t modifier) {
    if (address % 2 != 0) one.cpu.program_check(isa::ProgramCode::specification);
    const isa::AccessPath path{isa::AccessPath::Space::primary, one.vm.state.psw.key};
    uint8_t text[6] = {};
    one.cpu.fetch(address, text, 2, path);
    const unsigned length = isa::length_of_opcode(text[0]);
    if (length > 2) one.cpu.fetch((address + 2) & isa::kAddressMask, text + 2, length - 2, path);
    text[1] |= modifier;
    if (isa::records_events(one.vm.state)) one.events.fetched(address);
    return isa::decode(text, nucleus_.machine.model().facilities);
}

/// The instruction or, once more, the target of EXECUTE.
Interpretation::Next Interpretation::execute(UnderWay& one, const isa::Decoded& instruction) {
    const simulation::MachineModel& model = nucleus_.machine.model();
    const bool known = instruction.op != Op::invalid && model.facilities.has(instruction.row().facility);
    if (!known) {
        one.price += model.cost(CostClass::register_op, 0);  // of decoding, which is all
        if (const auto o = inter_user_communication_at(nucleus_, segments_, one.vm, one.address)) {
            one.work.turn_to(Cause::iucv);
            isa::ProgramInterruption fetched;
            fetched.ilc = one.instruction.ilc;
            fetched.per_code = one.events.code();
            privileged_.communicate(one.work, one.vm, *o, fetched);
            one.vm.enter_interpreted_time(one.price);
            return Next::control_program;
        }
        one.cpu.program_check(isa::ProgramCode::operation);
    }
    const isa::Row& row = instruction.row();
    const SimTime price = model.cost(row.cost, isa::units_of(row, instruction.operands));
    one.price += price;
    if (row.privilege != isa::Privilege::problem) return execute_control(one, instruction);
    charge(one, instruction.op, price);
    InterpretedCpu cpu(nucleus_, one.work, one.cpu, one.instruction);
    kBodies[static_cast<unsigned>(instruction.op)](cpu, instruction.operands);
    if (!one.instruction.subject) return complete(one);
    const InterpretedInstruction::Subject subject = *one.instruction.subject;
    one.instruction.subject.reset();
    one.instruction.address = subject.address;
    const isa::Decoded target = fetch(one, subject.address, subject.modifier);
    if (target.op == Op::op_EX) one.cpu.program_check(isa::ProgramCode::execute);
    return execute(one, target);
}

void Interpretation::charge(UnderWay& one, Op op, SimTime price) {
    const Path path = kPaths[static_cast<unsigned>(op)];
    if (path.operands != 0) one.work.step(Step::interpret_operand, path.operands);
    if (path.operands != 0 && one.vm.state.psw.dat) one.work.step(Step::interpret_walk, path.operands);
    if (path.routine) one.work.step(*path.routine);
    if (path.takes_its_time) one.work.execute_in_place(price);
}

/// What is privileged or semi-privileged is simulated where the guest's own state lets it be executed, or its
/// machine has a hole there.
Interpretation::Next Interpretation::execute_control(UnderWay& one, const isa::Decoded& instruction) {
    const simulation::MachineModel& model = nucleus_.machine.model();
    const isa::Hole hole = one.vm.state.psw.problem_state ? model.holes.of(instruction.op) : isa::Hole::none;
    if (hole == isa::Hole::none && !may_execute(one.vm, instruction, model.facilities))
        one.cpu.program_check(isa::ProgramCode::privileged_operation);
    one.work.turn_to(Cause::simulated(instruction.op));
    isa::ProgramInterruption known;
    known.ilc = one.instruction.ilc;
    known.per_code = one.events.code();
    privileged_.simulate_decoded(one.work, one.vm, instruction, known, hole);
    one.vm.enter_interpreted_time(one.price);
    return Next::control_program;
}

/// Behind a body that has refused nothing.
Interpretation::Next Interpretation::complete(UnderWay& one) {
    VirtualMachine& vm = one.vm;
    vm.enter_interpreted_time(one.price);
    if (one.instruction.repeats)
        vm.state.psw.address = one.address;
    else
        ++vm.instructions;
    if (one.instruction.supervisor_call) {
        supervisor_call(one, *one.instruction.supervisor_call);
        return Next::control_program;
    }
    if (one.events.any()) deliver_events(one);
    return one.events.any() || one.instruction.repeats ? Next::control_program : Next::instruction;
}

void Interpretation::supervisor_call(UnderWay& one, uint8_t number) {
    one.work.turn_to(Cause::reflect_supervisor_call);
    if (number == kErrorRecording && !one.events.any() && record_error(nucleus_, segments_, one.work, one.vm))
        return;
    reflection_.deliver(one.work, one.vm, isa::SupervisorCallInterruption{number, one.instruction.ilc});
    if (one.events.any()) deliver_events(one);
}

/// Program events alone, behind what has completed or will go on.
void Interpretation::deliver_events(UnderWay& one) {
    one.work.turn_to(Cause::reflect_program);
    reflection_.deliver(one.work, one.vm,
                        isa::per_interruption(one.events.code(), one.events.address(), one.instruction.ilc,
                                              reflection_.psw_error(one.vm)));
}

/// The guest gets the exception, as the real CPU would have recognised it.
void Interpretation::refuse(UnderWay& one, const isa::ProgramCheck& check) {
    VirtualMachine& vm = one.vm;
    vm.enter_interpreted_time(one.price);
    isa::ProgramInterruption i;
    i.code = check.code;
    i.ilc = one.instruction.ilc;
    i.translation_address = check.translation_address;
    i.monitor_class = check.monitor_class;
    i.monitor_code = check.monitor_code;
    if (one.fetched && isa::completes(check.code)) ++vm.instructions;
    vm.state.psw.address =
        isa::nullifies(check.code) ? one.address : (one.address + 2 * i.ilc) & isa::kAddressMask;
    one.events.mark(i);
    one.work.turn_to(Cause::reflect_program);
    reflection_.deliver(one.work, vm, i);
}

/// The instruction comes again when its page is there, as behind a page fault of the real CPU.
void Interpretation::bring_in(UnderWay& one, SecondLevel page) {
    VirtualMachine& vm = one.vm;
    vm.state.psw.address = one.address;
    nucleus_.observers.tell([&](Observer& o) { o.comes_again(vm); });
    isa::ProgramInterruption fault;
    fault.code = isa::ProgramCode::page_translation;
    fault.ilc = one.instruction.ilc;
    fault.translation_address = page.value;
    one.events.mark(fault);
    one.work.turn_to(vm.storage.slot(page).exists() ? Cause::page_in : Cause::page_fill);
    faults_.on_page_fault(one.work, vm, page, fault);
}

}  // namespace vmcp
