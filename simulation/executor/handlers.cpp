// From the row to the handler: the checks that belong to the class of an instruction are made here, once, and
// the body follows. GA22-7000 chapter 6: the order is operation, privileged operation, specification, then
// access. Then comes the next slot's handler (simulation/executor/interpreter.hpp).
#include "simulation/executor/handlers.hpp"

#include "isa/semantics/all.hpp"
#include "simulation/cpu/cpu.hpp"
#include "simulation/executor/hole_cpu.hpp"
#include "simulation/executor/trapping.hpp"

namespace simulation {
namespace {

template <isa::Op op>
void trap(Cpu& cpu, const isa::Operands& operands) {
    cpu.trap_privileged({op, static_cast<uint8_t>(isa::length_of(isa::row_of(op).format)), operands});
}

template <isa::Op op, Body body>
void checked(Cpu& cpu, const isa::Operands& operands) {
    if constexpr (isa::row_of(op).requires_ != isa::none) isa::check_requirements<op>(cpu, operands);
    body(cpu, operands);
}

/// In whatever state the CPU is.
template <isa::Op op, Body body>
void execute(Cpu& cpu, const isa::Operands& operands) {
    if (traps<op>(cpu)) return trap<op>(cpu, operands);
    checked<op, body>(cpu, operands);
}

template <isa::Op op, Body body>
[[gnu::noinline]] void handle(Cpu& cpu, const Slot& slot) {
    cpu.execution().place = &slot;
    if constexpr (isa::is_relative(isa::row_of(op).format)) cpu.set_relative_origin(slot.offset, slot.length);
    body(cpu, slot.operands);
    if constexpr (isa::row_of(op).ends == isa::Ends::no) return (&slot)[1].execute(cpu, (&slot)[1]);
}

/// The storage operand of instructions that are frequent and have but that.
struct StorageOperand {
    unsigned length = 0;  // bytes; 0: it is none of these instructions
    bool stored = false;
};
constexpr StorageOperand storage_operand_of(isa::Op op) {
    using enum isa::Op;
    switch (op) {
        case op_L:
        case op_A:
        case op_S:
        case op_C:
        case op_AL:
        case op_SL:
        case op_CL:
        case op_N:
        case op_O:
        case op_X: return {4};
        case op_LH:
        case op_AH:
        case op_SH:
        case op_CH:
        case op_MH: return {2};
        case op_IC:
        case op_CLI:
        case op_TM: return {1};
        case op_ST: return {4, true};
        case op_STH: return {2, true};
        case op_STC:
        case op_MVI:
        case op_NI:
        case op_OI:
        case op_XI: return {1, true};
        default: return {};
    }
}

constexpr bool has_base_alone(isa::Format format, const isa::Operands& o) {
    return format == isa::Format::RX ? o.r2 == 0 && o.b2 != 0 : format == isa::Format::SI && o.b1 != 0;
}

/// Of an instruction whose storage operand is at hand, which is nearly always so. What may have to look for
/// it is the other handler, so that this one calls nothing and keeps nothing. `base_alone`: its address has a
/// base register and no index.
template <isa::Op op, Body body, bool base_alone>
[[gnu::flatten]] void handle_at_hand(Cpu& cpu, const Slot& slot) {
    constexpr isa::Format format = isa::row_of(op).format;
    constexpr StorageOperand operand = storage_operand_of(op);
    static_assert(format == isa::Format::RX || format == isa::Format::SI);
    isa::Operands o = slot.operands;
    if (base_alone && !has_base_alone(format, o)) __builtin_unreachable();
    cpu.execution().place = &slot;
    if (!cpu.at_hand<operand.length, operand.stored>(isa::aligned_operand<format>(cpu, o))) [[unlikely]]
        return handle<op, body>(cpu, slot);
    body(cpu, o);
    return (&slot)[1].execute(cpu, (&slot)[1]);
}

/// A conditional branch that is not the last of its block: where it is not taken the block goes on, else it
/// ends here.
template <isa::Op op, Body body>
void handle_inside(Cpu& cpu, const Slot& slot) {
    cpu.execution().place = &slot;
    if ((slot.operands.r1 & (8u >> cpu.condition_code())) == 0) return (&slot)[1].execute(cpu, (&slot)[1]);
    if constexpr (isa::is_relative(isa::row_of(op).format)) cpu.set_relative_origin(slot.offset, slot.length);
    body(cpu, slot.operands);
}

[[noreturn]] void operation_exception(Cpu& cpu, const isa::Operands&) {
    cpu.program_check(isa::ProgramCode::operation);
}

struct Entry {
    Handler handle[Cpu::kVariants];
    Body execute;
    Handler base_alone = nullptr;  // in whatever state, where the storage operand has but a base register
};

template <isa::Op op, Body body>
constexpr Entry entry_of() {
    constexpr const isa::Row& row = isa::row_of(op);
    static_assert(row.privilege == isa::Privilege::problem || row.ends != isa::Ends::no,
                  "a trapped instruction must be the last of its block");
    static_assert(Cpu::kProblemState == 1 && Cpu::kGuestSupervisor == 2);
    constexpr Handler any = &handle<op, &execute<op, body>>;
    if constexpr (storage_operand_of(op).length != 0) {
        static_assert(row.privilege == isa::Privilege::problem && row.requires_ == isa::none);
        constexpr Handler at_hand = &handle_at_hand<op, body, false>;
        return {{at_hand, at_hand, at_hand}, &execute<op, body>, &handle_at_hand<op, body, true>};
    } else if constexpr (row.privilege == isa::Privilege::privileged)
        return {{&handle<op, &checked<op, body>>, &handle<op, &trap<op>>, any}, &execute<op, body>};
    else
        return {{any, any, any}, &execute<op, body>};
}

/// Through the hole that the machine has there. What has one ends its block.
template <isa::Hole hole>
void execute_through(Cpu& cpu, const Slot& slot) {
    cpu.execution().place = &slot;
    hole_body_of<Cpu>(slot.op, hole)(cpu, slot.operands);
}

void handle_invalid(Cpu& cpu, const Slot& slot) {
    cpu.execution().place = &slot;
    operation_exception(cpu, slot.operands);
}

constexpr Entry kEntries[] = {
#define INSTRUCTION(mnemonic, opcode, format, privilege, how, body, ...) \
    entry_of<isa::Op::op_##mnemonic, &isa::semantics::body<Cpu>>(),
#include "isa/instruction_table.inc"
#undef INSTRUCTION
    {{&handle_invalid, &handle_invalid, &handle_invalid}, &operation_exception},
};
static_assert(sizeof(kEntries) / sizeof(Entry) == isa::kRowCount + 1);

}  // namespace

Handler handler_of(isa::Op op, const isa::Operands& operands, unsigned variant, isa::Hole hole) {
    if (hole != isa::Hole::none && variant == Cpu::kProblemState)
        return hole == isa::Hole::ignored ? &execute_through<isa::Hole::ignored>
                                          : &execute_through<isa::Hole::unprivileged>;
    const Entry& entry = kEntries[static_cast<unsigned>(op)];
    const bool base_alone = entry.base_alone != nullptr && has_base_alone(isa::row_of(op).format, operands);
    return base_alone ? entry.base_alone : entry.handle[variant];
}

bool may_stand_inside(const isa::Decoded& d) {
    constexpr unsigned kAlways = 15;
    if (d.operands.r1 == kAlways) return false;
    if (d.op == isa::Op::op_BCR) return d.operands.r2 != 0;  // else no branch, but a serialization
    return d.op == isa::Op::op_BC || d.op == isa::Op::op_BRC;
}

Handler handler_inside_of(isa::Op op) {
    switch (op) {
        case isa::Op::op_BCR:
            return &handle_inside<isa::Op::op_BCR, &isa::semantics::branch_on_condition_register<Cpu>>;
        case isa::Op::op_BRC:
            return &handle_inside<isa::Op::op_BRC, &isa::semantics::branch_relative_on_condition<Cpu>>;
        default: return &handle_inside<isa::Op::op_BC, &isa::semantics::branch_on_condition<Cpu>>;
    }
}

Body body_of(isa::Op op) { return kEntries[static_cast<unsigned>(op)].execute; }

Body body_of(const Slot& slot, unsigned variant, const isa::Holes& holes) {
    const isa::Hole hole = slot.op == isa::Op::invalid ? isa::Hole::none : holes.of(slot.op);
    if (hole != isa::Hole::none && variant == Cpu::kProblemState) return hole_body_of<Cpu>(slot.op, hole);
    return body_of(slot.op);
}

}  // namespace simulation
