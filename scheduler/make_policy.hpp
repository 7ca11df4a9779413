// Dispatching policies by name.
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "scheduler/policy.hpp"

namespace scheduler {

/// The names that make_policy knows.
std::span<const std::string_view> policy_names();

/// The policy of that name. Throws std::invalid_argument, with the known names, if there is none.
std::unique_ptr<Policy> make_policy(std::string_view name, const Parameters& parameters);

}  // namespace scheduler
