#include "isa/assembler/forward_attributes.hpp"

#include "isa/assembler/constant.hpp"
#include "isa/assembler/macro_definition.hpp"
#include "isa/assembler/operation.hpp"
#include "isa/assembler/source.hpp"
#include "isa/ebcdic.hpp"

namespace isa::assembler {
namespace {

/// A duplication factor is left out: it may take other symbols, and does not matter here.
Cursor at_type(const Statement& s) {
    Cursor c(s, s.operands);
    if (c.peek() == '(') {
        const std::size_t close = closing_parenthesis(c.text().substr(0, c.end), c.at);
        if (close != std::string_view::npos) c.at = close + 1;
    }
    return c;
}

ForwardAttributes of_constant(const Statement& s, bool value_required) {
    Cursor c = at_type(s);
    Constant k;
    k.type = upper(c.peek());
    k.has_length = upper(c.peek(1)) == 'L';
    try {
        k = parse_constant(c, Scope{}, value_required);
        ForwardAttributes a{type_attribute(k), k.length, std::nullopt, std::nullopt};
        if (const auto n = number_attributes(k, s)) {
            a.scale = n->scale;
            a.integer = n->integer;
        }
        return a;
    } catch (const SourceError&) {
        // A modifier that takes other symbols: only the type is certain.
        return {type_attribute(k), std::nullopt, std::nullopt, std::nullopt};
    }
}

/// EQU's second and third operands, where they are self-defining terms.
ForwardAttributes of_equate(const Statement& s) {
    ForwardAttributes a;
    const auto parts = split_at_commas(s.text, s.operands);
    const auto number = [&](std::size_t n) -> std::optional<int64_t> {
        if (n >= parts.size() || parts[n].empty()) return std::nullopt;
        try {
            Cursor c(s, parts[n]);
            const auto value = parse_self_defining(c);
            return c.done() ? value : std::nullopt;
        } catch (const SourceError&) {
            return std::nullopt;
        }
    };
    if (const auto length = number(1)) a.length = static_cast<unsigned>(*length);
    if (const auto type = number(2)) a.type = isa::to_ascii(static_cast<uint8_t>(*type));
    return a;
}

ForwardAttributes judge(const Statement& s) {
    const auto typed = [](char type, unsigned length) {
        return ForwardAttributes{type, length, std::nullopt, std::nullopt};
    };
    if (const auto machine = find_machine_operation(s.op))
        return typed('I', length_of(row_of(machine->op).format));
    const auto directive = find_directive(s.op);
    if (!directive) return typed('M', 1);
    switch (*directive) {
        case Directive::START:
        case Directive::CSECT:
        case Directive::DSECT:
        case Directive::DXD:
        case Directive::COM: return typed('J', 1);
        case Directive::CCW: return typed('W', 8);
        case Directive::CXD: return typed('A', 4);
        case Directive::LTORG: return typed('U', 0);
        case Directive::CNOP: return typed('I', 1);
        case Directive::DC:
        case Directive::DS: return of_constant(s, *directive == Directive::DC);
        case Directive::EQU: return of_equate(s);
        default: return {};
    }
}

}  // namespace

std::map<std::string, ForwardAttributes> scan_attributes(SourceInput& source) {
    std::map<std::string, ForwardAttributes> found;
    Statement s;
    int in_macro = 0;
    bool first = true;
    while (source.next(s, [](const Diagnostic&) {})) {
        if (s.comment) continue;
        if (s.op == "MACRO") ++in_macro;
        if (s.op == "MEND" && in_macro > 0) {
            --in_macro;
            continue;
        }
        if (s.op == "COPY") source.copy(s.view(s.operands));
        if (s.op == "ICTL") {
            try {
                source.control(s, first);
            } catch (const SourceError&) {
                // said where the statement is assembled
            }
        }
        first = false;
        if (in_macro > 0) continue;
        if (s.op == "EXTRN" || s.op == "WXTRN") {
            const ForwardAttributes external{s.op == "EXTRN" ? 'T' : '$', 1, std::nullopt, std::nullopt};
            for (const Field& f : split_at_commas(s.text, s.operands))
                if (is_symbol(s.view(f))) found.try_emplace(to_upper(s.view(f)), external);
        }
        const std::string_view label = s.view(s.label);
        if (is_symbol(label)) found.try_emplace(to_upper(label), judge(s));
    }
    return found;
}

}  // namespace isa::assembler
