// The table behind hole_body_of: for who instantiates it for a kind of CPU.
#pragma once

#include "isa/requirement_check.hpp"
#include "isa/semantics/all.hpp"
#include "simulation/executor/hole_cpu.hpp"

namespace simulation {
namespace hole_bodies {

template <isa::Op op, class Seen, class C, auto body>
void through(C& cpu, const isa::Operands& o) {
    Seen seen(cpu);
    if constexpr (isa::row_of(op).requires_ != isa::none) isa::check_requirements<op>(seen, o);
    body(seen, o);
}

template <class C>
struct HoleBodies {
    HoleBody<C> unprivileged = nullptr, ignored = nullptr;
};

template <isa::Op op, class C, auto unprivileged, auto ignored>
constexpr HoleBodies<C> bodies_of() {
    return {&through<op, UnprivilegedCpu<C>, C, unprivileged>, &through<op, IgnoringCpu<C>, C, ignored>};
}

/// Empty for instructions that have no hole: those of the problem state.
template <class C>
constexpr HoleBodies<C> kHoleBodies[] = {
#define HOLES_problem(mnemonic, body) \
    HoleBodies<C> {}
#define HOLES_semi(mnemonic, body)                                                  \
    bodies_of<isa::Op::op_##mnemonic, C, &isa::semantics::body<UnprivilegedCpu<C>>, \
              &isa::semantics::body<IgnoringCpu<C>>>()
#define HOLES_privileged HOLES_semi
#define INSTRUCTION(mnemonic, opcode, format, privilege, how, body, ...) HOLES_##privilege(mnemonic, body),
#include "isa/instruction_table.inc"
#undef INSTRUCTION
#undef HOLES_privileged
#undef HOLES_semi
#undef HOLES_problem
};

}  // namespace hole_bodies

template <class C>
HoleBody<C> hole_body_of(isa::Op op, isa::Hole hole) {
    const hole_bodies::HoleBodies<C>& bodies = hole_bodies::kHoleBodies<C>[static_cast<unsigned>(op)];
    return hole == isa::Hole::ignored ? bodies.ignored : bodies.unprivileged;
}

}  // namespace simulation
