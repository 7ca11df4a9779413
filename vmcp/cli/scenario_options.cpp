#include "vmcp/cli/scenario_options.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <limits>

#include "scheduler/make_policy.hpp"
#include "vmcp/cli/commands.hpp"
#include "vmcp/cli/numbers.hpp"
#include "vmcp/cli/standard_streams.hpp"

namespace vmcp::cli {

void ScenarioOptions::add_to(CLI::App& sub, bool required) {
    auto* scenario = sub.add_option("scenario", file, "Scenario: which machines, which guests")
                         ->type_name("SCENARIO.toml");
    if (required) scenario->required();
    sub.add_flag_callback(
        "--keys",
        [] {
            print("{}", experiment::scenario_reference());
            throw CLI::Success();
        },
        "Show every key of a scenario file with an example");
    add_models_to(sub);
}

void ScenarioOptions::add_models_to(CLI::App& sub) {
    sub.add_option("--model", model, "Machine model in place of the scenario's: a name or a TOML file")
        ->type_name("NAME");
    sub.add_option("--cp-model", control_program_model, "Control-program model in place of the scenario's")
        ->type_name("NAME");
    sub.add_option("--policy", policy, "Dispatching policy in place of the scenario's")
        ->check(CLI::Validator(
            [](const std::string& name) {
                if (scheduler::is_policy(name)) return std::string();
                return fmt::format("expected {}, or a file whose name ends with .so",
                                   fmt::join(scheduler::policy_names(), ", "));
            },
            ""))
        ->type_name("NAME:{round-robin,q1q2,stride}|FILE.so");
    sub.add_option("--slice-ms", slice_ms, "Time slice in simulated milliseconds")
        ->check(number(0.001, 1e9))
        ->type_name("X");
    sub.add_option("--cp-scale", control_program_scale,
                   "Multiply all prices of control-program work, to see what hangs on them (0.5, 2)")
        ->check(number(0.001, 1000))
        ->type_name("X");
    sub.add_option("--machine-scale", machine_scale, "Multiply all prices of the CPU's work")
        ->check(number(0.001, 1000))
        ->type_name("X");
    sub.add_option("--time-limit-ms", time_limit_ms, "End the run at this simulated time")
        ->check(number(0.001, 1e9))
        ->type_name("X");
    sub.add_option("--seed", seed, "For what the scenario leaves to chance (start_spread_ms)")
        ->check(whole_number(0, std::numeric_limits<int64_t>::max()))
        ->type_name("N");
}

experiment::Scenario ScenarioOptions::read() const {
    experiment::Overrides overrides;
    if (!model.empty()) overrides.machine_model = model;
    if (!control_program_model.empty()) overrides.control_program_model = control_program_model;
    if (!policy.empty()) overrides.policy = policy;
    if (!spool.empty()) overrides.spool = spool;
    if (slice_ms != 0) overrides.slice_ms = slice_ms;
    if (control_program_scale != 0) overrides.control_program_scale = control_program_scale;
    if (machine_scale != 0) overrides.machine_scale = machine_scale;
    if (time_limit_ms != 0) overrides.time_limit_ms = time_limit_ms;
    if (seed >= 0) overrides.seed = static_cast<uint64_t>(seed);
    return experiment::read_scenario(file, overrides);
}

std::string file_that_comes_with_it(const std::string& name) {
    std::error_code none;
    const auto program = std::filesystem::read_symlink("/proc/self/exe", none);
    for (const std::filesystem::path& path :
         {std::filesystem::path(name), program.parent_path() / "../share/doc/vmcp" / name})
        if (std::filesystem::is_regular_file(path, none)) return path.lexically_normal().string();
    throw InputError(fmt::format("there is no file {}: expected a scenario", name));
}

}  // namespace vmcp::cli
