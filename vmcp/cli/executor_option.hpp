// --executor, of every subcommand that runs machines. Nothing that a command puts out depends on it but how
// long it takes.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>

namespace vmcp::cli {

/// Makes `command` what a subcommand does, and gives it --executor: the machines that `command` makes get
/// that executor; where the option is not given, that of the environment variable VMCP_EXECUTOR.
void set_machine_command(CLI::App& sub, std::function<void()> command);

}  // namespace vmcp::cli
