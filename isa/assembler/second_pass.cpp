// The second pass: evaluates operands and generates object code. Places do not change any more.
#include <fmt/format.h>

#include <algorithm>

#include "isa/assembler/machine_operands.hpp"
#include "isa/assembler/module.hpp"
#include "isa/assembler/punched_cards.hpp"

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
        for (const Entry& entry : m_.entries) {
            if (m_.too_many_messages(*entry.line)) return;
            check_entry(entry);
        }
        warn_of_registers();
    }

  private:
    void process(Line& line) {
        if (line.skipped > 0)
            emit({line.location->section, line.location->offset - line.skipped},
                 std::vector<uint8_t>(line.skipped, 0));
        if (line.machine) return machine(line);
        if (!line.directive) return;
        const Statement& s = line.statement;
        switch (*line.directive) {
            case Directive::DC:
            case Directive::DS: return constants(line);
            case Directive::CXD: return dummy_total(line);
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
            case Directive::PUNCH: return punch(line, punch_card(s));
            case Directive::REPRO: return punch(line, repro_card(s));
            case Directive::EQU: {
                const Symbol* symbol = m_.symbols.find(to_upper(s.view(s.label)));
                if (symbol != nullptr)
                    line.value = static_cast<uint32_t>(m_.assembled_address(symbol->value));
                return;
            }
            case Directive::END: return end(line);
            default: return;
        }
    }

    void punch(const Line& line, std::vector<uint8_t> card) {
        m_.punched.push_back({std::move(card), line.leads, m_.pieces.size()});
    }

    void end(Line& line) {
        const Statement& s = line.statement;
        const auto operands = split_at_commas(s.text, s.operands);
        if (operands.size() > 2)
            throw SourceError(operands[2].begin - 1, "END has no more than two operands");
        if (operands.size() > 1) {
            try {
                m_.translator = translator_identification(s, operands[1]);
            } catch (const SourceError& e) {
                m_.report(line, e.offset, Severity::warning, e.what());  // it says nothing to the program
            }
        }
        if (operands.empty() || operands[0].empty()) return;
        Cursor c(s, operands[0]);
        const Expression e = parse_expression(c, scope(line));
        finish(c);
        const bool relocatable = e.value.simply_relocatable();
        const SectionKind kind = relocatable ? section(e.value.section()).kind : SectionKind::dummy;
        if (kind == SectionKind::external && m_.options.allow_externals && e.value.number == 0) {
            // the linkage editor knows where that is
        } else if (kind != SectionKind::control) {
            throw SourceError(e.begin, "END's operand must be an address in this program");
        }
        line.value = static_cast<uint32_t>(m_.assembled_address(e.value));
        if (*line.value % 2 == 0)
            m_.entry = e.value;
        else
            m_.report(line, e.begin, Severity::warning,
                      "no instruction lies at this odd address: it is not taken as the entry");
    }

    const Section& section(SectionId id) const { return m_.sections[static_cast<std::size_t>(id)]; }

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
        if (section(at.section).kind == SectionKind::control && !bytes.empty())
            m_.pieces.push_back({at, bytes});
    }

    void machine(Line& line) {
        line.object.assign(line.length, 0);
        const AssembledInstruction a = assemble_instruction(m_, line, scope(line), usings_);
        encode(a.instruction, line.object.data());
        line.address1 = a.address1;
        line.address2 = a.address2;
        line.bases = a.bases;
        check_registers(line, a.instruction);
        for (const StorageSymbol& x : a.small_addresses) register_suspects_.push_back({&line, x});
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

    /// MVC R1,R2 and the like: a symbol that is the number of a register elsewhere, where storage is meant.
    void warn_of_registers() {
        for (const auto& [line, x] : register_suspects_) {
            if (!x.symbol->names_register) continue;
            m_.report(*line, x.begin, Severity::warning,
                      fmt::format("{} stands for a register elsewhere, but here it is {}: the content of a "
                                  "register is not meant",
                                  x.symbol->name,
                                  row_of(line->machine->op).format == Format::RS_R
                                      ? fmt::format("the number {}", x.symbol->value.number)
                                      : fmt::format("storage at address {}", x.symbol->value.number)));
        }
    }

    // ---- Constants ----------------------------------------------------------------------------------------

    /// What the address in a constant is worth, and the relocations for it. A dummy section only shows where
    /// things lie: its constants are not assembled.
    int64_t address_constant(const Line& line, const Value& v, std::size_t offset, Location at,
                             unsigned length, char type) {
        if (section(at.section).kind != SectionKind::control) return m_.assembled_address(v);
        for (const auto& [target, factor] : v.terms) {
            const Section& named = section(target);
            if (named.kind == SectionKind::dummy)
                throw SourceError(
                    offset, fmt::format("{} is a dummy section: its addresses have no value",
                                        named.name.empty() ? "the section without a name" : named.name));
            if (named.kind == SectionKind::external_dummy)
                throw SourceError(offset, fmt::format("{} is an external dummy section: only a Q constant "
                                                      "can name it",
                                                      named.name));
            if (named.kind == SectionKind::external && !m_.options.allow_externals)
                not_here(named.name, offset);
            if (m_.options.allow_externals && length < 3 && type == 'A')
                throw SourceError(offset, "a linkage editor can only relocate 3 or 4 bytes (2 of type Y)");
            for (int i = 0; i < std::abs(factor); ++i)
                m_.relocations.push_back({target, at, length, type, factor < 0});
        }
        if (m_.options.allow_externals && !v.absolute() && type == 'Y')
            m_.report(line, offset, Severity::warning,
                      "an address has more than the 2 bytes of a Y constant");
        return m_.assembled_address(v);
    }

    [[noreturn]] static void not_here(const std::string& name, std::size_t offset) {
        throw SourceError(
            offset, fmt::format("{} is not in this program: only an object deck can refer to it", name));
    }

    void mention(const Line& line, const std::string& name) {
        if (Symbol* symbol = m_.symbols.find(name)) symbol->references.push_back(line.number);
    }

    /// V constants: in an object deck always a matter of the linkage editor's, even if the symbol is here.
    int64_t external(const Line& line, const std::string& name, std::size_t offset, Location at,
                     unsigned length) {
        mention(line, name);
        if (section(at.section).kind != SectionKind::control) return 0;
        if (m_.options.allow_externals) {
            m_.relocations.push_back({m_.externals.at(name), at, length, 'V', false});
            return 0;
        }
        const Symbol* symbol = m_.symbols.find(name);
        if (symbol == nullptr || (symbol->value.simply_relocatable() &&
                                  section(symbol->value.section()).kind == SectionKind::external))
            not_here(name, offset);
        return address_constant(line, symbol->value, offset, at, length, 'V');
    }

    int64_t dummy_offset(const Line& line, const std::string& name, std::size_t offset, Location at,
                         unsigned length) {
        mention(line, name);
        if (section(at.section).kind != SectionKind::control) return 0;
        const auto it = m_.dummy_offsets.find(name);
        if (it == m_.dummy_offsets.end())
            throw SourceError(offset, fmt::format("{} is no dummy section that is defined above", name));
        m_.relocations.push_back({it->second, at, length, 'Q', false});
        return m_.options.allow_externals ? 0 : section(it->second).location;
    }

    ConstantServices services(const Line& line) {
        ConstantServices a;
        a.warn = [this, &line](std::size_t offset, const std::string& message) {
            m_.report(line, offset, Severity::warning, message);
        };
        a.address = [this, &line](const Value& v, std::size_t offset, Location at, unsigned length,
                                  char type) { return address_constant(line, v, offset, at, length, type); };
        a.base_displacement = [this](const Expression& e) {
            const UsingTable::Choice choice = base_for(m_, usings_, e);
            return static_cast<uint16_t>(choice.base << 12 | choice.displacement);
        };
        a.external = [this, &line](const std::string& name, std::size_t offset, Location at,
                                   unsigned length) { return external(line, name, offset, at, length); };
        a.dummy_offset = [this, &line](const std::string& name, std::size_t offset, Location at,
                                       unsigned length) {
            return dummy_offset(line, name, offset, at, length);
        };
        return a;
    }

    void constants(Line& line) {
        if (*line.directive == Directive::DS) return;
        BitString bits;
        for (const auto& [k, begin] : line.constants) {
            bits.pad(begin);
            if (k.duplication == 0) continue;
            generated_ += k.size();
            if (generated_ > kMaximumGenerated)
                throw SourceError(k.extent.begin, "the program generates too much object code");
            Scope s = scope(line);
            s.here =
                Location{line.location->section, line.location->offset + static_cast<uint32_t>(begin / 8)};
            generate_constant(k, line.statement, s, services(line), *line.location, bits);
        }
        line.object = bits.bytes();
        emit(line);
    }

    void dummy_total(Line& line) {
        if (section(line.location->section).kind != SectionKind::control) return;
        m_.relocations.push_back({-1, *line.location, 4, 'C', false});
        for (unsigned i = 0; i < 4; ++i)
            line.object.push_back(
                m_.options.allow_externals ? 0 : static_cast<uint8_t>(m_.dummy_total >> (24 - 8 * i)));
        if (!m_.options.allow_externals) emit(line);  // the linkage editor brings the text
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
        const int64_t data = address_constant(line, address.value, at, field, 3, 'A');
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
            const auto reg = parse_register(c, sc, "the base register");
            usings_.use(reg, base.value);
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
            const unsigned reg = parse_register(c, scope(line), "the base register");
            if (!usings_.drop(reg))
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
                s.here_moves = false;
                s.literal = nullptr;
                BitString bits;
                generate_constant(literal->constant, literal->line->statement, s, services(*literal->line),
                                  *literal->location, bits);
                literal->object = bits.bytes();
                emit(*literal->location, literal->object);
            } catch (const SourceError& e) {
                m_.fail(*literal->line, e);
            }
        }
    }

    void check_entry(const Entry& entry) {
        const Symbol* symbol = m_.symbols.find(entry.name);
        if (symbol == nullptr)
            m_.fail(*entry.line, UnknownName(entry.offset, fmt::format("{} is not defined", entry.name)));
        else if (symbol->in_error || !symbol->value.simply_relocatable() ||
                 section(symbol->value.section()).kind != SectionKind::control)
            m_.fail(*entry.line, SourceError(entry.offset, fmt::format("{} is not an address in this program",
                                                                       entry.name)));
    }

    static void finish(const Cursor& c) {
        if (!c.done()) c.fail(fmt::format("expected the end of the operands, found {}", c.found()));
    }

    Module& m_;
    UsingTable usings_;
    std::vector<std::pair<const Line*, StorageSymbol>> register_suspects_;
    std::size_t pool_ = 0;
    uint64_t generated_ = 0;  // bytes of DC: ORG lets them lie over each other without end
};

}  // namespace

void second_pass(Module& module) { SecondPass(module).run(); }

}  // namespace isa::assembler
