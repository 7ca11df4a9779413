// Options that every command which takes a scenario has: other models, other scales, another policy.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "vmcp/experiment/scenario.hpp"

namespace vmcp::cli {

struct ScenarioOptions {
    std::string file, model, control_program_model, policy, spool;
    double slice_ms = 0, control_program_scale = 0, machine_scale = 0, time_limit_ms = 0;
    int64_t seed = -1;

    /// Adds the options; `required`: the scenario file must be named.
    void add_to(CLI::App& sub, bool required = true);
    /// The same without the scenario itself, for commands that bring their own.
    void add_models_to(CLI::App& sub);
    /// Reads the scenario. Throws simulation::TomlError, GuestError, InputError.
    experiment::Scenario read() const;
    /// The files that the command line names to be read.
    std::vector<std::string> files() const { return {file, model, control_program_model}; }
};

/// A file of examples/: in the source tree, or where it is installed. Throws InputError.
std::string file_that_comes_with_it(const std::string& name);

}  // namespace vmcp::cli
