#include "scheduler/make_policy.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <stdexcept>

#include "scheduler/plugin_policy.hpp"
#include "scheduler/q1q2.hpp"
#include "scheduler/round_robin.hpp"
#include "scheduler/stride.hpp"

namespace scheduler {

namespace {

constexpr std::string_view kNames[] = {"round-robin", "q1q2", "stride"};

}  // namespace

std::span<const std::string_view> policy_names() { return kNames; }

bool is_policy(std::string_view name) {
    return is_plugin(name) || std::find(std::begin(kNames), std::end(kNames), name) != std::end(kNames);
}

std::unique_ptr<Policy> make_policy(std::string_view name, const Parameters& parameters) {
    if (name == "round-robin") return std::make_unique<RoundRobin>(parameters);
    if (name == "q1q2") return std::make_unique<Q1q2>(parameters);
    if (name == "stride") return std::make_unique<Stride>(parameters);
    if (is_plugin(name)) return std::make_unique<PluginPolicy>(std::string(name), parameters);
    throw std::invalid_argument(
        fmt::format("unknown dispatching policy '{}'; expected one of {}, or a file whose name ends with .so",
                    name, fmt::join(kNames, ", ")));
}

}  // namespace scheduler
