// The first pass: reads the statements, gives each its place and each label its value.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "isa/assembler/macro_definition.hpp"
#include "isa/assembler/macro_processor.hpp"
#include "isa/assembler/module.hpp"
#include "isa/assembler/sections.hpp"
#include "isa/ebcdic.hpp"

namespace isa::assembler {
namespace {

class FirstPass {
  public:
    FirstPass(Module& module, std::string_view source, const std::string& file_name)
        : m_(module), sections_(module), input_(module, source, file_name), file_name_(file_name) {}

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
        if (!ended_) end_of_source();
    }

  private:
    void end_of_source() {
        const bool empty = std::all_of(m_.lines.begin(), m_.lines.end(), [](const Line& line) {
            return line.statement.comment || (line.statement.op.empty() && line.statement.label.empty());
        });
        if (empty) {
            m_.report(0,
                      {file_name_, 0, 0, Severity::error, "there is nothing to assemble in this file", {}});
            return;
        }
        // As if END stood behind the last line.
        Line& last = m_.lines.back();
        m_.report(last, 0, Severity::warning, "there is no END statement behind this line");
        Line& line = m_.lines.emplace_back();
        line.statement.file = m_.lines[m_.lines.size() - 2].statement.file;
        line.number = 0;
        line.directive = Directive::END;
        try {
            end(line);
        } catch (const SourceError& e) {
            m_.fail(line, e);
        }
    }

    void process(Line& line) {
        Statement& s = line.statement;
        if (s.comment) return;
        if (s.op.empty()) {
            if (!s.label.empty()) throw SourceError(s.label.begin, "a label needs an operation");
            return;
        }
        line.directive = find_directive(s.op);
        if (!line.directive) line.machine = find_machine_operation(s.op);
        if (line.directive) {
            // A comma alone stands for operands that are left out: a remark follows.
            if (s.view(s.operands) == ",") s.operands.begin = s.operands.end;
            directive(line);
        } else if (line.machine) {
            machine(line);
        } else {
            throw UnknownName(s.operation.begin, fmt::format("{} is not an instruction", printable(s.op)));
        }
    }

    Location here() { return sections_.here(); }

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

    void check_new(const std::string& name, std::size_t at) const {
        if (const Symbol* before = m_.symbols.find(name))
            throw SourceError(
                at, fmt::format("{} is defined already, at {}", name, place_of(m_, before->statement)));
    }

    void define(const Line& line, const std::string& name, Symbol symbol) {
        symbol.name = name;
        symbol.statement = line.number;
        check_new(name, line.statement.label.begin);
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
        const unsigned length = length_of(row_of(line.machine->op).format);
        place(line, 2, length);
        define_here(line, *line.location, length, 'I');
        collect_literals(line);
        if (!m_.options.missing_instruction) return;
        const std::string missing = m_.options.missing_instruction(line.machine->op);
        if (!missing.empty()) throw SourceError(line.statement.operation.begin, missing);
    }

    /// The statement's place: behind zeros up to the boundary.
    void place(Line& line, unsigned boundary, uint32_t length) {
        line.skipped = sections_.align(boundary);
        line.location = here();
        line.length = length;
        sections_.advance(length, line.statement.operation.begin);
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
            case Directive::DXD: return external_dummy(line);
            case Directive::CXD: place(line, 4, 4); return define_here(line, *line.location, 4, 'A');
            case Directive::CCW: place(line, 8, 8); return define_here(line, *line.location, 8, 'W');
            case Directive::EQU: return equate(line);
            case Directive::ORG: return origin(line);
            case Directive::LTORG:
                sections_.align(8);
                define_here(line, here(), 1, 'U');
                return place_literals(line);
            case Directive::CNOP: return conditional_no_operation(line);
            case Directive::USING:
            case Directive::DROP:
                no_label(line);
                line.location = here();
                return;
            case Directive::PUNCH:
            case Directive::REPRO:
                no_label(line);
                line.leads = !sections_.any_control();
                return;
            case Directive::TITLE: return title(line);
            case Directive::ICTL:
            case Directive::ISEQ:
            case Directive::OPSYN:
            case Directive::PUSH:
            case Directive::POP:
            case Directive::EJECT:
            case Directive::SPACE:
            case Directive::PRINT: return no_label(line);
        }
    }

    /// The label of the first TITLE that has one names the deck: it is no symbol.
    void title(const Line& line) {
        const std::string_view name = line.statement.view(line.statement.label);
        if (m_.deck_name.empty() && name.size() <= 8 &&
            std::all_of(name.begin(), name.end(), is_symbol_character))
            m_.deck_name = to_upper(name);
    }

    void start(Line& line) {
        const Statement& s = line.statement;
        if (sections_.begun() || m_.start)
            throw SourceError(s.operation.begin, "START must come before all other control sections");
        uint32_t origin = 0;
        if (!s.operands.empty()) {
            Cursor c(s, s.operands);
            origin = static_cast<uint32_t>(
                parse_absolute(c, scope(line, false), "START's operand", 0, kMaximumAddress - 8));
            finish(c);
        }
        m_.start = (origin + 7) & ~7u;
        const std::string name = label(line);
        enter_section(line, name, sections_.start(name, s.label.begin));
    }

    void enter(Line& line, SectionKind kind) {
        const std::string name = label(line);
        enter_section(line, name, sections_.enter(name, kind, line.statement.label.begin));
    }

    void enter_section(Line& line, const std::string& name, bool is_new) {
        line.location = here();
        if (is_new && !name.empty()) define_here(line, {line.location->section, 0}, 1, 'J');
    }

    void external(Line& line) {
        no_label(line);
        const bool weak = *line.directive == Directive::WXTRN;
        Cursor c(line.statement, line.statement.operands);
        do {
            const std::size_t at = c.at;
            const std::string name = parse_symbol(c, "an external symbol");
            check_new(name, at);
            // A V constant may have named it before.
            const auto it = m_.externals.find(name);
            const SectionId id = it != m_.externals.end() ? it->second : sections_.add_external(name, weak);
            m_.symbols.define(Symbol{.name = name,
                                     .value = Value(Location{id, 0}),
                                     .length = 1,
                                     .type = weak ? '$' : 'T',
                                     .statement = line.number});
        } while (c.take(','));
        finish(c);
    }

    void entry(Line& line) {
        no_label(line);
        Cursor c(line.statement, line.statement.operands);
        do {
            const std::size_t at = c.at;
            const std::string name = parse_symbol(c, "a symbol");
            if (!entries_.insert(name).second)
                throw SourceError(at, fmt::format("{} is an entry already", name));
            sections_.add_entry({name, &line, at});
        } while (c.take(','));
        finish(c);
    }

    void constants(Line& line) {
        const Statement& s = line.statement;
        const bool dc = *line.directive == Directive::DC;
        Cursor c(s, s.operands);
        if (c.done()) c.fail(fmt::format("{} needs an operand", s.op));
        // The label is defined first: the constant's own modifiers may name it. It stays defined if they are
        // wrong, so that its uses give no further errors.
        const uint32_t skipped = sections_.align(std::max(1u, boundary_or_none(c)));
        if (dc) line.skipped = skipped;
        line.location = here();
        define_here(line, *line.location, 1, 'C');
        uint64_t bits = 0;  // from the statement's location on
        do {
            const std::size_t at = c.at;
            // The location counter stands at the constant, aligned, while its modifiers are evaluated.
            const unsigned boundary = boundary_of_constant(c);
            if (boundary > 0) bits = aligned(line.location->offset, bits, boundary);
            sections_.move_to(line.location->offset + bits / 8, at);
            Constant k = parse_constant(c, scope(line), dc);
            if (line.constants.empty()) describe_label(line, k);
            if (dc) refer(line, k);
            const uint64_t size = k.size_in_bits();
            line.constants.push_back({std::move(k), bits});
            bits += size;
            sections_.move_to(line.location->offset + (bits + 7) / 8, at);
        } while (c.take(','));
        finish(c);
        line.length = sections_.current().location - line.location->offset;
    }

    static unsigned boundary_or_none(const Cursor& c) {
        try {
            return boundary_of_constant(c);
        } catch (const SourceError&) {
            return 1;  // said when the operand is parsed
        }
    }

    /// Bits behind `offset` in the section to the next multiple of `boundary` bytes.
    static uint64_t aligned(uint32_t offset, uint64_t bits, unsigned boundary) {
        const uint64_t byte = offset + (bits + 7) / 8;
        return ((byte + boundary - 1) / boundary * boundary - offset) * 8;
    }

    /// Gives the label the attributes of the first operand.
    void describe_label(const Line& line, const Constant& k) {
        const std::string name = label(line);
        if (name.empty()) return;
        Symbol& symbol = *m_.symbols.find(name);
        symbol.length = k.length;
        symbol.type = type_attribute(k);
        try {
            symbol.number = number_attributes(k, line.statement);
        } catch (const SourceError&) {
            // the digits are wrong: the second pass says so
        }
    }

    /// V and Q constants put their symbols into the dictionary, unless nothing is assembled here.
    void refer(const Line& line, const Constant& k) {
        if ((k.type != 'V' && k.type != 'Q') || k.duplication == 0) return;
        if (sections_.current().kind != SectionKind::control) return;
        for (const Field& v : k.values) {
            const std::string name = to_upper(line.statement.view(v));
            if (!is_symbol(name)) continue;  // the second pass says so
            if (k.type == 'V')
                sections_.refer_external(name);
            else
                sections_.refer_dummy(name);
        }
    }

    void external_dummy(Line& line) {
        const Statement& s = line.statement;
        const std::string name = label(line);
        if (name.empty()) throw SourceError(s.operation.begin, "DXD needs a label");
        check_new(name, s.label.begin);
        Cursor c(s, s.operands);
        if (c.done()) c.fail("DXD needs an operand");
        uint64_t bits = 0;
        unsigned alignment = 1;
        do {
            const std::size_t at = c.at;
            const Constant k = parse_constant(c, scope(line, false), false);
            if (!k.bit_length) bits = aligned(0, bits, k.alignment);
            bits += k.size_in_bits();
            alignment = std::max(alignment, k.alignment);
            if (bits / 8 > kMaximumAddress) throw SourceError(at, "the section is larger than 16 MiB");
        } while (c.take(','));
        finish(c);
        const auto size = static_cast<uint32_t>((bits + 7) / 8);
        const SectionId id = sections_.add_external_dummy(name, size, alignment);
        define(line, name, Symbol{.name = {}, .value = Value(Location{id, 0}), .length = 1, .type = 'J'});
    }

    void equate(Line& line) {
        const Statement& s = line.statement;
        const std::string name = label(line);
        sections_.current();  // even without a location in its operand it opens private code
        if (name.empty())
            return m_.report(line, s.operation.begin, Severity::warning,
                             "EQU without a label defines nothing");
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
        define_here(line, here(), 1, 'U');
        line.location = here();
        Section& current = sections_.current();
        if (s.operands.empty()) {
            current.location = current.size;
        } else {
            Cursor c(s, s.operands);
            const Expression e = parse_expression(c, scope(line));
            finish(c);
            if (!e.value.simply_relocatable() || e.value.section() != line.location->section)
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
        line.skipped = sections_.align(2);
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
        const auto offset = static_cast<int64_t>(line.location->offset);
        line.length = static_cast<uint32_t>(((byte - offset) % boundary + boundary) % boundary);
        sections_.advance(line.length, at);
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
                refer(*literal.line, literal.constant);
                sections_.advance(size, line.statement.operation.begin);
                pool.in_order.push_back(&literal);
            }
        }
        line.length = here().offset - line.location->offset;
        m_.pools.emplace_back();
    }

    void end(Line& line) {
        ended_ = true;
        no_label(line);
        sections_.enter_first_control();
        if (m_.pools.back().literals.empty()) return;
        Section& s = sections_.current();
        s.location = s.size;
        sections_.align(8);
        place_literals(line);
    }

    static void finish(const Cursor& c) {
        if (!c.done()) c.fail(fmt::format("expected the end of the operands, found {}", c.found()));
    }

    Module& m_;
    Sections sections_;
    MacroProcessor input_;
    std::string file_name_;
    std::set<std::string> entries_;
    bool ended_ = false;
};

}  // namespace

void first_pass(Module& module, std::string_view source, const std::string& file_name) {
    FirstPass(module, source, file_name).run();
}

}  // namespace isa::assembler
