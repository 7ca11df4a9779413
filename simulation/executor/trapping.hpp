// Which instructions the present state does not let a CPU execute by itself.
#pragma once

#include "isa/requirement_check.hpp"

namespace simulation {

/// Privileged in the problem state; or of a guest that is executed interpretively, whose host wants it.
template <isa::Op op, class C>
bool traps(const C& cpu) {
    if constexpr (isa::row_of(op).privilege == isa::Privilege::privileged)
        return isa::is_privileged_here<op>(cpu) || cpu.comes_out(op);
    return isa::is_privileged_here<op>(cpu);
}

}  // namespace simulation
