// How much of a model rests on assumption: counted from the sources that every figure carries.
#pragma once

#include "simulation/model/machine_model.hpp"
#include "vmcp/ledger/control_program_model.hpp"
#include "vmcp/ledger/ledger.hpp"

namespace vmcp::experiment {

struct Assumptions {
    unsigned figures = 0;
    unsigned assumed = 0;
};

/// Processor figures, prices of cost classes and device figures.
Assumptions assumptions_of(const simulation::MachineModel& model);

/// Prices of steps.
Assumptions assumptions_of(const ControlProgramModel& model);

/// Of the control-program time of a run, what was charged at assumed prices, ns: of steps, also where it is
/// assumed that microcode covers them, and of the interruptions that begin them.
SimTime time_at_assumed_prices(const simulation::MachineModel& machine, const ControlProgramModel& model,
                               const StepTotals& totals);

}  // namespace vmcp::experiment
