#include "isa/assembler/macro_scope.hpp"

#include <fmt/format.h>

namespace isa::assembler {
namespace {

VariableValue text_value(std::string t) { return {false, 0, std::move(t)}; }

/// The element of a list of lists that the subscripts from `from` on select.
const MacroOperand& element(const MacroOperand& list, const std::vector<int64_t>& subscripts,
                            std::size_t from, std::size_t at) {
    const MacroOperand* operand = &list;
    for (std::size_t i = from; i < subscripts.size(); ++i) {
        if (subscripts[i] < 1) throw SourceError(at, "a subscript of a macro operand is 1 or more");
        operand = &operand->element(static_cast<std::size_t>(subscripts[i]));
    }
    return *operand;
}

/// Whether the variable is an operand as it stands in the call, not an element of one.
bool is_whole(const std::string& name, const std::vector<int64_t>& subscripts) {
    return subscripts.size() == (name == "SYSLIST" ? 1 : 0);
}

VariableValue of_set_symbol(const std::string& name, const SetSymbol& s,
                            const std::vector<int64_t>& subscripts, std::size_t at) {
    if (s.dimensioned != (subscripts.size() == 1))
        throw SourceError(
            at, fmt::format("&{} {}", name, s.dimensioned ? "needs one subscript" : "has no subscripts"));
    const int64_t n = s.dimensioned ? subscripts[0] : 1;
    if (n < 1 || n > kMaximumDimension)
        throw SourceError(at,
                          fmt::format("the subscript is {}, which is not in 1 to {}", n, kMaximumDimension));
    if (s.type == SetType::character) {
        const auto it = s.strings.find(n);
        return text_value(it == s.strings.end() ? "" : it->second);
    }
    const auto it = s.numbers.find(n);
    return {true, it == s.numbers.end() ? 0 : it->second, {}};
}

}  // namespace

SetSymbol* MacroProcessor::Scope::find_set(const std::string& name) const {
    if (globals.count(name) != 0) return &p_.globals_.at(name);
    const auto it = locals.find(name);
    return it == locals.end() ? nullptr : const_cast<SetSymbol*>(&it->second);
}

bool MacroProcessor::Scope::defined(const std::string& name) const {
    return find_set(name) != nullptr || is_parameter(name) || (macro != nullptr && name == "SYSLIST") ||
           system_variable(name).has_value();
}

bool MacroProcessor::Scope::subscripted(const std::string& name, std::size_t at) const {
    if (const SetSymbol* s = find_set(name)) return s->dimensioned;
    if (is_parameter(name) || (macro != nullptr && name == "SYSLIST")) return true;
    value(name, {}, at);  // raises if there is none
    return false;
}

std::optional<std::string> MacroProcessor::Scope::system_variable(const std::string& name) const {
    const Options& options = p_.m_.options;
    if (name == "SYSPARM") return options.sysparm;
    if (name == "SYSDATE") return options.sysdate;
    if (name == "SYSTIME") return options.systime;
    if (macro != nullptr && name == "SYSNDX") return index;
    if (macro != nullptr && name == "SYSECT") return section;
    return std::nullopt;
}

/// A parameter or an element of &SYSLIST; none for other names.
const MacroOperand* MacroProcessor::Scope::find_operand(const std::string& name,
                                                        const std::vector<int64_t>& subscripts,
                                                        std::size_t at) const {
    static const MacroOperand kNone;
    if (is_parameter(name)) return &element(parameters.at(name), subscripts, 0, at);
    if (macro == nullptr || name != "SYSLIST") return nullptr;
    if (subscripts.empty()) throw SourceError(at, "&SYSLIST needs a subscript");
    const int64_t n = subscripts[0];
    if (n < 0) throw SourceError(at, "the subscript of &SYSLIST cannot be negative");
    if (n >= static_cast<int64_t>(positional.size())) return &kNone;
    return &element(positional[static_cast<std::size_t>(n)], subscripts, 1, at);
}

VariableValue MacroProcessor::Scope::value(const std::string& name, const std::vector<int64_t>& subscripts,
                                           std::size_t at) const {
    if (const SetSymbol* s = find_set(name)) return of_set_symbol(name, *s, subscripts, at);
    if (const MacroOperand* operand = find_operand(name, subscripts, at)) return text_value(operand->text);
    if (auto text = system_variable(name)) return text_value(std::move(*text));
    throw UnknownName(at, fmt::format("&{} is not defined", name));
}

std::optional<MacroOperand> MacroProcessor::Scope::operand(const std::string& name,
                                                           const std::vector<int64_t>& subscripts,
                                                           std::size_t at) const {
    if (find_set(name) != nullptr) return std::nullopt;
    const MacroOperand* operand = find_operand(name, subscripts, at);
    if (operand == nullptr) return std::nullopt;
    // A list inside a list is passed on as a text.
    if (operand->list() && !is_whole(name, subscripts)) return MacroOperand{operand->text, {}, 'U'};
    return *operand;
}

int64_t MacroProcessor::Scope::count(const std::string& name, const std::vector<int64_t>& subscripts,
                                     std::size_t at) const {
    if (name == "SYSLIST" && macro != nullptr && subscripts.empty())
        return static_cast<int64_t>(positional.size()) - 1;
    if (const SetSymbol* s = find_set(name)) {
        const int64_t numbers = s->numbers.empty() ? 0 : s->numbers.rbegin()->first;
        return std::max(numbers, s->strings.empty() ? 0 : s->strings.rbegin()->first);
    }
    if (const MacroOperand* operand = find_operand(name, subscripts, at))
        return static_cast<int64_t>(operand->count());
    return value(name, subscripts, at).text.empty() ? 0 : 1;
}

char MacroProcessor::Scope::type_of_variable(const std::string& name, const std::vector<int64_t>& subscripts,
                                             std::size_t at) const {
    if (find_set(name) == nullptr)
        if (const MacroOperand* operand = find_operand(name, subscripts, at)) {
            // A list inside a list has no type; a whole operand has that of its first element.
            return operand->list() && !is_whole(name, subscripts) ? 'U' : type_of_operand(*operand);
        }
    return value(name, subscripts, at).numeric || name == "SYSNDX" ? 'N' : 'U';
}

char MacroProcessor::Scope::type_of_operand(const MacroOperand& operand) const {
    if (operand.type != '\0') return operand.type;
    if (operand.list()) {
        const MacroOperand& first = operand.elements->front();
        return first.list() ? 'U' : type_of_operand(first);
    }
    if (operand.text.empty()) return 'O';
    Statement s;
    s.text = operand.text;
    Cursor c(s, {0, s.text.size()});
    try {
        if (parse_self_defining(c) && c.done()) return 'N';
    } catch (const SourceError&) {
        // not a self-defining term after all
    }
    const std::string_view symbol = leading_symbol(operand.text);
    return symbol.empty() ? 'U' : type_of_symbol(to_upper(symbol));
}

const ForwardAttributes* MacroProcessor::Scope::forward(const std::string& name) const {
    if (!p_.scanned_) {
        SourceInput source(p_.file_name_, p_.source_, p_.m_.options);
        p_.forward_ = scan_attributes(source);
        p_.scanned_ = true;
    }
    const auto it = p_.forward_.find(name);
    return it == p_.forward_.end() ? nullptr : &it->second;
}

char MacroProcessor::Scope::type_of_symbol(const std::string& symbol) const {
    const ForwardAttributes* f = forward(symbol);
    return f == nullptr ? 'U' : f->type;
}

int64_t MacroProcessor::Scope::attribute(char which, const std::string& symbol, std::size_t at) const {
    const ForwardAttributes* f = forward(symbol);
    const Symbol* s = p_.m_.symbols.find(symbol);
    if (f == nullptr && s == nullptr)
        throw UnknownName(at, symbol.empty() ? fmt::format("{}' needs a symbol", which)
                                             : fmt::format("{} is not defined", symbol));
    if (which == 'L') return f != nullptr && f->length ? *f->length : s != nullptr ? s->length : 1;
    const auto& ahead = which == 'S'   ? f != nullptr ? f->scale : std::nullopt
                        : f != nullptr ? f->integer
                                       : std::nullopt;
    if (ahead) return *ahead;
    const auto& known = s == nullptr ? std::nullopt : s->number;
    if (known) return which == 'S' ? known->scale : known->integer;
    throw SourceError(at, fmt::format("{} has no attribute {}': it is no number", symbol, which));
}

int64_t MacroProcessor::Scope::symbol_value(const std::string& symbol, std::size_t at) const {
    const Symbol* s = p_.m_.symbols.find(symbol);
    if (s == nullptr) throw UnknownName(at, fmt::format("{} must be defined before this statement", symbol));
    if (s->in_error) throw SourceError(at, "");
    if (!s->value.absolute())
        throw SourceError(at, fmt::format("{} must be absolute, not relocatable", symbol));
    return s->value.number;
}

}  // namespace isa::assembler
