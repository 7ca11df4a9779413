// From the row to the handler: the checks that belong to the class of an instruction are made here, once, and
// the body follows. GA22-7000 chapter 6: the order is operation, privileged operation, specification, then
// access. Then comes the next slot's handler (simulation/interpreter.hpp).
#include "isa/requirement_check.hpp"
#include "isa/semantics/all.hpp"
#include "simulation/interpreter.hpp"

namespace simulation {
namespace {

using Execution = void (*)(Cpu&, const isa::Operands&);

template <isa::Op op, Execution body>
void execute(Cpu& cpu, const isa::Operands& operands) {
    constexpr const isa::Row& row = isa::row_of(op);
    static_assert(row.privilege == isa::Privilege::problem || row.ends != isa::Ends::no,
                  "a trapped instruction must be the last of its block");
    if (isa::is_privileged_here<op>(cpu)) return cpu.trap_privileged();
    if constexpr (row.requires_ != isa::none) isa::check_requirements<op>(cpu, operands);
    body(cpu, operands);
}

template <isa::Op op, Execution body>
void handle(Cpu& cpu, const Slot& slot) {
    cpu.at(&slot);
    if constexpr (isa::is_relative(isa::row_of(op).format)) cpu.set_relative_origin(slot.offset, slot.length);
    execute<op, body>(cpu, slot.operands);
    if constexpr (isa::row_of(op).ends == isa::Ends::no) return (&slot)[1].execute(cpu, (&slot)[1]);
}

/// A conditional branch that is not the last of its block: where it is not taken the block goes on, else it
/// ends here.
template <isa::Op op, Execution body>
void handle_inside(Cpu& cpu, const Slot& slot) {
    cpu.at(&slot);
    if ((slot.operands.r1 & (8u >> cpu.condition_code())) == 0) return (&slot)[1].execute(cpu, (&slot)[1]);
    if constexpr (isa::is_relative(isa::row_of(op).format)) cpu.set_relative_origin(slot.offset, slot.length);
    body(cpu, slot.operands);
}

[[noreturn]] void operation_exception(Cpu& cpu, const isa::Operands&) {
    cpu.program_check(isa::ProgramCode::operation);
}

struct Entry {
    Handler handle;
    Execution execute;  // alone: the subject of EX
};

constexpr Entry kEntries[] = {
#define INSTRUCTION(mnemonic, opcode, format, privilege, how, body, ...) \
    {&handle<isa::Op::op_##mnemonic, &isa::semantics::body<Cpu>>,        \
     &execute<isa::Op::op_##mnemonic, &isa::semantics::body<Cpu>>},
#include "isa/instruction_table.inc"
#undef INSTRUCTION
    {[](Cpu& cpu, const Slot& slot) {
         cpu.at(&slot);
         operation_exception(cpu, slot.operands);
     },
     &operation_exception},
};
static_assert(sizeof(kEntries) / sizeof(Entry) == isa::kRowCount + 1);

}  // namespace

Handler handler_of(isa::Op op) { return kEntries[static_cast<unsigned>(op)].handle; }

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

void leave_behind(const Slot& slot) {
    const Slot& next = (&slot)[1];
    if (next.length == 0) return;  // the last of the block is left in any case
    next.execute = [](Cpu& cpu, const Slot& here) {
        here.execute = here.branch != 0 ? handler_inside_of(here.op) : handler_of(here.op);
        // The PSW has the address behind the block, which lies in one 2K block.
        cpu.branch((((cpu.next_address() - 1) & ~(kBlock - 1)) + here.offset) & isa::kAddressMask);
    };
}

isa::Decoded Cpu::fetch_subject(uint32_t target, uint8_t modifier) {
    if (target & 1) program_check(isa::ProgramCode::specification);
    uint8_t bytes[6] = {};
    fetch_instruction(target, bytes, 2);
    const unsigned length = isa::length_of_opcode(bytes[0]);
    if (length > 2) fetch_instruction((target + 2) & isa::kAddressMask, bytes + 2, length - 2);
    bytes[1] |= modifier;
    return isa::decode(bytes, facilities());
}

void Cpu::begin_subject(isa::Decoded& d, uint32_t target) {
    if (d.op == isa::Op::op_EX) program_check(isa::ProgramCode::execute);
    if (d.op == isa::Op::invalid || !facilities().has(d.row().facility))
        program_check(isa::ProgramCode::operation);
    time_ += in_.model.cost(d.row().cost, isa::units_of(d.row(), d.operands));
    // Relative operands count from the subject instruction itself, which claims to lie at the end of EXECUTE;
    // the distance makes up for that.
    if (isa::is_relative(d.row().format)) {
        const uint32_t distance = (target - (next_address() - d.length)) / 2;
        d.operands.imm = static_cast<int32_t>(static_cast<uint32_t>(d.operands.imm) + distance);
        set_relative_origin(kBlock, d.length);
    }
}

void Cpu::execute_at(uint32_t target, uint8_t modifier) {
    // Eight bytes are looked at where they lie in one 2K block, of which the length is used.
    if ((target & 1) != 0 || target % kBlock > kBlock - 8) return execute_anew(target, modifier, 0);
    uint64_t text;
    std::memcpy(&text, instruction_text(target), sizeof text);
    text = __builtin_bswap64(text);
    const unsigned length = isa::length_of_opcode(static_cast<uint8_t>(text >> 56));
    text = (text & (~uint64_t{0} << (64 - 8 * length))) | uint64_t{modifier} << 48 | SubjectCache::kUsed;
    const Subject& subject = subjects_.at(text);
    if (subject.text != text) return execute_anew(target, modifier, text);
    time_ += subject.price;
    subject.execute(*this, subject.operands);
}

void Cpu::execute_anew(uint32_t target, uint8_t modifier, uint64_t text) {
    isa::Decoded d = fetch_subject(target, modifier);
    const SimTime before = time_;
    begin_subject(d, target);
    const auto execute = kEntries[static_cast<unsigned>(d.op)].execute;
    if (text != 0 && !isa::is_relative(d.row().format))
        subjects_.at(text) = {text, execute, d.operands, static_cast<uint32_t>(time_ - before)};
    execute(*this, d.operands);
}

}  // namespace simulation
