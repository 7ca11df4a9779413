#include "vmcp/cli/climb.hpp"

#include <algorithm>

#include "vmcp/cli/terminal.hpp"
#include "vmcp/experiment/ending.hpp"

namespace vmcp::cli {

Climber::Climber() : show_(progress_wanted()) {}

experiment::Ladder Climber::climb(const experiment::Scenario& scenario,
                                  const std::vector<const experiment::Rung*>& rungs) const {
    experiment::LadderHooks hooks;
    hooks.interrupted = &EndingSignals::asked;
    if (show_)
        hooks.progress = [](size_t done, size_t all, const std::string& what) {
            show_progress(static_cast<double>(done) / static_cast<double>(all), what);
        };
    experiment::Ladder ladder = experiment::climb(scenario, rungs, hooks);
    if (show_) clear_progress();
    return ladder;
}

bool ended_well(const experiment::Ladder& ladder) {
    return std::all_of(ladder.rungs.begin(), ladder.rungs.end(), [](const experiment::RungRuns& one) {
        return std::all_of(one.guests.begin(), one.guests.end(),
                           [](const experiment::RunResult& run) { return experiment::ended_well(run); });
    });
}

}  // namespace vmcp::cli
