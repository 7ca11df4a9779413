#include "vmcp/experiment/ladder.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "vmcp/experiment/assumptions.hpp"
#include "vmcp/experiment/bare_machine.hpp"
#include "vmcp/experiment/compare.hpp"
#include "vmcp/experiment/native.hpp"
#include "vmcp/experiment/private_media.hpp"
#include "vmcp/experiment/run.hpp"

namespace vmcp::experiment {
namespace {

double quotient(SimTime a, SimTime b) { return b == 0 ? 0 : static_cast<double>(a) / static_cast<double>(b); }

/// Machines that differ only in name, start and what rungs set are one guest.
std::vector<VmDescription> different_guests(const Scenario& scenario) {
    std::vector<VmDescription> guests, bare;
    for (const VmDescription& vm : scenario.vms) {
        VmDescription nameless = without_name_and_start(vm);
        nameless.options.technique = {};
        nameless.options.assists = {};
        nameless.options.storage_kind = {};
        nameless.options.translation = {};
        nameless.options.intercepts = {};
        nameless.options.exits_together = nameless.options.wait_completion = false;
        nameless.options.device_server = {};
        for (MappedDevice& device : nameless.options.mapped_devices) {
            device.way = {};
            device.interpretive = false;
        }
        if (std::find(bare.begin(), bare.end(), nameless) != bare.end()) continue;
        bare.push_back(std::move(nameless));
        guests.push_back(vm);
        guests.back().start = 0;
    }
    return guests;
}

}  // namespace

SimTime RungRuns::guest_time() const {
    SimTime sum = 0;
    for (const RunResult& run : guests) sum += run.vms.front().account.guest;
    return sum;
}

SimTime RungRuns::control_program_time() const {
    SimTime sum = 0;
    for (const RunResult& run : guests) sum += run.vms.front().account.control_program;
    return sum;
}

uint64_t RungRuns::exits() const {
    uint64_t sum = 0;
    for (const RunResult& run : guests) sum += run.vms.front().exits;
    return sum;
}

LedgerEntry RungRuns::of(Cause cause) const {
    LedgerEntry sum;
    for (const RunResult& run : guests) {
        const LedgerEntry& entry = run.vms.front().account.causes[cause.index()];
        sum.count += entry.count;
        sum.time += entry.time;
    }
    return sum;
}

AssistCount RungRuns::asked() const {
    AssistCount sum;
    for (const RunResult& run : guests)
        for (const AssistCount& count : run.vms.front().assist_counts.of) {
            sum.calls += count.calls;
            sum.hits += count.hits;
        }
    return sum;
}

double RungRuns::assumed_share() const {
    SimTime sum = 0, all = 0;
    for (const RunResult& run : guests) {
        sum += time_at_assumed_prices(scenario.machine, scenario.control_program, run.steps);
        all += run.control_program_time();
    }
    return quotient(sum, all);
}

double RungRuns::covered_share() const {
    SimTime sum = 0, all = 0;
    for (const RunResult& run : guests) {
        for (unsigned i = 0; i < kSteps; ++i)
            if (scenario.control_program.assisted[i]) sum += run.steps.steps[i].time;
        all += run.control_program_time();
    }
    return quotient(sum, all);
}

bool RungRuns::all_ended() const {
    return std::all_of(guests.begin(), guests.end(),
                       [](const RunResult& run) { return run.vms.front().state == VmState::stopped; });
}

SimTime Ladder::native_time() const {
    SimTime sum = 0;
    for (const NativeResult& one : native) sum += one.busy;
    return sum;
}

double Ladder::overhead(const RungRuns& rung) const {
    return quotient(rung.guest_time() + rung.control_program_time(), native_time());
}

double Ladder::overhead(const RungRuns& rung, size_t guest) const {
    return quotient(cpu_time(rung.guests[guest].vms.front().account), native[guest].busy);
}

const RungRuns* Ladder::find(std::string_view name) const {
    const auto at = std::find_if(rungs.begin(), rungs.end(),
                                 [name](const RungRuns& one) { return one.rung->name == name; });
    return at == rungs.end() ? nullptr : &*at;
}

Ladder climb(const Scenario& scenario, const std::vector<const Rung*>& chosen, const LadderHooks& hooks) {
    Ladder ladder;
    ladder.planned = chosen.size();
    const std::vector<VmDescription> guests = different_guests(scenario);
    const size_t all = guests.size() * (chosen.size() + 1);
    size_t done = 0;
    const auto begin = [&](const std::string& guest, const std::string& where) {
        if (hooks.progress) hooks.progress(done, all, guest + " " + where);
        ++done;
    };
    NativeHooks native_hooks;
    native_hooks.interrupted = hooks.interrupted;
    for (const VmDescription& vm : guests) {
        begin(vm.options.name, "natively");
        ladder.guests.push_back(vm.options.name);
        ladder.with_devices.push_back(!vm.options.mapped_devices.empty());
        PrivateMedia media;
        BareDisks disks;
        VmDescription bare = bare_machine(scenario, vm, disks);
        media.replace_in(bare);
        ladder.native.push_back(
            NativeMachine(scenario.machine, bare, native_hooks).run({.time = scenario.time_limit}));
        if (!ladder.native.back().interrupted) continue;
        ladder.interrupted = true;
        return ladder;
    }
    RunHooks run_hooks;
    run_hooks.interrupted = hooks.interrupted;
    for (const Rung* rung : chosen) {
        RungRuns runs;
        runs.rung = rung;
        for (size_t g = 0; g < guests.size(); ++g) {
            begin(guests[g].options.name, fmt::format("({})", rung->name));
            Scenario single = scenario;
            single.vms = {guests[g]};
            single = on_rung(std::move(single), *rung);
            runs.guests.push_back(run_on_copies(single, run_hooks));
            runs.same_output.push_back(
                same_output(ladder.native[g].output, runs.guests.back().vms.front().output));
            runs.scenario = std::move(single);
            if (!runs.guests.back().interrupted) continue;
            ladder.interrupted = true;
            return ladder;
        }
        ladder.rungs.push_back(std::move(runs));
    }
    return ladder;
}

bool Ladder::has_guests_of(const Published& published) const {
    return !published.of_io ||
           std::find(with_devices.begin(), with_devices.end(), true) != with_devices.end();
}

namespace {

/// Over the guests that the figure is told of.
template <class TimeOf>
SimTime sum_of(const Ladder& ladder, const Published& published, TimeOf&& time_of) {
    SimTime sum = 0;
    for (size_t g = 0; g < ladder.guests.size(); ++g)
        if (!published.of_io || ladder.with_devices[g]) sum += time_of(g);
    return sum;
}

}  // namespace

std::optional<Verdict> verdict(const Ladder& ladder, const RungRuns& rung) {
    if (!rung.rung->published || !ladder.has_guests_of(*rung.rung->published)) return std::nullopt;
    const Published& published = *rung.rung->published;
    const auto cp_time = [&](const RungRuns& runs) {
        return sum_of(ladder, published,
                      [&](size_t g) { return runs.guests[g].vms.front().account.control_program; });
    };
    Verdict v;
    v.published = &published;
    if (published.of == Published::Of::tio) {
        const RungRuns* const other = ladder.find(published.than);
        if (other == nullptr) return std::nullopt;
        const auto each = [](const RungRuns& runs) {
            const LedgerEntry asked = runs.of(Cause::simulated(isa::Op::op_TIO));
            return asked.count == 0 ? 0 : asked.time / static_cast<SimTime>(asked.count);
        };
        if (each(rung) == 0 || each(*other) == 0) return std::nullopt;
        v.ours = quotient(each(rung), each(*other));
    } else if (published.of == Published::Of::overhead) {
        v.ours = quotient(cp_time(rung),
                          sum_of(ladder, published, [&](size_t g) { return ladder.native[g].busy; }));
    } else {
        const RungRuns* const other = ladder.find(published.than);
        if (other == nullptr) return std::nullopt;
        v.ours = quotient(cp_time(rung), cp_time(*other));
    }
    v.inside = v.ours >= published.low && v.ours <= published.high;
    return v;
}

}  // namespace vmcp::experiment
