// The guests of a scenario, each alone on the bare machine.
#pragma once

#include <functional>
#include <vector>

#include "vmcp/experiment/native.hpp"
#include "vmcp/experiment/scenario.hpp"

namespace vmcp::experiment {

/// Runs those of which something is expected, on copies of what they write on; in the order of the scenario,
/// with an empty result for each of the others, and for who has not begun when `interrupted` answers yes.
/// Throws as NativeMachine.
std::vector<NativeResult> run_natively(const Scenario& scenario, const std::function<bool()>& interrupted);

}  // namespace vmcp::experiment
