#include "isa/assembler/macro_operand.hpp"

#include <utility>

#include "isa/assembler/macro_definition.hpp"
#include "isa/assembler/macro_expression.hpp"

namespace isa::assembler {
namespace {

constexpr char kUndefined = 'U';
constexpr char kOmitted = 'O';
constexpr int kMaximumNesting = 32;  // of lists; deeper ones are texts

template <class MakeElement>
MacroOperand list_of(std::string_view text, Field field, const MakeElement& make) {
    std::vector<MacroOperand> elements;
    const Field inside{field.begin + 1, field.end - 1};
    if (inside.empty())
        elements.emplace_back();
    else
        for (const Field& f : split_at_commas(text, inside)) elements.push_back(make(f));
    MacroOperand operand{"("};
    for (const MacroOperand& e : elements) operand.text += (&e != &elements.front() ? "," : "") + e.text;
    operand.text += ")";
    operand.elements = std::make_shared<const std::vector<MacroOperand>>(std::move(elements));
    return operand;
}

MacroOperand plain(std::string_view text, int depth) {
    if (depth > kMaximumNesting || !is_list(text)) return {std::string(text)};
    return list_of(text, {0, text.size()},
                   [&](Field f) { return plain(text.substr(f.begin, f.end - f.begin), depth + 1); });
}

MacroOperand evaluated(const Statement& s, Field field, const VariableScope& scope, int depth) {
    const std::string_view text = s.view(field);
    if (text.find('&') == std::string_view::npos) return plain(text, depth);
    if (depth <= kMaximumNesting && is_list(text))
        return list_of(s.text, field, [&](Field f) { return evaluated(s, f, scope, depth + 1); });
    if (text[0] == '&' && text.size() > 1 && text[1] != '&') {
        Cursor c(s, field);
        const VariableReference v = parse_variable(c, scope);
        c.take('.');
        if (c.done())
            if (const auto operand = scope.operand(v.name, v.subscripts, field.begin)) return *operand;
    }
    MacroOperand operand{substitute(s, field, scope)};
    operand.type = operand.text.empty() ? kOmitted : kUndefined;
    return operand;
}

}  // namespace

const MacroOperand& MacroOperand::element(std::size_t n) const {
    static const MacroOperand kNone;
    if (!list()) return n == 1 ? *this : kNone;
    return n >= 1 && n <= elements->size() ? (*elements)[n - 1] : kNone;
}

MacroOperand plain_operand(std::string_view text) { return plain(text, 0); }

MacroOperand evaluate_operand(const Statement& s, Field field, const VariableScope& scope) {
    return evaluated(s, field, scope, 0);
}

}  // namespace isa::assembler
