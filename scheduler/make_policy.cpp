#include "scheduler/make_policy.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <stdexcept>

#include "scheduler/q1q2.hpp"
#include "scheduler/round_robin.hpp"
#include "scheduler/stride.hpp"

namespace scheduler {

namespace {

constexpr std::string_view kNames[] = {"round-robin", "q1q2", "stride"};

}  // namespace

std::span<const std::string_view> policy_names() { return kNames; }

std::unique_ptr<Policy> make_policy(std::string_view name, const Parameters& parameters) {
    if (name == "round-robin") return std::make_unique<RoundRobin>(parameters);
    if (name == "q1q2") return std::make_unique<Q1q2>(parameters);
    if (name == "stride") return std::make_unique<Stride>(parameters);
    throw std::invalid_argument(
        fmt::format("unknown dispatching policy '{}'; expected one of {}", name, fmt::join(kNames, ", ")));
}

}  // namespace scheduler
