// Climbing a ladder on behalf of a command: with a progress bar at a terminal, and until Ctrl-C.
#pragma once

#include <vector>

#include "vmcp/cli/ending.hpp"
#include "vmcp/experiment/ladder.hpp"

namespace vmcp::cli {

class Climber {
  public:
    Climber();
    experiment::Ladder climb(const experiment::Scenario& scenario,
                             const std::vector<const experiment::Rung*>& rungs) const;

  private:
    const EndingSignals signals_;
    const bool show_;
};

/// All runs of all rungs.
bool ended_well(const experiment::Ladder& ladder);

}  // namespace vmcp::cli
