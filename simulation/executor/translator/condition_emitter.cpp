// The condition code of translated code: what sets it only keeps its operands (condition.hpp); a branch on it
// compares them, or finds the host's flags still as the instruction before has left them.
#include "simulation/executor/translator/emitting_cpu.hpp"

namespace simulation {

using namespace host;
using asmjit::Imm;
using asmjit::x86::CondCode;
namespace x86 = asmjit::x86;

// ---- What sets it ----

void EmittingCpu::set_by(Condition condition, bool flags_hold) {
    condition_ = condition;
    sets_ = condition;
    flags_at_ = flags_hold ? a_.offset() : kNever;
}

void EmittingCpu::keep_second(const Operand& operand) {
    const Mem second = frame_.layout.word(frame_.layout.second_operand);
    if (!operand.isMem()) return mov(second, operand);
    const Gp gp = new_temporary();
    mov(gp, operand);
    mov(second, gp);
    free_temporary(host_value(gp));
}

Value EmittingCpu::add(const Value& a, const Value& b, asmjit::InstId operation, Condition condition) {
    move_to(kFirst, a);
    Operand from = source(b);
    keep_second(from);
    const bool in_place = is_result(a);
    const Operand to = in_place ? place_of(a.reg) : Operand(own(a));
    if (to.isMem() && from.isMem()) from = own(b);
    a_.emit(operation, to, from);
    set_by(condition, true);
    free_temporary(b);
    return in_place ? a : host_value(to.as<Gp>());
}

/// The carry is bit 1 of the condition code. `complemented`: b is.
Value EmittingCpu::add_with_carry(const Value& a, const Value& b, bool complemented) {
    const Gp operand = own(b);
    if (complemented) a_.not_(operand);
    const Mem kept = x86::dword_ptr(x86::rsp, 8);
    a_.mov(kept, operand);  // working out the condition code takes all temporary registers
    temporaries_ = 0;
    store_condition_code();
    a_.mov(x86::eax, kept);
    temporaries_ = 1;
    a_.movzx(x86::ecx, frame_.layout.byte(frame_.layout.condition_code));
    a_.bt(x86::ecx, 1);
    a_.emit(Inst::kIdAdc, x86::eax, place_of(a.reg));
    a_.setne(x86::cl);
    a_.setc(x86::dl);
    a_.add(x86::dl, x86::dl);
    a_.or_(x86::cl, x86::dl);
    a_.mov(frame_.layout.byte(frame_.layout.condition_code), x86::cl);
    set_by(Condition::stored, false);
    return host_value(x86::eax);
}

void EmittingCpu::compare(const Value& a, const Value& b, Condition condition) {
    move_to(kFirst, a);
    Operand from = source(b);
    keep_second(from);
    a_.emit(Inst::kIdCmp, kFirst, from);
    set_by(condition, true);
}

Value EmittingCpu::test(const Value& a, Condition condition) {
    move_to(kFirst, a);
    set_by(condition, false);
    return a;
}

void EmittingCpu::test_masked(const Value& value, const Value& mask, Condition condition) {
    move_to(kFirst, value);
    a_.emit(Inst::kIdAnd, kFirst, source(mask));
    keep_second(source(mask));
    set_by(condition, false);
}

// |a| is a - b of its positive part a and its negative part b: overflow and all.
Value EmittingCpu::positive(const Value& v) {
    const Gp negative = new_temporary(), result = new_temporary();
    move_to(kFirst, v);
    a_.mov(negative, kFirst);
    a_.sar(negative, 31);
    a_.and_(negative, kFirst);
    a_.sub(kFirst, negative);
    keep_second(negative);
    a_.mov(result, kFirst);
    a_.sub(result, negative);
    set_by(Condition::subtracted, true);
    return host_value(result);
}

Value EmittingCpu::negative(const Value& v) {
    const Gp gp = new_temporary();
    move_to(kFirst, v);
    a_.mov(gp, kFirst);
    a_.neg(gp);
    a_.cmp(kFirst, 0);
    a_.cmovg(kFirst, gp);
    a_.mov(gp, kFirst);
    set_by(Condition::sign, false);
    return host_value(gp);
}

// ---- Who asks for it ----

void EmittingCpu::need_flags() {
    if (flags_at_ == a_.offset()) return;
    const Mem second = frame_.layout.word(frame_.layout.second_operand);
    switch (condition_) {
        case Condition::sign:
        case Condition::bits: a_.test(kFirst, kFirst); break;
        case Condition::compared:
        case Condition::compared_logical:
        case Condition::subtracted:
        case Condition::subtracted_logical:
        case Condition::masked: a_.cmp(kFirst, second); break;
        case Condition::added:
        case Condition::added_logical: {
            const Gp gp = new_temporary();
            a_.mov(gp, kFirst);
            a_.add(gp, second);
            free_temporary(host_value(gp));
            break;
        }
        default: return;
    }
    flags_at_ = a_.offset();
}

namespace {

/// The condition of the host for each set of the codes 0 (equal), 1 (less), 2 (greater): bits 4, 2, 1.
constexpr CondCode kSigned[] = {CondCode::kMaxValue, CondCode::kSignedGT, CondCode::kSignedLT,
                                CondCode::kNotEqual, CondCode::kEqual,    CondCode::kSignedGE,
                                CondCode::kSignedLE};
constexpr CondCode kUnsigned[] = {CondCode::kMaxValue,  CondCode::kUnsignedGT, CondCode::kUnsignedLT,
                                  CondCode::kNotEqual,  CondCode::kEqual,      CondCode::kUnsignedGE,
                                  CondCode::kUnsignedLE};

}  // namespace

/// Masks are those of BRANCH ON CONDITION: 8 for code 0, 1 for code 3.
void EmittingCpu::jump_on_mask(unsigned mask, const Label& to) {
    const auto jump = [&](const CondCode(&codes)[7], unsigned set) {
        if (set == 0) return;
        need_flags();
        if (set == 7)
            a_.jmp(to);
        else
            a_.j(codes[set], to);
    };
    switch (condition_) {
        case Condition::sign:
        case Condition::compared: return jump(kSigned, mask >> 1);
        case Condition::compared_logical: return jump(kUnsigned, mask >> 1);
        case Condition::bits:
            mask &= 12;
            if (mask == 12) a_.jmp(to);
            if (mask == 0 || mask == 12) return;
            need_flags();
            a_.j(mask == 8 ? CondCode::kZero : CondCode::kNotZero, to);
            return;
        case Condition::subtracted_logical:  // 1 less, 2 equal, 3 greater
            return jump(kUnsigned, (mask & 2) << 1 | (mask & 4) >> 1 | (mask & 1));
        case Condition::added:
        case Condition::subtracted: return jump_on_overflow_mask(mask, to);
        case Condition::added_logical: return jump_on_carry_mask(mask, to);
        case Condition::masked: return jump_on_selection_mask(mask, to);
        default: return jump_on_stored_code(mask, to);
    }
}

void EmittingCpu::jump_on_overflow_mask(unsigned mask, const Label& to) {
    const Label not_this = a_.newLabel();
    need_flags();
    a_.j(CondCode::kOverflow, mask & 1 ? to : not_this);
    // Without overflow the host's signed conditions are those of the result's sign.
    const unsigned set = mask >> 1;
    if (set == 7)
        a_.jmp(to);
    else if (set != 0)
        a_.j(kSigned[set], to);
    a_.bind(not_this);
    flags_at_ = kNever;
}

/// Code bit 0: not zero; bit 1: carry.
void EmittingCpu::jump_on_carry_mask(unsigned mask, const Label& to) {
    need_flags();
    const unsigned without = mask >> 2, with = mask & 3;  // of each: 2 zero, 1 not zero
    const auto on_zero = [&](unsigned set, const Label& where) {
        if (set == 3) a_.jmp(where);
        if (set == 2) a_.jz(where);
        if (set == 1) a_.jnz(where);
    };
    if (without == with) return on_zero(without, to);
    const Label carry = a_.newLabel(), end = a_.newLabel();
    a_.jc(carry);
    on_zero(without, to);
    if (with != 0) a_.jmp(end);
    a_.bind(carry);
    on_zero(with, to);
    a_.bind(end);
    flags_at_ = kNever;
}

/// Of TEST UNDER MASK: 0 zeros, 1 mixed, 3 ones; a mask of zero selects zeros.
void EmittingCpu::jump_on_selection_mask(unsigned mask, const Label& to) {
    const Mem second = frame_.layout.word(frame_.layout.second_operand);
    const Label zeros = a_.newLabel();
    const bool on_zeros = mask & 8, on_mixed = mask & 4, on_ones = mask & 1;
    a_.test(kFirst, kFirst);
    if (on_mixed == on_ones) {
        if (on_zeros == on_mixed) {
            if (on_zeros) a_.jmp(to);
        } else {
            a_.j(on_zeros ? CondCode::kZero : CondCode::kNotZero, to);
        }
        return;
    }
    a_.jz(on_zeros ? to : zeros);
    a_.cmp(kFirst, second);
    a_.j(on_ones ? CondCode::kEqual : CondCode::kNotEqual, to);
    a_.bind(zeros);
}

void EmittingCpu::jump_on_stored_code(unsigned mask, const Label& to) {
    store_condition_code();
    const unsigned of_code = (mask & 8) >> 3 | (mask & 4) >> 1 | (mask & 2) << 1 | (mask & 1) << 3;
    const Gp code = new_temporary(), set = new_temporary();
    a_.movzx(code, frame_.layout.byte(frame_.layout.condition_code));
    a_.mov(set, static_cast<int>(of_code));
    a_.bt(set, code);
    free_temporary(host_value(code));
    free_temporary(host_value(set));
    a_.jc(to);
}

void EmittingCpu::store_condition_code() {
    const Mem code = frame_.layout.byte(frame_.layout.condition_code);
    const Condition condition = condition_;
    if (condition == Condition::stored) return;
    if (condition == Condition::by_memory || condition == Condition::masked_halfword) {
        // All temporary registers but those in use are changed by the call.
        const Mem kept = x86::dword_ptr(x86::rsp);
        const Label known = a_.newLabel();
        say(condition);
        if (condition == Condition::by_memory) {  // where calls follow one another it is there already
            a_.cmp(frame_.layout.byte(frame_.layout.condition), static_cast<int>(Condition::stored));
            a_.je(known);
        }
        if (temporaries_ & 1) a_.mov(kept, x86::eax);
        a_.mov(x86::rax, address_of(*site_));
        a_.call(frame_.settle_condition);
        if (temporaries_ & 1) a_.mov(x86::eax, kept);
        a_.bind(known);
        set_by(Condition::stored, false);
        return;
    }
    need_flags();
    const Gp x = new_temporary(), y = new_temporary();
    const auto both = [&] {  // x + 2y
        a_.add(y.r8(), y.r8());
        a_.or_(x.r8(), y.r8());
    };
    switch (condition) {
        case Condition::bits: a_.setne(x.r8()); break;
        case Condition::sign:
        case Condition::compared:
            a_.setl(x.r8());
            a_.setg(y.r8());
            both();
            break;
        case Condition::compared_logical:
            a_.setb(x.r8());
            a_.seta(y.r8());
            both();
            break;
        case Condition::added_logical:
            a_.setne(x.r8());
            a_.setc(y.r8());
            both();
            break;
        case Condition::subtracted_logical:
            a_.setne(x.r8());
            a_.setae(y.r8());
            both();
            break;
        case Condition::masked:
            a_.test(kFirst, kFirst);
            a_.setne(x.r8());
            a_.cmp(kFirst, frame_.layout.word(frame_.layout.second_operand));
            a_.sete(y.r8());
            a_.and_(y.r8(), x.r8());
            both();
            break;
        default: {  // added, subtracted
            a_.setl(x.r8());
            a_.setg(y.r8());
            const Label overflow = a_.newLabel(), on = a_.newLabel();
            a_.j(CondCode::kOverflow, overflow);
            both();
            a_.jmp(on);
            a_.bind(overflow);
            a_.mov(x.r8(), 3);
            a_.bind(on);
            break;
        }
    }
    a_.mov(code, x.r8());
    free_temporary(host_value(x));
    free_temporary(host_value(y));
    set_by(Condition::stored, false);
}

void EmittingCpu::adopt_condition_code(Condition sets) {
    const Mem code = frame_.layout.byte(frame_.layout.condition_code);
    if (sets == Condition::stored) return;
    if (sets == Condition::bits) return static_cast<void>(a_.movzx(kFirst, code));
    if (sets != Condition::compared_logical)
        throw std::logic_error("a condition code of no instruction that may be called");
    // 1 less, 2 greater.
    a_.movzx(x86::eax, code);
    a_.mov(kFirst, x86::eax);
    a_.shr(kFirst, 1);
    a_.and_(x86::eax, 1);
    a_.mov(frame_.layout.word(frame_.layout.second_operand), x86::eax);
}

void EmittingCpu::say(Condition condition) {
    if (condition == Condition::by_memory) return;
    a_.mov(frame_.layout.byte(frame_.layout.condition), static_cast<int>(condition));
}

}  // namespace simulation
