// Host time of one turn (pick, charge, requeue or wait) with 10 to 10,000 entities, per policy. Aim: flat.
#include <benchmark/benchmark.h>

#include <string>

#include "scheduler/make_policy.hpp"

namespace {

using namespace scheduler;

void turn(benchmark::State& state, std::string_view name) {
    const auto policy = make_policy(name, {});
    Time now = 0;
    const auto entities = static_cast<Id>(state.range(0));
    for (Id id = 0; id < entities; ++id) {
        policy->add(id, {.priority = 1 + static_cast<int>(id % 99), .share = 1 + id % 7}, now);
        policy->ready(id, now);
    }
    uint64_t turns = 0;
    for (auto _ : state) {
        const Choice choice = *policy->pick(now);
        const Duration used = choice.slice / static_cast<Duration>(1 + turns % 3);
        now += used;
        policy->charge(choice.id, used, now);
        if (++turns % 2 == 0) {
            policy->requeue(choice.id, now);
        } else {
            policy->block(choice.id, now, turns % 4 == 1 ? Wait::io : Wait::terminal);
            policy->ready(choice.id, now);
        }
    }
}

}  // namespace

int main(int argc, char** argv) {
    for (const std::string_view name : policy_names()) {
        benchmark::RegisterBenchmark(("turn/" + std::string(name)).c_str(),
                                     [name](benchmark::State& state) { turn(state, name); })
            ->RangeMultiplier(10)
            ->Range(10, 10'000);
    }
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
    benchmark::RunSpecifiedBenchmarks();
    benchmark::Shutdown();
}
