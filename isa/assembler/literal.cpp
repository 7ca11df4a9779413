// Literals: parsing, pooling, and their places behind LTORG or END.
#include <fmt/format.h>

#include <algorithm>

#include "isa/assembler/module.hpp"

namespace isa::assembler {
namespace {

/// Behind the quoted text whose first apostrophe is at `at`; two apostrophes in it stand for one.
std::size_t behind_quoted(std::string_view text, std::size_t at) {
    for (++at; at < text.size(); ++at)
        if (text[at] == '\'' && text.substr(++at, 1) != "'") break;
    return at;
}

/// Whether an asterisk in it stands for the location counter, not for a multiplication.
bool names_location(std::string_view text) {
    bool behind_term = false;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t begin = at;
        while (at < text.size() && is_symbol_character(text[at])) ++at;
        if (at > begin) {
            const bool quote = text.substr(at, 1) == "'";
            const bool attribute = quote && (text[begin] == 'L' || text[begin] == 'l');
            if (quote) at = attribute ? at + 1 : behind_quoted(text, at);
            behind_term = !attribute;
            continue;
        }
        if (text[at] == '*' && !behind_term) return true;
        behind_term = text[at] == ')';
        ++at;
    }
    return false;
}

}  // namespace

ParsedLiteral parse_literal(Cursor& c, const Scope& scope, std::size_t statement) {
    const std::size_t begin = c.at;
    c.expect('=', "before a literal");
    Scope constants = scope;
    constants.literal = nullptr;  // a literal cannot hold another
    ParsedLiteral p{{}, parse_constant(c, constants, true)};
    if (p.constant.size() == 0) throw SourceError(begin, "a literal cannot be empty");
    p.key = c.text().substr(begin, c.at - begin);
    const bool address = p.constant.type == 'A' || p.constant.type == 'Y' || p.constant.type == 'S';
    if (address && names_location(p.key)) p.key += fmt::format("@{}", statement);
    return p;
}

}  // namespace isa::assembler
