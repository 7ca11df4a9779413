// Whether guests came to a good end. A program says by the instruction address of its last, disabled wait PSW
// how it ended: 0 is well, as is an address that spells 600D; everything else is an error of its own.
#pragma once

#include "isa/psw.hpp"
#include "vmcp/experiment/compare.hpp"
#include "vmcp/experiment/result.hpp"

namespace vmcp::experiment {

/// Of a disabled wait.
bool says_well(const isa::Psw& psw);

/// No check stop, no limit reached, no disabled wait that says otherwise. A machine that waits for its
/// operator has ended well.
bool ended_well(const NativeResult& result);
/// Likewise, and real storage was enough. A machine that has not ended has done so well.
bool ended_well(const VmResult& vm);
/// All of its machines, and before the time limit.
bool ended_well(const RunResult& result);
/// All runs.
bool ended_well(const Comparison& comparison);

}  // namespace vmcp::experiment
