#include "vmcp/experiment/time_order.hpp"

#include <algorithm>
#include <utility>

namespace vmcp::experiment {

TimeOrder::TimeOrder(simulation::Machine& machine, std::function<void(const std::string& line)> output)
    : machine_(machine), output_(std::move(output)) {}

void TimeOrder::add(simulation::SimTime at, const std::string& line) {
    if (machine_.cpu_count() == 1) return output_(line);
    held_.emplace(at, line);
    simulation::SimTime earliest = simulation::kNever;
    for (unsigned i = 0; i < machine_.cpu_count(); ++i) {
        const simulation::Cpu& cpu = machine_.cpu(i);
        // One in a disabled wait will say nothing more, and its clock stands.
        if (cpu.status == simulation::CpuStatus::operating && !isa::is_disabled_wait(cpu.state()))
            earliest = std::min(earliest, cpu.now());
    }
    hand_on(earliest);
}

void TimeOrder::finish() { hand_on(simulation::kNever); }

void TimeOrder::hand_on(simulation::SimTime before) {
    const auto end = before == simulation::kNever ? held_.end() : held_.lower_bound(before);
    for (auto line = held_.begin(); line != end; ++line) output_(line->second);
    held_.erase(held_.begin(), end);
}

}  // namespace vmcp::experiment
