// The instructions of conditional assembly: SET symbols, branches, messages.
#include <fmt/format.h>

#include "isa/assembler/macro_expression.hpp"
#include "isa/assembler/macro_scope.hpp"

namespace isa::assembler {
namespace {

SetType set_type(char letter) {
    return letter == 'A' ? SetType::arithmetic : letter == 'B' ? SetType::binary : SetType::character;
}

const char* type_name(SetType t) {
    return t == SetType::arithmetic ? "arithmetic" : t == SetType::binary ? "binary" : "character";
}

}  // namespace

bool MacroProcessor::conditional(const Statement& s) {
    const std::string& op = s.op;
    const std::size_t index = open_next_ - 1;  // of the statement in open code, where it is there
    if (op == "ANOP" || op == "MHELP") {       // MHELP is about traces, which there are none of
        list_conditional(s, index);
        return true;
    }
    if (op == "MEND" || op == "MEXIT") {
        if (!in_macro())
            throw SourceError(s.operation.begin, fmt::format("{} is only allowed in a macro", op));
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
    } else if (op == "OPSYN") {
        operation_synonym(s);
    } else if (op == "MNOTE") {
        note(s);
        return true;
    } else {
        return false;
    }
    list_conditional(s, index);
    return true;
}

void MacroProcessor::list_conditional(const Statement& s, std::size_t index) {
    if (in_macro()) return;
    if (listed_.size() <= index) listed_.resize(index + 1);
    if (!listed_[index]) queue_.push_back({s, true, false});
    listed_[index] = true;
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
    // In what is read already, or else further on; sequence symbols of macros do not count.
    const std::size_t before = open_next_;
    open_next_ = open_code_.size();
    Statement passed;
    auto it = open_sequence_.find(target);
    while (it == open_sequence_.end() && read_open_code(passed)) it = open_sequence_.find(target);
    open_next_ = it == open_sequence_.end() ? before : it->second;  // not found: go on behind the branch
    if (it == open_sequence_.end())
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
    // The message belongs to the line that the note becomes.
    queue_.push_back({g, true, in_macro()});
    if (!remark)
        m_.report(m_.lines.size() + queue_.size() - 1,
                  g.diagnose(g.operation.begin, severity, printable(message)));
}

}  // namespace isa::assembler
