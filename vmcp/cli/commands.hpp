// The subcommands of the program. Each adds itself to the application; its callback does the work and throws
// InputError (or any std::exception) for what the user must mend.
#pragma once

#include <CLI/CLI.hpp>
#include <stdexcept>

#include "vmcp/cli/ending.hpp"

namespace vmcp::cli {

/// A message for the user: one line, with file, line and column where they are known. Exit code 1.
struct InputError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// Whether a file is a program in assembler, by its name.
bool is_source(const std::string& file);

void add_assemble(CLI::App& app);
void add_audit(CLI::App& app);
void add_calibrate(CLI::App& app);
void add_check(CLI::App& app);
void add_conform(CLI::App& app);
void add_image(CLI::App& app);
void add_debug(CLI::App& app);
void add_disassemble(CLI::App& app);
void add_instructions(CLI::App& app);
void add_lab(CLI::App& app);
void add_ladder(CLI::App& app);
void add_models(CLI::App& app);
void add_nano(CLI::App& app);
void add_native(CLI::App& app);
void add_report(CLI::App& app);
void add_run(CLI::App& app);
void add_compare(CLI::App& app);
void add_diff_trace(CLI::App& app);
void add_sweep(CLI::App& app);
void add_spool(CLI::App& app);
void add_save_system(CLI::App& app);

}  // namespace vmcp::cli
