// Forms in line of frequent instructions whose bodies decide or loop (isa/semantics/storage_operands.hpp),
// for operands that are at hand. Tests compare them with those bodies.
#include "simulation/executor/translator/emitting_cpu.hpp"

namespace simulation {

using namespace host;
namespace x86 = asmjit::x86;

namespace {

unsigned registers_from_to(const isa::Operands& o) { return ((o.r2 - o.r1) & 0xFu) + 1; }

}  // namespace

void EmittingCpu::load_multiple(const isa::Operands& o) {
    const unsigned count = registers_from_to(o);
    find(address(o.b2, o.d2), 4 * count, false);
    for (unsigned n = 0; n < count; ++n) {
        const unsigned r = (o.r1 + n) & 0xF;
        const bool pinned = frame_.registers.pinned(r);
        const Gp to = pinned ? frame_.registers.of(r) : Gp(x86::edx);
        a_.mov(to, found(4, 4 * n));
        a_.bswap(to);
        if (!pinned) a_.mov(frame_.layout.gpr_in_memory(r), to);
    }
}

void EmittingCpu::store_multiple(const isa::Operands& o) {
    const unsigned count = registers_from_to(o);
    find(address(o.b2, o.d2), 4 * count, true);
    for (unsigned n = 0; n < count; ++n) {
        a_.emit(Inst::kIdMov, x86::edx, place_of((o.r1 + n) & 0xF));
        a_.bswap(x86::edx);
        a_.mov(found(4, 4 * n), x86::edx);
    }
}

// INSERT CHARACTERS UNDER MASK of all four.
void EmittingCpu::insert_word(const isa::Operands& o) {
    set_gpr(o.r1, load32(address(o.b2, o.d2)));
    test_signed(gpr(o.r1));
}

namespace {

/// What a field of so many bytes is moved in: the host's wide registers, where it has them, pay for long
/// ones.
unsigned largest_piece(unsigned length) {
    static const bool wide = asmjit::CpuInfo::host().features().x86().hasAVX();
    return wide && length % 32 == 0 ? 32 : 16;
}

}  // namespace

// Copied from left to right, a piece at a time, which is right but where the first operand begins within the
// second.
void EmittingCpu::move_characters(const isa::Operands& o) {
    const unsigned length = static_cast<unsigned>(o.imm) + 1;
    find_both(o, length, true);
    const Label meet = a_.newLabel(), done = a_.newLabel();
    a_.mov(x86::rax, x86::rcx);
    a_.sub(x86::rax, x86::rdx);
    a_.cmp(x86::rax, static_cast<int32_t>(length));
    a_.jb(meet);
    rarely([this, meet, done, length, otherwise = called()] {
        a_.bind(meet);
        a_.cmp(x86::rax, 1);
        a_.jne(otherwise);
        spread_byte(length);
        a_.jmp(done);
    });
    const unsigned largest = largest_piece(length);
    in_pieces(length, largest, [&](unsigned offset, unsigned size) {
        if (size == 32) {
            a_.vmovups(x86::ymm0, piece(x86::rdx, offset, size));
            a_.vmovups(piece(x86::rcx, offset, size), x86::ymm0);
        } else if (size == 16) {
            a_.movups(x86::xmm0, piece(x86::rdx, offset, size));
            a_.movups(piece(x86::rcx, offset, size), x86::xmm0);
        } else {
            a_.mov(part_of_rax(size), piece(x86::rdx, offset, size));
            a_.mov(piece(x86::rcx, offset, size), part_of_rax(size));
        }
    });
    if (largest == 32) a_.vzeroupper();
    a_.bind(done);
}

// Equal pieces are passed over; the first that differ are compared as numbers.
void EmittingCpu::compare_characters(const isa::Operands& o) {
    const unsigned length = static_cast<unsigned>(o.imm) + 1;
    find_both(o, length, false);
    const Label differ = a_.newLabel(), done = a_.newLabel();
    const Mem second = frame_.layout.word(frame_.layout.second_operand);
    in_pieces(length, 8, [&](unsigned offset, unsigned size) {
        const Label here = a_.newLabel();
        if (size < 4)
            a_.movzx(x86::eax, piece(x86::rcx, offset, size));
        else
            a_.mov(part_of_rax(size), piece(x86::rcx, offset, size));
        a_.cmp(part_of_rax(size), piece(x86::rdx, offset, size));
        a_.jne(here);
        rarely([this, here, differ, offset, size] {
            a_.bind(here);
            if (size < 4)
                a_.movzx(x86::edx, piece(x86::rdx, offset, size));
            else
                a_.mov(size == 8 ? Gp(x86::rdx) : Gp(x86::edx), piece(x86::rdx, offset, size));
            a_.jmp(differ);
        });
    });
    a_.xor_(kFirst, kFirst);
    a_.mov(second, 0);
    a_.bind(done);
    set_by(Condition::compared_logical, false);
    rarely([this, differ, done] {
        a_.bind(differ);
        a_.bswap(x86::rax);
        a_.bswap(x86::rdx);
        keep_order(x86::rdx);
        a_.jmp(done);
    });
}

void EmittingCpu::keep_order(const Gp& second) {
    a_.xor_(kFirst, kFirst);
    a_.xor_(x86::ecx, x86::ecx);
    a_.cmp(x86::rax, second);
    a_.seta(kFirst.r8());
    a_.setb(x86::cl);
    a_.mov(frame_.layout.word(frame_.layout.second_operand), x86::ecx);
}

// EXCLUSIVE OR of a field with itself.
void EmittingCpu::clear_characters(const isa::Operands& o) {
    const unsigned length = static_cast<unsigned>(o.imm) + 1;
    look_up_wherever(address(o.b1, o.d1), x86::ptr(x86::rax, static_cast<int32_t>(length - 1)), true);
    operand_ = x86::ptr(x86::rcx, x86::rax);
    look_for_marks(length);
    a_.add(x86::rcx, x86::rax);
    a_.xorps(x86::xmm0, x86::xmm0);
    in_pieces(length, 16, [&](unsigned offset, unsigned size) {
        if (size == 16)
            a_.movups(piece(x86::rcx, offset, size), x86::xmm0);
        else
            a_.mov(piece(x86::rcx, offset, size), 0);
    });
    a_.xor_(kFirst, kFirst);
    set_by(Condition::bits, false);
}

// ---- Doublewords in pairs of registers ----

void EmittingCpu::load_pair(unsigned even) {
    a_.emit(Inst::kIdMov, x86::eax, place_of(even));
    a_.emit(Inst::kIdMov, x86::edx, place_of(even + 1));
    a_.shl(x86::rax, 32);
    a_.or_(x86::rax, x86::rdx);
}

void EmittingCpu::shift_double(const isa::Operands& o, asmjit::InstId operation) {
    if (o.b2 != 0) address_to(x86::ecx, address(o.b2, o.d2));  // the host, too, takes its last six bits
    load_pair(o.r1);
    a_.emit(operation, x86::rax, o.b2 != 0 ? Operand(x86::cl) : Operand(asmjit::Imm(o.d2 & 63)));
    if (operation == Inst::kIdSar) {  // a word of the same sign, and zero only if all is zero
        a_.mov(x86::rdx, x86::rax);
        a_.shr(x86::rdx, 32);
        a_.mov(x86::ecx, x86::eax);
        a_.mov(kFirst, x86::eax);
        a_.shr(kFirst, 1);
        a_.and_(x86::ecx, 1);
        a_.or_(kFirst, x86::ecx);
        a_.or_(kFirst, x86::edx);
        set_by(Condition::sign, false);
    }
    set_gpr_pair(o.r1, host_value(x86::eax));
}

// What has no quotient of a word is called; so are divisors of 0 and -1, by which the host could not divide.
void EmittingCpu::divide(const isa::Operands& o) {
    if (slot_->op == isa::Op::op_D) {
        load32(address(o.r2, o.b2, o.d2));
        a_.movsxd(x86::rcx, x86::eax);
    } else {
        a_.emit(Inst::kIdMovsxd, x86::rcx, place_of(o.r2));
    }
    a_.lea(x86::edx, x86::ptr(x86::rcx, 1));
    a_.cmp(x86::edx, 1);
    a_.jbe(called());
    load_pair(o.r1);
    a_.cqo();
    a_.idiv(x86::rcx);
    a_.movsxd(x86::rcx, x86::eax);
    a_.cmp(x86::rcx, x86::rax);
    a_.jne(called());
    a_.emit(Inst::kIdMov, place_of(o.r1 + 1u), x86::eax);
    a_.emit(Inst::kIdMov, place_of(o.r1), x86::edx);
}

}  // namespace simulation
