#include "vmcp/experiment/traced_guest.hpp"

#include <algorithm>
#include <utility>

namespace vmcp::experiment {

void Pieces::came(size_t steps) {
    constexpr size_t kFew = 2'000, kMany = 20'000;
    if (steps < kFew) piece_ = std::min<SimTime>(2 * piece_, 10 * simulation::kSecond);
    if (steps > kMany) piece_ = std::max<SimTime>(piece_ / 4, 1000);
}

TracedGuest::TracedGuest(const Scenario& scenario, size_t vm, StepOutput output)
    : scenario_(scenario),
      vm_(vm),
      recorder_(scenario.vms[vm].options.name, [this, output = std::move(output)](const TraceStep& step) {
          ++came_;
          output(step);
      }) {
    media_.replace_in(scenario_);
    RunHooks hooks;
    hooks.observers.push_back(&recorder_);
    hooks.instruction_observers.push_back(&recorder_);
    hooks.stopped = [this](size_t id, const VirtualMachine& machine) {
        if (id != vm_) return;
        stopped_ = true;
        by_program_ = machine.stop == StopReason::disabled_wait || machine.stop == StopReason::check_stop;
    };
    session_.emplace(scenario_, std::move(hooks));
}

bool TracedGuest::go_on() {
    if (!started_) {
        started_ = true;
        session_->start();
    }
    came_ = 0;
    const Progress progress = session_->advance(pieces_.next(session_->now()));
    pieces_.came(came_);
    if (progress == Progress::time && !stopped_) return true;
    idle_ = progress == Progress::idle;
    recorder_.flush();
    return false;
}

}  // namespace vmcp::experiment
