// The second pass: evaluates operands and generates object code. Places do not change any more.
#include <fmt/format.h>

#include <algorithm>

#include "isa/assembler/machine_operands.hpp"
#include "isa/assembler/module.hpp"

namespace isa::assembler {
namespace {

constexpr uint64_t kMaximumGenerated = 4 * uint64_t{kMaximumAddress};

class SecondPass {
  public:
    explicit SecondPass(Module& module) : m_(module) {}

    void run() {
        for (Line& line : m_.lines) {
            if (m_.too_many_messages(line)) return;
            if (!line.failed) {
                try {
                    process(line);
                } catch (const SourceError& e) {
                    m_.fail(line, e);
                }
            }
            // A pool is closed where it was placed, whether or not something else was wrong there.
            if (m_.pools[pool_].placed_by == &line) {
                generate_literals();
                ++pool_;
            }
        }
        for (const std::string& name : m_.entries) check_entry(name);
    }

  private:
    void process(Line& line) {
        if (line.machine) return machine(line);
        if (!line.directive) return;
        const Statement& s = line.statement;
        switch (*line.directive) {
            case Directive::DC: return constants(line);
            case Directive::DS: return constants(line);
            case Directive::CCW: return channel_command_word(line);
            case Directive::CNOP: {
                for (uint32_t i = 0; i < line.length; i += 2) {
                    line.object.push_back(0x07);  // BCR 0,0
                    line.object.push_back(0x00);
                }
                return emit(line);
            }
            case Directive::USING: return use(line);
            case Directive::DROP: return drop(line);
            case Directive::PUSH:
            case Directive::POP: return push_or_pop(line);
            case Directive::EQU: {
                const Symbol* symbol = m_.symbols.find(to_upper(s.view(s.label)));
                if (symbol != nullptr)
                    line.value = static_cast<uint32_t>(m_.assembled_address(symbol->value));
                return;
            }
            case Directive::END: {
                if (s.operands.empty()) return;
                Cursor c(s, s.operands);
                const Expression e = parse_expression(c, scope(line));
                finish(c);
                if (!e.value.simply_relocatable() ||
                    m_.sections[static_cast<std::size_t>(e.value.section())].kind != SectionKind::control)
                    throw SourceError(e.begin, "END's operand must be an address in this program");
                m_.entry = e.value;
                line.value = static_cast<uint32_t>(m_.assembled_address(e.value));
                return;
            }
            default: return;
        }
    }

    Scope scope(const Line& line) {
        Scope scope;
        scope.symbols = &m_.symbols;
        scope.here = line.location;
        scope.here_length = std::max(1u, line.machine ? line.length : 1u);
        scope.statement = line.number;
        scope.literal = [this, &line](Cursor& c, unsigned& length) { return literal(line, c, length); };
        return scope;
    }

    Value literal(const Line& line, Cursor& c, unsigned& length) {
        const std::size_t at = c.at;
        Scope s;
        s.symbols = &m_.symbols;
        s.here = line.location;
        s.statement = line.number;
        const ParsedLiteral p = parse_literal(c, s, line.number);
        const auto& pool = m_.pools[pool_].by_key;
        if (const auto it = pool.find(p.key); it != pool.end() && it->second->location) {
            length = it->second->constant.length;
            return Value(*it->second->location);
        }
        throw SourceError(at, "a literal is not allowed here");
    }

    /// Adds the line's object code to the module's, unless it is in a dummy section.
    void emit(const Line& line) { emit(*line.location, line.object); }

    void emit(Location at, const std::vector<uint8_t>& bytes) {
        const SectionKind kind = m_.sections[static_cast<std::size_t>(at.section)].kind;
        if (kind == SectionKind::control && !bytes.empty()) m_.pieces.push_back({at, bytes});
    }

    void machine(Line& line) {
        line.object.assign(line.length, 0);
        const AssembledInstruction a = assemble_instruction(m_, line, scope(line), usings_);
        encode(a.instruction, line.object.data());
        line.address1 = a.address1;
        line.address2 = a.address2;
        check_registers(line, a.instruction);
        emit(line);
    }

    /// What the instruction's row demands of its registers (a specification exception otherwise) is worth a
    /// warning.
    void check_registers(const Line& line, const Decoded& d) {
        const auto warn = [&](const char* which, unsigned reg) {
            m_.report(line, line.statement.operands.begin, Severity::warning,
                      fmt::format("{} needs an even register {}, not {}", d.row().mnemonic, which, reg));
        };
        const uint16_t needs = d.row().requires_;
        if ((needs & even1) != 0 && d.operands.r1 % 2 != 0) warn("R1", d.operands.r1);
        if ((needs & even2) != 0 && d.operands.r2 % 2 != 0) warn("R2", d.operands.r2);
        if ((needs & even3) != 0 && d.operands.r2 % 2 != 0) warn("R3", d.operands.r2);
    }

    AddressServices services(const Line& line) {
        AddressServices a;
        a.address = [this](const Value& v, std::size_t offset, Location at, unsigned length, char type) {
            for (const auto& [target, factor] : v.terms) {
                const Section& section = m_.sections[static_cast<std::size_t>(target)];
                if (section.kind == SectionKind::dummy)
                    throw SourceError(
                        offset,
                        fmt::format("{} is a dummy section: its addresses have no value", section.name));
                if (section.kind == SectionKind::external && !m_.options.allow_externals)
                    throw SourceError(
                        offset, fmt::format("{} is not in this program: only an object deck can refer to it",
                                            section.name));
                for (int i = 0; i < std::abs(factor); ++i)
                    m_.relocations.push_back({target, at, length, type, factor < 0});
            }
            return m_.assembled_address(v);
        };
        a.base_displacement = [this](const Value& v, std::size_t offset) {
            const auto choice = usings_.choose(v, [&](const Value& x) { return m_.assembled_address(x); });
            if (!choice)
                throw SourceError(offset, "no base register reaches this address: no USING covers it");
            return static_cast<uint16_t>(choice->base << 12 | choice->displacement);
        };
        a.external = [this, &line](const std::string& name, std::size_t) {
            if (Symbol* symbol = m_.symbols.find(name)) {
                symbol->references.push_back(line.number);
                return symbol->value;
            }
            const auto [it, added] =
                m_.externals.try_emplace(name, static_cast<SectionId>(m_.sections.size()));
            if (added) {
                Section& section = m_.sections.emplace_back();
                section.name = name;
                section.kind = SectionKind::external;
            }
            return Value(Location{it->second, 0});
        };
        return a;
    }

    void constants(Line& line) {
        const bool dc = *line.directive == Directive::DC;
        Location at = *line.location;
        for (const Constant& k : line.constants) {
            at.offset = (at.offset + k.alignment - 1) / k.alignment * k.alignment;
            if (dc && k.duplication > 0) {
                generated_ += k.size();
                if (generated_ > kMaximumGenerated)
                    throw SourceError(k.extent.begin, "the program generates too much object code");
                Scope s = scope(line);
                s.here = at;
                const auto bytes = generate_constant(k, line.statement, s, services(line), at);
                line.object.resize(at.offset - line.location->offset, 0);
                line.object.insert(line.object.end(), bytes.begin(), bytes.end());
            }
            at.offset += static_cast<uint32_t>(k.size());
        }
        emit(line);
    }

    void channel_command_word(Line& line) {
        const Statement& s = line.statement;
        Cursor c(s, s.operands);
        const Scope sc = scope(line);
        const auto comma = [&] { c.expect(',', "between CCW's four operands"); };
        const auto command = parse_absolute(c, sc, "the command code", 0, 255);
        comma();
        const std::size_t at = c.at;
        const Expression address = parse_expression(c, sc);
        comma();
        const auto flags = parse_absolute(c, sc, "the flags", 0, 255);
        comma();
        const auto count = parse_absolute(c, sc, "the count", 0, 65535);
        finish(c);
        const Location field{line.location->section, line.location->offset + 1};
        const int64_t data = services(line).address(address.value, at, field, 3, 'A');
        if (data < 0 || data >= kMaximumAddress)
            throw SourceError(at, "the data address does not fit in 24 bits");
        line.object = {static_cast<uint8_t>(command),    static_cast<uint8_t>(data >> 16),
                       static_cast<uint8_t>(data >> 8),  static_cast<uint8_t>(data),
                       static_cast<uint8_t>(flags),      0,
                       static_cast<uint8_t>(count >> 8), static_cast<uint8_t>(count)};
        line.address2 = static_cast<uint32_t>(data);
        emit(line);
    }

    void use(Line& line) {
        const Statement& s = line.statement;
        Cursor c(s, s.operands);
        const Scope sc = scope(line);
        Expression base = parse_expression(c, sc);
        if (!base.value.absolute() && !base.value.simply_relocatable())
            throw SourceError(base.begin, "the base address is neither absolute nor simply relocatable");
        line.value = static_cast<uint32_t>(m_.assembled_address(base.value));
        if (c.done()) c.fail("expected ',' and a base register");
        while (c.take(',')) {
            const auto reg = parse_absolute(c, sc, "the base register", 0, 15);
            usings_.use(static_cast<unsigned>(reg), base.value);
            base.value.number += 4096;
        }
        finish(c);
    }

    void drop(Line& line) {
        const Statement& s = line.statement;
        if (s.operands.empty()) return usings_.drop_all();
        Cursor c(s, s.operands);
        do {
            const std::size_t at = c.at;
            const auto reg = parse_absolute(c, scope(line), "the base register", 0, 15);
            if (!usings_.drop(static_cast<unsigned>(reg)))
                m_.report(line, at, Severity::warning,
                          fmt::format("register {} is not in use as a base", reg));
        } while (c.take(','));
        finish(c);
    }

    void push_or_pop(Line& line) {
        const Statement& s = line.statement;
        Cursor c(s, s.operands);
        do {
            const std::size_t at = c.at;
            const std::string what = parse_symbol(c, "USING or PRINT");
            if (what != "USING" && what != "PRINT") throw SourceError(at, "expected USING or PRINT");
            if (what == "PRINT") continue;
            if (*line.directive == Directive::PUSH)
                usings_.push();
            else if (!usings_.pop())
                throw SourceError(at, "there is no PUSH USING before this POP");
        } while (c.take(','));
        finish(c);
    }

    void generate_literals() {
        LiteralPool& pool = m_.pools[pool_];
        for (Literal* literal : pool.in_order) {
            try {
                Scope s = scope(*literal->line);
                s.here = literal->use;
                s.literal = nullptr;
                literal->object = generate_constant(literal->constant, literal->line->statement, s,
                                                    services(*literal->line), *literal->location);
                emit(*literal->location, literal->object);
            } catch (const SourceError& e) {
                m_.fail(*literal->line, e);
            }
        }
    }

    void check_entry(const std::string& name) {
        const Symbol* symbol = m_.symbols.find(name);
        if (symbol != nullptr && !symbol->in_error && symbol->value.simply_relocatable() &&
            m_.sections[static_cast<std::size_t>(symbol->value.section())].kind == SectionKind::control)
            return;
        for (Line& line : m_.lines) {
            if (line.directive != Directive::ENTRY) continue;
            const Statement& s = line.statement;
            for (const Field& part : split_at_commas(s.text, s.operands)) {
                if (to_upper(s.view(part)) != name) continue;
                m_.fail(line, SourceError(part.begin,
                                          symbol == nullptr
                                              ? fmt::format("{} is not defined", name)
                                              : fmt::format("{} is not an address in this program", name)));
                return;
            }
        }
    }

    static void finish(const Cursor& c) {
        if (!c.done()) c.fail(fmt::format("expected the end of the operands, found {}", c.found()));
    }

    Module& m_;
    UsingTable usings_;
    std::size_t pool_ = 0;
    uint64_t generated_ = 0;  // bytes of DC: ORG lets them lie over each other without end
};

}  // namespace

void lay_out_sections(Module& m) {
    uint32_t next = m.start.value_or(0);
    for (const SectionKind kind : {SectionKind::control, SectionKind::common}) {
        for (Section& s : m.sections) {
            if (s.kind != kind) continue;
            s.origin = next;
            next = (s.origin + s.size + 7) & ~7u;
        }
    }
}

void second_pass(Module& module) { SecondPass(module).run(); }

}  // namespace isa::assembler
