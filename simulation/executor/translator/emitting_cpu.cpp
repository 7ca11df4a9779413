// Registers, values and branches of an instruction that is translated. The emitter has no choice but to work
// with three temporary registers; instructions are short.
#include "simulation/executor/translator/emitting_cpu.hpp"

namespace simulation {

using namespace host;
using asmjit::Imm;
using asmjit::x86::CondCode;
namespace x86 = asmjit::x86;

namespace {

Imm imm(uint32_t v) { return Imm(static_cast<int32_t>(v)); }

/// A branch that changes its first register: what it computes its target from may be that.
bool changes_register(const Slot& slot) {
    const isa::Row& row = isa::row_of(slot.op);
    return row.ends == isa::Ends::branch && row.format != isa::Format::RR_M &&
           row.format != isa::Format::RX_M && row.format != isa::Format::RI_M &&
           row.format != isa::Format::RIL_M;
}

}  // namespace

void EmittingCpu::begin(const Slot& slot, uint32_t address, Site& site) {
    slot_ = &slot;
    here_ = address;
    next_address_ = (address + slot.length) & isa::kAddressMask;
    site_ = &site;
    in_front_ = called_ = Label();
    temporaries_ = 0;
    updating_ = false;
    branch_ = {};
    sets_.reset();
}

Label EmittingCpu::in_front() {
    if (in_front_.isValid()) return in_front_;
    in_front_ = a_.newLabel();
    rarely([this, label = in_front_, condition = condition_, site = site_] {
        a_.bind(label);
        say(condition);
        a_.mov(x86::rax, address_of(site->left_off));
        a_.jmp(frame_.leave);
    });
    return in_front_;
}

void EmittingCpu::emit_rare_ways() {
    // One may ask for others.
    for (size_t i = 0; i < rare_.size(); ++i) std::exchange(rare_[i], nullptr)();
    rare_.clear();
}

// ---- Temporary registers ----

Gp EmittingCpu::temporary(unsigned n) {
    constexpr Gp kTemporaries[] = {x86::eax, x86::ecx, x86::edx};
    return kTemporaries[n];
}

Gp EmittingCpu::new_temporary() {
    for (unsigned n = 0; n < 3; ++n) {
        if (temporaries_ >> n & 1) continue;
        temporaries_ |= 1u << n;
        return temporary(n);
    }
    throw std::logic_error("translating an instruction takes more than three temporary registers");
}

void EmittingCpu::free_temporary(const Value& v) {
    if (v.kind == Value::Kind::host) temporaries_ &= ~(1u << v.reg);
}

Value EmittingCpu::host_value(const Gp& gp) {
    const unsigned n = gp.id() == x86::eax.id() ? 0 : gp.id() == x86::ecx.id() ? 1 : 2;
    return {Value::Kind::host, n, this};
}

Gp EmittingCpu::own(const Value& v) {
    if (v.kind == Value::Kind::host) return temporary(v.reg);
    const Gp gp = new_temporary();
    move_to(gp, v);
    return gp;
}

// ---- Values ----

Operand EmittingCpu::place_of(unsigned r) const {
    if (frame_.registers.pinned(r)) return frame_.registers.of(r);
    return frame_.layout.gpr_in_memory(r);
}

Operand EmittingCpu::source(const Value& v) {
    switch (v.kind) {
        case Value::Kind::constant: return imm(v.constant);
        case Value::Kind::guest: return place_of(v.reg);
        default: return own(v);
    }
}

void EmittingCpu::mov(const Operand& to, const Operand& from) {
    const bool flags = flags_at_ == a_.offset(), count = count_at_ == a_.offset();
    a_.emit(Inst::kIdMov, to, from);
    if (flags) flags_at_ = a_.offset();
    if (count) count_at_ = a_.offset();
}

void EmittingCpu::move_to(const Gp& to, const Value& v) {
    if (v.kind == Value::Kind::address) {
        address_to(to, v);
        if (v.index != 0 || v.base != 0) a_.and_(to, imm(isa::kAddressMask));
        return;
    }
    const Operand from = v.kind == Value::Kind::host ? Operand(temporary(v.reg)) : source(v);
    if (from != to) mov(to, from);
}

void EmittingCpu::address_to(const Gp& to, const Value& v) {
    const auto d = static_cast<int32_t>(v.constant);
    unsigned pinned[2], in_memory[2], pins = 0, words = 0;
    for (const unsigned r : {v.base, v.index}) {
        if (r == 0) continue;
        if (frame_.registers.pinned(r))
            pinned[pins++] = r;
        else
            in_memory[words++] = r;
    }
    const auto wide = [&](unsigned n) { return frame_.registers.of(pinned[n]).r64(); };
    if (pins == 2) {
        a_.lea(to, x86::ptr(wide(0), wide(1), 0, d));
    } else if (pins == 1 && words == 0) {
        if (d != 0)
            a_.lea(to, x86::ptr(wide(0), d));
        else if (to != frame_.registers.of(pinned[0]))
            mov(to, frame_.registers.of(pinned[0]));
    } else if (pins == 1) {
        if (to == frame_.registers.of(pinned[0])) {
            a_.add(to, frame_.layout.gpr_in_memory(in_memory[0]));
            if (d != 0) a_.add(to, d);
        } else {
            a_.mov(to, frame_.layout.gpr_in_memory(in_memory[0]));
            a_.lea(to, x86::ptr(to.r64(), wide(0), 0, d));
        }
    } else if (words != 0) {
        a_.mov(to, frame_.layout.gpr_in_memory(in_memory[0]));
        if (words == 2) a_.add(to, frame_.layout.gpr_in_memory(in_memory[1]));
        if (d != 0) a_.lea(to, x86::ptr(to.r64(), d));
    } else {
        mov(to, imm(v.constant));
    }
}

/// Whether an instruction changes this register before it uses what it has read from it.
bool EmittingCpu::is_changed_before_use(unsigned r) const {
    return r == slot_->operands.r1 && changes_register(*slot_);
}

Value EmittingCpu::gpr(unsigned r) {
    const Value v(Value::Kind::guest, r, this);
    const isa::Operands& o = slot_->operands;
    const bool comparand = (slot_->op == isa::Op::op_BXH || slot_->op == isa::Op::op_BXLE ||
                            slot_->op == isa::Op::op_BRXH || slot_->op == isa::Op::op_BRXLE) &&
                           r == o.r1 && r == (o.r2 | 1u);
    return comparand ? host_value(own(v)) : v;
}

void EmittingCpu::set_gpr(unsigned r, const Value& v) {
    if (v.kind == Value::Kind::guest && v.reg == r) return;
    if (frame_.registers.pinned(r)) {
        move_to(frame_.registers.of(r), v);
    } else if (v.kind == Value::Kind::constant) {
        mov(frame_.layout.gpr_in_memory(r), imm(v.constant));
    } else {
        const bool direct = v.kind == Value::Kind::guest && frame_.registers.pinned(v.reg);
        const Gp from = direct ? frame_.registers.of(v.reg) : own(v);
        mov(frame_.layout.gpr_in_memory(r), from);
    }
    free_temporary(v);
}

void EmittingCpu::set_gpr_pair(unsigned even, const Value& product) {
    const Gp wide = own(product).r64();
    mov(place_of(even + 1), wide.r32());
    a_.shr(wide, 32);
    mov(place_of(even), wide.r32());
    free_temporary(product);
}

Value EmittingCpu::address(unsigned x, unsigned b, unsigned d) {
    Value v(d);
    v.cpu = this;
    if (x == 0 && b == 0) return v;
    v.kind = Value::Kind::address;
    v.index = static_cast<uint8_t>(x);
    v.base = static_cast<uint8_t>(b);
    const bool changed = (x != 0 && is_changed_before_use(x)) || (b != 0 && is_changed_before_use(b));
    return changed ? host_value(own(v)) : v;
}

Value EmittingCpu::load_address(unsigned x, unsigned b, unsigned d) {
    if (x == 0 && b == 0) return d;
    Value v = address(x, b, d);
    const Gp gp = new_temporary();
    address_to(gp, v);
    a_.and_(gp, frame_.layout.word(frame_.layout.load_address_mask));
    return host_value(gp);
}

Value EmittingCpu::link_information() {
    const Value rest = code_and_mask();
    const Gp gp = own(rest);
    a_.or_(gp, imm(uint32_t{slot_->length / 2u} << 30 | next_address_));
    return host_value(gp);
}

Value EmittingCpu::code_and_mask() {
    store_condition_code();
    const Gp code = new_temporary(), mask = new_temporary();
    a_.movzx(code, frame_.layout.byte(frame_.layout.condition_code));
    a_.movzx(mask, frame_.layout.byte(frame_.layout.program_mask));
    a_.shl(code, 4);
    a_.or_(code, mask);
    a_.shl(code, 24);
    free_temporary(host_value(mask));
    return host_value(code);
}

void EmittingCpu::set_code_and_mask(const Value& word) {
    const Gp code = own(word), mask = new_temporary();
    a_.shr(code, 24);
    a_.mov(mask, code);
    a_.and_(mask, 0xF);
    a_.mov(frame_.layout.byte(frame_.layout.program_mask), mask.r8());
    a_.shr(code, 4);
    a_.and_(code, 3);
    a_.mov(frame_.layout.byte(frame_.layout.condition_code), code.r8());
    set_by(Condition::stored, false);
}

// ---- Operators ----

/// Whether the result of an instruction goes to where this operand comes from, so that it can be made there.
bool EmittingCpu::is_result(const Value& v) const {
    if (v.kind != Value::Kind::guest || v.reg != slot_->operands.r1) return false;
    switch (isa::row_of(slot_->op).format) {
        case isa::Format::RR:
        case isa::Format::RX:
        case isa::Format::RI:
        case isa::Format::RI_B:
        case isa::Format::RIL:
        case isa::Format::RRE:
        case isa::Format::RS:
        case isa::Format::RSI: return true;
        default: return false;
    }
}

/// STORE CHARACTER, STORE HALFWORD: what they cut a register to is done by storing.
bool EmittingCpu::stores_only_last_bytes() const {
    return slot_->op == isa::Op::op_STC || slot_->op == isa::Op::op_STH;
}

Value EmittingCpu::combine(asmjit::InstId operation, const Value& a, const Value& b) {
    const bool commutes = operation != Inst::kIdSub;
    if (commutes && a.kind != Value::Kind::host && b.kind == Value::Kind::host)
        return combine(operation, b, a);
    if (operation == Inst::kIdAnd && a.kind == Value::Kind::guest && b.kind == Value::Kind::constant &&
        b.constant == isa::kAddressMask) {  // the target of a branch: perhaps it is not needed
        Value target = address(0, a.reg, 0);
        if (a.reg == 0) target = host_value(own(a));  // no base: the register itself
        if (a.reg == 0) a_.and_(temporary(target.reg), imm(isa::kAddressMask));
        return target;
    }
    if (operation == Inst::kIdAnd && a.kind == Value::Kind::guest && stores_only_last_bytes()) return a;
    const bool in_place = is_result(a) && changes_register(*slot_);
    const Operand to = in_place ? place_of(a.reg) : Operand(own(a));
    Operand from = source(b);
    if (to.isMem() && from.isMem()) from = own(b);
    if (operation == Inst::kIdImul && from.isImm())
        a_.emit(operation, to, to, from);
    else
        a_.emit(operation, to, from);
    if (in_place && operation == Inst::kIdSub) count_at_ = a_.offset();
    if (b.kind != Value::Kind::guest || !from.isMem()) free_temporary(b);
    if (in_place) return a;
    return host_value(to.as<Gp>());
}

Value EmittingCpu::shift_word_right(const Value& a, unsigned n) {
    const Gp gp = own(a);
    a_.shr(gp, n);
    return host_value(gp);
}

namespace {
EmittingCpu& cpu_of(const Value& a, const Value& b) { return a.cpu != nullptr ? *a.cpu : *b.cpu; }
}  // namespace

Value operator+(const Value& a, const Value& b) { return cpu_of(a, b).combine(x86::Inst::kIdAdd, a, b); }
Value operator-(const Value& a, const Value& b) { return cpu_of(a, b).combine(x86::Inst::kIdSub, a, b); }
Value operator*(const Value& a, const Value& b) { return cpu_of(a, b).combine(x86::Inst::kIdImul, a, b); }
Value operator&(const Value& a, const Value& b) {
    if (a.kind == Value::Kind::constant && b.kind == Value::Kind::constant) return a.constant & b.constant;
    return cpu_of(a, b).combine(x86::Inst::kIdAnd, a, b);
}
Value operator|(const Value& a, const Value& b) { return cpu_of(a, b).combine(x86::Inst::kIdOr, a, b); }
Value operator^(const Value& a, const Value& b) { return cpu_of(a, b).combine(x86::Inst::kIdXor, a, b); }
Value operator>>(const Value& a, unsigned n) { return a.cpu->shift_word_right(a, n); }

// ---- Arithmetic without a condition code ----

Value EmittingCpu::extend_halfword(const Value& a) {
    const Gp gp = own(a);
    a_.movsx(gp, gp.r16());
    return host_value(gp);
}

Value EmittingCpu::multiply_signed(const Value& a, const Value& b) {
    const Gp x = new_temporary();
    a_.emit(Inst::kIdMovsxd, x.r64(), place_of(a.reg));
    const bool loaded = b.kind == Value::Kind::host;
    const Gp y = loaded ? temporary(b.reg) : new_temporary();
    a_.emit(Inst::kIdMovsxd, y.r64(), loaded ? Operand(y) : place_of(b.reg));
    a_.imul(x.r64(), y.r64());
    return host_value(x);
}

Value EmittingCpu::multiply_unsigned(const Value& a, const Value& b) {
    const Gp x = new_temporary();
    move_to(x, a);
    const Gp y = own(b);
    a_.imul(x.r64(), y.r64());
    return host_value(x);
}

Value EmittingCpu::shift(const Value& a, const Value& n, asmjit::InstId operation) {
    const bool rotates = operation == Inst::kIdRol, is_signed = operation == Inst::kIdSar;
    if (n.kind == Value::Kind::constant) {
        const Gp gp = own(a);
        if (rotates || n.constant < 32)
            a_.emit(operation, gp, Imm(n.constant & 31));
        else if (is_signed)
            a_.sar(gp, 31);
        else
            a_.mov(gp, 0);
        return host_value(gp);
    }
    // The amount goes to cl; what is shifted by more than a word's bits is shifted as a doubleword.
    const Gp amount = own(n);
    if (amount != x86::ecx) {
        temporaries_ |= 2;
        a_.mov(x86::ecx, amount);
    }
    const Gp gp = amount == x86::eax ? x86::edx : x86::eax;
    temporaries_ |= gp == x86::eax ? 1 : 4;
    move_to(gp, a);
    if (is_signed) a_.movsxd(gp.r64(), gp);
    a_.emit(operation, rotates ? Operand(gp) : Operand(gp.r64()), x86::cl);
    return host_value(gp);
}

Value EmittingCpu::reverse_bytes(const Value& a) {
    const Gp gp = own(a);
    a_.bswap(gp);
    return host_value(gp);
}

Value EmittingCpu::reverse_halfword(const Value& a) {
    const Gp gp = own(a);
    a_.bswap(gp);
    a_.shr(gp, 16);
    return host_value(gp);
}

// ---- Branches ----

void EmittingCpu::branch(const Value& target) {
    branch_.any = branch_.always = true;
    branch_.target = target;
}

void EmittingCpu::branch_on_mask(unsigned mask, const Value& target) {
    if (mask == 0) return;
    if (mask == 15) return branch(target);
    jump_on_mask(mask, perhaps_branch(target));
}

const Label& EmittingCpu::perhaps_branch(const Value& target) {
    branch_.any = true;
    branch_.target = target;
    branch_.taken = a_.newLabel();
    return branch_.taken;
}

void EmittingCpu::branch_if_not_zero(const Value& a, const Value& target) {
    if (count_at_ != a_.offset()) a_.emit(Inst::kIdCmp, source(a), Imm(0));
    a_.j(CondCode::kNotZero, perhaps_branch(target));
}

void EmittingCpu::branch_if(const Value& a, const Value& b, CondCode code, const Value& target) {
    const Operand x = source(a);
    Operand y = source(b);
    if (x.isMem() && y.isMem()) y = own(b);
    a_.emit(Inst::kIdCmp, x, y);
    a_.j(code, perhaps_branch(target));
}

void EmittingCpu::trap_on_overflow() {
    if (condition_ != Condition::added && condition_ != Condition::subtracted) return;
    need_flags();
    const Label overflow = a_.newLabel(), on = a_.newLabel();
    const size_t offset = a_.offset();
    a_.j(CondCode::kOverflow, overflow);
    if (flags_at_ == offset) flags_at_ = a_.offset();
    a_.bind(on);
    rarely([this, overflow, on, condition = condition_, site = site_] {
        a_.bind(overflow);
        a_.emit(Inst::kIdTest, frame_.layout.byte(frame_.layout.program_mask),
                Imm(isa::kMaskFixedPointOverflow));
        const Label raise = a_.newLabel();
        a_.jnz(raise);
        // What follows may rely on the flags.
        a_.mov(x86::eax, kFirst);
        a_.emit(condition == Condition::added ? Inst::kIdAdd : Inst::kIdSub, x86::eax,
                frame_.layout.word(frame_.layout.second_operand));
        a_.jmp(on);
        a_.bind(raise);
        say(condition);
        a_.mov(x86::rax, address_of(*site));
        a_.call(frame_.raise_overflow);
    });
}

}  // namespace simulation
