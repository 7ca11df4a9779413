// The first pass: reads the statements, gives each its place and each label its value.
#include <fmt/format.h>

#include <algorithm>

#include "isa/assembler/macro_processor.hpp"
#include "isa/assembler/module.hpp"
#include "isa/ebcdic.hpp"

namespace isa::assembler {
namespace {

class FirstPass {
  public:
    FirstPass(Module& module, std::string_view source, const std::string& file_name)
        : m_(module), input_(module, source, file_name) {}

    void run() {
        MacroProcessor::Item item;
        while (!ended_ && input_.next(item)) {
            Line& line = m_.lines.emplace_back();
            line.statement = std::move(item.statement);
            line.number = m_.lines.size();
            line.generated = item.generated;
            line.listed_only = item.listed_only;
            if (m_.too_many_messages(line)) return;
            if (line.listed_only) continue;
            try {
                process(line);
            } catch (const SourceError& e) {
                m_.fail(line, e);
            }
        }
        if (!ended_) {
            // As if END stood behind the last line.
            Line& line = m_.lines.emplace_back();
            line.statement.file = std::make_shared<const std::string>(file_of_last_line());
            line.number = 0;
            line.directive = Directive::END;
            if (m_.lines.size() > 1) {
                Line& last = m_.lines[m_.lines.size() - 2];
                m_.report(last, 0, Severity::warning, "there is no END statement behind this line");
            }
            try {
                end(line);
            } catch (const SourceError& e) {
                m_.fail(line, e);
            }
        }
    }

  private:
    std::string file_of_last_line() const {
        return m_.lines.size() > 1 ? *m_.lines[m_.lines.size() - 2].statement.file : std::string("source");
    }

    void process(Line& line) {
        const Statement& s = line.statement;
        if (s.comment) return;
        if (s.op.empty()) {
            if (!s.label.empty()) throw SourceError(s.label.begin, "a label needs an operation");
            return;
        }
        line.directive = find_directive(s.op);
        if (!line.directive) line.machine = find_machine_operation(s.op);
        if (line.directive)
            directive(line);
        else if (line.machine)
            machine(line);
        else
            throw SourceError(s.operation.begin, fmt::format("{} is not an instruction", printable(s.op)));
    }

    // ---- Sections and the location counter ----------------------------------------------------------------

    Section& section() {
        if (current_ < 0) current_ = add_section("", SectionKind::control);
        return m_.sections[static_cast<std::size_t>(current_)];
    }

    SectionId add_section(std::string name, SectionKind kind) {
        Section& s = m_.sections.emplace_back();
        s.name = std::move(name);
        s.kind = kind;
        return static_cast<SectionId>(m_.sections.size()) - 1;
    }

    Location here() {
        const uint32_t offset = section().location;
        return {current_, offset};
    }

    void align(unsigned boundary) {
        const uint32_t offset = section().location;
        advance((boundary - offset % boundary) % boundary, 0);
    }

    /// Moves the location counter on; `at` is to blame if it goes too far.
    void advance(uint64_t bytes, std::size_t at) {
        Section& s = section();
        if (s.location + bytes > kMaximumAddress)
            throw SourceError(at, "the location counter goes beyond 16 MiB");
        s.location += static_cast<uint32_t>(bytes);
        s.size = std::max(s.size, s.location);
    }

    Scope scope(const Line& line, bool with_location = true) {
        Scope scope;
        scope.symbols = &m_.symbols;
        if (with_location) scope.here = here();
        scope.first_pass = true;
        scope.statement = line.number;
        return scope;
    }

    // ---- Labels -------------------------------------------------------------------------------------------

    /// The label in upper case; empty if there is none. Raises if it is no symbol.
    static std::string label(const Line& line) {
        const Statement& s = line.statement;
        if (s.label.empty()) return {};
        Cursor c(s, s.label);
        std::string name = parse_symbol(c, "a symbol as label");
        if (!c.done()) c.fail(fmt::format("{} cannot be part of a symbol", c.found()));
        return name;
    }

    void define(const Line& line, const std::string& name, Symbol symbol) {
        symbol.name = name;
        symbol.statement = line.number;
        const Symbol* before = m_.symbols.find(name);
        if (before != nullptr)
            throw SourceError(line.statement.label.begin,
                              fmt::format("{} is defined already, in statement {}", name, before->statement));
        m_.symbols.define(std::move(symbol));
    }

    void define_here(const Line& line, Location at, unsigned length, char type) {
        const std::string name = label(line);
        if (!name.empty())
            define(line, name, Symbol{.name = {}, .value = Value(at), .length = length, .type = type});
    }

    void no_label(const Line& line) {
        if (!line.statement.label.empty())
            m_.report(line, line.statement.label.begin, Severity::warning,
                      fmt::format("the label of {} is ignored", line.statement.op));
    }

    // ---- Machine instructions -----------------------------------------------------------------------------

    void machine(Line& line) {
        align(2);
        const unsigned length = length_of(row_of(line.machine->op).format);
        line.location = here();
        line.length = length;
        advance(length, line.statement.operation.begin);
        define_here(line, *line.location, length, 'I');
        collect_literals(line);
    }

    void collect_literals(Line& line) {
        const Statement& s = line.statement;
        Scope sc = scope(line);
        sc.here = line.location;
        Cursor c(s, s.operands);
        while (!c.done()) {
            if (c.peek() == '\'' && !is_attribute_apostrophe(s.text, c.at)) {
                const std::size_t close = end_of_string(s.text, c.at, c.end);
                c.at = close == std::string::npos ? c.end : close;
            } else if (c.peek() == '=') {
                ParsedLiteral p = parse_literal(c, sc, line.number);
                LiteralPool& pool = m_.pools.back();
                if (pool.by_key.count(p.key) == 0) {
                    Literal& l = pool.literals.emplace_back();
                    l.key = std::move(p.key);
                    l.line = &line;
                    l.constant = std::move(p.constant);
                    l.use = *line.location;
                    pool.by_key[l.key] = &l;
                }
            } else {
                ++c.at;
            }
        }
    }

    // ---- Assembler instructions ---------------------------------------------------------------------------

    void directive(Line& line) {
        switch (*line.directive) {
            case Directive::START: return start(line);
            case Directive::CSECT: return enter(line, SectionKind::control);
            case Directive::DSECT: return enter(line, SectionKind::dummy);
            case Directive::COM: return enter(line, SectionKind::common);
            case Directive::END: return end(line);
            case Directive::EXTRN:
            case Directive::WXTRN: return external(line);
            case Directive::ENTRY: return entry(line);
            case Directive::DC:
            case Directive::DS: return constants(line);
            case Directive::CCW:
                align(8);
                line.location = here();
                line.length = 8;
                advance(8, line.statement.operation.begin);
                return define_here(line, *line.location, 8, 'W');
            case Directive::EQU: return equate(line);
            case Directive::ORG: return origin(line);
            case Directive::LTORG:
                align(8);
                define_here(line, here(), 1, 'J');
                return place_literals(line);
            case Directive::CNOP: return conditional_no_operation(line);
            case Directive::USING:
            case Directive::DROP:
                no_label(line);
                line.location = here();
                return;
            case Directive::PUSH:
            case Directive::POP:
            case Directive::EJECT:
            case Directive::SPACE:
            case Directive::PRINT: return no_label(line);
            case Directive::TITLE: return;  // its label is an identification, not a symbol
        }
    }

    void start(Line& line) {
        const Statement& s = line.statement;
        const bool begun = std::any_of(m_.sections.begin(), m_.sections.end(),
                                       [](const Section& x) { return x.kind == SectionKind::control; });
        if (begun || m_.start)
            throw SourceError(s.operation.begin, "START must come before all other control sections");
        uint32_t origin = 0;
        if (!s.operands.empty()) {
            Cursor c(s, s.operands);
            origin = static_cast<uint32_t>(
                parse_absolute(c, scope(line, false), "START's operand", 0, kMaximumAddress - 8));
            finish(c);
        }
        m_.start = (origin + 7) & ~7u;
        enter(line, SectionKind::control);
    }

    void enter(Line& line, SectionKind kind) {
        const std::string name = label(line);
        for (std::size_t i = 0; i < m_.sections.size(); ++i) {
            if (m_.sections[i].name != name || m_.sections[i].kind == SectionKind::external) continue;
            if (m_.sections[i].kind != kind)
                throw SourceError(line.statement.label.begin,
                                  fmt::format("{} is a section of another kind", name));
            current_ = static_cast<SectionId>(i);
            m_.current_section = name;
            line.location = here();
            return;
        }
        if (kind == SectionKind::dummy && name.empty())
            throw SourceError(line.statement.operation.begin, "DSECT needs a label");
        const SectionId id = add_section(name, kind);
        current_ = id;
        m_.current_section = name;
        line.location = here();
        if (!name.empty()) define_here(line, {id, 0}, 1, 'J');
    }

    void external(Line& line) {
        no_label(line);
        Cursor c(line.statement, line.statement.operands);
        do {
            const std::size_t at = c.at;
            const std::string name = parse_symbol(c, "an external symbol");
            if (m_.symbols.find(name) != nullptr)
                throw SourceError(at, fmt::format("{} is defined already", name));
            const SectionId id = add_section(name, SectionKind::external);
            m_.sections.back().weak = *line.directive == Directive::WXTRN;
            m_.externals[name] = id;
            m_.symbols.define(Symbol{.name = name,
                                     .value = Value(Location{id, 0}),
                                     .length = 1,
                                     .type = 'T',
                                     .statement = line.number});
        } while (c.take(','));
        finish(c);
    }

    void entry(Line& line) {
        no_label(line);
        Cursor c(line.statement, line.statement.operands);
        do m_.entries.push_back(parse_symbol(c, "a symbol"));
        while (c.take(','));
        finish(c);
    }

    void constants(Line& line) {
        const Statement& s = line.statement;
        const bool dc = *line.directive == Directive::DC;
        bool labelled = false;
        Cursor c(s, s.operands);
        if (c.done()) c.fail(fmt::format("{} needs an operand", s.op));
        try {
            do {
                const std::size_t at = c.at;
                // The location counter stands at the constant, aligned: that takes a look at it first.
                Cursor ahead = c;
                const unsigned boundary = parse_constant(ahead, scope(line), dc).alignment;
                align(boundary);
                Constant k = parse_constant(c, scope(line), dc);
                if (!labelled) {
                    line.location = here();
                    labelled = true;
                    define_here(line, *line.location, k.length, k.type);
                }
                advance(k.size(), at);
                line.constants.push_back(std::move(k));
            } while (c.take(','));
            finish(c);
        } catch (const SourceError&) {
            // The label is defined all the same, so that its uses give no further errors.
            if (!labelled && !s.label.empty() && m_.symbols.find(label(line)) == nullptr)
                define_here(line, here(), 1, 'C');
            throw;
        }
        line.length = section().location - line.location->offset;
    }

    void equate(Line& line) {
        const Statement& s = line.statement;
        const std::string name = label(line);
        if (name.empty()) throw SourceError(s.operation.begin, "EQU needs a label");
        Symbol symbol;
        try {
            Cursor c(s, s.operands);
            const Expression e = parse_expression(c, scope(line));
            symbol.value = e.value;
            symbol.length = e.length;
            if (c.take(',') && c.peek() != ',' && !c.done())
                symbol.length =
                    static_cast<unsigned>(parse_absolute(c, scope(line), "the length attribute", 0, 65535));
            if (c.take(','))
                symbol.type = isa::to_ascii(
                    static_cast<uint8_t>(parse_absolute(c, scope(line), "the type attribute", 0, 255)));
            finish(c);
        } catch (const SourceError&) {
            if (m_.symbols.find(name) == nullptr)
                m_.symbols.define(
                    Symbol{.name = name, .value = {}, .in_error = true, .statement = line.number});
            throw;
        }
        define(line, name, symbol);
    }

    void origin(Line& line) {
        const Statement& s = line.statement;
        define_here(line, here(), 1, 'J');
        line.location = here();
        Section& current = section();
        if (s.operands.empty()) {
            current.location = current.size;
        } else {
            Cursor c(s, s.operands);
            const Expression e = parse_expression(c, scope(line));
            finish(c);
            if (!e.value.simply_relocatable() || e.value.section() != current_)
                throw SourceError(e.begin, fmt::format("ORG needs an address in the current section{}",
                                                       e.value.absolute() && !current.name.empty()
                                                           ? fmt::format(", such as {}+X'{:X}'", current.name,
                                                                         e.value.number & 0xFFFFFF)
                                                           : ""));
            if (e.value.number < 0 || e.value.number > kMaximumAddress)
                throw SourceError(e.begin, "the address is outside the section");
            current.location = static_cast<uint32_t>(e.value.number);
            current.size = std::max(current.size, current.location);
        }
        line.location = here();
    }

    void conditional_no_operation(Line& line) {
        align(2);
        define_here(line, here(), 1, 'I');
        line.location = here();
        Cursor c(line.statement, line.statement.operands);
        const std::size_t at = c.at;
        const auto byte = parse_absolute(c, scope(line), "CNOP's byte", 0, 6);
        c.expect(',', "and the boundary, 4 or 8");
        const auto boundary = parse_absolute(c, scope(line), "CNOP's boundary", 4, 8);
        finish(c);
        if ((boundary != 4 && boundary != 8) || byte % 2 != 0 || byte >= boundary)
            throw SourceError(at, "CNOP takes 0,4 2,4 0,8 2,8 4,8 or 6,8");
        const auto offset = static_cast<int64_t>(section().location);
        line.length = static_cast<uint32_t>(((byte - offset) % boundary + boundary) % boundary);
        advance(line.length, at);
    }

    void place_literals(Line& line) {
        LiteralPool& pool = m_.pools.back();
        line.location = here();
        pool.placed_by = &line;
        // Longest boundaries first: so each is aligned and no gaps arise.
        for (const unsigned boundary : {8u, 4u, 2u, 1u}) {
            for (Literal& literal : pool.literals) {
                const uint64_t size = literal.constant.size();
                const unsigned own = size % 8 == 0 ? 8 : size % 4 == 0 ? 4 : size % 2 == 0 ? 2 : 1;
                if (own != boundary) continue;
                literal.location = here();
                advance(size, line.statement.operation.begin);
                pool.in_order.push_back(&literal);
            }
        }
        line.length = section().location - line.location->offset;
        m_.pools.emplace_back();
    }

    void end(Line& line) {
        ended_ = true;
        no_label(line);
        for (std::size_t i = 0; i < m_.sections.size(); ++i) {
            if (m_.sections[i].kind != SectionKind::control) continue;
            current_ = static_cast<SectionId>(i);
            break;
        }
        if (m_.pools.back().literals.empty()) return;
        Section& s = section();
        s.location = s.size;
        align(8);
        place_literals(line);
    }

    static void finish(const Cursor& c) {
        if (!c.done()) c.fail(fmt::format("expected the end of the operands, found {}", c.found()));
    }

    Module& m_;
    MacroProcessor input_;
    SectionId current_ = -1;
    bool ended_ = false;
};

}  // namespace

void first_pass(Module& module, std::string_view source, const std::string& file_name) {
    FirstPass(module, source, file_name).run();
}

}  // namespace isa::assembler
