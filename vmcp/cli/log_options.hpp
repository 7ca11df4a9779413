// --log-level and --log-file: diagnostics of what the program does, off by default and never part of a
// result.
#pragma once

#include <CLI/CLI.hpp>

namespace vmcp::cli {

/// Adds the options; they take effect before a subcommand does anything.
void add_log_options(CLI::App& app);

}  // namespace vmcp::cli
