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

}  // namespace simulation
