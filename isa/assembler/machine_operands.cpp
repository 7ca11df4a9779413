#include "isa/assembler/machine_operands.hpp"

#include <fmt/format.h>

#include "isa/assembler/module.hpp"

namespace isa::assembler {
namespace {

/// What the parentheses behind a storage operand may hold.
enum class Subscript : uint8_t { base, index_and_base, length_and_base };

struct Storage {
    uint8_t index = 0;
    uint8_t base = 0;
    uint16_t displacement = 0;
    unsigned length = 1;  // explicit, or implied by the address expression
    std::size_t begin = 0;
    std::optional<uint32_t> address;
};

class OperandParser {
  public:
    OperandParser(Module& module, const Line& line, const Scope& scope, const UsingTable& usings)
        : module_(module),
          line_(line),
          scope_(scope),
          usings_(usings),
          c_(line.statement, line.statement.operands) {}

    AssembledInstruction parse() {
        const MachineOperation& machine = *line_.machine;
        AssembledInstruction out;
        out.instruction.op = machine.op;
        out.instruction.length = static_cast<uint8_t>(length_of(row_of(machine.op).format));
        Operands& o = out.instruction.operands;
        // The first operand, which extended mnemonics imply.
        const auto mask = [&] {
            if (machine.mask) {
                o.r1 = *machine.mask;
            } else {
                o.r1 = small("the mask");
                comma();
            }
        };
        const auto first = [&](const Storage& s) {
            o.b1 = s.base;
            o.d1 = s.displacement;
            out.address1 = s.address;
        };
        const auto second = [&](const Storage& s) {
            o.b2 = s.base;
            o.d2 = s.displacement;
            out.address2 = s.address;
        };
        switch (row_of(machine.op).format) {
            case Format::E:
            case Format::S_0:
            case Format::RRE_0: return out;  // whatever follows is a remark
            case Format::RR:
            case Format::RRE:
                o.r1 = reg();
                comma();
                o.r2 = reg();
                break;
            case Format::RR_R:
            case Format::RRE_R: o.r1 = reg(); break;
            case Format::RR_M:
                mask();
                o.r2 = reg();
                break;
            case Format::RR_I: o.imm = immediate(0, 255); break;
            case Format::RX:
            case Format::RXE:
            case Format::RX_M: {
                if (row_of(machine.op).format == Format::RX_M) {
                    mask();
                } else {
                    o.r1 = reg();
                    comma();
                }
                const Storage s = storage(Subscript::index_and_base);
                o.r2 = s.index;
                second(s);
                break;
            }
            case Format::RS:
            case Format::RSE:
                o.r1 = reg();
                comma();
                o.r2 = reg();
                comma();
                second(storage(Subscript::base));
                break;
            case Format::RS_M:
                o.r1 = reg();
                comma();
                o.r2 = small("the mask");
                comma();
                second(storage(Subscript::base));
                break;
            case Format::RS_R:
                o.r1 = reg();
                comma();
                second(storage(Subscript::base));
                break;
            case Format::SI:
                first(storage(Subscript::base));
                comma();
                o.imm = immediate(-128, 255) & 0xFF;
                break;
            case Format::SI_S: first(storage(Subscript::base)); break;
            case Format::S: second(storage(Subscript::base)); break;
            case Format::SS_L: {
                const Storage s = storage(Subscript::length_and_base);
                o.imm = length_code(s, 256);
                first(s);
                comma();
                second(storage(Subscript::base));
                break;
            }
            case Format::SS_LL: {
                const Storage s = storage(Subscript::length_and_base);
                o.r1 = length_code(s, 16);
                first(s);
                comma();
                const Storage t = storage(Subscript::length_and_base);
                o.r2 = length_code(t, 16);
                second(t);
                break;
            }
            case Format::SS_LI: {
                const Storage s = storage(Subscript::length_and_base);
                o.r1 = length_code(s, 16);
                first(s);
                comma();
                second(storage(Subscript::base));
                comma();
                o.imm = small("the rounding digit");
                break;
            }
            case Format::SS_R: {
                // D1(R1,B1): the register's place is that of a length.
                const Storage s = storage(Subscript::length_and_base);
                if (s.length > 15) throw SourceError(s.begin, "the register must be 0 to 15");
                o.r1 = static_cast<uint8_t>(s.length);
                first(s);
                comma();
                second(storage(Subscript::base));
                comma();
                o.r2 = reg();
                break;
            }
            case Format::SSE:
                first(storage(Subscript::base));
                comma();
                second(storage(Subscript::base));
                break;
            case Format::RI:
                o.r1 = reg();
                comma();
                o.imm = static_cast<int16_t>(immediate(-0x8000, 0xFFFF));
                break;
            case Format::RI_U:
                o.r1 = reg();
                comma();
                o.imm = immediate(-0x8000, 0xFFFF) & 0xFFFF;
                break;
            case Format::RI_M:
                mask();
                o.imm = relative(out, 16);
                break;
            case Format::RI_B:
                o.r1 = reg();
                comma();
                o.imm = relative(out, 16);
                break;
            case Format::RIL:
                o.r1 = reg();
                comma();
                o.imm = relative(out, 32);
                break;
            case Format::RIL_M:
                mask();
                o.imm = relative(out, 32);
                break;
            case Format::RSI:
                o.r1 = reg();
                comma();
                o.r2 = reg();
                comma();
                o.imm = relative(out, 16);
                break;
        }
        if (!c_.done()) c_.fail(fmt::format("expected the end of the operands, found {}", c_.found()));
        out.small_addresses = std::move(suspects_);
        out.bases = std::move(bases_);
        return out;
    }

  private:
    void comma() { c_.expect(',', "and another operand"); }

    uint8_t small(const char* what) { return static_cast<uint8_t>(parse_absolute(c_, scope_, what, 0, 15)); }
    uint8_t reg(const char* what = "the register") {
        return static_cast<uint8_t>(parse_register(c_, scope_, what));
    }
    int32_t immediate(int64_t low, int64_t high) {
        return static_cast<int32_t>(parse_absolute(c_, scope_, "the immediate operand", low, high));
    }

    uint8_t length_code(const Storage& s, unsigned most) {
        if (s.length > most)
            throw SourceError(s.begin, fmt::format("the length is {}; the most is {}", s.length, most));
        return static_cast<uint8_t>(s.length == 0 ? 0 : s.length - 1);
    }

    Storage storage(Subscript kind) {
        Storage s;
        s.begin = c_.at;
        const Expression e = parse_expression(c_, scope_);
        s.length = e.length;
        if (!c_.take('(')) {
            implied(s, e);
            return s;
        }
        const std::size_t inside = c_.at;
        if (kind == Subscript::base) {
            s.base = reg("the base register");
            if (c_.peek() == ',') c_.fail("this operand takes one register, the base");
            c_.expect(')', "behind the base register");
            explicit_displacement(s, e);
            return s;
        }
        std::optional<unsigned> first;
        if (c_.peek() != ',') {
            first = kind == Subscript::index_and_base
                        ? reg("the index register")
                        : static_cast<unsigned>(parse_absolute(c_, scope_, "the length", 0, 256));
        }
        bool has_base = false;
        if (c_.take(',')) {
            has_base = true;
            s.base = reg("the base register");
        }
        c_.expect(')', "behind the register");
        if (!first && !has_base) throw SourceError(inside, "the parentheses are empty");
        if (first && kind == Subscript::index_and_base) s.index = static_cast<uint8_t>(*first);
        if (first && kind == Subscript::length_and_base) s.length = *first;
        if (has_base)
            explicit_displacement(s, e);
        else
            implied(s, e);
        return s;
    }

    void explicit_displacement(Storage& s, const Expression& e) {
        if (!e.value.absolute())
            throw SourceError(
                e.begin, "the displacement is relocatable; leave out the base register, or subtract a base");
        if (e.value.number < 0 || e.value.number > 4095)
            throw SourceError(
                e.begin, fmt::format("the displacement is {}, which is not in 0 to 4095", e.value.number));
        s.displacement = static_cast<uint16_t>(e.value.number);
        if (s.base == 0) s.address = s.displacement;
    }

    void implied(Storage& s, const Expression& e) {
        const UsingTable::Choice choice = base_for(module_, usings_, e);
        s.base = choice.base;
        s.displacement = choice.displacement;
        s.address = static_cast<uint32_t>(module_.assembled_address(e.value)) & 0xFFFFFF;
        if (choice.base != 0 && e.value.simply_relocatable() &&
            module_.sections[static_cast<std::size_t>(e.value.section())].kind == SectionKind::control)
            bases_.push_back({choice.base, (*s.address - choice.displacement) & 0xFFFFFF});
        if (e.symbol != nullptr && e.value.absolute() && e.value.number < 16 && choice.base == 0)
            suspects_.push_back({e.symbol, e.begin});
    }

    /// Halfwords from this instruction to the target, an address.
    int32_t relative(AssembledInstruction& out, unsigned bits) {
        const Expression e = parse_expression(c_, scope_);
        Value distance = e.value;
        const Value here(*scope_.here);
        if (e.value.absolute())
            distance.number -= module_.assembled_address(here);
        else
            distance.add(here, -1);
        if (!distance.absolute())
            throw SourceError(e.begin, "the target must be in the same section as the instruction");
        if (distance.number % 2 != 0) throw SourceError(e.begin, "the target is at an odd distance");
        const int64_t halfwords = distance.number / 2;
        const int64_t limit = int64_t{1} << (bits - 1);
        if (halfwords < -limit || halfwords >= limit)
            throw SourceError(e.begin,
                              fmt::format("the target is {} halfwords away, which does not fit in {} bits",
                                          halfwords, bits));
        out.address2 = static_cast<uint32_t>(module_.assembled_address(here) + distance.number) & 0xFFFFFF;
        return static_cast<int32_t>(halfwords);
    }

    Module& module_;
    const Line& line_;
    const Scope& scope_;
    const UsingTable& usings_;
    Cursor c_;
    std::vector<StorageSymbol> suspects_;
    std::vector<BaseRegister> bases_;
};

/// Where a value is, for messages: "T+X'18'".
std::string described(const Module& module, const Value& v) {
    if (v.absolute()) return fmt::format("the absolute address X'{:X}'", v.number & 0xFFFFFFFF);
    const Section& section = module.sections[static_cast<std::size_t>(v.section())];
    const char* kind = section.kind == SectionKind::dummy      ? "dummy section"
                       : section.kind == SectionKind::common   ? "common section"
                       : section.kind == SectionKind::external ? "external symbol"
                                                               : "section";
    const std::string name = section.name.empty() ? "without a name" : section.name;
    return fmt::format("{}X'{:X}' in {} {}", v.number < 0 ? "-" : "", std::abs(v.number), kind, name);
}

}  // namespace

UsingTable::Choice base_for(const Module& module, const UsingTable& usings, const Expression& e) {
    if (!e.value.absolute() && !e.value.simply_relocatable())
        throw SourceError(e.begin, "the address is neither absolute nor simply relocatable");
    const auto choice = usings.choose(e.value, [&](const Value& v) { return module.assembled_address(v); });
    if (choice) return *choice;
    throw SourceError(e.begin,
                      fmt::format("no USING covers {}{}{}", e.symbol == nullptr ? "" : e.symbol->name,
                                  e.symbol == nullptr ? "" : ", which is ", described(module, e.value)));
}

AssembledInstruction assemble_instruction(Module& module, const Line& line, const Scope& scope,
                                          const UsingTable& usings) {
    return OperandParser(module, line, scope, usings).parse();
}

}  // namespace isa::assembler
