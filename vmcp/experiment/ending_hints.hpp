// What may have led a program to a bad end: the mistakes that those make who begin.
#pragma once

#include <string>
#include <vector>

#include "vmcp/experiment/program_ending.hpp"

namespace vmcp::experiment {

/// Sentences, those first that are most probably it. `ending` has all but its hints.
std::vector<std::string> ending_hints(const EndedProgram& program, const Ending& ending);

}  // namespace vmcp::experiment
