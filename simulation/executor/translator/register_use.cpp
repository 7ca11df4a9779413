#include "simulation/executor/translator/register_use.hpp"

#include <optional>

#include "isa/semantics/general.hpp"
#include "isa/semantics/immediate_relative.hpp"
#include "simulation/executor/translator/float_form.hpp"

namespace simulation {
namespace {

constexpr uint16_t one(unsigned r) { return static_cast<uint16_t>(1u << (r & 15)); }
constexpr uint16_t pair(unsigned r) { return one(r) | one(r + 1); }
constexpr uint16_t from_to(unsigned first, unsigned last) {
    uint16_t set = one(last);
    for (unsigned r = first; r != last; r = (r + 1) & 15) set |= one(r);
    return set;
}

/// Takes notes of registers; values are nothing.
class NotingCpu {
  public:
    struct Word {
        Word(uint32_t = 0) {}
        Word(unsigned x, unsigned b, unsigned d)
            : index(static_cast<uint8_t>(x)), base(static_cast<uint8_t>(b)), displacement(d) {}
        uint8_t index = 0, base = 0;  // of an address
        uint32_t displacement = 0;
    };

    RegisterUse use;

    Word gpr(unsigned r) {
        use.read |= one(r);
        return {};
    }
    void set_gpr(unsigned r, Word) { use.written |= one(r); }
    void set_gpr_pair(unsigned even, Word) { use.written |= pair(even); }
    Word address(unsigned b, unsigned d) { return based(0, b, d); }
    Word address(unsigned x, unsigned b, unsigned d) { return based(x, b, d); }
    Word load_address(unsigned x, unsigned b, unsigned d) { return based(x, b, d); }
    Word load8(const Word& a) { return operand(a, 1, false); }
    Word load16(const Word& a) { return operand(a, 2, false); }
    Word load32(const Word& a) { return operand(a, 4, false); }
    Word update8(const Word& a) { return operand(a, 1, true); }
    void store8(const Word& a, const Word&) { operand(a, 1, true); }
    void store16(const Word& a, const Word&) { operand(a, 2, true); }
    void store32(const Word& a, const Word&) { operand(a, 4, true); }

// A value of values; and what has no value.
#define VALUE(name)                  \
    template <class... Arguments>    \
    Word name(const Arguments&...) { \
        return {};                   \
    }
#define EFFECT(name)              \
    template <class... Arguments> \
    void name(const Arguments&...) {}
    VALUE(next_address)
    VALUE(relative_target)
    VALUE(link_information)
    VALUE(code_and_mask)
    VALUE(extend_halfword)
    VALUE(add_signed)
    VALUE(subtract_signed)
    VALUE(complement)
    VALUE(positive)
    VALUE(negative)
    VALUE(add_logical)
    VALUE(subtract_logical)
    VALUE(add_logical_with_carry)
    VALUE(subtract_logical_with_borrow)
    VALUE(multiply_signed)
    VALUE(multiply_unsigned)
    VALUE(shift_left)
    VALUE(shift_right)
    VALUE(shift_right_signed)
    VALUE(rotate_left)
    VALUE(reverse_bytes)
    VALUE(reverse_halfword)
    VALUE(test_signed)
    VALUE(test_bits)
    EFFECT(set_code_and_mask)
    EFFECT(compare_signed)
    EFFECT(compare_logical)
    EFFECT(test_under_mask)
    EFFECT(test_under_mask_halfword)
    EFFECT(branch)
    EFFECT(branch_on_mask)
    EFFECT(branch_if_not_zero)
    EFFECT(branch_if_greater)
    EFFECT(branch_if_not_greater)
    EFFECT(trap_on_overflow)
#undef VALUE
#undef EFFECT

  private:
    Word based(unsigned x, unsigned b, unsigned d) {
        if (x != 0) use.read |= one(x);
        if (b != 0) use.read |= one(b);
        return {x, b, d};
    }
    Word operand(const Word& a, unsigned length, bool storing) {
        use.operand = {length, storing, a.index, a.base, a.displacement};
        return {};
    }
};

NotingCpu::Word operator+(NotingCpu::Word, NotingCpu::Word) { return {}; }
NotingCpu::Word operator-(NotingCpu::Word, NotingCpu::Word) { return {}; }
NotingCpu::Word operator*(NotingCpu::Word, NotingCpu::Word) { return {}; }
NotingCpu::Word operator&(NotingCpu::Word, NotingCpu::Word) { return {}; }
NotingCpu::Word operator|(NotingCpu::Word, NotingCpu::Word) { return {}; }
NotingCpu::Word operator^(NotingCpu::Word, NotingCpu::Word) { return {}; }
NotingCpu::Word operator>>(NotingCpu::Word, unsigned) { return {}; }

using Body = void (*)(NotingCpu&, const isa::Operands&);
constexpr Body kBodies[] = {
#define BODY_inline(body) &isa::semantics::body<NotingCpu>
#define BODY_call(body) nullptr
#define INSTRUCTION(mnemonic, opcode, format, privilege, how, body, ...) BODY_##how(body),
#include "isa/instruction_table.inc"
#undef INSTRUCTION
#undef BODY_call
#undef BODY_inline
    nullptr,
};

/// How long the storage operand of a floating-point instruction is; 0: it has none, or it is called.
unsigned float_bytes(isa::Op op) {
    using enum isa::Op;
    switch (op) {
        case op_LE:
        case op_STE: return 4;
        case op_LD:
        case op_STD: return 8;
        default: break;
    }
    const FloatForm* const form = float_form(op);
    return form != nullptr ? form->bytes_in_storage : 0;
}

/// What a row that is called may change; nothing: that is not known.
std::optional<uint16_t> changed_by_call(isa::Op op, const isa::Operands& o) {
    using enum isa::Op;
    switch (op) {
        case op_LM: return from_to(o.r1, o.r2);
        case op_STM:
        case op_STCM:
        case op_CLM:
        case op_CVD:
        case op_TS:
        case op_SSM:
        case op_STNSM:
        case op_STOSM: return 0;
        case op_CVB:
        case op_ICM:
        case op_SLA:
        case op_CS:
        case op_ISK: return one(o.r1);
        case op_D:
        case op_DR:
        case op_SLDL:
        case op_SRDL:
        case op_SLDA:
        case op_SRDA:
        case op_CDS: return pair(o.r1);
        case op_MVCL:
        case op_CLCL: return pair(o.r1) | pair(o.r2);
        case op_TRT:
        case op_EDMK: return one(1) | one(2);
        default: break;
    }
    if (op == isa::Op::invalid) return std::nullopt;
    const isa::Row& row = isa::row_of(op);
    const bool storage_to_storage = row.format == isa::Format::SS_L || row.format == isa::Format::SS_LL ||
                                    row.format == isa::Format::SS_LI;
    const bool floating = (row.requires_ & (isa::float1 | isa::floatpair1)) != 0;
    if (row.privilege == isa::Privilege::problem && (storage_to_storage || floating)) return 0;
    return std::nullopt;
}

}  // namespace

RegisterUse register_use(isa::Op op, const isa::Operands& operands) {
    const Body body = kBodies[static_cast<unsigned>(op)];
    if (body == nullptr) {
        const std::optional<uint16_t> changed = changed_by_call(op, operands);
        RegisterUse use{0, changed.value_or(0), !changed, {}};
        if (op == isa::Op::op_LM || op == isa::Op::op_STM) {
            const unsigned count = ((operands.r2 - operands.r1) & 0xFu) + 1;
            use.operand = {4 * count, op == isa::Op::op_STM, 0, operands.b2, operands.d2};
        }
        if (op == isa::Op::op_ICM && operands.r2 == 15) use.operand = {4, false, 0, operands.b2, operands.d2};
        if (const unsigned bytes = float_bytes(op)) {
            const bool storing = op == isa::Op::op_STE || op == isa::Op::op_STD;
            use.operand = {bytes, storing, operands.r2, operands.b2, operands.d2};
            for (const unsigned r : {operands.r2, operands.b2})
                if (r != 0) use.read |= one(r);
        }
        return use;
    }
    NotingCpu cpu;
    body(cpu, operands);
    return cpu.use;
}

}  // namespace simulation
