// The real CPU: architected state, and how it reaches storage. It satisfies isa::SystemCpu, so the bodies in
// isa/semantics act on it; simulation/executor/interpreter.hpp runs it.
//
// Storage access: a logical address is looked up in the access cache under the current *context* (PSW key,
// and the space where DAT is on). A hit is one compare. A miss goes through prefixing or the TLB, checks the
// key, records reference and change, and fills the slot; see simulation/cpu/tlb.hpp. Instructions have a
// context of their own, for in the secondary-space mode they are fetched from the primary space.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <optional>

#include "isa/evaluator.hpp"
#include "isa/signal.hpp"
#include "isa/state.hpp"
#include "isa/system_cpu.hpp"
#include "simulation/channel/channel_subsystem.hpp"
#include "simulation/cpu/clock.hpp"
#include "simulation/cpu/exit.hpp"
#include "simulation/cpu/storage.hpp"
#include "simulation/cpu/tlb.hpp"
#include "simulation/executor/subject_cache.hpp"
#include "simulation/model/event_queue.hpp"
#include "simulation/model/machine_model.hpp"

namespace simulation {

class Cpu;
struct Slot;

/// What a CPU can do to the CPUs of its machine, itself included.
class CpuGroup {
  public:
    virtual ~CpuGroup() = default;
    /// SIGNAL PROCESSOR: the condition code; fills `status` for code 1. An order that a CPU gives itself
    /// takes effect when the instruction has ended.
    virtual unsigned signal(Cpu& sender, uint16_t target, uint8_t order, uint32_t& status) = 0;
    /// A storage key was changed: no CPU may rely on what it knew of keys.
    virtual void keys_changed() = 0;
    /// A page-table entry was invalidated (IPTE): no CPU may keep a copy of it.
    virtual void page_invalidated() = 0;
};

/// What the CPUs of one machine share.
struct CpuSurroundings {
    RealStorage& storage;
    ChannelSubsystem& channels;
    EventQueue& events;
    TodClock& tod;
    const MachineModel& model;
    /// Changes whenever a logical instruction address may lead elsewhere than before, or must be translated
    /// anew: what executors remember of it (simulation/executor/interpreter.hpp) is void then.
    uint64_t& code_epoch;
    CpuGroup* group = nullptr;  // without it there is no other CPU
};

/// GA22-7000 chapter 4, "Stopped, Operating, Load, and Check-Stop States". An owner that runs the CPU itself
/// goes by its own rules.
enum class CpuStatus : uint8_t { operating, stopped, check_stopped };

/// Counts of things that the hardware did; never reset by a guest.
struct CpuCounters {
    uint64_t instructions = 0;  // completed (a supervisor call counts, a trapped instruction does not)
    uint64_t tlb_misses = 0;
    uint64_t table_references = 0;
    SimTime table_walk_time = 0;  // included in the running time
};

class Cpu final : public isa::Evaluator<Cpu> {
  public:
    Cpu(CpuSurroundings surroundings, uint16_t address);

    // ---- State that an owner (machine, control program) reads and replaces ----
    const isa::CpuState& state() const { return state_; }
    isa::CpuState& registers() { return state_; }  // gpr and fpr; use the setters for psw, cr and prefix
    void set_psw(const isa::Psw& psw) {
        state_.psw = psw;
        update_context();
    }
    SimTime now() const { return time_; }
    void set_now(SimTime t) { time_ = t; }
    void spend(SimTime t) { time_ += t; }
    CpuCounters& counters() { return counters_; }
    const CpuCounters& counters() const { return counters_; }
    /// Nested translation (facility nested_translation, not of System/370): what the tables that CR0 and CR1
    /// designate deliver, and where they lie, is second-level storage, and is translated once more through
    /// this segment table (designation as in CR1; 4K pages, 64K segments). What that lacks is reported with
    /// ProgramInterruption::by_host_tables. 0: there is none. Takes effect with set_psw.
    void set_host_table(uint32_t designation) { host_table_ = designation; }
    /// CPU reset (chapter 4, "Resets"): pending interruptions and the TLB are cleared, registers stay.
    void reset();
    /// Initial CPU reset: the PSW, control registers, prefix and clocks get their initial values as well.
    void initial_reset();
    /// Lets time pass without the CPU timer counting it, as in the stopped state. Never backwards.
    void skip_to(SimTime t);
    CpuStatus status = CpuStatus::operating;

    // ---- isa::Cpu: registers ----
    uint32_t gpr(unsigned r) const { return state_.gpr[r]; }
    void set_gpr(unsigned r, uint32_t v) { state_.gpr[r] = v; }
    uint64_t fpr(unsigned r) const { return state_.fpr[r >> 1]; }
    void set_fpr(unsigned r, uint64_t v) { state_.fpr[r >> 1] = v; }
    uint32_t cr(unsigned r) const { return state_.cr[r]; }
    uint32_t address(unsigned b, unsigned d) const {
        return ((b != 0 ? state_.gpr[b] : 0) + d) & isa::kAddressMask;
    }
    uint32_t address(unsigned x, unsigned b, unsigned d) const {
        return ((x != 0 ? state_.gpr[x] : 0) + (b != 0 ? state_.gpr[b] : 0) + d) & isa::kAddressMask;
    }
    /// The result of LOAD ADDRESS: see Psw::wide_load_address.
    uint32_t load_address(unsigned x, unsigned b, unsigned d) const {
        return ((x != 0 ? state_.gpr[x] : 0) + (b != 0 ? state_.gpr[b] : 0) + d) & load_address_mask_;
    }
    unsigned condition_code() const { return state_.psw.condition_code; }
    void set_condition_code(unsigned code) { state_.psw.condition_code = static_cast<uint8_t>(code); }
    unsigned program_mask() const { return state_.psw.program_mask; }
    void set_code_and_mask(uint32_t word) {
        state_.psw.condition_code = word >> 28 & 3;
        state_.psw.program_mask = word >> 24 & 0xF;
    }
    [[noreturn]] void program_check(isa::ProgramCode code) const { throw isa::ProgramCheck{code}; }

    // ---- isa::Cpu: storage ----
    uint32_t load8(uint32_t a) { return *readable<1>(a); }
    uint32_t load16(uint32_t a) {
        const uint8_t* p = readable<2>(a);
        if (p == nullptr) return static_cast<uint32_t>(load_crossing(a, 2));
        uint16_t v;
        std::memcpy(&v, p, 2);
        return __builtin_bswap16(v);
    }
    uint32_t load32(uint32_t a) {
        const uint8_t* p = readable<4>(a);
        if (p == nullptr) return static_cast<uint32_t>(load_crossing(a, 4));
        uint32_t v;
        std::memcpy(&v, p, 4);
        return __builtin_bswap32(v);
    }
    uint64_t load64(uint32_t a) {
        const uint8_t* p = readable<8>(a);
        if (p == nullptr) return load_crossing(a, 8);
        uint64_t v;
        std::memcpy(&v, p, 8);
        return __builtin_bswap64(v);
    }
    void store8(uint32_t a, uint32_t v) {
        uint8_t* p = writable<1>(a);
        *p = static_cast<uint8_t>(v);
        note_store<1>(p);
    }
    void store16(uint32_t a, uint32_t v) {
        uint8_t* p = writable<2>(a);
        if (p == nullptr) return store_crossing(a, v, 2);
        const uint16_t big = __builtin_bswap16(static_cast<uint16_t>(v));
        std::memcpy(p, &big, 2);
        note_store<2>(p);
    }
    void store32(uint32_t a, uint32_t v) {
        uint8_t* p = writable<4>(a);
        if (p == nullptr) return store_crossing(a, v, 4);
        const uint32_t big = __builtin_bswap32(v);
        std::memcpy(p, &big, 4);
        note_store<4>(p);
    }
    void store64(uint32_t a, uint64_t v) {
        uint8_t* p = writable<8>(a);
        if (p == nullptr) return store_crossing(a, v, 8);
        const uint64_t big = __builtin_bswap64(v);
        std::memcpy(p, &big, 8);
        note_store<8>(p);
    }
    /// Fetch of a byte that will be stored back: refuses what the store would refuse.
    uint32_t update8(uint32_t a) { return *writable<1>(a); }
    void fetch(uint32_t a, uint8_t* out, unsigned length) { fetch(a, out, length, operands_); }
    void store(uint32_t a, const uint8_t* in, unsigned length) { store(a, in, length, operands_); }
    void probe_fetch(uint32_t a, unsigned length);
    void probe_store(uint32_t a, unsigned length) { probe_store(a, length, operands_); }
    /// MOVE: `length` 1..256 bytes from left to right, overlapping or not.
    void move(uint32_t to, uint32_t from, unsigned length);

    // ---- Instructions: where they are fetched from, logical storage of their own ----
    /// Host address of the byte; raises what fetching an instruction raises.
    const uint8_t* instruction_text(uint32_t a) { return readable_in(a, instructions_); }
    void fetch_instruction(uint32_t a, uint8_t* out, unsigned length) {
        fetch(a, out, length, instructions_);
    }

    // ---- Sequencing ----
    /// The slot whose instruction is being executed, for whoever catches what it raises; null while
    /// instructions are fetched.
    void at(const Slot* slot) { slot_ = slot; }
    const Slot* at() const { return slot_; }
    /// Names this CPU's present way of reaching instructions (who, translation, key) in bits 0-31.
    uint64_t code_space() const { return code_space_; }
    void branch(uint32_t target) { state_.psw.address = target; }
    uint32_t next_address() const { return state_.psw.address; }
    /// The address so many halfwords from the instruction under way; its format says that it asks.
    uint32_t relative_target(int32_t halfwords) const {
        return (relative_origin_ + 2 * static_cast<uint32_t>(halfwords)) & isa::kAddressMask;
    }
    uint32_t link_information() const {
        return uint32_t{ilc_} << 30 | uint32_t{state_.psw.condition_code} << 28 |
               uint32_t{state_.psw.program_mask} << 24 | state_.psw.address;
    }
    void trap_privileged() { leave(isa::ProgramInterruption{isa::ProgramCode::privileged_operation, ilc_}); }
    void supervisor_call(uint8_t number) { leave(isa::SupervisorCallInterruption{number, ilc_}); }
    void monitor_event(unsigned monitor_class, uint32_t code) const {
        throw isa::ProgramCheck{isa::ProgramCode::monitor_call, 0, static_cast<uint8_t>(monitor_class), code};
    }
    /// EXECUTE: fetches the instruction at `target`; checks that it may be executed, charges for it and
    /// readies its relative operand; does all of that and executes it.
    isa::Decoded fetch_subject(uint32_t target, uint8_t modifier);
    void begin_subject(isa::Decoded& subject, uint32_t target);
    void execute_at(uint32_t target, uint8_t modifier);
    void execute_anew(uint32_t target, uint8_t modifier, uint64_t text);
    /// Where the instruction that is about to execute lies, for relative_target(). `offset` is that in its 2K
    /// block, of which the block that is being executed does not leave but with one instruction alone.
    void set_relative_origin(uint32_t offset, uint32_t length) {
        relative_origin_ = offset + length > kBlock ? state_.psw.address - length
                                                    : ((state_.psw.address - 1) & ~(kBlock - 1)) + offset;
    }
    void charge_units(uint32_t units);
    bool interruption_due() const { return time_ >= until_; }
    /// The instruction will be executed again from where its registers stand.
    void repeat_instruction() {
        state_.psw.address = (state_.psw.address - 2u * ilc_) & isa::kAddressMask;
        repeated_ = true;
        leave(Attention{});
    }

    // ---- isa::SystemCpu ----
    const isa::Psw& psw() const { return state_.psw; }
    void load_psw(const isa::Psw& psw) {
        set_psw(psw);
        early_ilc_ = 0;
        leave(Attention{});
    }
    void change_psw(const isa::Psw& psw) {
        set_psw(psw);
        early_ilc_ = static_cast<uint8_t>(ilc_);
        leave(Attention{});
    }
    void set_cr(unsigned r, uint32_t v) { state_.cr[r] = v; }
    void control_registers_changed() {
        update_context();
        flush_access();  // low-address protection may have changed
        leave(Attention{});
    }
    void address_spaces_changed() {
        update_context();
        leave(Attention{});
    }
    void fetch(uint32_t a, uint8_t* out, unsigned length, isa::AccessPath path) {
        fetch(a, out, length, view_of(path));
    }
    void store(uint32_t a, const uint8_t* in, unsigned length, isa::AccessPath path) {
        store(a, in, length, view_of(path));
    }
    void probe_store(uint32_t a, unsigned length, isa::AccessPath path) {
        probe_store(a, length, view_of(path));
    }
    bool real_address_valid(uint32_t real) const { return absolute_address_valid(absolute(real)); }
    bool absolute_address_valid(uint32_t a) const { return in_.storage.valid(a); }
    uint8_t storage_key(uint32_t real) const { return in_.storage.key(absolute(real)); }
    void set_storage_key(uint32_t real, uint8_t key) {
        in_.storage.set_key(absolute(real), key);
        if (in_.group != nullptr)
            in_.group->keys_changed();
        else
            flush_access();
    }
    void clear_real_block(uint32_t real) { in_.storage.clear(absolute(real), 4096); }
    std::optional<uint32_t> fetch_table32(uint32_t real) const {
        const uint32_t a = absolute(real);
        return in_.storage.valid(a + 3) ? std::optional(in_.storage.get32(a)) : std::nullopt;
    }
    std::optional<uint16_t> fetch_table16(uint32_t real) const {
        const uint32_t a = absolute(real);
        return in_.storage.valid(a + 1) ? std::optional(in_.storage.get16(a)) : std::nullopt;
    }
    void store_table16(uint32_t real, uint16_t v) { in_.storage.put16(absolute(real), v); }
    bool extended_real() const { return in_.storage.size() > 16 * kMebibyte; }
    void purge_tlb();
    void purge_tlb_page(isa::TranslationFormat, uint32_t) {
        if (in_.group != nullptr)
            in_.group->page_invalidated();
        else
            purge_tlb();
    }
    uint64_t read_clock_unique() { return in_.tod.read_unique(time_); }
    void set_tod_clock(uint64_t v) {
        in_.tod.set(v, time_);
        leave(Attention{});
    }
    uint64_t clock_comparator() const { return clock_comparator_; }
    void set_clock_comparator(uint64_t v) {
        clock_comparator_ = v;
        leave(Attention{});
    }
    uint64_t cpu_timer() const { return cpu_timer_.read(time_); }
    void set_cpu_timer(uint64_t v) {
        cpu_timer_.set(v, time_);
        leave(Attention{});
    }
    uint64_t cpu_id() const { return in_.model.cpu_id() | uint64_t{address_} << 52; }
    uint16_t cpu_address() const { return address_; }
    uint32_t prefix() const { return state_.prefix; }
    void set_prefix(uint32_t v) {
        state_.prefix = v;
        purge_tlb();
        leave(Attention{});  // another word is the interval timer now
    }
    unsigned signal(uint16_t target, uint8_t order, uint32_t, uint32_t& status) {
        leave(Attention{});
        return in_.group != nullptr ? in_.group->signal(*this, target, order, status)
                                    : isa::SignalCode::not_operational;
    }
    /// On the bare machine DIAGNOSE has no function that a program may rely on: specification exception.
    [[noreturn]] void diagnose(unsigned, unsigned, uint32_t) const {
        program_check(isa::ProgramCode::specification);
    }
    void start_io(uint16_t device, bool fast);
    void test_io(uint16_t device);
    void clear_io(uint16_t device);
    void halt_io(uint16_t device);
    void halt_device(uint16_t device);
    void test_channel(uint16_t device);
    void clear_channel(uint16_t device);
    void store_channel_id(uint16_t device);

    // ---- isa::AssignedStorage: the prefix area ----
    uint64_t fetch_assigned64(uint32_t real) const { return in_.storage.get64(absolute(real)); }
    uint32_t fetch_assigned32(uint32_t real) const { return in_.storage.get32(absolute(real)); }
    void store_assigned16(uint32_t real, uint16_t v) { in_.storage.put16(assigned_for_store(real), v); }
    void store_assigned32(uint32_t real, uint32_t v) { in_.storage.put32(assigned_for_store(real), v); }
    void store_assigned64(uint32_t real, uint64_t v) { in_.storage.put64(assigned_for_store(real), v); }

    // ---- Interruptions ----
    /// The interruption action: stores the old PSW and the code, loads the new PSW, spends the time that
    /// takes.
    void take(const isa::Interruption& interruption);
    /// The highest-priority enabled external interruption, if any is pending now.
    std::optional<isa::ExternalInterruption> external_pending() const;
    /// The channels whose I/O interruptions are enabled: a bit each, in the order of control register 2.
    uint32_t enabled_channels() const { return isa::enabled_channels(state_); }
    /// A specification exception of the PSW itself (chapter 6, "Early Exception Recognition").
    std::optional<isa::ProgramInterruption> psw_error() const;
    /// When the clock comparator or the CPU timer will next become pending while enabled or not; kNever if
    /// none will.
    SimTime next_timer_event() const;
    /// Latched conditions; the clock comparator and the CPU timer speak for themselves.
    isa::ExternalConditions external;

    uint32_t absolute(uint32_t real) const {
        const uint32_t page = real & ~0xFFFu;
        return page == 0 ? real | state_.prefix : page == state_.prefix ? real & 0xFFF : real;
    }
    const isa::FacilitySet& facilities() const { return in_.model.facilities; }

    /// Forget what is known of keys and translation after an owner changed them in storage directly.
    void flush_access() {
        access_.flush();
        ++in_.code_epoch;
    }

  private:
    friend class Interpreter;

    /// A way of seeing logical storage: with which key, through which segment table.
    struct View {
        uint32_t context = 0;      // key | space << 4: what access-cache tags carry
        uint32_t designation = 0;  // of the segment table
        bool secondary = false;    // ... that is the secondary one

        uint8_t key() const { return context & 0xF; }
        unsigned space() const { return context >> 4; }
    };

    /// Makes the executor return after this instruction. The first reason given wins.
    void leave(Exit exit) {
        if (!leaving_) exit_ = exit;
        leaving_ = true;
    }

    template <unsigned N>
    const uint8_t* readable(uint32_t a) {
        // A multi-byte operand that leaves the block misses because the tag is made from its last byte.
        const AccessEntry& e = access_.slot(a);
        if (e.read_tag == (((a + (N - 1)) & ~(kBlock - 1)) | context_)) [[likely]]
            return e.host + (a & (kBlock - 1));
        return readable_slow(a, N);
    }
    template <unsigned N>
    uint8_t* writable(uint32_t a) {
        const AccessEntry& e = access_.slot(a);
        if (e.write_tag == (((a + (N - 1)) & ~(kBlock - 1)) | context_)) [[likely]]
            return e.host + (a & (kBlock - 1));
        return writable_slow(a, N);
    }
    template <unsigned N>
    void note_store(const uint8_t* p) {
        const auto real = static_cast<uint32_t>(p - base_);
        constexpr uint32_t g = RealStorage::kCodeGranule;
        if (marks_[real / g] | marks_[(real + N - 1) / g]) [[unlikely]]
            code_stored(real, N);
    }
    // The rare ways. Compilers keep what is cold out of the handlers' registers.
    // nullptr: the operand crosses a block boundary (after checking nothing).
    [[gnu::cold]] const uint8_t* readable_slow(uint32_t a, unsigned n);
    [[gnu::cold]] uint8_t* writable_slow(uint32_t a, unsigned n);
    [[gnu::cold]] uint64_t load_crossing(uint32_t a, unsigned n);
    [[gnu::cold]] void store_crossing(uint32_t a, uint64_t v, unsigned n);
    [[gnu::cold]] void code_stored(uint32_t real, unsigned n);

    const uint8_t* readable_in(uint32_t a, const View& view) {
        const AccessEntry& e = access_.slot(a);
        if (e.read_tag == ((a & ~(kBlock - 1)) | view.context)) [[likely]]
            return e.host + (a & (kBlock - 1));
        return resolve(a, false, view);
    }
    uint8_t* writable_in(uint32_t a, const View& view) {
        const AccessEntry& e = access_.slot(a);
        if (e.write_tag == ((a & ~(kBlock - 1)) | view.context)) [[likely]]
            return e.host + (a & (kBlock - 1));
        return resolve(a, true, view);
    }
    void fetch(uint32_t a, uint8_t* out, unsigned length, const View& view);
    void store(uint32_t a, const uint8_t* in, unsigned length, const View& view);
    void probe_store(uint32_t a, unsigned length, const View& view);
    View view_of(isa::AccessPath path);

    /// Host address of a byte for the access; raises what the access raises.
    uint8_t* resolve(uint32_t logical, bool storing, const View& view);
    uint32_t assigned_for_store(uint32_t real) {
        const uint32_t a = absolute(real);
        in_.storage.mark_used(a, kKeyReferenced | kKeyChanged);
        return a;
    }
    /// Absolute address of a logical address; charges a table walk on a TLB miss.
    uint32_t translate(uint32_t logical, const View& view);
    struct Walk {
        isa::Translation result;
        bool by_host_tables = false;
        uint32_t second_level = 0;  // what the host's tables lack
    };
    Walk walk(isa::TranslationFormat format, uint32_t logical, const View& view);
    void update_context();
    /// The number of the space with this segment table in the present format; 0 where there is none left.
    unsigned space_of(uint32_t designation);
    void forget_spaces();
    void store_io_result(const IoResult& result);
    ChannelSubsystem& channels_now();

    isa::CpuState state_;
    CpuSurroundings in_;
    uint8_t* base_;         // of real storage
    uint8_t* marks_;        // of decoded code
    uint32_t context_ = 0;  // that of operands_
    uint32_t host_table_ = 0;
    View operands_;  // logical storage operands
    View instructions_;
    uint32_t load_address_mask_ = isa::kAddressMask;
    uint32_t relative_origin_ = 0;
    uint64_t code_space_ = 0;
    const Slot* slot_ = nullptr;
    SimTime time_ = 0;
    SimTime until_ = 0;
    bool leaving_ = false;
    bool repeated_ = false;
    uint8_t ilc_ = 0;        // of the instruction that ends the current block
    uint8_t early_ilc_ = 0;  // of the instruction that changed the PSW, 0 for LPSW and interruptions
    Exit exit_ = BudgetSpent{};
    uint16_t address_;
    AccessCache access_;
    SubjectCache subjects_;
    Tlb tlb_;
    struct Space {
        uint32_t format = 0, designation = 0, host_table = 0;
    };
    std::array<Space, kSpaces + 1> spaces_{};
    unsigned next_space_ = 1;
    uint32_t common_ = 0;  // how the TLB tags the common pages that spaces of the present format may use
    uint64_t clock_comparator_ = 0;
    CpuTimer cpu_timer_;
    CpuCounters counters_;
    SimTime unit_cost_ = 0;  // per-unit price of the instruction under way (MVCL, CLCL)
};

}  // namespace simulation
