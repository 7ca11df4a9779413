// What every subcommand has: --log-level and --log-file, diagnostics of what the program does, off by default
// and never part of a result; --code-page.
#pragma once

#include <CLI/CLI.hpp>

namespace vmcp::cli {

/// Adds the options; they take effect before a subcommand does anything.
void add_log_options(CLI::App& app);

/// Adds --code-page, of which EBCDIC the texts are that a program's devices show and read.
void add_code_page_option(CLI::App& app);

}  // namespace vmcp::cli
