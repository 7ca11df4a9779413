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
    /// `work`: what the instruction is simulated under; null: an assist or the interpreter executes it, for
    /// which nothing is charged here, and which raises NeedsControlProgram. `ilc`: its length, in halfwords.
    VirtualCpu(Nucleus& nucleus, SharedSegments& segments, VirtualMachine& vm, Work* work, unsigned ilc)
        : nucleus_(nucleus), segments_(segments), vm_(vm), work_(work), ilc_(ilc) {}

    VirtualMachine& vm() { return vm_; }
    Work& work() { return *work_; }

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
    void set_code_and_mask(uint32_t word) {
        vm_.state.psw.condition_code = word >> 28 & 3;
        vm_.state.psw.program_mask = word >> 24 & 0xF;
    }
    [[noreturn]] void raise(const isa::ProgramCheck& check) const { throw check; }

    uint32_t load8(uint32_t a) { return load<uint8_t>(a); }
    uint32_t load16(uint32_t a) { return load<uint16_t>(a); }
    uint32_t load32(uint32_t a) { return load<uint32_t>(a); }
    uint64_t load64(uint32_t a) { return load<uint64_t>(a); }
    void store8(uint32_t a, uint32_t v) { store_value(a, static_cast<uint8_t>(v)); }
    void store16(uint32_t a, uint32_t v) { store_value(a, static_cast<uint16_t>(v)); }
    void store32(uint32_t a, uint32_t v) { store_value(a, v); }
    void store64(uint32_t a, uint64_t v) { store_value(a, v); }
    void fetch(uint32_t a, uint8_t* out, unsigned length) { fetch(a, out, length, path()); }
    void store(uint32_t a, const uint8_t* in, unsigned length) { store(a, in, length, path()); }
    void probe_fetch(uint32_t a, unsigned length);
    void probe_store(uint32_t a, unsigned length) { probe_store(a, length, path()); }

    // ---- isa::SystemCpu ----
    const isa::Psw& psw() const { return vm_.state.psw; }
    void load_psw(const isa::Psw& psw) {
        change_psw([&psw](isa::Psw& own) { own = psw; }, 0);
    }
    void load_psw_image(uint64_t image) {
        change_psw([this, image](isa::Psw& own) { vm_.loaded_psws.load(own, image); }, 0);
    }
    template <class Change>
    void change_psw(Change&& change) {
        change_psw(change, static_cast<uint8_t>(ilc_));
    }
    void branch(uint32_t target) {
        if (events_ != nullptr) events_->branched();
        vm_.state.psw.address = target;
    }
    void set_cr(unsigned r, uint32_t v) { vm_.state.cr[r] = v; }
    void control_registers_changed() {}
    void address_spaces_changed() {}
    isa::FacilitySet facilities() const;
    // What is rare is kept out of the bodies, which are flattened (privileged.cpp).
    [[gnu::noinline]] void fetch(uint32_t a, uint8_t* out, unsigned length, isa::AccessPath path);
    [[gnu::noinline]] void store(uint32_t a, const uint8_t* in, unsigned length, isa::AccessPath path);
    void probe_store(uint32_t a, unsigned length, isa::AccessPath path);
    void charge_units(uint32_t) {}  // the control program's models price steps
    bool real_address_valid(uint32_t real) const { return vm_.storage.valid(SecondLevel(real)); }
    /// Segments have no absolute addresses: nothing may be prefixed into them.
    bool absolute_address_valid(uint32_t a) const { return vm_.storage.may_be_prefix(a); }
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
    /// A virtual machine has one CPU: any other address is not operational. Nor is its own for orders that
    /// stop or reset a CPU.
    unsigned signal(uint16_t target, uint8_t order, uint32_t parameter, uint32_t& status);
    void diagnose(unsigned r1, unsigned r3, uint32_t code) {
        nucleus_.services->diagnose(*this, r1, r3, code);
    }
    void inter_user_communication(uint32_t parameter_list) {
        nucleus_.services->inter_user_communication(*this, parameter_list);
    }
    /// Of the instruction, in halfwords.
    unsigned length() const { return ilc_; }
    void start_io(uint16_t device, bool fast);
    void test_io(uint16_t device);
    void clear_io(uint16_t device);
    void halt_io(uint16_t device);
    void halt_device(uint16_t device);
    void test_channel(uint16_t device);
    void clear_channel(uint16_t device);
    void store_channel_id(uint16_t device);
    /// A virtual machine has no such facility.
    void interpretive(isa::InterpretiveOrder, const isa::Operands&) const {
        program_check(isa::ProgramCode::operation);
    }

    // ---- isa::AssignedStorage: the guest's page zero ----
    uint64_t fetch_assigned64(uint32_t at) { return real().get64(place(SecondLevel(at), false)); }
    uint32_t fetch_assigned32(uint32_t at) { return real().get32(place(SecondLevel(at), false)); }
    void store_assigned16(uint32_t at, uint16_t v) { real().put16(place(SecondLevel(at), true), v); }
    void store_assigned32(uint32_t at, uint32_t v) { real().put32(place(SecondLevel(at), true), v); }
    void store_assigned64(uint32_t at, uint64_t v) { real().put64(place(SecondLevel(at), true), v); }

    /// What of a PSW, turned on, may let something through to the guest.
    struct Openings {
        bool dat, external, io;
        uint8_t channels;
        explicit Openings(const isa::Psw& psw)
            : dat(psw.dat), external(psw.external_mask), io(psw.io_mask), channels(psw.bc_channel_masks) {}
        bool any_beside(const Openings& before) const {
            return dat > before.dat || external > before.external || io > before.io ||
                   (channels & ~before.channels) != 0;
        }
    };

    /// A logical address of the guest's as a second-level address: through its own tables where it
    /// translates.
    [[gnu::noinline]] SecondLevel second_level(
        uint32_t logical, isa::AccessPath::Space space = isa::AccessPath::Space::current);

  private:
    template <class Change>
    void change_psw(Change&& change, uint8_t early_ilc) {
        isa::CpuState& state = vm_.state;
        const Openings before(state.psw);
        change(state.psw);
        state.early_ilc = early_ilc;
        if (Openings(state.psw).any_beside(before)) [[unlikely]]
            let_more_through();
    }
    [[gnu::cold, gnu::noinline]] void let_more_through();
    Needs needs() const { return work_ != nullptr ? Needs::page : Needs::nothing; }
    GuestTables tables() { return GuestTables(vm_.storage, needs()); }
    /// Where the access goes in second-level storage, and in `real` storage if its page has a frame, after
    /// the checks that it demands. (Both in a struct would go through the host's stack.)
    SecondLevel checked_place(uint32_t logical, bool storing, isa::AccessPath path,
                              std::optional<FirstLevel>& real) {
        const SecondLevel a = psw().dat ? second_level(logical, path.space) : SecondLevel(logical);
        if (!vm_.storage.valid(a)) [[unlikely]]
            program_check(isa::ProgramCode::addressing);
        real = vm_.storage.locate(a);
        if (path.key != 0) check_key(path.key, vm_.storage.key(a, real), storing);
        if (storing && logical < 512 && cr(0) & isa::kCr0LowAddressProtection)
            program_check(isa::ProgramCode::protection);
        return a;
    }
    void check_access(uint32_t logical, bool storing, isa::AccessPath path) {
        std::optional<FirstLevel> real;
        const SecondLevel a = checked_place(logical, storing, path, real);
        if (work_ == nullptr && !real) give_frame(a);
    }
    void check_key(uint8_t access, uint8_t storage, bool storing) const {
        if (access != storage >> 4 && (storing || storage & simulation::kKeyFetchProtected))
            program_check(isa::ProgramCode::protection);
    }
    /// Real address of a byte for an access; up to the end of the 2K block is reachable. Throws
    /// RealStorageExhausted.
    uint32_t resolve(uint32_t logical, bool storing, isa::AccessPath path) {
        std::optional<FirstLevel> real;
        const SecondLevel a = checked_place(logical, storing, path, real);
        return used(a, real, storing);
    }
    uint32_t used(SecondLevel a, std::optional<FirstLevel> place, bool storing) {
        const uint32_t at = place ? place->value : give_frame(a).value;
        real().mark_used(
            at, storing ? simulation::kKeyReferenced | simulation::kKeyChanged : simulation::kKeyReferenced);
        return at;
    }
    /// Where the host finds a byte that is fetched.
    const uint8_t* readable(uint32_t logical, isa::AccessPath path) {
        return real().at(resolve(logical, false, path));
    }
    [[gnu::cold, gnu::noinline]] FirstLevel give_frame(SecondLevel a);
    /// That of ordinary storage operands.
    isa::AccessPath path() const { return {isa::AccessPath::Space::current, psw().key}; }
    /// Real address of a byte of second-level storage, without key checks.
    uint32_t place(SecondLevel a, bool storing) { return used(a, vm_.storage.locate(a), storing); }

    template <class T>
    static T big_endian(T v) {
        if constexpr (sizeof v == 2) return __builtin_bswap16(v);
        if constexpr (sizeof v == 4) return __builtin_bswap32(v);
        if constexpr (sizeof v == 8) return __builtin_bswap64(v);
        return v;
    }
    template <class T>
    T load(uint32_t a) {
        T v;
        if (a % simulation::kBlock > simulation::kBlock - sizeof v) [[unlikely]]
            fetch(a, reinterpret_cast<uint8_t*>(&v), sizeof v);
        else
            std::memcpy(&v, readable(a, path()), sizeof v);
        return big_endian(v);
    }
    template <class T>
    void store_value(uint32_t a, T v) {
        v = big_endian(v);
        if (a % simulation::kBlock > simulation::kBlock - sizeof v) [[unlikely]]
            return store(a, reinterpret_cast<const uint8_t*>(&v), sizeof v);
        const uint32_t at = resolve(a, true, path());
        if (events_ != nullptr) events_->stored(a, sizeof v);
        real().put_bytes(at, v);
    }
    void store_io_result(const simulation::IoResult& result);
    [[gnu::cold]] void begin_start_io(uint16_t device, bool fast);
    simulation::RealStorage& real() { return vm_.storage.real(); }

    Nucleus& nucleus_;
    SharedSegments& segments_;
    VirtualMachine& vm_;
    Work* work_;
    unsigned ilc_;
    isa::PerRecorder* events_ = nullptr;
    SecondLevel invalidated_{0};  // the page-table entry that IPTE has marked
};

}  // namespace vmcp
