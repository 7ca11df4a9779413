// The ledger: who spent simulated time, and for what. Every nanosecond of the real CPU is entered exactly
// once, as guest time, control-program time or idle time, so the sum of the parts is the whole.
#pragma once

#include <array>
#include <cstdint>

#include "simulation/model/time.hpp"
#include "vmcp/cause.hpp"
#include "vmcp/step.hpp"

namespace vmcp {

using simulation::SimTime;

struct LedgerEntry {
    uint64_t count = 0;  // how often it happened
    SimTime time = 0;    // control-program time spent on it, ns
};

/// The account of one virtual machine, or of the control program's own work (dispatching nobody).
struct Account {
    SimTime guest = 0;            // running the guest's instructions, ns
    SimTime control_program = 0;  // sum over causes, ns
    std::array<LedgerEntry, Cause::kCount> causes{};

    const LedgerEntry& of(Cause cause) const { return causes[cause.index()]; }
};

/// Totals by step over the whole run.
struct StepTotals {
    std::array<LedgerEntry, kSteps> steps{};
    LedgerEntry hardware;  // interruptions taken by the real CPU: PSW swaps
};

}  // namespace vmcp
