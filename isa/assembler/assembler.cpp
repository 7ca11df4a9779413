#include "isa/assembler/assembler.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "isa/assembler/listing.hpp"
#include "isa/assembler/module.hpp"

namespace isa::assembler {

std::size_t Module::index_of(const Line& line) const {
    // Lines are numbered from 1; an END that the source lacks is the last.
    return line.number == 0 ? lines.size() - 1 : line.number - 1;
}

bool Module::too_many_messages(const Line& line) {
    if (!gave_up && errors >= kMaximumMessages) {
        gave_up = true;
        report(line, 0, Severity::error, "too many messages: the assembly ends here");
    }
    return gave_up;
}

void Module::report(std::size_t index, Diagnostic diagnostic) {
    if (diagnostic.severity == Severity::error) {
        ++errors;
    } else if (++warnings > kMaximumMessages) {
        return;
    } else if (warnings == kMaximumMessages) {
        diagnostic.message += " (further warnings are not shown)";
    }
    diagnostics.emplace_back(index, std::move(diagnostic));
}

void Module::report(const Line& line, std::size_t offset, Severity severity, const std::string& message) {
    report(index_of(line), line.statement.diagnose(offset, severity, message));
}

void Module::report(std::size_t index, const Statement& statement, const SourceError& error) {
    if (*error.what() == '\0') return;
    if (missing_member && dynamic_cast<const UnknownName*>(&error) != nullptr) {
        ++left_out;
        return;
    }
    report(index, statement.diagnose(error.offset, Severity::error, error.what()));
}

void Module::fail(Line& line, const SourceError& error) {
    line.failed = true;
    report(index_of(line), line.statement, error);
}

std::string place_of(const Module& m, std::size_t statement) {
    if (statement == 0 || statement > m.lines.size()) return "elsewhere";
    const Statement& s = m.lines[statement - 1].statement;
    const Diagnostic d = s.diagnose(0, Severity::note, {});
    return fmt::format("{}:{}{}", d.file, d.line, s.context.empty() ? "" : fmt::format(" ({})", s.context));
}

namespace {

void collect_image(const Module& m, Result& r) {
    uint32_t low = m.start.value_or(0);
    uint32_t high = low;
    for (const Section& s : m.sections)
        if (s.kind == SectionKind::control || (s.kind == SectionKind::common && !m.options.allow_externals))
            high = std::max(high, s.origin + s.size);
    r.load_address = low;
    r.image.assign(high - low, 0);
    for (const Module::Piece& p : m.pieces) {
        const uint32_t address = m.assembled_address(p.at);
        std::copy(p.bytes.begin(), p.bytes.end(), r.image.begin() + (address - low));
        r.text.push_back({address, static_cast<std::size_t>(p.at.section), p.bytes});
    }
}

void collect_linkage(const Module& m, Result& r) {
    for (const Relocation& x : m.relocations)
        r.relocations.push_back({x.target < 0 ? kNoSection : static_cast<std::size_t>(x.target),
                                 static_cast<std::size_t>(x.at.section), m.assembled_address(x.at), x.length,
                                 x.type, x.negative});
    for (const DictionaryItem& item : m.dictionary) {
        if (!item.entry) {
            if (m.sections[item.index].kind != SectionKind::dummy) r.dictionary.push_back(item);
            continue;
        }
        const std::string& name = m.entries[item.index].name;
        const Value& v = m.symbols.find(name)->value;
        // A control section is in the dictionary already.
        if (m.sections[static_cast<std::size_t>(v.section())].name == name) continue;
        r.dictionary.push_back({true, r.entries.size()});
        r.entries.push_back(
            {name, static_cast<uint32_t>(m.assembled_address(v)), static_cast<std::size_t>(v.section())});
    }
    if (m.entry) {
        r.has_entry = true;
        r.entry_section = static_cast<std::size_t>(m.entry->section());
    }
    r.punched = m.punched;
    r.deck_name = m.deck_name;
    r.translator = m.translator;
}

void collect_statements(const Module& m, Result& r) {
    for (const Line& line : m.lines) {
        if (!line.location || line.length == 0 ||
            m.sections[static_cast<std::size_t>(line.location->section)].kind != SectionKind::control)
            continue;
        const Statement& s = line.statement;
        r.statements.push_back(
            {m.assembled_address(*line.location), line.length, line.machine.has_value(), s.file, s.first_line,
             !s.generated.empty() || s.lines == nullptr || s.lines->empty() ? s.generated : s.lines->front(),
             line.bases});
    }
}

/// One message about a member that is not there stands for all that follow from it.
void mention_left_out(Module& m) {
    if (m.left_out == 0) return;
    m.diagnostics[*m.missing_member].second.message +=
        fmt::format("; {} message{} about names that it may define {} left out", m.left_out,
                    m.left_out == 1 ? "" : "s", m.left_out == 1 ? "is" : "are");
}

void collect_symbols(const Module& m, Result& r) {
    for (const auto& [name, s] : m.symbols.all()) {
        SymbolInfo info;
        info.name = name;
        info.value = static_cast<uint32_t>(m.assembled_address(s.value));
        info.absolute = s.value.absolute();
        if (s.value.simply_relocatable())
            info.section = m.sections[static_cast<std::size_t>(s.value.section())].name;
        info.length = s.length;
        info.statement = s.statement;
        r.symbols.push_back(std::move(info));
    }
}

}  // namespace

const SymbolInfo* Result::find(std::string_view symbol) const {
    const auto it = std::lower_bound(symbols.begin(), symbols.end(), symbol,
                                     [](const SymbolInfo& a, std::string_view b) { return a.name < b; });
    return it == symbols.end() || it->name != symbol ? nullptr : &*it;
}

Result assemble(std::string_view source, const std::string& file_name, const Options& options) {
    Module m;
    m.options = options;
    first_pass(m, source, file_name);
    lay_out_sections(m);
    uint64_t end = 0;
    for (const Section& s : m.sections) end = std::max(end, uint64_t{s.origin} + s.size);
    if (end > kMaximumAddress && !m.lines.empty())
        m.fail(m.lines.back(), SourceError(0, "the program does not fit below 16 MiB"));
    else if (!m.gave_up)
        second_pass(m);
    mention_left_out(m);
    std::stable_sort(m.diagnostics.begin(), m.diagnostics.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    Result r;
    for (const auto& [line, d] : m.diagnostics) r.diagnostics.push_back(d);
    r.ok = std::none_of(r.diagnostics.begin(), r.diagnostics.end(),
                        [](const Diagnostic& d) { return d.severity == Severity::error; });
    r.sections.assign(m.sections.begin(), m.sections.end());
    if (r.ok) {
        collect_image(m, r);
        collect_linkage(m, r);
        collect_statements(m, r);
    }
    r.entry = m.entry ? static_cast<uint32_t>(m.assembled_address(*m.entry)) : m.start.value_or(0);
    collect_symbols(m, r);
    r.members = std::move(m.members);
    r.listing = make_listing(m);
    return r;
}

}  // namespace isa::assembler
