#include "simulation/executor/pausing_executor.hpp"

#include <algorithm>

namespace simulation {

const Exit& PausingExecutor::run(Cpu& cpu, SimTime until, uint64_t instructions) {
    if (observers.any() != relays_) {
        relays_ = observers.any();
        if (relays_)
            inner_->observers.add(relay_);
        else
            inner_->observers.remove(relay_);
    }
    for (bool goes_on = false;; goes_on = true) {
        pauser_.before(cpu, goes_on);
        const uint64_t before = cpu.counters().instructions;
        const Exit& exit = inner_->run(cpu, until, std::min(instructions, pauser_.allowance()));
        const uint64_t done = cpu.counters().instructions - before;
        if (done != 0) pauser_.completed(done);
        if (instructions != kUncounted) instructions -= std::min(done, instructions);
        if (!std::holds_alternative<BudgetSpent>(exit) || instructions == 0) return exit;
        if (cpu.now() >= until && !inner_->is_cut_short()) return exit;
    }
}

}  // namespace simulation
