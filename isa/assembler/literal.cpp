// Literals: parsing, pooling, and their places behind LTORG or END.
#include <fmt/format.h>

#include <algorithm>

#include "isa/assembler/module.hpp"

namespace isa::assembler {

ParsedLiteral parse_literal(Cursor& c, const Scope& scope, std::size_t statement) {
    const std::size_t begin = c.at;
    c.expect('=', "before a literal");
    Scope constants = scope;
    constants.literal = nullptr;  // a literal cannot hold another
    ParsedLiteral p{{}, parse_constant(c, constants, true)};
    if (p.constant.size() == 0) throw SourceError(begin, "a literal cannot be empty");
    p.key = c.text().substr(begin, c.at - begin);
    const bool address = p.constant.type == 'A' || p.constant.type == 'Y' || p.constant.type == 'S';
    if (address && p.key.find('*') != std::string::npos) p.key += fmt::format("@{}", statement);
    return p;
}

}  // namespace isa::assembler
