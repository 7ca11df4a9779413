// Attributes of symbols for conditional assembly, which asks for them (L', T', S', I') before the first pass
// gets to their definitions. This looks through the open code of the source, once, and judges by the
// operation.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace isa::assembler {

class SourceInput;

struct ForwardAttributes {
    char type = 'U';
    std::optional<unsigned> length;  // none where that takes the values of other symbols
    std::optional<int> scale;        // of constants of types F H E D L P Z
    std::optional<int> integer;
};

/// By symbol, in upper case: labels, and what EXTRN and WXTRN name. What macros generate has none, as with
/// the classic assemblers; nor have labels with variable symbols in them. `source` is read to its end.
std::map<std::string, ForwardAttributes> scan_attributes(SourceInput& source);

}  // namespace isa::assembler
