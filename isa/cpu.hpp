// What an instruction body may ask of the CPU it acts on. Bodies (isa/semantics/) are templates over a type C
// that satisfies this: the real CPU of the simulation room, and, for privileged instructions, a virtual CPU
// of the control program. So LOAD PSW, say, is written once and means the same natively and when it is
// simulated.
//
// An access that the architecture refuses raises isa::ProgramCheck: the body ends there and then. Bodies make
// all their accesses, or probe them, before they change anything, so that refused instructions change
// nothing; and they hold nothing that would have to be cleaned up, for how a CPU ends them is its own
// business.
#pragma once

#include <concepts>
#include <cstdint>

#include "isa/instruction.hpp"
#include "isa/interruption.hpp"

namespace isa {

template <class C>
concept Cpu = requires(C c, const C k, unsigned n, uint32_t a, uint8_t* out, const uint8_t* in) {
    // Registers. Floating-point registers by their architected numbers 0, 2, 4, 6.
    { k.gpr(n) } -> std::same_as<uint32_t>;
    c.set_gpr(n, uint32_t{});
    { k.fpr(n) } -> std::same_as<uint64_t>;
    c.set_fpr(n, uint64_t{});
    { k.cr(n) } -> std::same_as<uint32_t>;

    // Effective addresses, 24 bits: base or index 0 means none.
    { k.address(n, n) } -> std::same_as<uint32_t>;     // base, displacement
    { k.address(n, n, n) } -> std::same_as<uint32_t>;  // index, base, displacement

    // Storage operands at logical addresses, big-endian, of any alignment; addresses wrap at 16 MiB.
    { c.load8(a) } -> std::same_as<uint32_t>;
    { c.load16(a) } -> std::same_as<uint32_t>;
    { c.load32(a) } -> std::same_as<uint32_t>;
    { c.load64(a) } -> std::same_as<uint64_t>;
    c.store8(a, uint32_t{});
    c.store16(a, uint32_t{});
    c.store32(a, uint32_t{});
    c.store64(a, uint64_t{});
    // 1 to 256 bytes: all are checked before the first is copied.
    c.fetch(a, out, n);
    c.store(a, in, n);
    // Raise what an access would raise, and change nothing else (a probe for store does not set the change
    // bit).
    c.probe_fetch(a, n);
    c.probe_store(a, n);

    // The PSW's condition code (0..3) and program mask.
    { k.condition_code() } -> std::same_as<unsigned>;
    c.set_condition_code(n);
    { k.program_mask() } -> std::same_as<unsigned>;

    // Ends the instruction with this exception: does not return.
    k.raise(ProgramCheck{});
};

}  // namespace isa
