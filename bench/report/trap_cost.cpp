#include "bench/report/trap_cost.hpp"

#include "bench/support/host_clock.hpp"
#include "bench/support/trap_kinds.hpp"

namespace bench {
namespace {

double measure(const TrapKind& kind, int repeats) {
    constexpr uint32_t kRounds = 12'000;
    const Program with = trap_program(kind), without = trap_program(kind, false);
    const auto loop_seconds = [](const Program& program) {
        return seconds_of([&] { run_trap_program(program, kRounds + 1); }) -
               seconds_of([&] { run_trap_program(program, 1); });
    };
    std::vector<double> samples;
    for (int n = 0; n < repeats; ++n) {
        const double loop = loop_seconds(without);
        samples.push_back((loop_seconds(with) - loop) / (kRounds * kTrapCopies) * 1e9);
    }
    return median(samples);
}

}  // namespace

std::vector<TrapCost> measure_traps(int repeats) {
    std::vector<TrapCost> costs;
    const double lpsw = measure(trap_kind("lpsw"), repeats);
    for (const TrapKind& kind : trap_kinds()) {
        const double ns = kind.key == "lpsw" ? lpsw : measure(kind, repeats);
        costs.push_back({std::string(kind.name), kind.returns_by_lpsw ? ns - lpsw : ns});
    }
    return costs;
}

}  // namespace bench
