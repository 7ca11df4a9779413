// One guest of a scenario, natively and under the control program: whether it executes the same.
#pragma once

#include <nlohmann/json.hpp>

#include "vmcp/experiment/scenario.hpp"
#include "vmcp/experiment/stream_comparison.hpp"

namespace vmcp::experiment {

/// Runs both in turns, each on copies of its disks and tapes. `vm`: index of the guest in the scenario. The
/// bare machine has what the guest has, dedicated devices too. Throws GuestError for what a bare machine
/// cannot have (minidisks), and what NativeMachine and VirtualSession throw.
StreamComparison diff_trace(const Scenario& scenario, size_t vm, uint64_t instructions = ~uint64_t{0},
                            const std::function<bool()>& interrupted = {});

/// The same with the bare machine kept in step with the guest (aligned_comparison.hpp).
StreamComparison diff_trace_aligned(const Scenario& scenario, size_t vm, uint64_t instructions = ~uint64_t{0},
                                    const std::function<bool()>& interrupted = {});

/// For people: lines of at most `width` characters.
std::string report(const Scenario& scenario, size_t vm, const StreamComparison& comparison, size_t width);

/// `vmcp`, `guest`, `end`, `good`, `aligned`, `instructions`, `interruptions`, `causes`, `first`, `last`.
nlohmann::ordered_json to_json(const Scenario& scenario, size_t vm, const StreamComparison& comparison);

}  // namespace vmcp::experiment
