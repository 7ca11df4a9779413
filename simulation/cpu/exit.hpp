// Why a CPU stopped running. DESIGN: a closed sum, so that every handler is exhaustive at compile time.
#pragma once

#include <variant>

#include "isa/interruption.hpp"

namespace simulation {

/// The wait bit is on and nothing that is enabled is pending.
struct EnteredWait {};
/// The point in simulated time, or the number of instructions, that the caller named has been reached.
struct BudgetSpent {};
/// Masks, keys or clocks changed, or a device asked: look at pending interruptions before going on.
struct Attention {};
/// An instruction stop was reached: the PSW is at it.
struct Breakpoint {};

/// Interruptions that the CPU itself recognised (program, supervisor call); the old PSW that they store is
/// the CPU's current PSW. The others wait in the machine until the caller looks at them.
using Exit = std::variant<isa::ProgramInterruption, isa::SupervisorCallInterruption, EnteredWait, BudgetSpent,
                          Attention, Breakpoint>;

}  // namespace simulation
