// What the ledger holds: times and counts by cause, for one virtual machine or for the control program
// itself, and by step for the whole run.
#pragma once

#include <array>
#include <cstdint>

#include "simulation/model/time.hpp"
#include "vmcp/ledger/cause.hpp"
#include "vmcp/ledger/step.hpp"

namespace vmcp {

using simulation::SimTime;

struct LedgerEntry {
    uint64_t count = 0;  // how often it happened
    SimTime time = 0;    // control-program time spent on it, ns
};

/// What steps cost, and how often they were charged at that price.
struct PriceTable {
    std::array<SimTime, kSteps> prices{};  // ns
    std::array<uint64_t, kSteps> charged{};
};

/// The account of one virtual machine, or of the control program's own work (dispatching nobody).
struct Account {
    static constexpr uint32_t kNobody = ~uint32_t{0};
    uint32_t owner = kNobody;     // the id of the virtual machine
    PriceTable* table = nullptr;  // by which the work for it is charged: Ledger::open
    SimTime guest = 0;            // running the guest's instructions, ns
    SimTime control_program = 0;  // sum over causes, ns
    std::array<LedgerEntry, Cause::kCount> causes{};

    const LedgerEntry& of(Cause cause) const { return causes[cause.index()]; }
};

/// Totals by step over the whole run.
struct StepTotals {
    std::array<LedgerEntry, kSteps> steps{};
    std::array<SimTime, kSteps>
        assisted{};           // of their time, that of machines with the control-program assist
    LedgerEntry hardware;     // interruptions taken by the real CPU: PSW swaps
    LedgerEntry transitions;  // entries into interpretive execution, and ways out
    LedgerEntry in_place;     // instructions executed in a guest's place that take longer than a simple one
};

}  // namespace vmcp
