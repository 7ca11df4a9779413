// Subjects of EXECUTE whose length or mask is in a register, in line, for operands that are at hand. Tests
// compare them with the bodies.
#include "simulation/executor/translator/emitting_cpu.hpp"

namespace simulation {

using namespace host;
using asmjit::Imm;
namespace x86 = asmjit::x86;

namespace {

/// No operand is reached by these while EXECUTE is executed (reach.hpp).
const Gp kCode = kReach[0].r32(), kScratch = kReach[1].r32();
constexpr unsigned kMostTested = 8;  // bytes that are dealt with at once

}  // namespace

void EmittingCpu::modified(const Gp& to, unsigned modifier, uint32_t code) {
    if (frame_.registers.pinned(modifier))
        a_.movzx(to, frame_.registers.of(modifier).r8());
    else
        a_.movzx(to, frame_.layout.byte(frame_.layout.gpr + static_cast<int32_t>(4 * modifier)));
    if ((code & 0xFF) != 0) a_.or_(to, Imm(code & 0xFF));
    flags_at_ = count_at_ = kNever;
}

void EmittingCpu::charge(const SubjectPrice& price) {
    if (price.modifier == 0 || price.per_unit == 0) return;
    if (std::exchange(keeps_length_code_, false))  // the instruction may have changed that register
        a_.mov(x86::eax, kCode);
    else
        modified(x86::eax, price.modifier, price.code);
    a_.imul(x86::eax, x86::eax, Imm(price.per_unit));
    a_.add(kTime, x86::rax);
}

void EmittingCpu::find_both_modified(const isa::Operands& o, unsigned modifier, bool storing) {
    modified(kCode, modifier, static_cast<uint32_t>(o.imm));
    const Mem last = x86::ptr(x86::rax, kCode.r64());
    look_up_both(o, last, last, storing);
    a_.add(x86::rcx, x86::rax);
    if (storing) {  // from the first mark to the last one
        static_assert(RealStorage::kCodeGranule == 16);
        const Label next = a_.newLabel();
        a_.lea(kScratch.r64(), x86::ptr(x86::rcx, kCode.r64()));
        a_.shr(kScratch.r64(), 4);
        a_.add(kScratch.r64(), x86::qword_ptr(frame_.marks));
        a_.mov(x86::rax, x86::rcx);
        a_.shr(x86::rax, 4);
        a_.add(x86::rax, x86::qword_ptr(frame_.marks));
        a_.bind(next);
        a_.cmp(x86::byte_ptr(x86::rax), 0);
        a_.jne(called());
        a_.inc(x86::rax);
        a_.cmp(x86::rax, kScratch.r64());
        a_.jbe(next);
    }
    a_.mov(x86::rdx, kept_pointer());
    flags_at_ = count_at_ = kNever;
}

void EmittingCpu::step_both(unsigned bytes) {
    a_.add(x86::rcx, bytes);
    a_.add(x86::rdx, bytes);
}

// As move_characters: from left to right, a piece at a time. The bits of what is left say which pieces.
void EmittingCpu::move_characters_modified(const isa::Operands& o, unsigned modifier) {
    find_both_modified(o, modifier, true);
    a_.mov(x86::rax, x86::rcx);
    a_.sub(x86::rax, x86::rdx);
    a_.cmp(x86::rax, kCode.r64());
    a_.jbe(called());
    const Label next = a_.newLabel(), rest = a_.newLabel();
    a_.inc(kCode);
    a_.bind(next);
    a_.cmp(kCode, 16);
    a_.jb(rest);
    a_.movups(x86::xmm0, x86::ptr(x86::rdx));
    a_.movups(x86::ptr(x86::rcx), x86::xmm0);
    step_both(16);
    a_.sub(kCode, 16);
    a_.jmp(next);
    a_.bind(rest);
    for (unsigned size = kMostTested; size != 0; size /= 2) {
        const Label none = a_.newLabel();
        const Gp rax = part_of_rax(size);
        a_.test(kCode, size);
        a_.jz(none);
        a_.mov(rax, x86::ptr(x86::rdx, 0, size));
        a_.mov(x86::ptr(x86::rcx, 0, size), rax);
        if (size != 1) step_both(size);
        a_.bind(none);
    }
}

void EmittingCpu::compare_characters_modified(const isa::Operands& o, unsigned modifier) {
    find_both_modified(o, modifier, false);
    const Label next = a_.newLabel(), rest = a_.newLabel(), byte = a_.newLabel(), differ = a_.newLabel(),
                reversed = a_.newLabel();
    a_.inc(kCode);
    a_.bind(next);
    a_.cmp(kCode, kMostTested);
    a_.jb(rest);
    a_.mov(x86::rax, x86::qword_ptr(x86::rcx));
    a_.cmp(x86::rax, x86::qword_ptr(x86::rdx));
    a_.jne(differ);
    step_both(kMostTested);
    a_.sub(kCode, kMostTested);
    a_.jmp(next);
    a_.bind(rest);
    a_.xor_(x86::eax, x86::eax);
    a_.xor_(kScratch, kScratch);
    a_.test(kCode, kCode);
    a_.jz(reversed);
    a_.bind(byte);
    a_.movzx(x86::eax, x86::byte_ptr(x86::rcx));
    a_.movzx(kScratch, x86::byte_ptr(x86::rdx));
    a_.cmp(x86::eax, kScratch);
    a_.jne(reversed);
    step_both(1);
    a_.dec(kCode);
    a_.jnz(byte);
    a_.jmp(reversed);
    a_.bind(differ);
    a_.mov(kScratch.r64(), x86::qword_ptr(x86::rdx));
    a_.bswap(x86::rax);
    a_.bswap(kScratch.r64());
    a_.bind(reversed);
    keep_order(kScratch.r64());
    set_by(Condition::compared_logical, false);
}

Value EmittingCpu::modified_immediate(const isa::Operands& o, unsigned modifier) {
    const Gp mask = new_temporary();
    modified(mask, modifier, static_cast<uint32_t>(o.imm));
    return host_value(mask);
}

void EmittingCpu::test_under_mask_modified(const isa::Operands& o, unsigned modifier) {
    const Value byte = load8(address(o.b1, o.d1));
    test_under_mask(byte, modified_immediate(o, modifier));
}

void EmittingCpu::compare_immediate_modified(const isa::Operands& o, unsigned modifier) {
    const Value byte = load8(address(o.b1, o.d1));
    compare_logical(byte, modified_immediate(o, modifier));
}

}  // namespace simulation
