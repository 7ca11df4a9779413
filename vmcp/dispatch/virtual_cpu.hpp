// A virtual CPU: what a privileged instruction acts on when the control program simulates it. It satisfies
// isa::SystemCpu over a guest's virtual state, so the bodies in isa/semantics mean here what they mean on the
// real CPU: "real" storage is second-level storage, keys, clocks and channels are the virtual machine's own.
#pragma once

#include <cstring>
#include <optional>

#include "isa/evaluator.hpp"
#include "isa/per.hpp"
#include "isa/system_cpu.hpp"
#include "vmcp/dispatch/guest_tables.hpp"
#include "vmcp/dispatch/nucleus.hpp"
#include "vmcp/dispatch/shared_segments.hpp"

namespace vmcp {

class VirtualCpu final : public isa::Evaluator<VirtualCpu> {
  public:
    /// `work`: what the instruction is simulated under; `ilc`: its length, in halfwords.
    VirtualCpu(Nucleus& nucleus, SharedSegments& segments, VirtualMachine& vm, Work& work, unsigned ilc)
        : nucleus_(nucleus), segments_(segments), vm_(vm), work_(work), ilc_(ilc) {}

    VirtualMachine& vm() { return vm_; }
    Work& work() { return work_; }

    /// Notes program events of what the instruction does from now on.
    void record(isa::PerRecorder& events) { events_ = &events; }

    // ---- isa::Cpu ----
    uint32_t gpr(unsigned r) const { return vm_.state.gpr[r]; }
    void set_gpr(unsigned r, uint32_t v) {
        if (events_ != nullptr) events_->altered(r);
        vm_.state.gpr[r] = v;
    }
    uint64_t fpr(unsigned r) const { return vm_.state.fpr[r >> 1]; }
    void set_fpr(unsigned r, uint64_t v) { vm_.state.fpr[r >> 1] = v; }
    uint32_t cr(unsigned r) const { return vm_.state.cr[r]; }
    uint32_t address(unsigned b, unsigned d) const { return ((b != 0 ? gpr(b) : 0) + d) & isa::kAddressMask; }
    uint32_t address(unsigned x, unsigned b, unsigned d) const {
        return ((x != 0 ? gpr(x) : 0) + (b != 0 ? gpr(b) : 0) + d) & isa::kAddressMask;
    }
    unsigned condition_code() const { return vm_.state.psw.condition_code; }
    void set_condition_code(unsigned code) { vm_.state.psw.condition_code = static_cast<uint8_t>(code); }
    unsigned program_mask() const { return vm_.state.psw.program_mask; }
    [[noreturn]] void raise(const isa::ProgramCheck& check) const { throw check; }

    uint32_t load8(uint32_t a) { return static_cast<uint32_t>(load<1>(a)); }
    uint32_t load16(uint32_t a) { return static_cast<uint32_t>(load<2>(a)); }
    uint32_t load32(uint32_t a) { return static_cast<uint32_t>(load<4>(a)); }
    uint64_t load64(uint32_t a) { return load<8>(a); }
    void store8(uint32_t a, uint32_t v) { store_value<1>(a, v); }
    void store16(uint32_t a, uint32_t v) { store_value<2>(a, v); }
    void store32(uint32_t a, uint32_t v) { store_value<4>(a, v); }
    void store64(uint32_t a, uint64_t v) { store_value<8>(a, v); }
    void fetch(uint32_t a, uint8_t* out, unsigned length) { fetch(a, out, length, path()); }
    void store(uint32_t a, const uint8_t* in, unsigned length) { store(a, in, length, path()); }
    void probe_fetch(uint32_t a, unsigned length);
    void probe_store(uint32_t a, unsigned length) { probe_store(a, length, path()); }

    // ---- isa::SystemCpu ----
    const isa::Psw& psw() const { return vm_.state.psw; }
    void load_psw(const isa::Psw& psw) {
        vm_.state.psw = psw;
        vm_.state.early_ilc = 0;
    }
    void change_psw(const isa::Psw& psw) {
        vm_.state.psw = psw;
        vm_.state.early_ilc = static_cast<uint8_t>(ilc_);
    }
    void branch(uint32_t target) {
        if (events_ != nullptr) events_->branched();
        vm_.state.psw.address = target;
    }
    void set_cr(unsigned r, uint32_t v) { vm_.state.cr[r] = v; }
    void control_registers_changed() {}
    void address_spaces_changed() {}
    isa::FacilitySet facilities() const;
    void fetch(uint32_t a, uint8_t* out, unsigned length, isa::AccessPath path);
    void store(uint32_t a, const uint8_t* in, unsigned length, isa::AccessPath path);
    void probe_store(uint32_t a, unsigned length, isa::AccessPath path);
    void charge_units(uint32_t) {}  // the control program's models price steps
    bool real_address_valid(uint32_t real) const { return vm_.storage.valid(SecondLevel(real)); }
    /// Segments have no absolute addresses: nothing may be prefixed into them.
    bool absolute_address_valid(uint32_t a) const { return a < vm_.storage.size(); }
    uint8_t storage_key(uint32_t real) const { return vm_.storage.key(SecondLevel(real)); }
    void set_storage_key(uint32_t real, uint8_t key);
    void clear_real_block(uint32_t real);
    // Table entries are fetched without a trace in the storage keys, as by the hardware.
    std::optional<uint32_t> fetch_table32(uint32_t real) { return tables().fetch_table32(real); }
    std::optional<uint16_t> fetch_table16(uint32_t real) { return tables().fetch_table16(real); }
    void store_table16(uint32_t real, uint16_t v);
    bool extended_real() const { return false; }
    void purge_tlb();
    void purge_tlb_page(isa::TranslationFormat format, uint32_t page);
    uint64_t read_clock_unique();
    void set_tod_clock(uint64_t) {
    }  // the TOD clock is the real machine's; a guest cannot change it (VM/370 likewise)
    uint64_t clock_comparator() const { return vm_.state.clocks.comparator; }
    void set_clock_comparator(uint64_t v) { vm_.state.clocks.comparator = v; }
    uint64_t cpu_timer() const { return simulation::cpu_timer(vm_.state.clocks, vm_.virtual_now()); }
    void set_cpu_timer(uint64_t v) { simulation::set_cpu_timer(vm_.state.clocks, v, vm_.virtual_now()); }
    uint64_t cpu_id() const;
    uint16_t cpu_address() const { return 0; }
    uint32_t prefix() const { return vm_.state.prefix; }
    void set_prefix(uint32_t v);
    /// A virtual machine has one CPU: any other address is not operational.
    unsigned signal(uint16_t, uint8_t, uint32_t, uint32_t&) { return 3; }
    void diagnose(unsigned r1, unsigned r3, uint32_t code) {
        nucleus_.services->diagnose(*this, r1, r3, code);
    }
    void start_io(uint16_t device, bool fast);
    void test_io(uint16_t device);
    void clear_io(uint16_t device);
    void halt_io(uint16_t device);
    void halt_device(uint16_t device);
    void test_channel(uint16_t device);
    void clear_channel(uint16_t device);
    void store_channel_id(uint16_t device);

    // ---- isa::AssignedStorage: the guest's page zero ----
    uint64_t fetch_assigned64(uint32_t at) { return real().get64(place(SecondLevel(at), false)); }
    uint32_t fetch_assigned32(uint32_t at) { return real().get32(place(SecondLevel(at), false)); }
    void store_assigned16(uint32_t at, uint16_t v) { real().put16(place(SecondLevel(at), true), v); }
    void store_assigned32(uint32_t at, uint32_t v) { real().put32(place(SecondLevel(at), true), v); }
    void store_assigned64(uint32_t at, uint64_t v) { real().put64(place(SecondLevel(at), true), v); }

    /// A logical address of the guest's as a second-level address: through its own tables where it
    /// translates.
    SecondLevel second_level(uint32_t logical,
                             isa::AccessPath::Space space = isa::AccessPath::Space::current);

  private:
    GuestTables tables() { return GuestTables(vm_.storage); }
    /// Where the access goes in second-level storage, and what lies there, after the checks that it demands.
    struct Place {
        SecondLevel at;
        std::optional<FirstLevel> real;  // where its page has a frame
    };
    Place check_access(uint32_t logical, bool storing, isa::AccessPath path);
    /// Real address of a byte for an access; up to the end of the 2K block is reachable. Throws RealStorageExhausted.
    uint32_t resolve(const Place& place, bool storing);
    uint32_t resolve(uint32_t logical, bool storing, isa::AccessPath path) {
        return resolve(check_access(logical, storing, path), storing);
    }
    /// That of ordinary storage operands.
    isa::AccessPath path() const { return {isa::AccessPath::Space::current, psw().key}; }
    /// Real address of a byte of second-level storage, without key checks.
    uint32_t place(SecondLevel a, bool storing);

    template <unsigned N>
    uint64_t load(uint32_t a) {
        uint8_t bytes[N];
        fetch(a, bytes, N);
        uint64_t v = 0;
        for (uint8_t b : bytes) v = v << 8 | b;
        return v;
    }
    template <unsigned N>
    void store_value(uint32_t a, uint64_t v) {
        uint8_t bytes[N];
        for (unsigned i = 0; i < N; ++i) bytes[i] = static_cast<uint8_t>(v >> (8 * (N - 1 - i)));
        store(a, bytes, N);
    }
    void store_io_result(const simulation::IoResult& result);
    simulation::RealStorage& real() { return vm_.storage.real(); }

    Nucleus& nucleus_;
    SharedSegments& segments_;
    VirtualMachine& vm_;
    Work& work_;
    unsigned ilc_;
    isa::PerRecorder* events_ = nullptr;
    SecondLevel invalidated_{0};  // the page-table entry that IPTE has marked
};

}  // namespace vmcp
