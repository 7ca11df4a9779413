#include "simulation/executor/translator/host_functions.hpp"

#include "simulation/cpu/usual_access.hpp"
#include "simulation/executor/translator/condition.hpp"
#include "simulation/executor/translator/translator.hpp"

namespace simulation {

bool make_usually_accessible(Cpu* cpu, const Site*, uint32_t asked, uint32_t address) {
    return cpu->bring_usual_to_hand(address & isa::kAddressMask, Accessibility::length(asked),
                                    Accessibility::used(asked));
}

uint32_t make_accessible(Cpu* cpu, const Site* site, uint32_t asked, uint32_t address) {
    const unsigned length = Accessibility::length(asked);
    const bool storing = Accessibility::storing(asked);
    address &= isa::kAddressMask;
    site->translator->begin(*cpu, *site);
    // What a check ends was charged for.
    const SimTime subject = site->subject_price.of(*cpu);
    cpu->spend(subject);
    const bool brought = cpu->bring_to_hand(address, length, storing);
    cpu->spend(-subject);
    if (!brought) return 1;
    return site->translator->must_leave(*cpu, *site) || !cpu->is_cached(address, length, storing);
}

uint32_t call_instruction(Cpu* cpu, const Site* site) {
    site->translator->begin(*cpu, *site);
    const Slot& slot = *site->slot;
    if (slot.op != isa::Op::invalid && isa::is_relative(isa::row_of(slot.op).format))
        cpu->set_relative_origin(slot.offset, slot.length);
    site->body(*cpu, slot.operands);
    return site->translator->must_leave(*cpu, *site);
}

uint32_t settle_condition_code(Cpu* cpu, const Site*) {
    settle_condition(*cpu);
    return 0;
}

uint32_t raise_fixed_point_overflow(Cpu* cpu, const Site* site) {
    site->translator->begin(*cpu, *site);
    cpu->spend(site->subject_price.of(*cpu));
    cpu->program_check(isa::ProgramCode::fixed_point_overflow);
}

}  // namespace simulation
