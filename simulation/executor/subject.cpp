#include "simulation/executor/subject.hpp"

namespace simulation {

isa::Decoded fetch_subject(Cpu& cpu, uint32_t target, uint8_t modifier) {
    if (target & 1) cpu.program_check(isa::ProgramCode::specification);
    uint8_t bytes[6] = {};
    cpu.fetch_instruction(target, bytes, 2);
    const unsigned length = isa::length_of_opcode(bytes[0]);
    if (length > 2) cpu.fetch_instruction((target + 2) & isa::kAddressMask, bytes + 2, length - 2);
    bytes[1] |= modifier;
    return isa::decode(bytes, cpu.facilities());
}

void begin_subject(Cpu& cpu, isa::Decoded& d, uint32_t target) {
    if (d.op == isa::Op::op_EX) cpu.program_check(isa::ProgramCode::execute);
    if (d.op == isa::Op::invalid || !cpu.facilities().has(d.row().facility))
        cpu.program_check(isa::ProgramCode::operation);
    cpu.spend(cpu.model().cost(d.row().cost, isa::units_of(d.row(), d.operands)));
    // Relative operands count from the subject instruction itself, which claims to lie at the end of EXECUTE;
    // the distance makes up for that.
    if (isa::is_relative(d.row().format)) {
        const uint32_t distance = (target - (cpu.next_address() - d.length)) / 2;
        d.operands.imm = static_cast<int32_t>(static_cast<uint32_t>(d.operands.imm) + distance);
        cpu.set_relative_origin(kBlock, d.length);
    }
}

}  // namespace simulation
