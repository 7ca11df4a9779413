#include "isa/assembler/macro_definition.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace isa::assembler {
namespace {

/// The name behind the ampersand at `at`; moves `at` behind it.
std::string variable_name(const Statement& s, std::size_t& at, std::size_t end) {
    const std::size_t begin = at;
    if (at >= end || s.text[at] != '&') throw SourceError(begin, "expected a variable symbol, such as &NAME");
    ++at;
    if (at >= end || !is_letter(s.text[at])) throw SourceError(begin, "expected a letter behind &");
    while (at < end && is_symbol_character(s.text[at])) ++at;
    return to_upper(std::string_view(s.text).substr(begin + 1, at - begin - 1));
}

}  // namespace

std::string sequence_symbol(const Statement& s) {
    const std::string_view label = s.view(s.label);
    return !label.empty() && label[0] == '.' && label.size() > 1 ? to_upper(label) : std::string();
}

MacroDefinition define_macro(const Statement& prototype, std::vector<Statement> body) {
    MacroDefinition m;
    const Statement& p = prototype;
    if (p.comment || p.op.empty()) throw SourceError(0, "expected the macro's prototype behind MACRO");
    const auto add = [&](const std::string& name, std::size_t at) {
        if (!m.parameters.insert(name).second)
            throw SourceError(at, fmt::format("&{} is a parameter already", name));
    };
    if (!p.label.empty()) {
        std::size_t at = p.label.begin;
        m.label_parameter = variable_name(p, at, p.label.end);
        if (at != p.label.end) throw SourceError(at, "expected one variable symbol as label");
        add(m.label_parameter, p.label.begin);
    }
    m.name = p.op;
    if (!is_letter(m.name[0]) || !std::all_of(m.name.begin(), m.name.end(), is_symbol_character))
        throw SourceError(p.operation.begin,
                          fmt::format("{} cannot be the name of a macro", printable(m.name)));
    // A comma alone stands for no parameters: a remark follows.
    const Field operands = p.view(p.operands) == "," ? Field{} : p.operands;
    for (const Field& part : split_at_commas(p.text, operands)) {
        std::size_t at = part.begin;
        const std::string name = variable_name(p, at, part.end);
        add(name, part.begin);
        if (at == part.end) {
            m.positional.push_back(name);
        } else if (p.text[at] == '=') {
            m.keywords[name] = plain_operand(std::string_view(p.text).substr(at + 1, part.end - at - 1));
        } else {
            throw SourceError(at, "expected ',' or '=' behind the parameter");
        }
    }
    m.body = std::move(body);
    int nested = 0;  // statements of macros defined inside have sequence symbols of their own
    for (std::size_t i = 0; i < m.body.size(); ++i) {
        if (m.body[i].op == "MACRO") ++nested;
        if (nested == 0) {
            const std::string symbol = sequence_symbol(m.body[i]);
            if (!symbol.empty()) m.sequence.emplace(symbol, i);
        }
        if (m.body[i].op == "MEND" && nested > 0) --nested;
    }
    return m;
}

bool is_list(std::string_view text) {
    return text.size() >= 2 && text.front() == '(' && closing_parenthesis(text, 0) == text.size() - 1;
}

std::string_view first_element(std::string_view operand) {
    if (operand.empty() || operand[0] != '(') return operand;
    operand.remove_prefix(1);
    return operand.substr(0, operand.find_first_of(",)"));
}

std::string_view leading_symbol(std::string_view operand) {
    operand = first_element(operand);
    std::size_t end = 0;
    if (!operand.empty() && is_letter(operand[0]))
        while (end < operand.size() && is_symbol_character(operand[end])) ++end;
    // Not C'A' or L'FIELD.
    if (end < operand.size() && std::string_view("+-*/(").find(operand[end]) == std::string_view::npos)
        return {};
    return operand.substr(0, end);
}

bool is_symbol(std::string_view text) {
    return !text.empty() && is_letter(text[0]) && std::all_of(text.begin(), text.end(), is_symbol_character);
}

}  // namespace isa::assembler
