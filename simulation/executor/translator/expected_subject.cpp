#include "simulation/executor/translator/expected_subject.hpp"

#include "simulation/executor/translator/region_emitter.hpp"

namespace simulation {
namespace {

/// Where the instruction at a logical address is in storage, if the CPU may fetch it without another look.
std::optional<uint32_t> place_of_instruction(Cpu& cpu, uint32_t logical) {
    const Cpu::Parts parts = cpu.parts();
    const AccessEntry& entry = (&parts.accesses)[logical / kBlock % AccessCache::kEntries];
    if (entry.host == nullptr) return std::nullopt;
    const auto place = static_cast<uint32_t>(entry.host - parts.storage) + logical % kBlock;
    return cpu.still_leads(logical, place) ? std::optional(place) : std::nullopt;
}

}  // namespace

SimTime SubjectPrice::of(const Cpu& cpu) const {
    const uint32_t more = modifier == 0 ? 0 : (cpu.gpr(modifier) & 0xFF) | code;
    return SimTime{fixed} + SimTime{per_unit} * more;
}

std::optional<ExpectedSubject> expect_subject(Cpu& cpu, const Slot& execute, const MachineModel& model,
                                              BlockSource& source) {
    const isa::Operands& o = execute.operands;
    ExpectedSubject subject;
    subject.entry = cpu.address(o.r2, o.b2, o.d2);
    constexpr uint32_t kLongest = 6;
    if ((subject.entry & 1) != 0 || subject.entry % kBlock > kBlock - kLongest) return std::nullopt;
    const std::optional<uint32_t> place = place_of_instruction(cpu, subject.entry);
    if (!place) return std::nullopt;
    subject.block = source.instruction_at(cpu, *place);
    if (subject.block == nullptr) return std::nullopt;

    subject.slot = subject.block->slots[0];
    subject.slot.length = execute.length;
    subject.slot.offset = execute.offset;
    subject.slot.branch = 0;
    subject.modifier = o.r1;
    if (!can_be_emitted(subject)) return std::nullopt;
    const isa::Row& row = isa::row_of(subject.slot.op);
    isa::Operands operands = subject.slot.operands;
    if (subject.modifier != 0 && row.format == isa::Format::SS_L) {
        subject.price.modifier = subject.modifier;
        subject.price.code = static_cast<uint8_t>(operands.imm);
        operands.imm = 0;
        const unsigned units = isa::units_of(row, operands);
        subject.price.per_unit =
            static_cast<uint32_t>(model.cost(row.cost, units + 1) - model.cost(row.cost, units));
    }
    subject.price.fixed = static_cast<uint32_t>(model.cost(row.cost, isa::units_of(row, operands)));
    return subject;
}

}  // namespace simulation
