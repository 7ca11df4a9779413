// Floating-point instructions in line: their registers are in memory, a short number is the left half.
#include "simulation/executor/translator/emitting_cpu.hpp"
#include "simulation/executor/translator/float_form.hpp"

namespace simulation {

using namespace host;
namespace x86 = asmjit::x86;

Mem EmittingCpu::float_register(unsigned r, unsigned length) const {
    const auto at = frame_.layout.fpr + static_cast<int32_t>(8 * (r >> 1));
    return length == 8 ? frame_.layout.doubleword(at) : frame_.layout.word(at + 4);
}

namespace {

unsigned length_of_float(isa::Op op) {
    using enum isa::Op;
    return op == op_LD || op == op_STD || op == op_LDR ? 8 : 4;
}

}  // namespace

void EmittingCpu::load_float(const isa::Operands& o) {
    const unsigned length = length_of_float(slot_->op);
    find(address(o.r2, o.b2, o.d2), length, false);
    a_.mov(part_of_rax(length), found(length));
    a_.bswap(part_of_rax(length));
    a_.mov(float_register(o.r1, length), part_of_rax(length));
}

void EmittingCpu::store_float(const isa::Operands& o) {
    const unsigned length = length_of_float(slot_->op);
    find(address(o.r2, o.b2, o.d2), length, true);
    const Gp value = length == 8 ? Gp(x86::rdx) : Gp(x86::edx);
    a_.mov(value, float_register(o.r1, length));
    a_.bswap(value);
    a_.mov(found(length), value);
}

void EmittingCpu::load_float_register(const isa::Operands& o) {
    const unsigned length = length_of_float(slot_->op);
    a_.mov(part_of_rax(length), float_register(o.r2, length));
    a_.mov(float_register(o.r1, length), part_of_rax(length));
}

// What has no result so is called.
void EmittingCpu::compute_float(const isa::Operands& o) {
    const FloatForm& form = *float_form(slot_->op);
    if (form.bytes_in_storage != 0) {
        const Gp second = form.bytes_in_storage == 8 ? Gp(x86::rdx) : Gp(x86::edx);
        find(address(o.r2, o.b2, o.d2), form.bytes_in_storage, false);
        a_.mov(second, found(form.bytes_in_storage));
        a_.bswap(second);
    } else {
        a_.mov(x86::rdx, float_register(o.r2, 8));
    }
    a_.lea(x86::rcx, float_register(o.r1, 8));
    a_.mov(x86::rax, asmjit::Imm(reinterpret_cast<uintptr_t>(form.compute)));
    a_.call(frame_.compute_float);
    computes_float_ = true;
    a_.cmp(x86::eax, FloatForm::kNoResult);
    a_.je(called());
    flags_at_ = count_at_ = kNever;
    if (!form.sets_condition_code) return;
    a_.mov(frame_.layout.byte(frame_.layout.condition_code), x86::al);
    set_by(Condition::stored, false);
}

}  // namespace simulation
