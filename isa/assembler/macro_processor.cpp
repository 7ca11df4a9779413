#include "isa/assembler/macro_processor.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "isa/assembler/macro_expression.hpp"
#include "isa/assembler/macro_scope.hpp"

namespace isa::assembler {
namespace {

constexpr std::size_t kMaximumDepth = 200;
constexpr std::size_t kMaximumStatement = 16384;  // characters of a generated statement
constexpr std::size_t kMaximumText = 64u << 20;   // characters of all generated statements
constexpr std::size_t kMaximumLines = 1'000'000;  // statements of the listing

std::string_view trimmed(std::string_view text) {
    const std::size_t first = text.find_first_not_of(' ');
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(' ') + 1 - first);
}

}  // namespace

MacroProcessor::MacroProcessor(Module& module, std::string_view source, const std::string& file_name)
    : m_(module), file_name_(file_name), source_(source), input_(file_name, source, module.options) {
    scopes_.push_back(std::make_unique<Scope>(*this));
}

MacroProcessor::~MacroProcessor() = default;

// ---- Messages
// ----------------------------------------------------------------------------------------------

/// The line that comes next, if that is the statement at hand; inside a macro the last one of the listing.
std::size_t MacroProcessor::line_to_blame() const {
    const std::size_t next = m_.lines.size();
    return in_macro() && next > 0 ? next - 1 : next;
}

void MacroProcessor::report(const Statement& s, std::size_t offset, Severity severity,
                            const std::string& message) {
    const std::string& context = scopes_.back()->context;
    const bool told = !s.context.empty() || context.empty();
    m_.report(line_to_blame(),
              s.diagnose(offset, severity, told ? message : fmt::format("{} ({})", message, context)));
}

void MacroProcessor::report(const Statement& s, const SourceError& error) {
    if (s.context.empty() && !scopes_.back()->context.empty()) {
        Statement told = s;
        told.context = scopes_.back()->context;
        return m_.report(line_to_blame(), told, error);
    }
    m_.report(line_to_blame(), s, error);
}

// ---- Statements in their order
// -----------------------------------------------------------------------------

bool MacroProcessor::next(Item& item) {
    while (queue_.empty()) {
        if (stopped_) return false;
        const Macro keep = scopes_.back()->macro;  // the statement is part of it
        const Statement* s = next_of_scope();
        if (s == nullptr) return false;
        try {
            limit_work(*s);
            step(*s);
        } catch (const SourceError& e) {
            report(*s, e);
            if (!in_macro()) {
                if (queue_.empty()) queue_.push_back({*s, true, false});
            } else if (s->op == "AIF" || s->op == "AGO") {
                scopes_.pop_back();  // without its branches a macro only makes more errors
            }
        }
    }
    item = std::move(queue_.front());
    queue_.pop_front();
    return true;
}

void MacroProcessor::limit_work(const Statement& s) {
    if (++work_ <= m_.options.work_limit && generated_text_ <= kMaximumText &&
        m_.lines.size() < kMaximumLines)
        return;
    stopped_ = true;
    throw SourceError(s.operation.begin, "the macros have generated too much; the assembly ends here");
}

/// Statements of the source stay where they are as long as the assembly lasts, those of a macro as long as
/// it.
const Statement* MacroProcessor::next_of_scope() {
    while (in_macro()) {
        Scope& scope = *scopes_.back();
        if (scope.next < scope.macro->body.size()) return &scope.macro->body[scope.next++];
        scopes_.pop_back();
    }
    Statement s;
    if (!read_open_code(s)) return nullptr;
    return &open_code_[open_next_ - 1];
}

bool MacroProcessor::read_open_code(Statement& s) {
    if (open_next_ < open_code_.size()) {
        s = open_code_[open_next_++];
        return true;
    }
    const bool from_source = input_.in_source();
    if (!input_.next(s, [&](Diagnostic d) { m_.report(m_.lines.size() + queue_.size(), std::move(d)); }))
        return false;
    if (!s.comment) {
        if (s.op == "MACRO") ++open_macros_;
        if (open_macros_ == 0)
            if (std::string symbol = sequence_symbol(s); !symbol.empty())
                open_sequence_.try_emplace(std::move(symbol), open_code_.size());
        if (s.op == "MEND" && open_macros_ > 0) --open_macros_;
    }
    open_code_.push_back(s);
    ++open_next_;
    if (s.comment) return true;
    // Here, so that members are part of open code and of macro definitions alike.
    if (s.op == "COPY") copy(s, input_);
    if (from_source && (s.op == "ICTL" || s.op == "ISEQ")) {
        try {
            input_.control(s, open_code_.size() == 1);
        } catch (const SourceError& e) {
            m_.report(m_.lines.size() + queue_.size(), s, e);
        }
    }
    return true;
}

void MacroProcessor::copy(const Statement& s, SourceInput& input) {
    const std::size_t line = m_.lines.size() + queue_.size();
    try {
        Cursor c(s, s.operands);
        parse_symbol(c, "the name of a member");
        if (!c.done()) c.fail(fmt::format("expected the end of the operands, found {}", c.found()));
    } catch (const SourceError& e) {
        return m_.report(line, s, e);
    }
    const SourceInput::Copied copied = input.copy(s.view(s.operands));
    if (copied.problem.empty()) return m_.members.push_back(copied.file_name);
    m_.report(line, s, SourceError(s.operands.begin, copied.problem));
    if (copied.missing && !m_.missing_member) m_.missing_member = m_.diagnostics.size() - 1;
}

void MacroProcessor::step(const Statement& s) {
    if (s.comment) {
        if (in_macro() && s.text.starts_with(".*")) return;
        queue_.push_back({s, true, in_macro()});
        return;
    }
    if (s.op == "MACRO") return define(s);
    if (s.op == "COPY") {
        if (!in_macro()) queue_.push_back({s, true, false});
        return;
    }
    if (conditional(s)) return;
    // A macro call gives its macro's statements; anything else goes to the first pass.
    const bool variable = s.op.find('&') != std::string::npos;
    const std::string op = variable ? to_upper(trimmed(substitute(s, s.operation, *scopes_.back()))) : s.op;
    Macro macro = find_macro(op);
    const auto synonym = synonyms_.find(op);
    if (macro == nullptr && synonym != synonyms_.end()) macro = synonym->second.macro;
    if (macro != nullptr) {
        queue_.push_back({generate(s), true, in_macro()});
        return call(s, macro);
    }
    Statement statement = generate(s);
    if (synonym != synonyms_.end()) {
        if (synonym->second.operation.empty())
            throw SourceError(
                s.operation.begin,
                fmt::format("{} is no instruction any more: OPSYN took its meaning away", printable(op)));
        statement.op = synonym->second.operation;
    }
    // What is wrong with a macro's definition has been said.
    const bool wrong = wrong_macros_.count(op) != 0;
    queue_.push_back({std::move(statement), wrong, in_macro()});
}

/// Replaces variable symbols; a sequence symbol in the label field goes away. Blanks that come in this way
/// end a field as those of the source do.
Statement MacroProcessor::generate(const Statement& model) {
    const Scope& scope = *scopes_.back();
    const bool variables = model.text.find('&') != std::string::npos;
    if (!in_macro() && !variables && sequence_symbol(model).empty()) return model;
    Statement g = model;
    g.context = scope.context;
    std::string label =
        sequence_symbol(model).empty() ? substitute(model, model.label, scope) : std::string();
    std::string operation = substitute(model, model.operation, scope);
    std::string operands = substitute(model, model.operands, scope);
    std::string remark = model.operands.end < model.text.size() ? model.text.substr(model.operands.end) : "";
    if (variables) {
        label.erase(label.find_last_not_of(' ') + 1);
        operation = trimmed(operation);
        operands.erase(0, operands.find_first_not_of(' '));
        const std::size_t end = end_of_operands(operands);
        remark.insert(0, operands, end, std::string::npos);
        operands.resize(end);
    }
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
    if (in_macro()) g.generated = printable(g.text + remark);
    return g;
}

// ---- Calls
// -------------------------------------------------------------------------------------------------

void MacroProcessor::call(const Statement& s, const Macro& macro) {
    if (scopes_.size() > kMaximumDepth)
        throw SourceError(s.operation.begin,
                          fmt::format("macro calls are nested deeper than {}", kMaximumDepth));
    const Scope& outer = *scopes_.back();
    auto scope = std::make_unique<Scope>(*this);
    scope->macro = macro;
    scope->positional.push_back(sequence_symbol(s).empty() ? evaluate_operand(s, s.label, outer)
                                                           : MacroOperand{});
    scope->parameters = macro->keywords;
    for (const std::string& name : macro->positional) scope->parameters[name] = {};
    if (!macro->label_parameter.empty())
        scope->parameters[macro->label_parameter] = scope->positional.front();
    std::set<std::string> given;  // keywords
    for (const Field& part : split_at_commas(s.text, s.operands)) {
        const std::string_view text = s.view(part);
        const std::size_t equals = text.find('=');
        if (equals != std::string_view::npos && is_symbol(text.substr(0, equals))) {
            const std::string name = to_upper(text.substr(0, equals));
            if (macro->keywords.count(name) == 0)
                report(s, part.begin, Severity::error,
                       fmt::format("{} is not a keyword of {}", name, macro->name));
            else if (!given.insert(name).second)
                report(s, part.begin, Severity::error, fmt::format("{} is given twice", name));
            else
                scope->parameters[name] = evaluate_operand(s, {part.begin + equals + 1, part.end}, outer);
            continue;
        }
        const std::size_t n = scope->positional.size() - 1;
        scope->positional.push_back(evaluate_operand(s, part, outer));
        if (n < macro->positional.size()) scope->parameters[macro->positional[n]] = scope->positional.back();
    }
    scope->index = fmt::format("{:04}", ++calls_);
    scope->section = m_.current_section;
    const Diagnostic where = s.diagnose(s.operation.begin, Severity::note, {});
    scope->context = fmt::format("in macro {}, called at {}:{}", macro->name, where.file, where.line);
    scopes_.push_back(std::move(scope));
}

}  // namespace isa::assembler
