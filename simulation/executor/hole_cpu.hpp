// What the problem state executes through a hole of its machine (isa/holes.hpp): the body of the instruction,
// on a CPU that takes itself to be in the supervisor state. What only that may change comes about, or is
// ignored.
#pragma once

#include "isa/holes.hpp"
#include "simulation/executor/forwarding_cpu.hpp"

namespace simulation {

/// A CPU that takes itself to be in the supervisor state.
template <class C>
class SupervisorCpu : public ForwardingCpu<C> {
  public:
    using ForwardingCpu<C>::ForwardingCpu;
    isa::Psw psw() const {
        isa::Psw psw = this->cpu_.psw();
        psw.problem_state = false;
        return psw;
    }
};

/// Bodies of semi-privileged instructions ask for the state, and find that they may do everything.
template <class C>
class UnprivilegedCpu final : public isa::Evaluator<UnprivilegedCpu<C>>, public SupervisorCpu<C> {
  public:
    using SupervisorCpu<C>::SupervisorCpu;
};

/// Registers, storage operands, condition code and program mask are the program's own; nothing else changes.
template <class C>
class IgnoringCpu final : public isa::Evaluator<IgnoringCpu<C>>, public SupervisorCpu<C> {
  public:
    using SupervisorCpu<C>::SupervisorCpu;
    void load_psw(const isa::Psw& psw) const {
        this->cpu_.set_code_and_mask(uint32_t{psw.condition_code} << 28 | uint32_t{psw.program_mask} << 24);
        this->cpu_.branch(psw.address);
    }
    void load_psw_image(uint64_t image) const { load_psw(isa::decode_psw(image)); }
    template <class Change>
    void change_psw(Change&&) const {}
    void set_cr(unsigned, uint32_t) const {}
    void control_registers_changed() const {}
    void address_spaces_changed() const {}
    void set_storage_key(uint32_t, uint8_t) const {}
    void clear_real_block(uint32_t) const {}
    void store_table16(uint32_t, uint16_t) const {}
    void purge_tlb() const {}
    void purge_tlb_page(isa::TranslationFormat, uint32_t) const {}
    void set_tod_clock(uint64_t) const {}
    void set_clock_comparator(uint64_t) const {}
    void set_cpu_timer(uint64_t) const {}
    void set_prefix(uint32_t) const {}
    unsigned signal(uint16_t, uint8_t, uint32_t, uint32_t&) const { return isa::SignalCode::accepted; }
    void start_io(uint16_t, bool) const {}
    void test_io(uint16_t) const {}
    void clear_io(uint16_t) const {}
    void halt_io(uint16_t) const {}
    void halt_device(uint16_t) const {}
    void test_channel(uint16_t) const {}
    void clear_channel(uint16_t) const {}
    void store_channel_id(uint16_t) const {}
    void interpretive(isa::InterpretiveOrder, const isa::Operands&) const {}
};

/// The checks and the body, in the problem state. `op` is privileged or semi-privileged, `hole` is one.
template <class C>
using HoleBody = void (*)(C&, const isa::Operands&);
template <class C>
HoleBody<C> hole_body_of(isa::Op op, isa::Hole hole);

}  // namespace simulation
