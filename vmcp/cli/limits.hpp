// Limits on programs that would go on for ever: --max-instructions, --max-time, --max-output.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <optional>
#include <string>

#include "vmcp/experiment/scenario.hpp"

namespace vmcp::cli {

struct LimitOptions {
    std::optional<uint64_t> instructions;
    std::string time, output;

    void add_to(CLI::App& sub);
    /// Throws InputError.
    std::optional<simulation::SimTime> max_time() const;
    void apply(experiment::VmDescription& vm) const;
    void apply(experiment::Scenario& scenario) const;
};

/// "1.5s", "200ms", "10min", "2h": at least a nanosecond, at most eleven days. Throws InputError; `what`
/// names the option.
simulation::SimTime parse_duration(const std::string& text, const std::string& what);

}  // namespace vmcp::cli
