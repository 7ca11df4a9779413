// How translated code uses the registers of the host (x86-64), and where it finds what it keeps in memory.
//
//   rbx  the CPU; everything in memory is reached from it
//   rbp  its time, r13 its count of instructions, while the code runs
//   r14  the first operand of what set the condition code (condition.hpp)
//   rax, rcx, rdx  values within an instruction
//   r10, r11       storage that operands of the block lie in (reach.hpp)
//   others         general registers of the guest that the region uses most; the rest stay in memory
#pragma once

#include <asmjit/x86.h>

#include <array>
#include <cstdint>

#include "simulation/executor/translator/reach.hpp"
#include "simulation/executor/translator/region.hpp"

namespace simulation {

namespace host {
using asmjit::Label;
using asmjit::Operand;
using asmjit::x86::Gp;
using asmjit::x86::Mem;
namespace Inst = asmjit::x86::Inst;
inline constexpr Gp kCpu = asmjit::x86::rbx, kTime = asmjit::x86::rbp, kCount = asmjit::x86::r13,
                    kFirst = asmjit::x86::r14d;
/// Of an object that will be there as long as the code.
template <class T>
asmjit::Imm address_of(const T& object) {
    return asmjit::Imm(reinterpret_cast<uintptr_t>(&object));
}
/// The last bytes of rax: 1, 2, 4 or 8.
constexpr Gp part_of_rax(unsigned size) {
    namespace x86 = asmjit::x86;
    return size == 8 ? Gp(x86::rax) : size == 4 ? Gp(x86::eax) : size == 2 ? Gp(x86::ax) : Gp(x86::al);
}
/// Pieces of so many bytes, the largest first, that an operand is made of: calls `each(offset, size)`.
template <class Each>
void in_pieces(unsigned length, unsigned largest, Each&& each) {
    unsigned offset = 0;
    for (unsigned size = largest; size != 0; size /= 2)
        for (; length - offset >= size; offset += size) each(offset, size);
}
inline Mem piece(const Gp& at, unsigned offset, unsigned size) {
    Mem mem = asmjit::x86::ptr(at, static_cast<int32_t>(offset));
    mem.setSize(size);
    return mem;
}
inline constexpr Gp kReach[kReaches] = {asmjit::x86::r10, asmjit::x86::r11};
}  // namespace host

/// How far from the CPU things are, in bytes.
struct CpuLayout {
    explicit CpuLayout(Cpu& cpu);

    int32_t gpr, fpr, condition_code, program_mask, address, time, instructions, context, load_address_mask;
    int32_t read_tag, write_tag, block;  // of the first entry of the access cache
    int32_t code_space;
    int32_t limit, condition, first_operand, second_operand;
    uint64_t marks;  // of a byte at host address p: at this + p / kCodeGranule

    host::Mem word(int32_t offset) const { return asmjit::x86::dword_ptr(host::kCpu, offset); }
    host::Mem doubleword(int32_t offset) const { return asmjit::x86::qword_ptr(host::kCpu, offset); }
    host::Mem byte(int32_t offset) const { return asmjit::x86::byte_ptr(host::kCpu, offset); }
    host::Mem gpr_in_memory(unsigned r) const { return word(gpr + static_cast<int32_t>(4 * r)); }
};

/// Which general registers of the guest are in registers of the host throughout a region.
class PinnedRegisters {
  public:
    explicit PinnedRegisters(const RegionPlan& plan);

    bool pinned(unsigned r) const { return at_[r] != kInMemory; }
    host::Gp of(unsigned r) const { return kPool[at_[r]]; }
    /// Those that functions of the host may change.
    bool is_volatile(unsigned r) const { return at_[r] >= kPreserved; }

  private:
    // Those that functions preserve come first.
    static constexpr uint8_t kPreserved = 2, kInMemory = 0xFF;
    static constexpr std::array<host::Gp, 6> kPool = {asmjit::x86::r12d, asmjit::x86::r15d, asmjit::x86::esi,
                                                      asmjit::x86::edi,  asmjit::x86::r8d,  asmjit::x86::r9d};
    std::array<uint8_t, 16> at_;
};

}  // namespace simulation
