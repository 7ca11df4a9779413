// The real CPU with program-event recording: it does what the CPU does and notes what control registers 9-11
// watch for. Instruction bodies run on it instead of on the CPU itself while the PSW's PER mask is one, so
// that a CPU that records nothing pays nothing.
#pragma once

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

    // ---- isa::Cpu ----
    uint32_t gpr(unsigned r) const { return cpu_.gpr(r); }
    uint64_t fpr(unsigned r) const { return cpu_.fpr(r); }
    void set_fpr(unsigned r, uint64_t v) { cpu_.set_fpr(r, v); }
    uint32_t cr(unsigned r) const { return cpu_.cr(r); }
    uint32_t address(unsigned b, unsigned d) const { return cpu_.address(b, d); }
    uint32_t address(unsigned x, unsigned b, unsigned d) const { return cpu_.address(x, b, d); }
    uint32_t load_address(unsigned x, unsigned b, unsigned d) const { return cpu_.load_address(x, b, d); }
    unsigned condition_code() const { return cpu_.condition_code(); }
    void set_condition_code(unsigned code) { cpu_.set_condition_code(code); }
    unsigned program_mask() const { return cpu_.program_mask(); }
    void set_code_and_mask(uint32_t word) { cpu_.set_code_and_mask(word); }
    [[noreturn]] void program_check(isa::ProgramCode code) const { cpu_.program_check(code); }
    uint32_t load8(uint32_t a) { return cpu_.load8(a); }
    uint32_t load16(uint32_t a) { return cpu_.load16(a); }
    uint32_t load32(uint32_t a) { return cpu_.load32(a); }
    uint64_t load64(uint32_t a) { return cpu_.load64(a); }
    uint32_t update8(uint32_t a) { return cpu_.update8(a); }
    void fetch(uint32_t a, uint8_t* out, unsigned length) { cpu_.fetch(a, out, length); }
    void probe_fetch(uint32_t a, unsigned length) { cpu_.probe_fetch(a, length); }
    void probe_store(uint32_t a, unsigned length) { cpu_.probe_store(a, length); }
    uint32_t next_address() const { return cpu_.next_address(); }
    uint32_t relative_target(int32_t halfwords) const { return cpu_.relative_target(halfwords); }
    uint32_t link_information() const { return cpu_.link_information(); }
    void trap_privileged() { cpu_.trap_privileged(); }
    void supervisor_call(uint8_t number) { cpu_.supervisor_call(number); }
    void monitor_event(unsigned monitor_class, uint32_t code) const {
        cpu_.monitor_event(monitor_class, code);
    }
    void charge_units(uint32_t units) { cpu_.charge_units(units); }
    bool interruption_due() const { return cpu_.interruption_due(); }
    void repeat_instruction() { cpu_.repeat_instruction(); }

    // ---- isa::SystemCpu ----
    const isa::Psw& psw() const { return cpu_.psw(); }
    void load_psw(const isa::Psw& psw) { cpu_.load_psw(psw); }
    void change_psw(const isa::Psw& psw) { cpu_.change_psw(psw); }
    void set_cr(unsigned r, uint32_t v) { cpu_.set_cr(r, v); }
    void control_registers_changed() { cpu_.control_registers_changed(); }
    void address_spaces_changed() { cpu_.address_spaces_changed(); }
    const isa::FacilitySet& facilities() const { return cpu_.facilities(); }
    void fetch(uint32_t a, uint8_t* out, unsigned length, isa::AccessPath path) {
        cpu_.fetch(a, out, length, path);
    }
    void probe_store(uint32_t a, unsigned length, isa::AccessPath path) { cpu_.probe_store(a, length, path); }
    bool real_address_valid(uint32_t real) const { return cpu_.real_address_valid(real); }
    bool absolute_address_valid(uint32_t a) const { return cpu_.absolute_address_valid(a); }
    uint8_t storage_key(uint32_t real) const { return cpu_.storage_key(real); }
    void set_storage_key(uint32_t real, uint8_t key) { cpu_.set_storage_key(real, key); }
    void clear_real_block(uint32_t real) { cpu_.clear_real_block(real); }
    std::optional<uint32_t> fetch_table32(uint32_t real) const { return cpu_.fetch_table32(real); }
    std::optional<uint16_t> fetch_table16(uint32_t real) const { return cpu_.fetch_table16(real); }
    void store_table16(uint32_t real, uint16_t v) { cpu_.store_table16(real, v); }
    bool extended_real() const { return cpu_.extended_real(); }
    void purge_tlb() { cpu_.purge_tlb(); }
    void purge_tlb_page(isa::TranslationFormat f, uint32_t a) { cpu_.purge_tlb_page(f, a); }
    uint64_t read_clock_unique() { return cpu_.read_clock_unique(); }
    void set_tod_clock(uint64_t v) { cpu_.set_tod_clock(v); }
    uint64_t clock_comparator() const { return cpu_.clock_comparator(); }
    void set_clock_comparator(uint64_t v) { cpu_.set_clock_comparator(v); }
    uint64_t cpu_timer() const { return cpu_.cpu_timer(); }
    void set_cpu_timer(uint64_t v) { cpu_.set_cpu_timer(v); }
    uint64_t cpu_id() const { return cpu_.cpu_id(); }
    uint16_t cpu_address() const { return cpu_.cpu_address(); }
    uint32_t prefix() const { return cpu_.prefix(); }
    void set_prefix(uint32_t v) { cpu_.set_prefix(v); }
    unsigned signal(uint16_t target, uint8_t order, uint32_t parameter, uint32_t& status) {
        return cpu_.signal(target, order, parameter, status);
    }
    [[noreturn]] void diagnose(unsigned r1, unsigned r3, uint32_t code) const { cpu_.diagnose(r1, r3, code); }
    void start_io(uint16_t device, bool fast) { cpu_.start_io(device, fast); }
    void test_io(uint16_t device) { cpu_.test_io(device); }
    void clear_io(uint16_t device) { cpu_.clear_io(device); }
    void halt_io(uint16_t device) { cpu_.halt_io(device); }
    void halt_device(uint16_t device) { cpu_.halt_device(device); }
    void test_channel(uint16_t device) { cpu_.test_channel(device); }
    void clear_channel(uint16_t device) { cpu_.clear_channel(device); }
    void store_channel_id(uint16_t device) { cpu_.store_channel_id(device); }

  private:
    Cpu& cpu_;
    isa::PerRecorder& events_;
};

/// Executes an instruction with recording: the checks that its row demands, then its body.
using RecordingHandler = void (*)(RecordingCpu&, const isa::Operands&);
RecordingHandler recording_handler_of(isa::Op op);

}  // namespace simulation
