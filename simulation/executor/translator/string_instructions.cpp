// Forms in line of instructions that work on strings byte by byte: the logical ones from storage to storage,
// TRANSLATE, TRANSLATE AND TEST, and MOVE that spreads a byte. For operands that are at hand and do not meet
// where that matters; others are called. Tests compare them with the bodies.
#include "simulation/executor/translator/emitting_cpu.hpp"

namespace simulation {

using namespace host;
namespace x86 = asmjit::x86;

namespace {

constexpr unsigned kTable = 256;   // bytes, of TRANSLATE
constexpr unsigned kTogether = 8;  // bytes that a turn of a loop translates
const Mem kLastOfTable = x86::ptr(x86::rax, kTable - 1);

}  // namespace

/// The first operand, in rcx, is called for where it begins within `length` bytes behind the second one, in
/// rdx.
void EmittingCpu::call_if_behind(unsigned length) {
    a_.mov(x86::rax, x86::rcx);
    a_.sub(x86::rax, x86::rdx);
    a_.cmp(x86::rax, static_cast<int32_t>(length));
    a_.jb(called());
}

/// MOVE whose first operand begins a byte behind the second: all of it becomes that byte.
void EmittingCpu::spread_byte(unsigned length) {
    a_.movzx(x86::eax, x86::byte_ptr(x86::rdx));
    a_.mov(x86::rdx, asmjit::Imm(uint64_t{0x0101010101010101}));
    a_.imul(x86::rax, x86::rdx);
    a_.movq(x86::xmm0, x86::rax);
    a_.punpcklqdq(x86::xmm0, x86::xmm0);
    in_pieces(length, 16, [&](unsigned offset, unsigned size) {
        if (size == 16)
            a_.movups(piece(x86::rcx, offset, size), x86::xmm0);
        else
            a_.mov(piece(x86::rcx, offset, size), part_of_rax(size));
    });
}

// AND, OR, EXCLUSIVE OR of characters. What became of them is gathered in the place of the first operand that
// the condition code is found from.
void EmittingCpu::combine_characters(const isa::Operands& o, asmjit::InstId operation) {
    const unsigned length = static_cast<unsigned>(o.imm) + 1;
    find_both(o, length, true);
    call_if_behind(length);
    const Gp any = kFirst.r64();
    a_.xor_(kFirst, kFirst);
    in_pieces(length, 8, [&](unsigned offset, unsigned size) {
        const Mem first = piece(x86::rcx, offset, size), second = piece(x86::rdx, offset, size);
        if (size < 4)
            a_.movzx(x86::eax, second);
        else
            a_.mov(part_of_rax(size), second);
        a_.emit(operation, part_of_rax(size), first);
        a_.mov(first, part_of_rax(size));
        a_.or_(any, x86::rax);
    });
    if (length >= 8) {  // it is looked for in a word
        a_.mov(x86::rax, any);
        a_.shr(x86::rax, 32);
        a_.or_(kFirst, x86::eax);
    }
    set_by(Condition::bits, false);
}

// ---- TRANSLATE ----

void EmittingCpu::translate(const isa::Operands& o) {
    const unsigned length = static_cast<unsigned>(o.imm) + 1;
    look_up_both(o, kLastOfTable, x86::ptr(x86::rax, static_cast<int32_t>(length - 1)), true);
    operand_ = x86::ptr(x86::rcx, x86::rax);
    look_for_marks(length);
    a_.add(x86::rcx, x86::rax);
    a_.mov(x86::rdx, kept_pointer());
    call_if_behind(kTable);
    a_.neg(x86::rax);
    a_.cmp(x86::rax, static_cast<int32_t>(length));
    a_.jb(called());
    const auto one = [&](unsigned offset) {
        a_.movzx(x86::eax, x86::byte_ptr(x86::rcx, static_cast<int32_t>(offset)));
        a_.movzx(x86::eax, x86::byte_ptr(x86::rdx, x86::rax));
        a_.mov(x86::byte_ptr(x86::rcx, static_cast<int32_t>(offset)), x86::al);
    };
    const unsigned loose = length < 2 * kTogether ? length : length % kTogether;
    for (unsigned n = 0; n < loose; ++n) one(n);
    if (loose == length) return;
    a_.lea(x86::rax, x86::ptr(x86::rcx, static_cast<int32_t>(length)));
    a_.mov(kept_pointer(), x86::rax);
    if (loose != 0) a_.add(x86::rcx, loose);
    const Label next = a_.newLabel();
    a_.bind(next);
    for (unsigned n = 0; n < kTogether; ++n) one(n);
    a_.add(x86::rcx, kTogether);
    a_.cmp(x86::rcx, kept_pointer());
    a_.jb(next);
}

void EmittingCpu::translate_and_test(const isa::Operands& o) {
    const auto length = static_cast<int32_t>(o.imm) + 1;
    look_up_both(o, kLastOfTable, x86::ptr(x86::rax, length - 1), false);
    a_.add(x86::rcx, x86::rax);
    a_.mov(x86::rdx, kept_pointer());
    a_.lea(x86::rax, x86::ptr(x86::rcx, length));
    a_.mov(kept_pointer(), x86::rax);
    test_translated([this, o, length] {
        address_to(x86::eax, address(o.b1, o.d1));
        a_.lea(x86::eax, x86::ptr(x86::rax, x86::rcx, 0, length));
    });
}

/// The bytes from rcx up to kept_pointer() by the table at rdx, until one is not zero. `address_of_byte`:
/// emits what puts the logical address of the byte in eax, if rcx is how much is left from it on, as a
/// negative number.
template <class Emit>
void EmittingCpu::test_translated(Emit&& address_of_byte) {
    const Mem code = frame_.layout.byte(frame_.layout.condition_code);
    const Label next = a_.newLabel(), found = a_.newLabel(), done = a_.newLabel();
    a_.bind(next);
    a_.movzx(x86::eax, x86::byte_ptr(x86::rcx));
    a_.movzx(x86::eax, x86::byte_ptr(x86::rdx, x86::rax));
    a_.test(x86::eax, x86::eax);
    a_.jnz(found);
    a_.inc(x86::rcx);
    a_.cmp(x86::rcx, kept_pointer());
    a_.jb(next);
    a_.mov(code, 0);
    a_.jmp(done);
    a_.bind(found);
    a_.mov(x86::edx, x86::eax);
    a_.sub(x86::rcx, kept_pointer());
    a_.cmp(x86::rcx, -1);  // the last one?
    a_.sete(code);
    a_.inc(code);
    address_of_byte();
    a_.and_(x86::eax, static_cast<int32_t>(isa::kAddressMask));
    // The first byte of register 1 stays, and all but the last of register 2.
    a_.emit(Inst::kIdMov, x86::ecx, place_of(1));
    a_.and_(x86::ecx, static_cast<int32_t>(0xFF000000));
    a_.or_(x86::eax, x86::ecx);
    a_.emit(Inst::kIdMov, place_of(1), x86::eax);
    a_.emit(Inst::kIdMov, x86::ecx, place_of(2));
    a_.and_(x86::ecx, static_cast<int32_t>(0xFFFFFF00));
    a_.or_(x86::ecx, x86::edx);
    a_.emit(Inst::kIdMov, place_of(2), x86::ecx);
    a_.bind(done);
    flags_at_ = count_at_ = kNever;
    set_by(Condition::stored, false);
}

/// Of EXECUTE: `length_code` is in a register that nothing here changes.
void EmittingCpu::translate_and_test_modified(const isa::Operands& o, unsigned modifier) {
    const Gp length_code = kReach[0].r32();  // no operand is reached by it (executed_instructions.cpp)
    modified(length_code, modifier, static_cast<uint32_t>(o.imm));
    look_up_both(o, kLastOfTable, x86::ptr(x86::rax, length_code.r64()), false);
    a_.add(x86::rcx, x86::rax);
    a_.mov(x86::rdx, kept_pointer());
    a_.lea(x86::rax, x86::ptr(x86::rcx, length_code.r64(), 0, 1));
    a_.mov(kept_pointer(), x86::rax);
    test_translated([this, o, length_code] {
        address_to(x86::eax, address(o.b1, o.d1));
        a_.lea(x86::eax, x86::ptr(x86::rax, length_code.r64(), 0, 1));
        a_.add(x86::eax, x86::ecx);
    });
    keeps_length_code_ = true;
}

}  // namespace simulation
