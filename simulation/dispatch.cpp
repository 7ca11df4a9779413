// From the row to the handler: the checks that belong to the class of an instruction are made here, once, and
// the body follows. GA22-7000 chapter 6: the order is operation, privileged operation, specification, then
// access.
#include "isa/requirement_check.hpp"
#include "isa/semantics/all.hpp"
#include "simulation/interpreter.hpp"

namespace simulation {
namespace {

template <isa::Op op, void (*body)(Cpu&, const isa::Operands&)>
void handle(Cpu& cpu, const Slot& slot) {
    constexpr const isa::Row& row = isa::row_of(op);
    if constexpr (row.privilege == isa::Privilege::privileged) {
        if (cpu.psw().problem_state) return cpu.trap_privileged();
    }
    if constexpr (row.requires_ != isa::none) isa::check_requirements<op>(cpu, slot.operands);
    if constexpr (isa::is_relative(row.format)) cpu.set_relative_origin(slot.offset, slot.length);
    body(cpu, slot.operands);
}

constexpr Handler kHandlers[] = {
#define INSTRUCTION(mnemonic, opcode, format, privilege, how, body, ...) \
    &handle<isa::Op::op_##mnemonic, &isa::semantics::body<Cpu>>,
#include "isa/instruction_table.inc"
#undef INSTRUCTION
    [](Cpu& cpu, const Slot&) { cpu.program_check(isa::ProgramCode::operation); },
};
static_assert(sizeof(kHandlers) / sizeof(Handler) == isa::kRowCount + 1);

}  // namespace

Handler handler_of(isa::Op op) { return kHandlers[static_cast<unsigned>(op)]; }

void Cpu::execute_at(uint32_t target, uint8_t modifier) {
    if (target & 1) program_check(isa::ProgramCode::specification);
    uint8_t bytes[6] = {};
    fetch(target, bytes, 2);
    const unsigned length = isa::length_of_opcode(bytes[0]);
    if (length > 2) fetch((target + 2) & isa::kAddressMask, bytes + 2, length - 2);
    if (bytes[0] == isa::first_byte(isa::row_of(isa::Op::op_EX))) program_check(isa::ProgramCode::execute);
    bytes[1] |= modifier;
    isa::Decoded d = isa::decode(bytes);
    if (d.op == isa::Op::invalid || !facilities().has(d.row().facility))
        program_check(isa::ProgramCode::operation);
    time_ += in_.model.cost(d.row().cost, isa::units_of(d.row(), d.operands));
    // Relative operands count from the subject instruction itself. Its slot claims to lie at the end of
    // EXECUTE, and the distance makes up for that.
    if (isa::is_relative(d.row().format)) {
        const uint32_t distance = (target - (next_address() - d.length)) / 2;
        d.operands.imm = static_cast<int32_t>(static_cast<uint32_t>(d.operands.imm) + distance);
    }
    const Slot slot{handler_of(d.op), d.operands, 0, kBlock, d.op, d.length};
    slot.execute(*this, slot);
}

}  // namespace simulation
