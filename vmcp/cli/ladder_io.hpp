// vmcp ladder io, a command below vmcp ladder.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace vmcp::cli {

void add_ladder_io(CLI::App& ladder);

/// A file of examples/: in the source tree, or where it is installed. Throws InputError.
std::string file_that_comes_with_it(const std::string& name);

}  // namespace vmcp::cli
