// Compares a guest with a bare machine that is kept in step with it: what only time decides is decided for
// the bare machine as the guest found it, and nothing else may differ.
//
// - An interruption by a device, a clock or an operator comes to the bare machine at the instruction at which
//   it came to the guest. It must be due there and enabled; its devices may be waited for, by a second of
//   simulated time. One that is due, and that the guest does not get, is a difference.
// - What STCK, STPT, STIDP and STIDC store, and the word at location X'50', are what the guest was told. A
// clock
//   that differs by more than a second is a difference.
// - Where SIO, TIO and their kin look at a device that the guest has found further on, it is waited for;
// where
//   the guest has found it busy yet, they tell so, for a second at most. Any other status must be the same.
//
// So the two stay together as long as they do the same, and the first step at which a register, the PSW, an
// instruction or a CSW is another one is a fault of somebody's.
#pragma once

#include <functional>

#include "vmcp/experiment/native.hpp"
#include "vmcp/experiment/stream_comparison.hpp"
#include "vmcp/experiment/timed_steps.hpp"

namespace vmcp::experiment {

/// How far devices and clocks of the two may be apart in simulated time before that is something else than
/// time.
inline constexpr SimTime kAlignedDelay = simulation::kSecond;
/// So many steps a guest may go on in any case, and that long, while an interruption is due on the bare
/// machine.
inline constexpr uint64_t kAlignedDue = 10'000;

/// Starts the bare machine. `instructions`: to compare at most. `interrupted`: asked now and then.
StreamComparison compare_aligned(NativeMachine& bare, TimedSteps& guest, uint64_t instructions = ~uint64_t{0},
                                 const std::function<bool()>& interrupted = {});

}  // namespace vmcp::experiment
