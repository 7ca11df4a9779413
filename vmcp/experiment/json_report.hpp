// Results as JSON. Field names are fixed points that other tools rely on; docs/reading-the-report.md says
// what each means. Times are integers in nanoseconds of simulated time. All but `host` is the same, byte for
// byte, from run to run.
#pragma once

#include <nlohmann/json.hpp>
#include <string_view>

#include "vmcp/experiment/result.hpp"

namespace vmcp::experiment {

nlohmann::ordered_json to_json(const Scenario& scenario, const RunResult& result);

/// To six decimals, so that the last bit of a division cannot differ.
nlohmann::ordered_json rounded(double value);

/// `models` of a report: the machine model, the control-program model, the policy.
nlohmann::ordered_json models_to_json(const Scenario& scenario);

/// What made a result: the version, the commit and the command.
nlohmann::ordered_json maker_to_json(std::string_view command);

/// What a run of the scenario does beside its models: seed, time limit, paging.
nlohmann::ordered_json settings_to_json(const Scenario& scenario);

/// 16 hexadecimal digits: the PSW as it would be stored.
std::string psw_text(const isa::Psw& psw);

/// The general registers as 16 times 8 hexadecimal digits.
nlohmann::ordered_json registers_to_json(const std::array<uint32_t, 16>& registers);

/// Console lines, printer text and cards (as text).
nlohmann::ordered_json to_json(const GuestOutput& output);

}  // namespace vmcp::experiment
