// The listing: location, object code, operand addresses, statement number and source, with errors below the
// lines they are about; then the sections and external symbols, and the cross-reference of all symbols.
//
// PRINT controls it: OFF and ON, NOGEN and GEN (what macros generate, marked with + behind the number),
// NODATA and DATA (8 bytes of a constant, or all of them).
#pragma once

#include <string>

namespace isa::assembler {

struct Module;

std::string make_listing(const Module& module);

}  // namespace isa::assembler
