// The traps whose cost to the host is measured, each as a guest that runs into them in a loop.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "bench/support/program.hpp"

namespace bench {

struct TrapKind {
    std::string_view name;         // as reports show it
    std::string_view key;          // as the command line takes it
    std::string_view instruction;  // lines of assembler source; &SYSNDX makes labels unique
    bool returns_by_lpsw = false;  // the guest's own handler returns with an LPSW, whose cost is taken off
    bool translates = false;       // the guest has translation on
    bool assisted = false;         // by virtual-machine assist, so that it is none
};

std::span<const TrapKind> trap_kinds();
/// Throws std::invalid_argument that lists the keys where there is none.
const TrapKind& trap_kind(std::string_view key);

/// Of the measured instruction in a round of the loop.
inline constexpr unsigned kTrapCopies = 8;

/// A guest of 64K. `with` false: the same loop without the measured instruction.
Program trap_program(const TrapKind& kind, bool with = true);

/// Runs the guest on a machine of its own, with virtual-machine assist or without. Throws std::runtime_error
/// where it does not come to its end.
void run_trap_program(const Program& program, uint32_t rounds, bool assisted = false);

}  // namespace bench
