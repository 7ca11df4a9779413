// The checks that a row demands before its body runs, made once for every instruction: for the real CPU by
// the executors, for a virtual CPU when the control program simulates.
#pragma once

#include "isa/cpu.hpp"

namespace isa {

/// The storage operand that alignment requirements speak of.
template <Format format, class C>
uint32_t aligned_operand(const C& cpu, const Operands& o) {
    if constexpr (format == Format::RX || format == Format::RX_M) return cpu.address(o.r2, o.b2, o.d2);
    if constexpr (format == Format::SI || format == Format::SI_S) return cpu.address(o.b1, o.d1);
    return cpu.address(o.b2, o.d2);
}

constexpr bool names_float_register(unsigned r) { return (r & 9) == 0; }  // 0, 2, 4, 6
constexpr bool names_float_pair(unsigned r) { return (r & 11) == 0; }     // 0, 4

/// Whether an instruction of this class must not be executed in the present state. What is semi-privileged
/// with the dual-address-space facility (its bodies check) is privileged without it.
template <Op op, class C>
bool is_privileged_here(const C& cpu) {
    constexpr const Row& row = row_of(op);
    if constexpr (row.privilege == Privilege::privileged) return cpu.psw().problem_state;
    if constexpr (row.privilege == Privilege::semi && row.facility != Facility::dual_address_space)
        return cpu.psw().problem_state && !cpu.facilities().has(Facility::dual_address_space);
    return false;
}

/// Raises a specification exception where the operands break what the row requires (isa/requirement.hpp).
template <Op op, class C>
void check_requirements(C& cpu, const Operands& o) {
    constexpr const Row& row = row_of(op);
    constexpr unsigned needs = row.requires_;
    bool bad = false;
    if constexpr ((needs & even1) != 0) bad |= (o.r1 & 1) != 0;
    if constexpr ((needs & (even2 | even3)) != 0) bad |= (o.r2 & 1) != 0;
    if constexpr ((needs & float1) != 0) bad |= !names_float_register(o.r1);
    if constexpr ((needs & float2) != 0) bad |= !names_float_register(o.r2);
    if constexpr ((needs & floatpair1) != 0) bad |= !names_float_pair(o.r1);
    if constexpr ((needs & floatpair2) != 0) bad |= !names_float_pair(o.r2);
    constexpr unsigned alignment = (needs & doubleword) != 0 ? 8
                                   : (needs & word) != 0     ? 4
                                   : (needs & halfword) != 0 ? 2
                                                             : 1;
    if constexpr (alignment != 1) bad |= (aligned_operand<row.format>(cpu, o) & (alignment - 1)) != 0;
    if (bad) cpu.program_check(ProgramCode::specification);
}

}  // namespace isa
