#include "bench/report/kernel_speed.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "bench/support/host_clock.hpp"
#include "simulation/executor/translator/executor_choice.hpp"

namespace bench {
namespace {

/// A run of the greater count takes about so long on every side, in host CPU seconds.
constexpr double kSeconds = 0.15;
constexpr double kMostRounds = 4e9;

/// The number of rounds that takes a side about kSeconds.
uint32_t rounds_of(const KernelRunner& runner, Side side) {
    double rounds = 64;
    for (;;) {
        const double seconds = runner.seconds(side, static_cast<uint32_t>(rounds));
        if (seconds >= 0.7 * kSeconds) return static_cast<uint32_t>(rounds);
        rounds *= std::clamp(kSeconds / seconds, 2.0, 32.0);
        if (rounds > kMostRounds)
            throw std::runtime_error(fmt::format("{}: expected rounds to take host CPU time", name_of(side)));
    }
}

/// By the difference of two counts: loading, decoding, translating, starting and stopping cancel.
double seconds_a_round(const KernelRunner& runner, Side side, uint32_t many) {
    const uint32_t few = many / 16;
    const double less = runner.seconds(side, few), more = runner.seconds(side, many);
    return (more - less) / (many - few);
}

Spread spread(const std::vector<double>& samples) {
    const auto [low, high] = std::ranges::minmax_element(samples);
    return {median(samples), *low, *high};
}

KernelSpeed measure(const Kernel& kernel, const KernelRunner& runner, int repeats) {
    const double instructions = runner.instructions_a_round();
    OfSides<uint32_t> rounds{};
    for (const Side side : kSides)
        if (runner.can(side)) rounds[place(side)] = rounds_of(runner, side);

    OfSides<std::vector<double>> mips;
    for (int n = 0; n < repeats; ++n)
        for (const Side side : kSides)
            if (runner.can(side))
                mips[place(side)].push_back(instructions /
                                            seconds_a_round(runner, side, rounds[place(side)]) * 1e-6);

    KernelSpeed speed{.kernel = std::string(kernel.name), .what = std::string(kernel.what)};
    for (const Side side : kSides)
        if (const auto& samples = mips[place(side)]; !samples.empty())
            speed.mips[place(side)] = median(samples);
    for (size_t r = 0; r < std::size(kRatios); ++r) {
        const auto& of = mips[place(kRatios[r].of)];
        const auto& to = mips[place(kRatios[r].to)];
        if (of.empty() || to.empty()) continue;
        std::vector<double> ratios;
        for (size_t n = 0; n < of.size(); ++n) ratios.push_back(of[n] / to[n]);
        speed.ratios[r] = spread(ratios);
    }
    return speed;
}

/// Of what `value` finds in the kernels; nothing where it finds nothing.
template <class F>
std::optional<double> geometric_mean(const std::vector<KernelSpeed>& speeds, F&& value) {
    double logarithms = 0;
    unsigned count = 0;
    for (const KernelSpeed& speed : speeds)
        if (const std::optional<double> found = value(speed)) {
            logarithms += std::log(*found);
            ++count;
        }
    if (count == 0) return std::nullopt;
    return std::exp(logarithms / count);
}

KernelSpeed mean_of(const std::vector<KernelSpeed>& speeds) {
    KernelSpeed mean{.kernel = "geometric mean"};
    for (const Side side : kSides)
        mean.mips[place(side)] =
            geometric_mean(speeds, [side](const KernelSpeed& speed) { return speed.mips[place(side)]; });
    for (size_t r = 0; r < std::size(kRatios); ++r) {
        const auto of_all = [&](double Spread::*member) {
            return geometric_mean(speeds, [&](const KernelSpeed& speed) -> std::optional<double> {
                if (!speed.ratios[r]) return std::nullopt;
                return (*speed.ratios[r]).*member;
            });
        };
        if (const auto median = of_all(&Spread::median))
            mean.ratios[r] = {*median, *of_all(&Spread::lowest), *of_all(&Spread::highest)};
    }
    return mean;
}

/// What translating takes, in all runs together.
std::string cost_of_translating(const std::vector<simulation::TranslationCounts>& runs) {
    simulation::TranslationCounts sum;
    for (const simulation::TranslationCounts& run : runs) {
        sum.regions += run.regions;
        sum.instructions += run.instructions;
        sum.guest_bytes += run.guest_bytes;
        sum.code_bytes += run.code_bytes;
        sum.host_ns += run.host_ns;
    }
    if (sum.regions == 0) return "nothing was translated";
    const auto each = [](uint64_t a, uint64_t b) { return static_cast<double>(a) / static_cast<double>(b); };
    return fmt::format(
        "translating took {:.1f} us of host time a guest instruction, and made {:.0f} bytes of code a guest "
        "byte "
        "({} regions, one run of each kernel)",
        each(sum.host_ns, sum.instructions) / 1000, each(sum.code_bytes, sum.guest_bytes), sum.regions);
}

}  // namespace

KernelSpeeds measure_kernels(int repeats, const std::vector<std::string>& only) {
    KernelSpeeds speeds{.repeats = repeats};
    std::optional<vmcp::conformance::Hercules> hercules;
    if (const auto program = vmcp::conformance::Hercules::find()) {
        hercules.emplace(*program);
        speeds.hercules = hercules->name();
    } else {
        speeds.remarks.push_back("no figures of hercules: " + vmcp::conformance::Hercules::missing_message());
    }
    if (!simulation::can_translate())
        speeds.remarks.emplace_back(
            "there is no translator for this host: the interpreter stands in for it in its columns");
    constexpr uint32_t kRounds = 4000;  // makes what is hot hot
    std::vector<simulation::TranslationCounts> translated;
    for (const Kernel& kernel : kernels()) {
        if (!only.empty() && std::ranges::find(only, kernel.name) == only.end()) continue;
        fmt::print(stderr, "measuring kernel {} ...\n", kernel.name);
        std::optional<KernelRunner> runner;
        try {
            runner.emplace(kernel, hercules ? &*hercules : nullptr);
        } catch (const std::runtime_error& error) {
            if (!kernel.in_c) throw;
            // There may be no compiler for it here.
            speeds.remarks.push_back(fmt::format("no figures of {}: {}", kernel.name, error.what()));
            continue;
        }
        speeds.kernels.push_back(measure(kernel, *runner, repeats));
        translated.push_back(runner->translated(kRounds));
    }
    if (simulation::can_translate()) speeds.remarks.push_back(cost_of_translating(translated));
    speeds.mean = mean_of(speeds.kernels);
    return speeds;
}

}  // namespace bench
