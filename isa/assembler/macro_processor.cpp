#include "isa/assembler/macro_processor.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "isa/assembler/macro_expression.hpp"
#include "isa/ebcdic.hpp"

namespace isa::assembler {
namespace {

constexpr std::size_t kMaximumDepth = 200;
constexpr unsigned kMaximumWork = 500'000;  // statements looked at: no source keeps the assembler forever
constexpr std::size_t kMaximumStatement = 16384;  // characters of a generated statement
constexpr std::size_t kMaximumText = 64u << 20;   // characters of all generated statements
constexpr int64_t kBranches = 4096;
constexpr int64_t kMaximumDimension = 32767;

bool is_symbol(std::string_view text) {
    return !text.empty() && is_letter(text[0]) && std::all_of(text.begin(), text.end(), is_symbol_character);
}

SetType set_type(char letter) {
    return letter == 'A' ? SetType::arithmetic : letter == 'B' ? SetType::binary : SetType::character;
}

const char* type_name(SetType t) {
    return t == SetType::arithmetic ? "arithmetic" : t == SetType::binary ? "binary" : "character";
}

}  // namespace

// ---- Scopes
// -----------------------------------------------------------------------------------------------------

class MacroProcessor::Scope final : public VariableScope {
  public:
    explicit Scope(MacroProcessor& processor) : p_(processor) {}

    std::shared_ptr<const MacroDefinition> macro;  // none: open code
    std::size_t next = 0;                          // in the macro's body
    std::map<std::string, std::string> parameters;
    std::vector<std::string> positional;  // of &SYSLIST; 0 is the call's label
    std::map<std::string, SetSymbol> locals;
    std::set<std::string> globals;  // those declared here
    std::string index;              // &SYSNDX
    std::string section;            // &SYSECT
    std::string context;            // for messages
    int64_t branches_left = kBranches;

    SetSymbol* find_set(const std::string& name) const {
        if (globals.count(name) != 0) return &p_.globals_.at(name);
        const auto it = locals.find(name);
        return it == locals.end() ? nullptr : const_cast<SetSymbol*>(&it->second);
    }

    bool is_parameter(const std::string& name) const {
        return macro != nullptr && parameters.count(name) != 0;
    }

    bool subscripted(const std::string& name, std::size_t at) const override {
        if (const SetSymbol* s = find_set(name)) return s->dimensioned;
        if (is_parameter(name) || (macro != nullptr && name == "SYSLIST")) return true;
        value(name, {}, at);  // raises if there is none
        return false;
    }

    VariableValue value(const std::string& name, const std::vector<int64_t>& subscripts,
                        std::size_t at) const override {
        if (const SetSymbol* s = find_set(name)) return of_set_symbol(name, *s, subscripts, at);
        if (is_parameter(name)) return text(element(parameters.at(name), subscripts, 0, at));
        if (name == "SYSPARM") return text(p_.m_.options.sysparm);
        if (macro != nullptr) {
            if (name == "SYSNDX") return text(index);
            if (name == "SYSECT") return text(section);
            if (name == "SYSLIST") {
                if (subscripts.empty()) throw SourceError(at, "&SYSLIST needs a subscript");
                const int64_t n = subscripts[0];
                if (n < 0) throw SourceError(at, "the subscript of &SYSLIST cannot be negative");
                if (n >= static_cast<int64_t>(positional.size())) return text("");
                return text(element(positional[static_cast<std::size_t>(n)], subscripts, 1, at));
            }
        }
        throw SourceError(at, fmt::format("&{} is not defined", name));
    }

    int64_t count(const std::string& name, const std::vector<int64_t>& subscripts,
                  std::size_t at) const override {
        if (name == "SYSLIST" && macro != nullptr && subscripts.empty())
            return static_cast<int64_t>(positional.size()) - 1;
        if (const SetSymbol* s = find_set(name)) {
            const int64_t numbers = s->numbers.empty() ? 0 : s->numbers.rbegin()->first;
            return std::max(numbers, s->strings.empty() ? 0 : s->strings.rbegin()->first);
        }
        return static_cast<int64_t>(sublist(value(name, subscripts, at).text).size());
    }

    char type_attribute(const std::string& operand) const override {
        if (operand.empty()) return 'O';
        if (is_symbol(operand)) {
            const std::string name = to_upper(operand);
            if (const Symbol* s = p_.m_.symbols.find(name)) return s->type;
            if (const ForwardAttributes* f = forward(name)) return f->type;
            return p_.macros_.count(name) != 0 ? 'M' : 'U';
        }
        Statement s;
        s.text = operand;
        Cursor c(s, {0, operand.size()});
        try {
            if (parse_self_defining(c) && c.done()) return 'N';
        } catch (const SourceError&) {
            // not a self-defining term after all
        }
        return 'U';
    }

    int64_t length_attribute(const std::string& symbol, std::size_t at) const override {
        if (const Symbol* s = p_.m_.symbols.find(symbol)) return s->length;
        if (const ForwardAttributes* f = forward(symbol)) return f->length;
        throw SourceError(at, fmt::format("{} is not defined", symbol.empty() ? "''" : symbol));
    }

    int64_t symbol_value(const std::string& symbol, std::size_t at) const override {
        const Symbol* s = p_.m_.symbols.find(symbol);
        if (s == nullptr)
            throw SourceError(at, fmt::format("{} must be defined before this statement", symbol));
        if (s->in_error) throw SourceError(at, "");
        if (!s->value.absolute())
            throw SourceError(at, fmt::format("{} must be absolute, not relocatable", symbol));
        return s->value.number;
    }

  private:
    static VariableValue text(std::string t) { return {false, 0, std::move(t)}; }

    const ForwardAttributes* forward(const std::string& name) const {
        if (!p_.scanned_) {
            p_.forward_ = scan_attributes(p_.source_);
            p_.scanned_ = true;
        }
        const auto it = p_.forward_.find(name);
        return it == p_.forward_.end() ? nullptr : &it->second;
    }

    static std::string element(std::string v, const std::vector<int64_t>& subscripts, std::size_t from,
                               std::size_t at) {
        for (std::size_t i = from; i < subscripts.size(); ++i) {
            const auto elements = sublist(v);
            const int64_t n = subscripts[i];
            if (n < 1) throw SourceError(at, "a subscript of a macro operand is 1 or more");
            v = n <= static_cast<int64_t>(elements.size()) ? elements[static_cast<std::size_t>(n - 1)]
                                                           : std::string();
        }
        return v;
    }

    static VariableValue of_set_symbol(const std::string& name, const SetSymbol& s,
                                       const std::vector<int64_t>& subscripts, std::size_t at) {
        if (s.dimensioned != (subscripts.size() == 1))
            throw SourceError(
                at, fmt::format("&{} {}", name, s.dimensioned ? "needs one subscript" : "has no subscripts"));
        const int64_t n = s.dimensioned ? subscripts[0] : 1;
        if (n < 1 || n > kMaximumDimension)
            throw SourceError(
                at, fmt::format("the subscript is {}, which is not in 1 to {}", n, kMaximumDimension));
        if (s.type == SetType::character) {
            const auto it = s.strings.find(n);
            return text(it == s.strings.end() ? "" : it->second);
        }
        const auto it = s.numbers.find(n);
        return {true, it == s.numbers.end() ? 0 : it->second, {}};
    }

    MacroProcessor& p_;
};

// ---- Statements in their order
// ----------------------------------------------------------------------------------

MacroProcessor::MacroProcessor(Module& module, std::string_view source, const std::string& file_name)
    : m_(module), input_(file_name, source, module.options.copy_directories), source_(source) {
    scopes_.push_back(std::make_unique<Scope>(*this));
}

MacroProcessor::~MacroProcessor() = default;

void MacroProcessor::report(const Statement& s, std::size_t offset, Severity severity,
                            const std::string& message) {
    // To the line that comes next, if that is this statement; inside a macro to the last one of the listing.
    const std::size_t next = m_.lines.size();
    const bool inside = scopes_.size() > 1 && next > 0;
    m_.diagnostics.emplace_back(inside ? next - 1 : next, s.diagnose(offset, severity, message));
}

bool MacroProcessor::next(Item& item) {
    while (queue_.empty()) {
        Statement s;
        if (stopped_ || !next_of_scope(s)) return false;
        try {
            limit_work(s);
            step(s);
        } catch (const SourceError& e) {
            if (*e.what() != '\0') report(s, e.offset, Severity::error, e.what());
            if (scopes_.size() == 1) {
                if (queue_.empty()) queue_.push_back({s, true, false});
            } else if (s.op == "AIF" || s.op == "AGO") {
                scopes_.pop_back();  // without its branches a macro only makes more errors
            }
        }
    }
    item = std::move(queue_.front());
    queue_.pop_front();
    return true;
}

void MacroProcessor::limit_work(const Statement& s) {
    if (++work_ <= kMaximumWork && generated_text_ <= kMaximumText) return;
    stopped_ = true;
    throw SourceError(s.operation.begin, "the macros have generated too much; the assembly ends here");
}

bool MacroProcessor::next_of_scope(Statement& s) {
    while (scopes_.size() > 1) {
        Scope& scope = *scopes_.back();
        if (scope.next < scope.macro->body.size()) {
            s = scope.macro->body[scope.next++];
            s.context = scope.context;
            return true;
        }
        scopes_.pop_back();
    }
    return read_open_code(s);
}

bool MacroProcessor::read_open_code(Statement& s) {
    if (open_next_ == open_code_.size()) {
        const bool more =
            input_.next(s, [&](Diagnostic d) { m_.diagnostics.emplace_back(m_.lines.size(), std::move(d)); });
        if (!more) return false;
        open_code_.push_back(s);
        ++open_next_;
        if (!s.comment && s.op == "COPY") {
            // Here, so that members are part of open code and of macro definitions alike.
            Cursor c(s, s.operands);
            try {
                parse_symbol(c, "the name of a member");
                if (!c.done()) c.fail(fmt::format("expected the end of the operands, found {}", c.found()));
                const std::string problem = input_.copy(s.view(s.operands));
                if (!problem.empty()) throw SourceError(s.operands.begin, problem);
            } catch (const SourceError& e) {
                m_.diagnostics.emplace_back(m_.lines.size(), s.diagnose(e.offset, Severity::error, e.what()));
            }
        }
        return true;
    }
    s = open_code_[open_next_++];
    return true;
}

void MacroProcessor::step(const Statement& s) {
    const bool in_macro = scopes_.size() > 1;
    if (s.comment) {
        if (in_macro && s.text.starts_with(".*")) return;
        queue_.push_back({s, true, in_macro});
        return;
    }
    if (s.op == "MACRO") return define(s);
    if (s.op == "COPY") {
        if (!in_macro) queue_.push_back({s, true, false});
        return;
    }
    if (conditional(s)) return;
    Statement statement = generate(s);
    if (const MacroDefinition* macro = find_macro(statement.op)) {
        queue_.push_back({statement, true, in_macro});
        return call(statement, *macro);
    }
    queue_.push_back({std::move(statement), false, in_macro});
}

/// Replaces variable symbols; a sequence symbol in the label field goes away.
Statement MacroProcessor::generate(const Statement& model) {
    const Scope& scope = *scopes_.back();
    const bool in_macro = scopes_.size() > 1;
    const bool variables = model.text.find('&') != std::string::npos;
    if (!in_macro && !variables && sequence_symbol(model).empty()) return model;
    Statement g = model;
    const std::string label =
        sequence_symbol(model).empty() ? substitute(model, model.label, scope) : std::string();
    const std::string operation = substitute(model, model.operation, scope);
    const std::string operands = substitute(model, model.operands, scope);
    if (label.size() + operation.size() + operands.size() > kMaximumStatement)
        throw SourceError(
            model.operation.begin,
            fmt::format("the generated statement has more than {} characters", kMaximumStatement));
    generated_text_ += label.size() + operation.size() + operands.size();
    const Diagnostic at_label = model.diagnose(model.label.begin, Severity::note, {});
    const Diagnostic at_operation = model.diagnose(model.operation.begin, Severity::note, {});
    const Diagnostic at_operands = model.diagnose(model.operands.begin, Severity::note, {});
    constexpr std::size_t kOperationColumn = 9;  // 10, counted from 0
    constexpr std::size_t kOperandColumn = 15;
    g.text = label;
    const auto to_column = [&](std::size_t column) {
        g.text.resize(std::max(g.text.size() + 1, column), ' ');
    };
    g.label = {0, label.size()};
    to_column(kOperationColumn);
    g.operation = {g.text.size(), g.text.size() + operation.size()};
    g.text += operation;
    to_column(kOperandColumn);
    g.operands = {g.text.size(), g.text.size() + operands.size()};
    g.text += operands;
    g.op = to_upper(operation);
    g.segments = {{0, at_label.line, at_label.column},
                  {g.operation.begin, at_operation.line, at_operation.column},
                  {g.operands.begin, at_operands.line, at_operands.column}};
    if (in_macro) {
        std::string listed = g.text;
        if (model.operands.end < model.text.size()) listed += model.text.substr(model.operands.end);
        g.lines = {printable(listed)};
    }
    return g;
}

// ---- Definitions and calls
// --------------------------------------------------------------------------------------

std::vector<Statement> MacroProcessor::read_body(const Statement& macro_statement, Statement& prototype,
                                                 bool listed) {
    std::vector<Statement> body;
    int nested = 0;
    bool first = true;
    Statement s;
    // A macro that defines another one takes it from its own body.
    Scope& scope = *scopes_.back();
    const auto following = [&] {
        if (scopes_.size() == 1) return read_open_code(s);
        if (scope.next >= scope.macro->body.size()) return false;
        s = scope.macro->body[scope.next++];
        return true;
    };
    while (following()) {
        if (listed) queue_.push_back({s, true, false});
        if (first) {
            if (s.comment) continue;
            prototype = s;
            first = false;
            continue;
        }
        if (s.op == "MACRO") ++nested;
        if (s.op != "COPY" || s.comment) body.push_back(s);
        if (s.op == "MEND" && nested-- == 0) return body;
    }
    throw SourceError(macro_statement.operation.begin, "there is no MEND for this MACRO");
}

void MacroProcessor::define(const Statement& macro_statement) {
    const bool listed = scopes_.size() == 1;
    if (listed) queue_.push_back({macro_statement, true, false});
    Statement prototype;
    const std::size_t first = m_.lines.size() + 1;  // the prototype's line, if no comment is before it
    std::vector<Statement> body;
    try {
        body = read_body(macro_statement, prototype, listed);
    } catch (const SourceError& e) {
        report(macro_statement, e.offset, Severity::error, e.what());
        return;
    }
    try {
        auto macro = std::make_shared<const MacroDefinition>(define_macro(prototype, std::move(body)));
        macros_[macro->name] = macro;
    } catch (const SourceError& e) {
        m_.diagnostics.emplace_back(listed ? first : m_.lines.size() - 1,
                                    prototype.diagnose(e.offset, Severity::error, e.what()));
    }
}

const MacroDefinition* MacroProcessor::find_macro(const std::string& name) {
    const auto it = macros_.find(name);
    if (it != macros_.end()) return it->second.get();
    if (!is_symbol(name) || find_directive(name) || find_machine_operation(name) ||
        not_macros_.count(name) != 0)
        return nullptr;
    // A file of that name that begins with MACRO is the macro's definition.
    if (const auto member = input_.find_member(name)) {
        StatementReader reader(member->file_name, member->text);
        Statement s;
        std::vector<Statement> statements;
        while (reader.next(s, [](const Diagnostic&) {})) statements.push_back(s);
        auto begin =
            std::find_if(statements.begin(), statements.end(), [](const Statement& x) { return !x.comment; });
        if (begin != statements.end() && begin->op == "MACRO") {
            auto prototype =
                std::find_if(begin + 1, statements.end(), [](const Statement& x) { return !x.comment; });
            auto end = std::find_if(statements.rbegin(), statements.rend(),
                                    [](const Statement& x) { return x.op == "MEND"; });
            if (prototype != statements.end() && end != statements.rend() && prototype < end.base() &&
                prototype->op == name) {
                auto macro = std::make_shared<const MacroDefinition>(
                    define_macro(*prototype, std::vector<Statement>(prototype + 1, end.base())));
                return (macros_[name] = macro).get();
            }
        }
    }
    not_macros_.insert(name);
    return nullptr;
}

void MacroProcessor::call(const Statement& s, const MacroDefinition& macro) {
    if (scopes_.size() > kMaximumDepth)
        throw SourceError(s.operation.begin,
                          fmt::format("macro calls are nested deeper than {}", kMaximumDepth));
    auto scope = std::make_unique<Scope>(*this);
    scope->macro = macros_.at(macro.name);
    const std::string label(s.view(s.label));
    scope->positional.push_back(label);
    scope->parameters = macro.keywords;
    for (const std::string& name : macro.positional) scope->parameters[name] = "";
    if (!macro.label_parameter.empty()) scope->parameters[macro.label_parameter] = label;
    for (const Field& part : split_at_commas(s.text, s.operands)) {
        const std::string operand(s.view(part));
        const std::size_t equals = operand.find('=');
        if (equals != std::string::npos && is_symbol(operand.substr(0, equals))) {
            const std::string name = to_upper(operand.substr(0, equals));
            if (macro.keywords.count(name) == 0)
                throw SourceError(part.begin, fmt::format("{} is not a keyword of {}", name, macro.name));
            scope->parameters[name] = operand.substr(equals + 1);
        } else {
            const std::size_t n = scope->positional.size() - 1;
            if (n < macro.positional.size()) scope->parameters[macro.positional[n]] = operand;
            scope->positional.push_back(operand);
        }
    }
    scope->index = fmt::format("{:04}", ++calls_);
    scope->section = m_.current_section;
    const Diagnostic where = s.diagnose(s.operation.begin, Severity::note, {});
    scope->context = fmt::format("in macro {}, called at {}:{}", macro.name, where.file, where.line);
    scopes_.push_back(std::move(scope));
}

// ---- Conditional assembly
// ---------------------------------------------------------------------------------------

bool MacroProcessor::conditional(const Statement& s) {
    const bool in_macro = scopes_.size() > 1;
    const auto list = [&] {
        if (!in_macro) queue_.push_back({s, true, false});
    };
    const std::string& op = s.op;
    if (op == "ANOP") return list(), true;
    if (op == "MEND" || op == "MEXIT") {
        if (!in_macro) throw SourceError(s.operation.begin, fmt::format("{} is only allowed in a macro", op));
        scopes_.pop_back();
        return true;
    }
    if (op.size() == 4 && (op.starts_with("GBL") || op.starts_with("LCL")) &&
        op.find_first_of("ABC", 3) == 3) {
        declare(s);
    } else if (op == "SETA" || op == "SETB" || op == "SETC") {
        assign(s);
    } else if (op == "AIF") {
        assign_if(s);
    } else if (op == "AGO") {
        branch(s);
    } else if (op == "ACTR") {
        Cursor c(s, s.operands);
        scopes_.back()->branches_left = evaluate_arithmetic(c, *scopes_.back());
    } else if (op == "MNOTE") {
        note(s);
        return true;
    } else {
        return false;
    }
    list();
    return true;
}

void MacroProcessor::declare(const Statement& s) {
    Scope& scope = *scopes_.back();
    const bool global = s.op[0] == 'G';
    const SetType type = set_type(s.op[3]);
    if (s.operands.empty()) throw SourceError(s.operands.begin, fmt::format("{} needs an operand", s.op));
    for (const Field& part : split_at_commas(s.text, s.operands)) {
        Cursor c(s, part);
        c.take('&');
        const std::string name = parse_symbol(c, "a variable symbol");
        SetSymbol symbol;
        symbol.type = type;
        if (c.take('(')) {
            const std::size_t at = c.at;
            const int64_t n = evaluate_arithmetic(c, scope);
            if (n < 1 || n > kMaximumDimension)
                throw SourceError(
                    at, fmt::format("the dimension is {}, which is not in 1 to {}", n, kMaximumDimension));
            c.expect(')', "behind the dimension");
            symbol.dimensioned = true;
        }
        if (!c.done()) c.fail(fmt::format("expected the end of the operand, found {}", c.found()));
        if (scope.is_parameter(name) || scope.find_set(name) != nullptr)
            throw SourceError(part.begin, fmt::format("&{} is declared already", name));
        if (!global) {
            scope.locals[name] = symbol;
            continue;
        }
        const auto [it, added] = globals_.try_emplace(name, symbol);
        if (!added && (it->second.type != type || it->second.dimensioned != symbol.dimensioned))
            throw SourceError(part.begin,
                              fmt::format("&{} is a global {} symbol{}", name, type_name(it->second.type),
                                          it->second.dimensioned ? " with a dimension" : ""));
        scope.globals.insert(name);
    }
}

void MacroProcessor::assign(const Statement& s) {
    Scope& scope = *scopes_.back();
    const SetType type = set_type(s.op[3]);
    Cursor target(s, s.label);
    if (!target.take('&'))
        throw SourceError(s.label.begin, fmt::format("{} needs a variable symbol as label", s.op));
    const std::string name = parse_symbol(target, "a variable symbol");
    int64_t subscript = 1;
    bool subscripted = false;
    if (target.take('(')) {
        subscripted = true;
        const std::size_t at = target.at;
        subscript = evaluate_arithmetic(target, scope);
        if (subscript < 1 || subscript > kMaximumDimension)
            throw SourceError(at, fmt::format("the subscript is {}, which is not in 1 to {}", subscript,
                                              kMaximumDimension));
        target.expect(')', "behind the subscript");
    }
    if (!target.done()) target.fail(fmt::format("expected the end of the label, found {}", target.found()));
    if (scope.is_parameter(name))
        throw SourceError(s.label.begin, fmt::format("&{} is a parameter: it cannot be set", name));
    SetSymbol* symbol = scope.find_set(name);
    if (symbol == nullptr) {  // an assignment declares a local symbol
        symbol = &scope.locals[name];
        symbol->type = type;
        symbol->dimensioned = subscripted;
    }
    if (symbol->type != type)
        throw SourceError(s.operation.begin, fmt::format("&{} is {} symbol", name,
                                                         symbol->type == SetType::arithmetic ? "an arithmetic"
                                                         : symbol->type == SetType::binary   ? "a binary"
                                                                                           : "a character"));
    if (symbol->dimensioned != subscripted)
        throw SourceError(
            s.label.begin,
            fmt::format("&{} {}", name, subscripted ? "has no subscripts" : "needs one subscript"));
    Cursor c(s, s.operands);
    if (type == SetType::character) {
        symbol->strings[subscript] = evaluate_characters(c, scope);
    } else {
        symbol->numbers[subscript] = type == SetType::arithmetic ? evaluate_arithmetic(c, scope)
                                                                 : (evaluate_logical(c, scope) ? 1 : 0);
    }
    if (!c.done()) c.fail(fmt::format("expected the end of the operand, found {}", c.found()));
}

namespace {

/// .NAME at the cursor, in upper case.
std::string parse_target(Cursor& c) {
    if (!c.take('.')) c.fail(fmt::format("expected a sequence symbol, such as .NEXT, found {}", c.found()));
    return "." + parse_symbol(c, "a sequence symbol");
}

}  // namespace

void MacroProcessor::assign_if(const Statement& s) {
    Cursor c(s, s.operands);
    for (;;) {
        c.expect('(', "before the condition");
        const bool b = evaluate_logical(c, *scopes_.back());
        while (c.take(' ')) {
        }
        c.expect(')', "behind the condition");
        const std::size_t at = c.at;
        const std::string target = parse_target(c);
        if (b) return go(target, at);
        if (!c.take(',')) break;
    }
    if (!c.done()) c.fail(fmt::format("expected the end of the operands, found {}", c.found()));
}

void MacroProcessor::branch(const Statement& s) {
    Cursor c(s, s.operands);
    if (c.peek() != '(') {
        const std::size_t at = c.at;
        return go(parse_target(c), at);
    }
    ++c.at;
    int64_t n = evaluate_arithmetic(c, *scopes_.back());
    c.expect(')', "behind the number");
    do {
        const std::size_t at = c.at;
        const std::string target = parse_target(c);
        if (--n == 0) return go(target, at);
    } while (c.take(','));
}

void MacroProcessor::go(const std::string& target, std::size_t at) {
    Scope& scope = *scopes_.back();
    if (--scope.branches_left < 0)
        throw SourceError(at, "too many branches of AIF and AGO: a loop without end? (ACTR sets the limit)");
    if (scope.macro != nullptr) {
        const auto it = scope.macro->sequence.find(target);
        if (it == scope.macro->sequence.end())
            throw SourceError(at, fmt::format("{} is not in this macro", target));
        scope.next = it->second;
        return;
    }
    // What is read already, from the beginning, and then further on; sequence symbols of macros do not count.
    const std::size_t before = open_next_;
    int in_macro = 0;
    open_next_ = 0;
    Statement candidate;
    while (read_open_code(candidate)) {
        if (candidate.op == "MACRO") ++in_macro;
        if (in_macro == 0 && sequence_symbol(candidate) == target) {
            --open_next_;
            return;
        }
        if (candidate.op == "MEND" && in_macro > 0) --in_macro;
    }
    open_next_ = before;  // not found: go on behind the branch
    throw SourceError(at, fmt::format("{} is nowhere in the program", target));
}

void MacroProcessor::note(const Statement& s) {
    const Statement g = generate(s);
    Cursor c(g, g.operands);
    Severity severity = Severity::note;
    bool remark = false;
    if (c.peek() != '\'') {
        if (c.take('*')) {
            remark = true;
        } else if (c.peek() != ',') {
            const std::size_t at = c.at;
            const auto n = parse_self_defining(c);
            if (!n || *n < 0 || *n > 255) throw SourceError(at, "expected MNOTE's severity, 0 to 255");
            severity = *n >= 8 ? Severity::error : *n >= 4 ? Severity::warning : Severity::note;
        }
        c.expect(',', "behind the severity");
    }
    if (c.peek() != '\'') c.fail(fmt::format("expected a message in apostrophes, found {}", c.found()));
    std::string message;
    const std::size_t close = end_of_string(g.text, c.at, c.end);
    if (close == std::string::npos) c.fail("the closing apostrophe is missing");
    for (std::size_t i = c.at + 1; i + 1 < close; ++i) {
        message.push_back(g.text[i]);
        if ((g.text[i] == '\'' || g.text[i] == '&') && i + 2 < close && g.text[i + 1] == g.text[i]) ++i;
    }
    const bool in_macro = scopes_.size() > 1;
    queue_.push_back({g, true, in_macro});
    // The message belongs to the line that the note becomes.
    if (!remark)
        m_.diagnostics.emplace_back(m_.lines.size(),
                                    g.diagnose(g.operation.begin, severity, printable(message)));
}

}  // namespace isa::assembler
