// vmcp ladder io, a command below vmcp ladder.
#pragma once

#include <CLI/CLI.hpp>

namespace vmcp::cli {

void add_ladder_io(CLI::App& ladder);

}  // namespace vmcp::cli
