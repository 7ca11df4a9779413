// Macro definitions: in the source, in other macros, in files; and the other names that OPSYN gives.
#include <fmt/format.h>

#include "isa/assembler/macro_scope.hpp"

namespace isa::assembler {
namespace {

/// What the assemblers of the 1970s knew already. A file's macro may stand for a newer instruction: programs
/// for those assemblers bring such macros along.
bool is_classic(const MachineOperation& machine) {
    switch (row_of(machine.op).facility) {
        case Facility::base:
        case Facility::decimal:
        case Facility::floating_point:
        case Facility::extended_float:
        case Facility::psw_key:
        case Facility::clock_comparator:
        case Facility::translation:
        case Facility::multiprocessing:
        case Facility::direct_control: return true;
        default: return false;
    }
}

}  // namespace

std::vector<Statement> MacroProcessor::read_body(const Statement& macro_statement, Statement& prototype,
                                                 bool listed, const Following& following) {
    std::vector<Statement> body;
    int nested = 0;
    bool first = true;
    Statement s;
    while (following(s)) {
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
    const bool listed = !in_macro();
    if (listed) queue_.push_back({macro_statement, true, false});
    Statement prototype;
    const std::size_t first = m_.lines.size() + 1;  // the prototype's line, if no comment is before it
    // A macro that defines another one takes it from its own body.
    Scope& scope = *scopes_.back();
    const auto following = [&](Statement& s) {
        if (!in_macro()) return read_open_code(s);
        if (scope.next >= scope.macro->body.size()) return false;
        s = scope.macro->body[scope.next++];
        return true;
    };
    std::vector<Statement> body;
    try {
        body = read_body(macro_statement, prototype, listed, following);
    } catch (const SourceError& e) {
        report(macro_statement, e);
        return;
    }
    try {
        auto macro = std::make_shared<const MacroDefinition>(define_macro(prototype, std::move(body)));
        synonyms_.erase(macro->name);
        macros_[macro->name] = macro;
    } catch (const SourceError& e) {
        m_.report(listed ? first : line_to_blame(), prototype, e);
    }
}

MacroProcessor::Macro MacroProcessor::find_macro(const std::string& name) {
    const auto it = macros_.find(name);
    if (it != macros_.end()) return it->second;
    if (not_macros_.count(name) != 0 || !is_symbol(name)) return nullptr;
    // What OPSYN gave another meaning is no name of a member; what lost its meaning may be one.
    const auto synonym = synonyms_.find(name);
    if (synonym != synonyms_.end() && synonym->second.has_meaning()) return nullptr;
    if (synonym == synonyms_.end()) {
        if (is_assembler_operation(name)) return nullptr;
        const auto machine = find_machine_operation(name);
        if (machine && is_classic(*machine)) return nullptr;
    }
    // A file of that name which is no macro may be the program itself.
    Macro macro;
    input_.find_member(name, [&](const SourceInput::Member& member) {
        macro = read_member(name, member);
        return macro != nullptr || wrong_macros_.count(name) != 0;
    });
    if (macro != nullptr) return macros_[name] = macro;
    not_macros_.insert(name);
    return nullptr;
}

/// A file that begins with MACRO is the macro's definition; what stands behind its MEND does not matter.
MacroProcessor::Macro MacroProcessor::read_member(const std::string& name,
                                                  const SourceInput::Member& member) {
    SourceInput input(member.file_name, member.text, m_.options);
    const std::size_t line = line_to_blame();
    const auto following = [&](Statement& s) {
        if (!input.next(s, [&](Diagnostic d) { m_.report(line, std::move(d)); })) return false;
        if (!s.comment && s.op == "COPY") copy(s, input);
        return true;
    };
    Statement first;
    do {
        if (!following(first)) return nullptr;
    } while (first.comment);
    if (first.op != "MACRO") return nullptr;
    m_.members.push_back(member.file_name);
    Statement prototype = first;
    std::vector<Statement> body;
    try {
        body = read_body(first, prototype, false, following);
    } catch (const SourceError& e) {
        m_.report(line, first, e);
        wrong_macros_.insert(name);
        return nullptr;
    }
    try {
        MacroDefinition macro = define_macro(prototype, std::move(body));
        if (macro.name != name)
            throw SourceError(prototype.operation.begin,
                              fmt::format("the member {} defines a macro {}", name, macro.name));
        return std::make_shared<const MacroDefinition>(std::move(macro));
    } catch (const SourceError& e) {
        m_.report(line, prototype, e);
        wrong_macros_.insert(name);
        return nullptr;
    }
}

void MacroProcessor::operation_synonym(const Statement& s) {
    Cursor label(s, s.label);
    const std::string name = parse_symbol(label, "the new name of an operation");
    if (!label.done()) label.fail(fmt::format("{} cannot be part of a name", label.found()));
    if (s.operands.empty() || s.view(s.operands) == ",") {
        macros_.erase(name);
        synonyms_[name] = {};
        return;
    }
    Cursor c(s, s.operands);
    const std::size_t at = c.at;
    const std::string old = parse_symbol(c, "the name of an operation");
    if (!c.done()) c.fail(fmt::format("expected the end of the operand, found {}", c.found()));
    Synonym synonym;
    if (const auto it = synonyms_.find(old); it != synonyms_.end())
        synonym = it->second;
    else if (Macro macro = find_macro(old))
        synonym.macro = std::move(macro);
    else if (find_directive(old) || find_machine_operation(old))
        synonym.operation = old;
    else
        throw UnknownName(at,
                          fmt::format("{} is not an instruction or macro that can have another name", old));
    macros_.erase(name);
    synonyms_[name] = std::move(synonym);
}

}  // namespace isa::assembler
