// The diagnostics of all rooms: what is being done, for somebody who wonders. Off by default; never part of a
// result.
#pragma once

#include <spdlog/logger.h>

namespace simulation {

/// Silent until its owner gives it a level and somewhere to write to.
spdlog::logger& log();

}  // namespace simulation
