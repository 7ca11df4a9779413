// The real CPU with program-event recording: it does what the CPU does and notes what control registers 9-11
// watch for. Instruction bodies run on it instead of on the CPU itself while the PSW's PER mask is one, so
// that a CPU that records nothing pays nothing.
#pragma once

#include <utility>

#include "isa/per.hpp"
#include "simulation/cpu/cpu.hpp"

namespace simulation {

class RecordingCpu final : public isa::Evaluator<RecordingCpu> {
  public:
    RecordingCpu(Cpu& cpu, isa::PerRecorder& events) : cpu_(cpu), events_(events) {}

    // ---- What is recorded ----
    void set_gpr(unsigned r, uint32_t v) {
        events_.altered(r);
        cpu_.set_gpr(r, v);
    }
    void branch(uint32_t target) {
        events_.branched();
        cpu_.branch(target);
    }
    void store8(uint32_t a, uint32_t v) {
        cpu_.store8(a, v);
        events_.stored(a, 1);
    }
    void store16(uint32_t a, uint32_t v) {
        cpu_.store16(a, v);
        events_.stored(a, 2);
    }
    void store32(uint32_t a, uint32_t v) {
        cpu_.store32(a, v);
        events_.stored(a, 4);
    }
    void store64(uint32_t a, uint64_t v) {
        cpu_.store64(a, v);
        events_.stored(a, 8);
    }
    void store(uint32_t a, const uint8_t* in, unsigned length) {
        cpu_.store(a, in, length);
        events_.stored(a, length);
    }
    void store(uint32_t a, const uint8_t* in, unsigned length, isa::AccessPath path) {
        cpu_.store(a, in, length, path);
        events_.stored(a, length);
    }
    void move(uint32_t to, uint32_t from, unsigned length) {
        cpu_.move(to, from, length);
        events_.stored(to, length);
    }
    void execute_at(uint32_t target, uint8_t modifier);
    /// Of the last execute_at.
    const isa::Decoded& subject() const { return subject_; }

    // ---- Everything else is the CPU's own ----
    [[noreturn]] void raise(const isa::ProgramCheck& check) const { cpu_.raise(check); }
    [[noreturn]] void diagnose(unsigned r1, unsigned r3, uint32_t code) const { cpu_.diagnose(r1, r3, code); }
// clang-format off
#define SIMULATION_CPU_MEMBERS(OWN) \
    /* isa::Cpu */ \
    OWN(gpr) OWN(fpr) OWN(set_fpr) OWN(cr) OWN(address) OWN(load_address) OWN(condition_code) OWN(set_condition_code) \
    OWN(program_mask) OWN(set_code_and_mask) OWN(load8) OWN(load16) OWN(load32) OWN(load64) OWN(update8) OWN(fetch) \
    OWN(probe_fetch) OWN(probe_store) OWN(next_address) OWN(relative_target) OWN(link_information) \
    OWN(trap_privileged) OWN(supervisor_call) OWN(charge_units) OWN(interruption_due) OWN(repeat_instruction) \
    /* isa::SystemCpu */ \
    OWN(psw) OWN(load_psw) OWN(load_psw_image) OWN(change_psw) OWN(set_cr) OWN(control_registers_changed) OWN(address_spaces_changed) \
    OWN(facilities) OWN(real_address_valid) OWN(absolute_address_valid) OWN(storage_key) OWN(set_storage_key) \
    OWN(clear_real_block) OWN(fetch_table32) OWN(fetch_table16) OWN(store_table16) OWN(extended_real) OWN(purge_tlb) \
    OWN(purge_tlb_page) OWN(read_clock_unique) OWN(set_tod_clock) OWN(clock_comparator) OWN(set_clock_comparator) \
    OWN(cpu_timer) OWN(set_cpu_timer) OWN(cpu_id) OWN(cpu_address) OWN(prefix) OWN(set_prefix) OWN(signal) \
    OWN(start_io) OWN(test_io) OWN(clear_io) OWN(halt_io) OWN(halt_device) OWN(test_channel) OWN(clear_channel) \
    OWN(store_channel_id)
// clang-format on
#define OWN(name)                                                \
    template <class... Arguments>                                \
    decltype(auto) name(Arguments&&... arguments) const {        \
        return cpu_.name(std::forward<Arguments>(arguments)...); \
    }
    SIMULATION_CPU_MEMBERS(OWN)
#undef OWN
#undef SIMULATION_CPU_MEMBERS

  private:
    Cpu& cpu_;
    isa::PerRecorder& events_;
    isa::Decoded subject_;
};

/// Executes an instruction with recording: the checks that its row demands, then its body.
using RecordingHandler = void (*)(RecordingCpu&, const isa::Operands&);
RecordingHandler recording_handler_of(isa::Op op);

}  // namespace simulation
