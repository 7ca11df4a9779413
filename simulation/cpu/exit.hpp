// Why a CPU stopped running. A closed sum, so that every handler is exhaustive at compile time.
#pragma once

#include <variant>

#include "isa/instruction.hpp"
#include "isa/interruption.hpp"

namespace simulation {

/// A program interruption of an instruction that the present state must not execute: privileged in the
/// problem state, or semi-privileged without the authority. As interpretive execution does, the hardware
/// hands over what it has decoded, so that a control program that simulates the instruction need not fetch it
/// again. Of EXECUTE: its target.
struct PrivilegedOperation {
    isa::ProgramInterruption interruption;
    isa::Decoded instruction;
};
/// The point in simulated time, or the number of instructions, that the caller named has been reached.
struct BudgetSpent {};
/// Masks, keys or clocks changed, or a device asked: look at pending interruptions before going on.
struct Attention {};
/// An instruction stop was reached: the PSW is at it.
struct Breakpoint {};

/// Interruptions that the CPU itself recognised (program, supervisor call); the old PSW that they store is
/// the CPU's current PSW. The others wait in the machine until the caller looks at them.
using Exit = std::variant<BudgetSpent, Attention, Breakpoint, isa::ProgramInterruption, PrivilegedOperation,
                          isa::SupervisorCallInterruption>;

/// The program interruption that an exit is, if it is one.
inline isa::ProgramInterruption* program_interruption(Exit& exit) {
    if (auto* privileged = std::get_if<PrivilegedOperation>(&exit)) return &privileged->interruption;
    return std::get_if<isa::ProgramInterruption>(&exit);
}
inline const isa::ProgramInterruption* program_interruption(const Exit& exit) {
    return program_interruption(const_cast<Exit&>(exit));
}

}  // namespace simulation
