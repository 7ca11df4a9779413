// Whether the results of the kernels (bench/kernels) are right everywhere: in the interpreter and the
// translator, on hercules, and as guests. bench_kernels [ROUNDS [KERNEL...]]
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <exception>
#include <optional>
#include <string>
#include <vector>

#include "bench/support/kernel_runner.hpp"

namespace {

/// Whether it is right on all sides; says so.
bool right(const bench::Kernel& kernel, vmcp::conformance::Hercules* hercules, uint32_t rounds) {
    std::optional<bench::KernelRunner> runner;
    try {
        runner.emplace(kernel, hercules);
    } catch (const std::exception& error) {
        fmt::print("{}: {}: {}\n", kernel.name, kernel.in_c ? "skipped" : "WRONG", error.what());
        return kernel.in_c;  // there may be no compiler for it here
    }
    bool good = true;
    std::string sides;
    for (const bench::Side side : bench::kSides) {
        if (!runner->can(side)) continue;
        try {
            runner->seconds(side, rounds);
            sides += fmt::format("{}{}", sides.empty() ? "" : ", ", name_of(side));
        } catch (const std::exception& error) {
            fmt::print("WRONG: {}\n", error.what());
            good = false;
        }
    }
    if (good)
        fmt::print("{}: {} instructions a round, right on: {}\n", kernel.name, runner->instructions_a_round(),
                   sides);
    return good;
}

}  // namespace

int main(int argc, char** argv) {
    const std::vector<std::string_view> words(argv + 1, argv + argc);
    const auto rounds =
        static_cast<uint32_t>(words.empty() ? 50 : std::strtoul(words.front().data(), nullptr, 10));
    if (rounds == 0) {
        fmt::print(stderr, "usage: bench_kernels [ROUNDS [KERNEL...]], with at least one round\n");
        return 2;
    }
    std::optional<vmcp::conformance::Hercules> hercules;
    if (const auto program = vmcp::conformance::Hercules::find())
        hercules.emplace(*program);
    else
        fmt::print("not on hercules: {}\n", vmcp::conformance::Hercules::missing_message());
    bool good = true;
    for (const bench::Kernel& kernel : bench::kernels())
        if (words.size() < 2 || std::find(words.begin() + 1, words.end(), kernel.name) != words.end())
            good = right(kernel, hercules ? &*hercules : nullptr, rounds) && good;
    return good ? 0 : 1;
}
