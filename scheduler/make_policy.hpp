// Dispatching policies by name.
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "scheduler/policy.hpp"

namespace scheduler {

/// The names that make_policy knows.
std::span<const std::string_view> policy_names();

/// Whether make_policy knows a policy of that name, or it is a file that may have one
/// (scheduler/policy_plugin.h).
bool is_policy(std::string_view name);

/// The policy of that name, or of that file. Throws std::invalid_argument, with the known names, if there is
/// none, and std::runtime_error for a file that has none.
std::unique_ptr<Policy> make_policy(std::string_view name, const Parameters& parameters);

}  // namespace scheduler
