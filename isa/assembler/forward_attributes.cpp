#include "isa/assembler/forward_attributes.hpp"

#include <algorithm>

#include "isa/assembler/constant.hpp"
#include "isa/assembler/operation.hpp"
#include "isa/assembler/source.hpp"

namespace isa::assembler {
namespace {

ForwardAttributes judge(const Statement& s) {
    if (const auto machine = find_machine_operation(s.op))
        return {'I', length_of(row_of(machine->op).format)};
    const auto directive = find_directive(s.op);
    if (!directive) return {'M', 1};
    switch (*directive) {
        case Directive::START:
        case Directive::CSECT:
        case Directive::DSECT:
        case Directive::COM: return {'J', 1};
        case Directive::CCW: return {'W', 8};
        case Directive::CNOP: return {'I', 1};
        case Directive::DC:
        case Directive::DS: {
            try {
                Cursor c(s, s.operands);
                const Constant k = parse_constant(c, Scope{}, *directive == Directive::DC);
                return {k.type, k.length};
            } catch (const SourceError&) {
                return {};
            }
        }
        default: return {};
    }
}

}  // namespace

std::map<std::string, ForwardAttributes> scan_attributes(std::string_view source) {
    std::map<std::string, ForwardAttributes> found;
    StatementReader reader("", source);
    Statement s;
    int in_macro = 0;
    while (reader.next(s, [](const Diagnostic&) {})) {
        if (s.op == "MACRO") ++in_macro;
        if (s.op == "MEND" && in_macro > 0) {
            --in_macro;
            continue;
        }
        const std::string_view label = s.view(s.label);
        if (s.comment || in_macro > 0 || label.empty() || !is_letter(label[0])) continue;
        if (std::all_of(label.begin(), label.end(), is_symbol_character))
            found.try_emplace(to_upper(label), judge(s));
    }
    return found;
}

}  // namespace isa::assembler
