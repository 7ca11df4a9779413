// The listing: location, object code, operand addresses, statement number and source; errors below the lines
// they are about.
#pragma once

#include <string>

namespace isa::assembler {

struct Module;

std::string make_listing(const Module& module);

}  // namespace isa::assembler
