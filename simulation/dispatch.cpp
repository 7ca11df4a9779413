// From the row to the handler: the checks that belong to the class of an instruction are made here, once, and the body
// follows. GA22-7000 chapter 6: the order is operation, privileged operation, specification, then access.
#include "isa/semantics/all.hpp"
#include "simulation/interpreter.hpp"

namespace simulation {
namespace {

/// The storage operand that alignment requirements speak of.
template <isa::Format format>
uint32_t storage_operand(const Cpu& cpu, const isa::Operands& o) {
    using isa::Format;
    if constexpr (format == Format::RX || format == Format::RX_M) return cpu.address(o.r2, o.b2, o.d2);
    if constexpr (format == Format::SI || format == Format::SI_S) return cpu.address(o.b1, o.d1);
    return cpu.address(o.b2, o.d2);
}

constexpr bool is_float(unsigned r) { return (r & 9) == 0; }       // 0, 2, 4, 6
constexpr bool is_float_pair(unsigned r) { return (r & 11) == 0; }  // 0, 4

template <isa::Op op>
void check_requirements(const Cpu& cpu, const isa::Operands& o) {
    constexpr const isa::Row& row = isa::row_of(op);
    constexpr unsigned needs = row.requires_;
    bool bad = false;
    if constexpr ((needs & isa::even1) != 0) bad |= (o.r1 & 1) != 0;
    if constexpr ((needs & (isa::even2 | isa::even3)) != 0) bad |= (o.r2 & 1) != 0;
    if constexpr ((needs & isa::float1) != 0) bad |= !is_float(o.r1);
    if constexpr ((needs & isa::float2) != 0) bad |= !is_float(o.r2);
    if constexpr ((needs & isa::floatpair1) != 0) bad |= !is_float_pair(o.r1);
    if constexpr ((needs & isa::floatpair2) != 0) bad |= !is_float_pair(o.r2);
    constexpr unsigned alignment = (needs & isa::doubleword) != 0 ? 8
                                   : (needs & isa::word) != 0     ? 4
                                   : (needs & isa::halfword) != 0 ? 2
                                                                  : 1;
    if constexpr (alignment != 1) bad |= (storage_operand<row.format>(cpu, o) & (alignment - 1)) != 0;
    if (bad) cpu.program_check(isa::ProgramCode::specification);
}

template <isa::Op op, void (*body)(Cpu&, const isa::Operands&)>
void handle(Cpu& cpu, const Slot& slot) {
    constexpr const isa::Row& row = isa::row_of(op);
    if constexpr (row.privilege == isa::Privilege::privileged) {
        if (cpu.psw().problem_state) return cpu.trap_privileged();
    }
    if constexpr (row.requires_ != isa::none) check_requirements<op>(cpu, slot.operands);
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
    const isa::Decoded d = isa::decode(bytes);
    if (d.op == isa::Op::invalid || !facilities().has(d.row().facility)) program_check(isa::ProgramCode::operation);
    time_ += in_.model.cost(d.row().cost, isa::units_of(d.row(), d.operands));
    const Slot slot{handler_of(d.op), d.operands, 0, 0, d.op, d.length};
    slot.execute(*this, slot);
}

}  // namespace simulation
