// The real CPU: architected state, and how it reaches storage. It satisfies isa::SystemCpu, so the bodies in
// isa/semantics act on it; an executor (simulation/executor/executor.hpp) runs it.
//
// Storage access: a logical address is looked up in the access cache under the current *context* (PSW key,
// and the space where DAT is on). A hit is one compare. A miss goes through prefixing or the TLB, checks the
// key, records reference and change, and fills the slot; see simulation/cpu/tlb.hpp. Instructions have a
// context of their own, for in the secondary-space mode they are fetched from the primary space.
//
// What refuses an access is told by value (Checked) up to the functions that instruction bodies call; only
// those raise it (simulation/cpu/program_check_exit.hpp).
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <optional>
#include <utility>

#include "isa/evaluator.hpp"
#include "isa/interpretive_order.hpp"
#include "isa/signal.hpp"
#include "isa/state.hpp"
#include "isa/system_cpu.hpp"
#include "simulation/cpu/cpu_surroundings.hpp"
#include "simulation/cpu/execution.hpp"
#include "simulation/cpu/interpretive_execution.hpp"
#include "simulation/cpu/program_check_exit.hpp"
#include "simulation/cpu/sequencer.hpp"
#include "simulation/cpu/storage.hpp"
#include "simulation/cpu/tlb.hpp"
#include "simulation/cpu/usual_tables.hpp"
#include "simulation/model/event_queue.hpp"
#include "simulation/model/machine_model.hpp"

namespace simulation {

/// GA22-7000 chapter 4, "Stopped, Operating, Load, and Check-Stop States". An owner that runs the CPU itself
/// goes by its own rules.
enum class CpuStatus : uint8_t { operating, stopped, check_stopped };

/// Counts of things that the hardware did; never reset by a guest.
struct CpuCounters {
    uint64_t instructions = 0;  // completed (a supervisor call counts, a trapped instruction does not)
    uint64_t units = 0;         // bytes that interruptible instructions have dealt with: progress within one
    uint64_t tlb_misses = 0;
    uint64_t table_references = 0;
    SimTime table_walk_time = 0;  // included in the running time
};

class Cpu final : public isa::Evaluator<Cpu> {
  public:
    Cpu(CpuSurroundings surroundings, uint16_t address);

    // ---- State that an owner (machine, control program) reads and replaces ----
    const isa::CpuState& state() const { return state_; }
    isa::CpuState& registers() { return state_; }  // gpr and fpr; the others have setters
    void set_psw(const isa::Psw& psw) {
        state_.psw = psw;
        psw_changed();
    }
    /// Goes back to an EC-mode PSW that the CPU has had under this context (context_serial), control
    /// registers and all; `image`: its image. What programs change (Psw::kChanging) is that of `now`.
    void resume(const isa::Psw& psw, uint64_t image, const isa::Psw& now) {
        state_.psw = psw;
        state_.psw.set_changing(now);
        psw_image_ = image & ~isa::Psw::kChanging;
        context_is_old_ = false;
    }
    /// What programs change of the PSW is that of `now`; for an assist that has executed an instruction.
    void set_changing(const isa::Psw& now) { state_.psw.set_changing(now); }
    /// The key of the PSW, likewise: the CPU goes on with it.
    void change_key(uint8_t key) {
        state_.psw.key = key;
        psw_changed();
        update_context();
    }
    /// Makes the executor return behind the instruction under way, so that the owner looks at what may have
    /// become pending.
    void ask_owner() { leave(Attention{}); }
    /// The same, and no instruction of the same block is executed before.
    void ask_owner_at_once() {
        ask_owner();
        if (execution_.place != nullptr) sequencer_->fetch_anew(*this);
    }
    /// Changes whenever the CPU has left the context that it had, other than by taking an interruption.
    uint64_t context_serial() const { return context_serial_; }
    /// Makes the context that of the present PSW and control registers, if it is not.
    void settle_context() {
        if (context_is_old_) update_context();
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
    /// Preferred machine (facility preferred_machine): what the tables that CR0 and CR1 designate deliver,
    /// and where they lie, are real addresses below `limit`, an addressing exception beyond; but for page 0,
    /// which is at `page_zero`. limit 0: it is none. Takes effect with set_psw.
    struct Preferred {
        uint32_t limit = 0, page_zero = 0;
    };
    void set_preferred(Preferred preferred) { preferred_ = preferred; }
    /// Who may simulate privileged instructions in the place of an interruption; null: nobody.
    void set_assist(PrivilegedAssist* assist) { assist_ = assist; }
    /// CPU reset (chapter 4, "Resets"): pending interruptions and the TLB are cleared, registers stay.
    void reset();
    /// Initial CPU reset: the PSW, control registers, prefix and clocks get their initial values as well.
    void initial_reset();
    /// Lets time pass without the CPU timer counting it, as in the stopped state. Never backwards.
    void skip_to(SimTime t);
    CpuStatus status = CpuStatus::operating;

    // ---- Interpretive execution (simulation/cpu/interpretive_execution.hpp) ----
    /// The guest that is executed; null: none. Inside, the state is the guest's, and so are real addresses,
    /// clocks and interruptions, but for what follows here.
    InterpretiveExecution* guest() const { return guest_; }
    /// How many guests are in one another: 0, the state is the machine's own.
    unsigned level() const { return guest_ == nullptr ? 0 : guest_->level(); }
    InterpretiveExecution& interpretive_execution() { return interpretive_execution_; }
    /// Absolute address of what is real for the machine itself.
    uint32_t place(uint32_t real) const { return prefixed(real, machine_state().prefix); }
    /// Whether the host is to get an external interruption.
    bool host_external_pending() const;
    /// Counts location 80 down, those of guests, too, where they have one that runs.
    void count_interval_timer(int64_t ticks);
    /// An instruction of interpretive execution.
    void interpretive(isa::InterpretiveOrder order, const isa::Operands& operands);
    /// Whether a privileged instruction is not to be executed in the guest's supervisor state.
    bool comes_out(isa::Op op) const { return guest_ != nullptr && guest_->comes_out(op); }

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
    [[noreturn]] void raise(const isa::ProgramCheck& check) const { raising_.raise(check); }

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
        const bool marked = is_marked<1>(p);
        *p = static_cast<uint8_t>(v);
        if (marked) [[unlikely]]
            code_stored(p, 1);
    }
    void store16(uint32_t a, uint32_t v) {
        uint8_t* p = writable<2>(a);
        if (p == nullptr) return store_crossing(a, v, 2);
        const uint16_t big = __builtin_bswap16(static_cast<uint16_t>(v));
        const bool marked = is_marked<2>(p);
        std::memcpy(p, &big, 2);
        if (marked) [[unlikely]]
            code_stored(p, 2);
    }
    void store32(uint32_t a, uint32_t v) {
        uint8_t* p = writable<4>(a);
        if (p == nullptr) return store_crossing(a, v, 4);
        const uint32_t big = __builtin_bswap32(v);
        const bool marked = is_marked<4>(p);
        std::memcpy(p, &big, 4);
        if (marked) [[unlikely]]
            code_stored(p, 4);
    }
    void store64(uint32_t a, uint64_t v) {
        uint8_t* p = writable<8>(a);
        if (p == nullptr) return store_crossing(a, v, 8);
        const uint64_t big = __builtin_bswap64(v);
        const bool marked = is_marked<8>(p);
        std::memcpy(p, &big, 8);
        if (marked) [[unlikely]]
            code_stored(p, 8);
    }
    /// Fetch of a byte that will be stored back: refuses what the store would refuse.
    uint32_t update8(uint32_t a) { return *writable<1>(a); }
    void fetch(uint32_t a, uint8_t* out, unsigned length) { fetch(a, out, length, operands_); }
    void store(uint32_t a, const uint8_t* in, unsigned length) { store(a, in, length, operands_); }
    void probe_fetch(uint32_t a, unsigned length);
    void probe_store(uint32_t a, unsigned length) { probe_store(a, length, operands_); }
    /// MOVE: `length` 1..256 bytes from left to right, overlapping or not.
    void move(uint32_t to, uint32_t from, unsigned length);
    /// Whether an operand of N bytes can be accessed by what the CPU remembers, and nobody has to be told.
    template <unsigned N, bool storing>
    bool at_hand(uint32_t a) {
        if (!is_cached(a, N, storing)) return false;
        return !storing || !is_marked<N>(access_.slot(a).host + (a & (kBlock - 1)));
    }
    /// LOAD MULTIPLE and STORE MULTIPLE of registers `first` to `last`, where all words are at hand. If they
    /// are not: false, and nothing has happened.
    bool load_multiple_at_hand(uint32_t a, unsigned first, unsigned last) {
        const unsigned count = ((last - first) & 0xF) + 1;
        if (!is_cached(a, 4 * count, false)) return false;
        const uint8_t* p = access_.slot(a).host + (a & (kBlock - 1));
        const auto load = [&](unsigned from, unsigned to) {
            for (unsigned r = from; r <= to; ++r, p += 4) {
                uint32_t v;
                std::memcpy(&v, p, 4);
                state_.gpr[r] = __builtin_bswap32(v);
            }
        };
        if (first <= last) {
            load(first, last);
        } else {
            load(first, 15);
            load(0, last);
        }
        return true;
    }
    bool store_multiple_at_hand(uint32_t a, unsigned first, unsigned last) {
        const unsigned length = 4 * (((last - first) & 0xF) + 1);
        if (!is_cached(a, length, true)) return false;
        uint8_t* p = access_.slot(a).host + (a & (kBlock - 1));
        const auto real = static_cast<uint32_t>(p - base_);
        const auto store = [&](unsigned from, unsigned to) {
            for (unsigned r = from; r <= to; ++r, p += 4) {
                const uint32_t v = __builtin_bswap32(state_.gpr[r]);
                std::memcpy(p, &v, 4);
            }
        };
        if (first <= last) {
            store(first, last);
        } else {
            store(first, 15);
            store(0, last);
        }
        in_.storage.stored(real, length);
        return true;
    }

    // For who executes an instruction in the CPU's place, by what the CPU remembers: where a byte is that it
    // may fetch; null, it would have to look. And a byte stored, if it may store there; false, it would have
    // to look.
    const uint8_t* known_readable(uint32_t a) {
        const AccessEntry& e = access_.slot(a);
        return e.read_tag == ((a & ~(kBlock - 1)) | context_) ? e.host + (a & (kBlock - 1)) : nullptr;
    }
    bool store_known8(uint32_t a, uint8_t v) {
        const AccessEntry& e = access_.slot(a);
        if (e.write_tag != ((a & ~(kBlock - 1)) | context_)) return false;
        uint8_t* const p = e.host + (a & (kBlock - 1));
        const bool marked = is_marked<1>(p);
        *p = v;
        if (marked) [[unlikely]]
            code_stored(p, 1);
        return true;
    }

    // ---- Instructions: where they are fetched from, logical storage of their own ----
    /// Host address of the byte; raises what fetching an instruction raises.
    const uint8_t* instruction_text(uint32_t a) { return readable_in(a, instructions_); }
    /// The same as an absolute address, of which an executor may remember what is there for as long as
    /// CpuSurroundings::code_epoch does not change.
    uint32_t instruction_place(uint32_t a) {
        const auto place = static_cast<uint32_t>(instruction_text(a) - base_);
        code_blocks_.add(a);
        return place;
    }
    void fetch_instruction(uint32_t a, uint8_t* out, unsigned length) {
        fetch(a, out, length, instructions_);
    }
    /// Whether instruction_place(a) would be this now, without looking anywhere but in the access cache. If
    /// so, an executor may remember it as above.
    bool still_leads(uint32_t a, uint32_t place) {
        const AccessEntry& e = access_.slot(a);
        if (e.read_tag != ((a & ~(kBlock - 1)) | instructions_.context)) return false;
        if (static_cast<uint32_t>(e.host + (a & (kBlock - 1)) - base_) != place) return false;
        code_blocks_.add(a);
        return true;
    }

    // ---- For code that an executor makes at run time ----
    /// Where it finds what it needs; how far each is from the CPU is the same for every CPU.
    struct Parts {
        isa::CpuState& state;
        Execution& execution;
        SimTime& time;
        uint64_t& instructions;
        const uint32_t& context;  // of storage operands
        const uint32_t& load_address_mask;
        const uint64_t& code_space;
        const AccessEntry& accesses;  // the first of AccessCache::kEntries
        uint8_t* storage;
        const uint8_t* marks;
    };
    Parts parts() {
        return {state_,      execution_,
                time_,       counters_.instructions,
                context_,    load_address_mask_,
                code_space_, access_.slot(0),
                base_,       marks_};
    }
    /// Lets the access cache know the operand of n bytes at `a`. Raises what the access raises; false: the
    /// operand lies in two blocks, and nothing was looked at.
    bool bring_to_hand(uint32_t a, unsigned n, bool storing) {
        return storing ? writable_slow(a, n) != nullptr : readable_slow(a, n) != nullptr;
    }
    /// The same where it is usual: raises nothing and has nobody told anything. `used`: what the access sets
    /// in the key. False: only the other way is left.
    bool bring_usual_to_hand(uint32_t a, unsigned n, uint8_t used);
    /// Whether the access cache has an operand of n bytes, whoever wants to know of stores there.
    bool is_cached(uint32_t a, unsigned n, bool storing) {
        const AccessEntry& e = access_.slot(a);
        return (storing ? e.write_tag : e.read_tag) == (((a + (n - 1)) & ~(kBlock - 1)) | context_);
    }

    // ---- Sequencing ----
    /// Before an executor lets the CPU run: `sequencer` is asked for what bodies need of the sequence, until
    /// the next call.
    void begin_execution(Sequencer& sequencer, SimTime until) {
        sequencer_ = &sequencer;
        execution_.until = until;
        execution_.leaving = false;
        settle_context();
    }
    Execution& execution() { return execution_; }
    /// Lets `body` run; what it raises comes back by value, null if nothing.
    template <class Body>
    const isa::ProgramCheck* attempt(Body&& body) const {
        return raising_.attempt(body);
    }
    const ProgramCheckExit& program_check_exit() const { return raising_; }
    /// Names this CPU's present way of reaching instructions (who, translation, key, variant) in bits 0-31.
    uint64_t code_space() const { return code_space_; }
    /// Mode bits that decoded instructions may depend on.
    unsigned code_variant() const {
        return state_.psw.problem_state ? kProblemState : guest_ != nullptr ? kGuestSupervisor : 0;
    }
    static constexpr unsigned kProblemState = 1, kGuestSupervisor = 2, kVariants = 3;
    void branch(uint32_t target) { state_.psw.address = target; }
    uint32_t next_address() const { return state_.psw.address; }
    /// The address so many halfwords from the instruction under way; its format says that it asks.
    uint32_t relative_target(int32_t halfwords) const {
        return (relative_origin_ + 2 * static_cast<uint32_t>(halfwords)) & isa::kAddressMask;
    }
    uint32_t link_information() const {
        return uint32_t{execution_.ilc} << 30 | uint32_t{state_.psw.condition_code} << 28 |
               uint32_t{state_.psw.program_mask} << 24 | state_.psw.address;
    }
    /// The instruction, which the present state must not execute, interrupts, unless an assist simulates it.
    void trap_privileged(const isa::Decoded& instruction) {
        if (assist_ != nullptr && assist_->execute(*this, instruction)) return;
        if (execution_.leaving) return;
        execution_.leaving = true;
        does_not_complete();
        // Made where it will lie: building it elsewhere and copying it takes the host much longer.
        auto& operation = execution_.exit.emplace<PrivilegedOperation>();
        operation.interruption.code = isa::ProgramCode::privileged_operation;
        operation.interruption.ilc = execution_.ilc;
        operation.instruction = instruction;
    }
    void supervisor_call(uint8_t number) {
        if (assist_ != nullptr && assist_->supervisor_call(*this, number)) return;
        leave(isa::SupervisorCallInterruption{number, execution_.ilc});
    }
    void execute_at(uint32_t target, uint8_t modifier) {
        sequencer_->execute_subject(*this, target, modifier);
    }
    /// Where the instruction that is about to execute lies, for relative_target(). `offset` is that in its 2K
    /// block, of which the block that is being executed does not leave but with one instruction alone.
    void set_relative_origin(uint32_t offset, uint32_t length) {
        relative_origin_ = offset + length > kBlock ? state_.psw.address - length
                                                    : ((state_.psw.address - 1) & ~(kBlock - 1)) + offset;
    }
    void charge_units(uint32_t units);
    bool interruption_due() const { return time_ >= execution_.until; }
    /// The instruction will be executed again from where its registers stand.
    void repeat_instruction() {
        state_.psw.address = (state_.psw.address - 2u * execution_.ilc) & isa::kAddressMask;
        does_not_complete();
        leave(Attention{});
    }

    // ---- isa::SystemCpu ----
    const isa::Psw& psw() const { return state_.psw; }
    void load_psw_image(uint64_t image) {
        const uint64_t before = state_.psw.modes();
        loaded_.load(state_.psw, image);
        psw_replaced(before, 0, image_to_keep(image));
    }
    void load_psw(const isa::Psw& psw) {
        const uint64_t before = state_.psw.modes();
        state_.psw = psw;
        psw_replaced(before, 0, 0);
    }
    template <class Change>
    void change_psw(Change&& change) {
        const uint64_t before = state_.psw.modes();
        change(state_.psw);
        psw_replaced(before, execution_.ilc, 0);
    }
    void set_cr(unsigned r, uint32_t v) {
        if (r == 0 && ((state_.cr[0] ^ v) & isa::kCr0LowAddressProtection) != 0) flush_access();
        state_.cr[r] = v;
    }
    void control_registers_changed() {
        context_is_old_ = true;
        leave(Attention{});
    }
    void address_spaces_changed() {
        context_is_old_ = true;
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
    bool real_address_valid(uint32_t real) const {
        return absolute_address_valid(prefixed(real, state_.prefix));
    }
    bool absolute_address_valid(uint32_t a) const {
        return guest_ == nullptr ? in_.storage.valid(a) : a < guest_->extent();
    }
    uint8_t storage_key(uint32_t real) const { return in_.storage.key(absolute(real)); }
    void set_storage_key(uint32_t real, uint8_t key);
    void clear_real_block(uint32_t real) { in_.storage.clear(absolute(real), 4096); }
    std::optional<uint32_t> fetch_table32(uint32_t real) const {
        return real_address_valid(real + 3) ? std::optional(in_.storage.get32(absolute(real))) : std::nullopt;
    }
    std::optional<uint16_t> fetch_table16(uint32_t real) const {
        return real_address_valid(real + 1) ? std::optional(in_.storage.get16(absolute(real))) : std::nullopt;
    }
    void store_table16(uint32_t real, uint16_t v) { in_.storage.put16(absolute(real), v); }
    bool extended_real() const { return guest_ == nullptr && in_.storage.size() > 16 * kMebibyte; }
    void purge_tlb();
    void purge_tlb_page(isa::TranslationFormat, uint32_t) {
        if (in_.group != nullptr)
            in_.group->page_invalidated();
        else
            purge_tlb();
    }
    uint64_t read_clock_unique() { return in_.tod.read_unique(time_) + epoch_; }
    void set_tod_clock(uint64_t v) {
        in_.tod.set(v, time_);
        leave(Attention{});
    }
    uint64_t clock_comparator() const { return state_.clocks.comparator; }
    void set_clock_comparator(uint64_t v) {
        state_.clocks.comparator = v;
        leave(Attention{});
    }
    uint64_t cpu_timer() const { return simulation::cpu_timer(state_.clocks, time_); }
    void set_cpu_timer(uint64_t v) {
        simulation::set_cpu_timer(state_.clocks, v, time_);
        leave(Attention{});
    }
    uint64_t cpu_id() const {
        return guest_ == nullptr ? in_.model.cpu_id() | uint64_t{address_} << 52 : guest_->cpu_id();
    }
    uint16_t cpu_address() const { return guest_ == nullptr ? address_ : guest_->cpu_address(); }
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

    // ---- Assigned locations, in the prefix area ----
    uint32_t fetch_assigned32(uint32_t real) const { return in_.storage.get32(absolute(real)); }
    uint64_t fetch_assigned64(uint32_t real) const { return in_.storage.get64(absolute(real)); }
    void store_assigned16(uint32_t real, uint16_t v) { in_.storage.put16(assigned_for_store(real), v); }
    void store_assigned32(uint32_t real, uint32_t v) { in_.storage.put32(assigned_for_store(real), v); }
    void store_assigned64(uint32_t real, uint64_t v) { in_.storage.put64(assigned_for_store(real), v); }

    // ---- Interruptions ----
    /// The interruption action: stores the old PSW and the code, loads the new PSW, spends the time that
    /// takes.
    template <class Interruption>
    [[gnu::always_inline]] void take(const Interruption& interruption) {
        PrefixArea area{in_.storage, assigned_for_store(0)};
        const isa::PswSwap swap = isa::store_identification(state_.psw.ec_mode, area, interruption);
        area.store_assigned64(swap.old_psw, psw_image_ != 0 ? psw_image_ | state_.psw.changing()
                                                            : encoded_psw(swap.bc_code, swap.bc_ilc));
        const uint64_t image = area.fetch_assigned64(swap.new_psw);
        state_.early_ilc = 0;
        const uint64_t before = state_.psw.modes();
        state_.psw = taken_[swap.new_psw / 8].of(image);
        psw_image_ = image_to_keep(image);
        if (changes_context(before)) context_is_old_ = true;
        time_ += in_.model.interruption_ns.value;
    }
    /// The highest-priority enabled external interruption, if any is pending now.
    std::optional<isa::ExternalInterruption> external_pending() const;
    /// The channels whose I/O interruptions are enabled: a bit each, in the order of control register 2.
    uint32_t enabled_channels() const { return isa::enabled_channels(machine_state()); }
    /// Whether something may interrupt now, or be told to a host.
    bool something_pending() const;
    /// A specification exception of the PSW itself (chapter 6, "Early Exception Recognition").
    std::optional<isa::ProgramInterruption> psw_error() const;
    /// When the clock comparator or the CPU timer will next become pending while enabled or not; kNever if
    /// none will.
    SimTime next_timer_event() const;
    isa::ExternalConditions& external() {
        return guest_ == nullptr ? state_.external : guest_->machine().external;
    }
    const isa::ExternalConditions& external() const { return machine_state().external; }
    /// Forgets the condition of an external interruption that is being taken.
    void accept(const isa::ExternalInterruption& taken) { isa::accept(state_.external, taken); }

    /// Prefixing, GA22-7000 chapter 3.
    static uint32_t prefixed(uint32_t real, uint32_t prefix) {
        const uint32_t page = real & ~0xFFFu;
        return page == 0 ? real | prefix : page == prefix ? real & 0xFFF : real;
    }
    uint32_t absolute(uint32_t real) const {
        const uint32_t a = prefixed(real, state_.prefix);
        return guest_ == nullptr ? a : guest_place(a);
    }
    const MachineModel& model() const { return in_.model; }
    const isa::FacilitySet& facilities() const { return in_.model.facilities; }

    /// Forget what is known of keys and translation after an owner changed them in storage directly.
    void flush_access() {
        access_.flush();
        ++in_.code_epoch;
    }
    /// The same, where it was but the key of the 2K block at this absolute address.
    void forget_key(uint32_t absolute);

  private:
    friend class InterpretiveExecution;  // gives it another state, and another idea of real storage

    /// What a question came to: the answer, or the program check that refuses it.
    template <class T>
    struct Checked {
        T value{};
        isa::ProgramCheck check{};
        bool refused() const { return check.code != isa::ProgramCode{}; }
    };

    [[gnu::cold]] uint64_t encoded_psw(uint16_t bc_code, unsigned bc_ilc) const;
    /// Where an interruption stores (isa::AssignedStorage).
    struct PrefixArea {
        RealStorage& storage;
        uint32_t origin;
        uint64_t fetch_assigned64(uint32_t real) const { return storage.get64(origin + real); }
        void store_assigned16(uint32_t real, uint16_t v) { storage.put_aligned(origin + real, v); }
        void store_assigned32(uint32_t real, uint32_t v) { storage.put_aligned(origin + real, v); }
        void store_assigned64(uint32_t real, uint64_t v) { storage.put_aligned(origin + real, v); }
    };

    /// A way of seeing logical storage: with which key, through which segment table.
    struct View {
        uint32_t context = 0;      // key | space << 4: what access-cache tags carry
        uint32_t designation = 0;  // of the segment table
        bool secondary = false;    // ... that is the secondary one
        UsualTables* tables = nullptr;

        uint8_t key() const { return context & 0xF; }
        unsigned space() const { return context >> 4; }
    };

    void psw_changed() {
        psw_image_ = 0;
        context_is_old_ = true;
    }
    /// psw_image_ where the PSW was loaded from that image. (In the EC mode no bit of it is lost.)
    uint64_t image_to_keep(uint64_t image) const {
        return state_.psw.ec_mode ? image & ~isa::Psw::kChanging : 0;
    }
    /// Whether the PSW, whose modes were `before`, lets the CPU see storage or instructions otherwise now.
    bool changes_context(uint64_t before) const {
        constexpr uint64_t kOfContext = isa::Psw::in_modes(
            offsetof(isa::Psw, key), offsetof(isa::Psw, dat), offsetof(isa::Psw, secondary_space),
            offsetof(isa::Psw, wide_load_address), offsetof(isa::Psw, problem_state));
        return ((before ^ state_.psw.modes()) & kOfContext) != 0;
    }
    /// An instruction has changed the PSW, whose modes were `before`; `image`: psw_image_. Mostly the program
    /// goes on at once; where its PSW waits, records or is in error, or lets through what is pending, the
    /// owner looks first.
    void psw_replaced(uint64_t before, uint8_t early_ilc, uint64_t image) {
        constexpr uint64_t kOwners = isa::Psw::in_modes(offsetof(isa::Psw, per), offsetof(isa::Psw, wait));
        const uint64_t now = state_.psw.modes();
        psw_image_ = image;
        state_.early_ilc = early_ilc;
        if (changes_context(before) || context_is_old_) update_context();
        if (((before | now) & kOwners) != 0 || isa::has_format_error(state_.psw, facilities()) ||
            something_pending()) [[unlikely]]
            leave(Attention{});
    }
    /// The instruction under way, which the executor will count as completed, does not.
    void does_not_complete() { --counters_.instructions; }
    /// Makes the executor return after this instruction. The first reason given wins.
    template <class Why>
    void leave(const Why& why) {
        if (!execution_.leaving) execution_.exit.emplace<Why>(why);
        execution_.leaving = true;
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
    /// Whether somebody wants to know of stores there. Bodies ask before they store: a compiler cannot know
    /// that the store changes no mark.
    template <unsigned N>
    bool is_marked(const uint8_t* p) const {
        const auto real = static_cast<uint32_t>(p - base_);
        constexpr uint32_t g = RealStorage::kCodeGranule;
        return (marks_[real / g] | marks_[(real + N - 1) / g]) != 0;
    }
    // The rare ways. Compilers keep what is cold out of the handlers' registers.
    // nullptr: the operand crosses a block boundary (after checking nothing).
    [[gnu::cold]] const uint8_t* readable_slow(uint32_t a, unsigned n);
    [[gnu::cold]] uint8_t* writable_slow(uint32_t a, unsigned n);
    [[gnu::cold]] uint64_t load_crossing(uint32_t a, unsigned n);
    [[gnu::cold]] void store_crossing(uint32_t a, uint64_t v, unsigned n);
    [[gnu::cold]] void code_stored(const uint8_t* p, unsigned n);

    const uint8_t* readable_in(uint32_t a, const View& view) {
        const AccessEntry& e = access_.slot(a);
        if (e.read_tag == ((a & ~(kBlock - 1)) | view.context)) [[likely]]
            return e.host + (a & (kBlock - 1));
        return resolved(a, false, view);
    }
    uint8_t* writable_in(uint32_t a, const View& view) {
        if (is_writable(a, view)) [[likely]]
            return access_.slot(a).host + (a & (kBlock - 1));
        return resolved(a, true, view);
    }
    bool is_writable(uint32_t a, const View& view) {
        return access_.slot(a).write_tag == ((a & ~(kBlock - 1)) | view.context);
    }
    void fetch(uint32_t a, uint8_t* out, unsigned length, const View& view);
    void store(uint32_t a, const uint8_t* in, unsigned length, const View& view);
    void probe_store(uint32_t a, unsigned length, const View& view);
    // What lies in two blocks, or has to be looked for.
    [[gnu::cold]] void fetch_parts(uint32_t a, uint8_t* out, unsigned length, const View& view);
    [[gnu::cold]] void store_parts(uint32_t a, const uint8_t* in, unsigned length, const View& view);
    [[gnu::cold]] void probe_store_slow(uint32_t a, const View& view);
    View view_of(isa::AccessPath path);

    /// Host address of a byte for the access. Fills the access cache.
    Checked<uint8_t*> resolve(uint32_t logical, bool storing, const View& view);
    /// The end of that, where the place is known: checks the key, records. Null: protected.
    uint8_t* admit(uint32_t logical, uint32_t absolute, bool storing, const View& view);
    // The short way (usual_access.hpp).
    /// Null: nothing that counts has happened, and resolve() has to be asked.
    uint8_t* resolve_usual(uint32_t logical, uint8_t used, const View& view);
    uint8_t* resolve_without_walk(uint32_t logical, uint8_t used, const View& view);
    bool bring_without_walk(uint32_t a, unsigned n, uint8_t used);
    bool walk_usually(uint32_t logical, uint8_t used, const View& view, uint8_t*& place);
    bool find_usual_tables(const View& view);
    /// Whether executors may know instructions of this page, or the one under way lies in it.
    bool may_be_code(uint32_t page) const;
    /// The same, where the instruction cannot go on without: raises.
    [[gnu::cold]] uint8_t* resolved(uint32_t logical, bool storing, const View& view);
    uint32_t assigned_for_store(uint32_t real) {
        const uint32_t a = absolute(real);
        in_.storage.mark_used(a, kKeyReferenced | kKeyChanged);
        return a;
    }
    /// Absolute address of a logical address; charges a table walk on a TLB miss.
    Checked<uint32_t> translate(uint32_t logical, const View& view);
    Checked<uint32_t> miss(uint32_t logical, isa::TranslationFormat format, const View& view);
    std::optional<isa::ProgramCheck> store_refused(uint32_t logical, const View& view);
    /// Where a guest's absolute address is in the machine. By value; and for who cannot go on without.
    Checked<uint32_t> place_of_guest(uint32_t guest_absolute) const;
    [[gnu::cold]] uint32_t guest_place(uint32_t guest_absolute) const;
    /// The state that belongs to the machine: the host's, where a guest is executed.
    const isa::CpuState& machine_state() const {
        return guest_ == nullptr ? state_ : std::as_const(*guest_).machine();
    }
    std::optional<isa::ExternalInterruption> external_pending(const isa::CpuState& state,
                                                              uint64_t epoch) const;
    SimTime next_timer_event(const isa::Clocks& clocks, uint64_t epoch) const;
    /// A guest has been entered, or has come out.
    void level_changed();
    struct Walk {
        isa::Translation result;
        uint8_t by_host_tables = 0;
        uint32_t second_level = 0;  // what the host's tables lack
    };
    Walk walk(isa::TranslationFormat format, uint32_t logical, const View& view);
    Walk walk_of_guest(isa::TranslationFormat format, uint32_t logical, const View& view);
    void charge_references(unsigned references);
    /// Puts a translation into the TLB, in the place of the oldest one there.
    void fill(uint32_t logical, isa::TranslationFormat format, const View& view, uint32_t real,
              bool common_segment);
    /// What the TLB remembers of it.
    TlbEntry entry_of(uint32_t logical, isa::TranslationFormat format, const View& view, uint32_t real,
                      bool common_segment) const;
    void update_context();
    /// What tells spaces apart beside their format and designation: whose tables they go through.
    uint64_t host_of_spaces() const {
        constexpr uint32_t kPreferred = 1;  // no designation: bit 31 of such is zero
        if (guest_ != nullptr) return guest_->lineage() << 32;
        return preferred_.limit != 0 ? kPreferred : host_table_;
    }
    /// The number of the space with this segment table in the present format; 0 where there is none left.
    unsigned space_of(uint32_t designation);
    /// That of a guest's untranslated addresses.
    unsigned space_of_guest_real();
    struct Space {
        uint32_t format = 0, designation = 0, prefix = 0;
        uint64_t host = 0;
        bool operator==(const Space&) const = default;
    };
    unsigned number_of(const Space& space);
    void forget_spaces();
    void store_io_result(const IoResult& result);
    ChannelSubsystem& channels_now();

    isa::CpuState state_;
    CpuSurroundings in_;
    uint8_t* base_;         // of real storage
    const uint8_t* marks_;  // of storage that somebody watches, decoded code above all
    uint8_t* keys_;         // of storage
    uint32_t context_ = 0;  // that of operands_
    uint32_t host_table_ = 0;
    Preferred preferred_;
    View operands_;  // logical storage operands
    View instructions_;
    std::array<UsualTables, 2> usual_;  // of the primary and the secondary space
    uint32_t load_address_mask_ = isa::kAddressMask;
    uint32_t relative_origin_ = 0;
    uint64_t code_space_ = 0;
    Sequencer* sequencer_ = nullptr;
    PrivilegedAssist* assist_ = nullptr;
    ProgramCheckExit raising_;
    Execution execution_;
    SimTime time_ = 0;
    bool context_is_old_ = true;
    uint64_t context_serial_ = 0;
    uint64_t psw_image_ =
        0;  // of the present PSW, which is in the EC mode, but for Psw::kChanging; 0: not known
    std::array<isa::RememberedPsw, 16>
        taken_;                   // new PSWs that interruptions have loaded, by the doublewords they lie in
    isa::RememberedPsws loaded_;  // by LPSW
    uint16_t address_;
    AccessCache access_;
    Tlb tlb_;
    CodeBlocks code_blocks_;
    std::array<Space, kSpaces + 1> spaces_{};
    unsigned next_space_ = 1;
    uint32_t common_ = 0;  // how the TLB tags the common pages that spaces of the present format may use
    CpuCounters counters_;
    uint64_t epoch_ = 0;  // what the TOD clock that programs see is ahead of the machine's
    InterpretiveExecution* guest_ = nullptr;               // the next, while it is inside
    InterpretiveExecution interpretive_execution_{*this};  // no instruction leads to it without the facility
};

}  // namespace simulation
