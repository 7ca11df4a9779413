// Attributes of symbols that are defined further down: conditional assembly may ask for them (L', T') before
// the first pass gets there. This looks ahead through the source file, once, and judges by the operation.
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace isa::assembler {

struct ForwardAttributes {
    char type = 'U';
    unsigned length = 1;
};

/// By label, in upper case. Statements of macro definitions do not count, nor those that macros generate or
/// COPY brings in. Lengths that depend on symbols are taken as 1.
std::map<std::string, ForwardAttributes> scan_attributes(std::string_view source);

}  // namespace isa::assembler
