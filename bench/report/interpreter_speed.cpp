#include "bench/report/interpreter_speed.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "bench/support/host_clock.hpp"
#include "bench/support/program.hpp"
#include "simulation/machine/machine.hpp"
#include "vmcp/conformance/hercules.hpp"

namespace bench {
namespace {

constexpr uint32_t kStorage = 16u << 20;
/// A run of the greater count takes at least this long on either side.
constexpr double kSeconds = 0.4;

struct Run {
    double seconds = 0;
    uint64_t instructions = 0;  // where the implementation tells
};

Run run_here(const Program& program, uint32_t count) {
    simulation::Machine machine(simulation::MachineModel::load("s370-158"), kStorage);
    const std::vector<uint8_t> image = program.image(count);
    machine.storage().put(0, image.data(), static_cast<uint32_t>(image.size()));
    machine.restart();
    simulation::Stop stop{};
    Run run;
    run.seconds = seconds_of([&] { stop = machine.run(); });
    run.instructions = machine.cpu().counters().instructions;
    if (stop != simulation::Stop::disabled_wait || machine.cpu().psw().address != 0)
        throw std::runtime_error(fmt::format("the kernel failed: {}, instruction address {:06X}",
                                             name_of(stop), machine.cpu().psw().address));
    return run;
}

Run run_there(vmcp::conformance::Hercules& hercules, const Program& program, uint32_t count) {
    const auto outcome =
        hercules.run({.core = {0, program.image(count)}, .storage_size = kStorage, .dumps = {}});
    if (outcome.stop != vmcp::conformance::Stop::disabled_wait || (outcome.psw & 0xFFFFFF) != 0)
        throw std::runtime_error(fmt::format("the kernel failed on hercules: {}, PSW {:016X}",
                                             name_of(outcome.stop), outcome.psw));
    return {outcome.cpu_seconds, 0};
}

/// Differences of two counts: loading, decoding, starting and stopping cancel.
template <class F>
Run difference(uint32_t few, uint32_t many, F&& run) {
    const Run less = run(few), more = run(many);
    return {more.seconds - less.seconds, more.instructions - less.instructions};
}

KernelSpeed measure(const std::string& name, const std::string& what, vmcp::conformance::Hercules* hercules,
                    int pairs) {
    const Program program = Program::kernel(name);
    const auto here = [&](uint32_t count) { return run_here(program, count); };
    const auto there = [&](uint32_t count) { return run_there(*hercules, program, count); };
    uint32_t many = 64;
    while (here(many).seconds < kSeconds || (hercules != nullptr && there(many).seconds < kSeconds))
        many *= 2;
    const uint32_t few = many / 8;

    std::vector<double> ours, theirs, ratios;
    for (int n = 0; n < pairs; ++n) {
        const Run a = difference(few, many, here);
        const double mips = static_cast<double>(a.instructions) / a.seconds * 1e-6;
        ours.push_back(mips);
        if (hercules == nullptr) continue;
        const Run b = difference(few, many, there);
        theirs.push_back(static_cast<double>(a.instructions) / b.seconds * 1e-6);
        ratios.push_back(mips / theirs.back());
    }
    KernelSpeed speed{.kernel = name, .what = what, .mips = median(ours), .other = {}};
    if (!theirs.empty()) {
        speed.other = median(theirs);
        speed.ratio = median(ratios);
        const auto [low, high] = std::minmax_element(ratios.begin(), ratios.end());
        speed.lowest_ratio = *low;
        speed.highest_ratio = *high;
    }
    return speed;
}

}  // namespace

std::vector<KernelSpeed> measure_interpreter(int pairs) {
    std::optional<vmcp::conformance::Hercules> hercules;
    if (const auto program = vmcp::conformance::Hercules::find())
        hercules.emplace(*program);
    else
        fmt::print(stderr, "comparison skipped: {}\n", vmcp::conformance::Hercules::missing_message());
    std::vector<KernelSpeed> speeds;
    for (const auto& [name, what] : {std::pair{"integer", "sorting records: loads, stores, branches"},
                                     {"sieve", "sieve of Eratosthenes: byte stores, BXLE"},
                                     {"strings", "cards: MVC, TR, CLC, TRT, EX"},
                                     {"calls", "recursion: STM, LM, BALR"}})
        speeds.push_back(measure(name, what, hercules ? &*hercules : nullptr, pairs));
    return speeds;
}

}  // namespace bench
