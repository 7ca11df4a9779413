// A CPU that does what another one does: the base of those that change a little of it. What a derived class
// declares hides what is here.
#pragma once

#include <utility>

#include "simulation/cpu/cpu.hpp"

namespace simulation {

template <class C>
class ForwardingCpu {
  public:
    explicit ForwardingCpu(C& cpu) : cpu_(cpu) {}

    [[noreturn]] void raise(const isa::ProgramCheck& check) const { cpu_.raise(check); }
    void diagnose(unsigned r1, unsigned r3, uint32_t code) const { cpu_.diagnose(r1, r3, code); }
// clang-format off
#define SIMULATION_CPU_MEMBERS(OWN) \
    /* isa::Cpu */ \
    OWN(gpr) OWN(set_gpr) OWN(fpr) OWN(set_fpr) OWN(cr) OWN(address) OWN(load_address) OWN(condition_code) \
    OWN(set_condition_code) OWN(program_mask) OWN(set_code_and_mask) OWN(load8) OWN(load16) OWN(load32) OWN(load64) \
    OWN(store8) OWN(store16) OWN(store32) OWN(store64) OWN(update8) OWN(fetch) OWN(store) OWN(move) \
    OWN(probe_fetch) OWN(probe_store) OWN(branch) OWN(next_address) OWN(relative_target) OWN(link_information) \
    OWN(trap_privileged) OWN(supervisor_call) OWN(charge_units) OWN(interruption_due) OWN(repeat_instruction) \
    /* isa::SystemCpu */ \
    OWN(psw) OWN(load_psw) OWN(load_psw_image) OWN(change_psw) OWN(set_cr) OWN(control_registers_changed) OWN(address_spaces_changed) \
    OWN(facilities) OWN(model) OWN(real_address_valid) OWN(absolute_address_valid) OWN(storage_key) OWN(set_storage_key) \
    OWN(clear_real_block) OWN(fetch_table32) OWN(fetch_table16) OWN(store_table16) OWN(extended_real) OWN(purge_tlb) \
    OWN(purge_tlb_page) OWN(read_clock_unique) OWN(set_tod_clock) OWN(clock_comparator) OWN(set_clock_comparator) \
    OWN(cpu_timer) OWN(set_cpu_timer) OWN(cpu_id) OWN(cpu_address) OWN(prefix) OWN(set_prefix) OWN(signal) \
    OWN(start_io) OWN(test_io) OWN(clear_io) OWN(halt_io) OWN(halt_device) OWN(test_channel) OWN(clear_channel) \
    OWN(store_channel_id) OWN(interpretive) OWN(comes_out)
// clang-format on
#define OWN(name)                                                \
    template <class... Arguments>                                \
    decltype(auto) name(Arguments&&... arguments) const {        \
        return cpu_.name(std::forward<Arguments>(arguments)...); \
    }
    SIMULATION_CPU_MEMBERS(OWN)
#undef OWN
#undef SIMULATION_CPU_MEMBERS

  protected:
    C& cpu_;
};

}  // namespace simulation
