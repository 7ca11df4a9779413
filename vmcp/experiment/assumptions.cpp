#include "vmcp/experiment/assumptions.hpp"

#include <string_view>

namespace vmcp::experiment {
namespace {

bool is_assumed(std::string_view source) { return source.starts_with(simulation::kAssumed); }

}  // namespace

Assumptions assumptions_of(const simulation::MachineModel& model) {
    Assumptions sum;
    const auto add = [&sum](std::string_view source) {
        ++sum.figures;
        sum.assumed += is_assumed(source);
    };
    for (const simulation::Figure* figure :
         {&model.cycle_ns, &model.storage_bytes, &model.interval_timer_hz, &model.cp_instruction_ns,
          &model.interruption_ns, &model.tlb_entries, &model.tlb_ways, &model.table_reference_ns,
          &model.one_burst})
        add(figure->source);
    add(model.tlb_replacement_source);
    for (const simulation::Figure* figure :
         {&model.assist.simulate_ns, &model.assist.refuse_ns, &model.assist.shadow_ns,
          &model.assist.path_percent, &model.interpretive.entry_ns, &model.interpretive.exit_ns,
          &model.interpretive.io_ns})
        if (!figure->source.empty()) add(figure->source);
    for (const std::string& source : model.price_sources) add(source);
    for (const auto& [type, figures] : model.devices)
        for (const auto& [name, figure] : figures) add(figure.source);
    return sum;
}

Assumptions assumptions_of(const ControlProgramModel& model) {
    Assumptions sum;
    for (unsigned i = 0; i < kSteps; ++i) {
        sum.figures += model.has(i);
        sum.assumed += model.has(i) && is_assumed(model.sources[i]);
    }
    return sum;
}

SimTime time_at_assumed_prices(const simulation::MachineModel& machine, const ControlProgramModel& model,
                               const StepTotals& totals) {
    SimTime sum = machine.interruption_ns.assumed() ? totals.hardware.time : 0;
    // What goes in comes out, but the two are not told apart: where one price is assumed, the sum is.
    if (machine.interpretive.entry_ns.assumed() || machine.interpretive.exit_ns.assumed())
        sum += totals.transitions.time;
    const bool coverage = is_assumed(model.assisted_source);
    for (unsigned i = 0; i < kSteps; ++i)
        if (is_assumed(model.sources[i]))
            sum += totals.steps[i].time;
        else if (coverage && model.assisted[i])
            sum += totals.assisted[i];
    return sum;
}

}  // namespace vmcp::experiment
