#include "simulation/cpu/cpu.hpp"

#include <algorithm>

#include "simulation/cpu/interpretive_execution.hpp"
#include "simulation/cpu/interval_timer.hpp"
#include "simulation/cpu/level_storage.hpp"

namespace simulation {

Cpu::Cpu(CpuSurroundings surroundings, uint16_t address)
    : in_(surroundings),
      base_(in_.storage.at(0)),
      marks_(in_.storage.marks()),
      keys_(in_.storage.keys()),
      address_(address),
      access_(in_.storage.size() / kBlock),
      tlb_(static_cast<unsigned>(in_.model.tlb_entries.value),
           static_cast<unsigned>(in_.model.tlb_ways.value)) {
    initial_reset();
}

void Cpu::reset() {
    if (guest_ != nullptr) guest_->end();
    state_.external = {};
    state_.early_ilc = 0;
    purge_tlb();
}

void Cpu::initial_reset() {
    if (guest_ != nullptr) guest_->end();
    state_.psw = {};
    state_.cr = isa::initial_control_registers();
    state_.prefix = 0;
    state_.clocks.comparator = 0;
    simulation::set_cpu_timer(state_.clocks, 0, time_);
    reset();
}

void Cpu::skip_to(SimTime t) {
    if (t <= time_) return;
    const uint64_t timer = cpu_timer();
    time_ = t;
    simulation::set_cpu_timer(state_.clocks, timer, time_);
}

// ---- Translation and access ----

void Cpu::purge_tlb() {
    forget_spaces();
    update_context();
}

void Cpu::forget_spaces() {
    tlb_.purge();
    flush_access();
    ++context_serial_;
    next_space_ = 1;  // what spaces_ holds from there on has no meaning
}

// Not all that a control program changes in keys is told to the CPUs. What its guests tell them makes them
// look at all keys again.
void Cpu::set_storage_key(uint32_t real, uint8_t key) {
    const uint32_t a = absolute(real);
    in_.storage.set_key(a, key);
    if (in_.group == nullptr)
        flush_access();
    else if (host_of_spaces() != 0)
        in_.group->keys_changed();
    else
        in_.group->key_changed(a);
}

void Cpu::forget_key(uint32_t absolute) {
    const uint32_t block = absolute & ~(kBlock - 1);
    access_.forget(block / kBlock, base_ + block);
    // Executors remember where instructions are only if they have decoded them.
    if (in_.storage.is_marked(block, kBlock)) ++in_.code_epoch;
}

unsigned Cpu::number_of(const Space& space) {
    for (unsigned s = 1; s < next_space_; ++s)
        if (spaces_[s] == space) return s;
    if (next_space_ > kSpaces) return 0;
    spaces_[next_space_] = space;
    return next_space_++;
}

unsigned Cpu::space_of(uint32_t designation) {
    const uint32_t format = state_.cr[0] & (isa::kCr0PageSizeMask | isa::kCr0SegmentSizeMask);
    return number_of({format, designation, state_.prefix, host_of_spaces()});
}

unsigned Cpu::space_of_guest_real() {
    constexpr uint32_t kUntranslated = 1;  // no format
    return number_of({kUntranslated, 0, state_.prefix, host_of_spaces()});
}

void Cpu::update_context() {
    context_is_old_ = false;
    ++context_serial_;
    const isa::Psw& psw = state_.psw;
    unsigned primary = 0, operand = 0;
    if (psw.dat || guest_ != nullptr) {
        // What is common to the spaces of one guest is not to those of another.
        common_ = host_of_spaces() != 0
                      ? kNothingCommon
                      : common_tag(state_.cr[0] & (isa::kCr0PageSizeMask | isa::kCr0SegmentSizeMask));
        const auto choose = [&] {
            primary = psw.dat ? space_of(state_.cr[1]) : space_of_guest_real();
            operand = psw.secondary_space ? space_of(state_.cr[7]) : primary;
            return primary != 0 && operand != 0;
        };
        if (!choose()) {  // the stack of table origins is full: start anew
            forget_spaces();
            choose();
        }
    }
    for (UsualTables& tables : usual_) tables.forget();
    instructions_ = {psw.key | primary << 4, state_.cr[1], false, &usual_[0]};
    operands_ = instructions_;
    if (psw.secondary_space) operands_ = {psw.key | operand << 4, state_.cr[7], true, &usual_[1]};
    context_ = operands_.context;
    load_address_mask_ = psw.wide_load_address ? 0x7FFFFFFF : isa::kAddressMask;
    code_space_ = uint64_t{instructions_.context | code_variant() << 12 | uint32_t{address_} << 16} << 32;
}

Cpu::View Cpu::view_of(isa::AccessPath path) {
    View view = path.space == isa::AccessPath::Space::current ? operands_ : instructions_;
    if (path.space == isa::AccessPath::Space::secondary) {
        unsigned space = space_of(state_.cr[7]);
        if (space == 0) {
            forget_spaces();
            update_context();
            space = space_of(state_.cr[7]);
        }
        view = {space << 4, state_.cr[7], true, &usual_[1]};
    }
    view.context = (view.context & ~0xFu) | path.key;
    return view;
}

namespace {

/// Tables in the machine's own real storage.
struct RealTables {
    const RealStorage& storage;
    const Cpu& cpu;
    std::optional<uint32_t> fetch_table32(uint32_t real) const {
        const uint32_t a = cpu.place(real);
        return storage.valid(a + 3) ? std::optional(storage.get32(a)) : std::nullopt;
    }
    std::optional<uint16_t> fetch_table16(uint32_t real) const {
        const uint32_t a = cpu.place(real);
        return storage.valid(a + 1) ? std::optional(storage.get16(a)) : std::nullopt;
    }
    /// Of second-level storage. What would lie beyond the end of ours is an addressing exception.
    isa::Translation translate(uint32_t designation, uint32_t address) const {
        isa::Translation t = isa::translate_address(*this, isa::TranslationFormat{}, designation, address,
                                                    storage.size() > 16 * kMebibyte);
        if (t.ok() && !storage.valid(cpu.place(t.real))) {
            t.cause = isa::Translation::Cause::addressing;
            t.problem = isa::ProgramCode::addressing;
        }
        return t;
    }
};

/// Tables whose addresses are not yet real ones: Derived::real makes them so, or says that there are none.
template <class Derived>
struct MappedTables {
    RealTables tables;
    std::optional<uint32_t> fetch_table32(uint32_t address) {
        const auto at = static_cast<Derived*>(this)->real(address);
        return at ? tables.fetch_table32(*at) : std::nullopt;
    }
    std::optional<uint16_t> fetch_table16(uint32_t address) {
        const auto at = static_cast<Derived*>(this)->real(address);
        return at ? tables.fetch_table16(*at) : std::nullopt;
    }
};

/// A walk through them. Nearly all programs have 4K pages in 64K segments, for which it is compiled apart.
[[gnu::flatten]] isa::Translation walk_own_tables(const RealTables& tables, isa::TranslationFormat format,
                                                  uint32_t designation, uint32_t logical,
                                                  bool extended_real) {
    constexpr isa::TranslationFormat kUsual{};
    if (format == kUsual) return isa::translate_address(tables, kUsual, designation, logical, extended_real);
    return isa::translate_address(tables, format, designation, logical, extended_real);
}

/// The tables of a guest, which lie in its second-level storage; and that storage itself.
struct SecondLevelTables : MappedTables<SecondLevelTables> {
    uint32_t host_table, prefix;
    unsigned references = 0;  // of the host's tables
    isa::Translation last{};  // by the host's tables
    uint32_t second_level = 0;

    std::optional<uint32_t> real(uint32_t address) {
        second_level = Cpu::prefixed(address, prefix);
        if (second_level >= 16 * kMebibyte) return std::nullopt;
        last = tables.translate(host_table, second_level);
        references += last.references;
        return last.ok() ? std::optional(last.real) : std::nullopt;
    }
};

/// The tables of a preferred machine, which lie where it believes, but for its page zero.
struct PreferredTables : MappedTables<PreferredTables> {
    Cpu::Preferred preferred;
    uint32_t prefix;

    std::optional<uint32_t> real(uint32_t address) const {
        const uint32_t a = Cpu::prefixed(address, prefix);
        if (a >= preferred.limit) return std::nullopt;
        return a < 4096 ? preferred.page_zero | a : a;
    }
};

void stop_beyond(isa::Translation& t) {
    t.cause = isa::Translation::Cause::addressing;
    t.problem = isa::ProgramCode::addressing;
}

}  // namespace

/// A table walk: one level, or the guest's tables on those of its host, or those of a preferred machine.
Cpu::Walk Cpu::walk(isa::TranslationFormat format, uint32_t logical, const View& view) {
    if (guest_ != nullptr) return walk_of_guest(format, logical, view);
    const auto through = [&](auto& tables) {
        return isa::translate_address(tables, format, view.designation, logical, false);
    };
    const RealTables tables{in_.storage, *this};
    if (preferred_.limit != 0) {
        PreferredTables guest{{tables}, preferred_, state_.prefix};
        Walk walk{through(guest)};
        isa::Translation& t = walk.result;
        if (!t.ok()) return walk;
        if (const auto real = guest.real(t.real))
            t.real = *real;
        else
            stop_beyond(t);
        return walk;
    }
    if (host_table_ == 0)
        return {walk_own_tables(tables, format, view.designation, logical, extended_real())};
    SecondLevelTables guest{{tables}, host_table_, state_.prefix};
    Walk walk{through(guest)};
    isa::Translation& t = walk.result;
    if (t.ok()) {
        const auto real = guest.real(t.real);
        if (!real && guest.last.ok()) stop_beyond(t);
        t.real = real.value_or(0);
    }
    if (!guest.last.ok()) {
        t.cause = guest.last.cause;
        t.problem = guest.last.problem;
        walk.by_host_tables = 1;
        walk.second_level = guest.second_level;
    }
    t.references += guest.references;
    return walk;
}

/// A guest of interpretive execution: its own tables, and then those of its hosts. What it does not translate
/// is walked, too: its hosts do.
Cpu::Walk Cpu::walk_of_guest(isa::TranslationFormat format, uint32_t logical, const View& view) {
    LevelStorage tables(*guest_, in_.storage, guest_->level());
    Walk walk;
    isa::Translation& t = walk.result;
    t.real = logical;
    if (state_.psw.dat) t = isa::translate_address(tables, format, view.designation, logical, false);
    t.references += tables.references();
    InterpretiveExecution::Way lost = tables.lost();
    if (t.ok()) {
        const auto way = guest_->way_of(prefixed(t.real, state_.prefix));
        t.references += way.references;
        t.real = way.real;
        if (way.level != 0)
            lost = way;
        else if (!way.leads_there())
            stop_beyond(t);
    }
    if (lost.level != 0) {
        stop_beyond(t);
        t.problem = lost.problem;
        walk.by_host_tables = static_cast<uint8_t>(lost.level);
        walk.second_level = lost.address;
    }
    return walk;
}

Cpu::Checked<uint32_t> Cpu::place_of_guest(uint32_t a) const {
    const auto way = guest_->way_of(a);
    if (way.leads_there()) return {place(way.real)};
    return {0,
            {.code = way.problem,
             .translation_address = way.address,
             .by_host_tables = static_cast<uint8_t>(way.level)}};
}

uint32_t Cpu::guest_place(uint32_t guest_absolute) const {
    const Checked<uint32_t> found = place_of_guest(guest_absolute);
    if (found.refused()) raise(found.check);
    return found.value;
}

void Cpu::interpretive(isa::InterpretiveOrder order, const isa::Operands& operands) {
    interpretive_execution_.obey(order, operands);
}

void Cpu::level_changed() {
    psw_changed();
    // The host's low-address protection is not the guest's.
    flush_access();
    if (facilities().has(isa::Facility::untagged_tlb)) purge_tlb();
}

Cpu::Checked<uint32_t> Cpu::translate(uint32_t logical, const View& view) {
    if (!state_.psw.dat && guest_ == nullptr) return {absolute(logical)};
    const auto format = state_.psw.dat ? isa::TranslationFormat::of(state_.cr[0]) : isa::TranslationFormat{};
    if (!format) return {0, {isa::ProgramCode::translation_specification}};
    const uint32_t page = logical & ~format->page_mask();
    const TlbEntry* const entry = tlb_.find(logical, format->page_shift, page | view.space(), page | common_);
    if (entry == nullptr) return miss(logical, *format, view);
    return {place(entry->frame | (logical & format->page_mask()))};
}

void Cpu::charge_references(unsigned references) {
    const SimTime cost = in_.model.table_reference_ns.value * static_cast<SimTime>(references);
    counters_.table_references += references;
    counters_.table_walk_time += cost;
    time_ += cost;
}

/// Walks the tables, and puts what they say into the TLB.
Cpu::Checked<uint32_t> Cpu::miss(uint32_t logical, isa::TranslationFormat format, const View& view) {
    const uint32_t page = logical & ~format.page_mask();
    Walk w = walk(format, logical, view);
    ++counters_.tlb_misses;
    charge_references(w.result.references);
    if (!w.result.ok() && assist_ != nullptr &&
        assist_->complete_translation(*this, logical, view.secondary)) {
        w = walk(format, logical, view);
        charge_references(w.result.references);
    }
    const isa::Translation& t = w.result;
    if (w.by_host_tables != 0)
        return {
            0,
            {.code = t.problem, .translation_address = w.second_level, .by_host_tables = w.by_host_tables}};
    if (!t.ok()) return {0, {t.problem, page | (view.secondary ? isa::kSecondarySpaceException : 0)}};
    fill(logical, format, view, t.real, t.common_segment);
    return {place(t.real)};
}

void Cpu::fill(uint32_t logical, isa::TranslationFormat format, const View& view, uint32_t real,
               bool common_segment) {
    const Tlb::Set set = tlb_.set_of(logical, format.page_shift);
    const uint32_t evicted = set.oldest_page();
    if (evicted != TlbEntry::kInvalid) {
        access_.forget_page(evicted);
        const bool first = code_blocks_.remove(evicted), second = code_blocks_.remove(evicted + kBlock);
        if (first || second) ++in_.code_epoch;
        // So must the next instruction, if it was that. (The PSW has the address behind what is executed.)
        const uint32_t code = (state_.psw.address - 1) & isa::kAddressMask & ~format.page_mask();
        const bool was_code = evicted == (code | instructions_.space()) || evicted == (code | common_);
        if (execution_.place != nullptr && was_code) sequencer_->fetch_anew(*this);
    }
    set.replace_oldest(entry_of(logical, format, view, real, common_segment));
}

TlbEntry Cpu::entry_of(uint32_t logical, isa::TranslationFormat format, const View& view, uint32_t real,
                       bool common_segment) const {
    const bool common =
        common_segment && common_ != kNothingCommon && facilities().has(isa::Facility::extended);
    const uint32_t page = logical & ~format.page_mask();
    return {page | (common ? common_ : view.space()), real & ~format.page_mask()};
}

Cpu::Checked<uint8_t*> Cpu::resolve(uint32_t logical, bool storing, const View& view) {
    logical &= isa::kAddressMask;
    const Checked<uint32_t> a = translate(logical, view);
    if (a.refused()) return {nullptr, a.check};
    if (!in_.storage.valid(a.value)) return {nullptr, {isa::ProgramCode::addressing}};
    uint8_t* const place = admit(logical, a.value, storing, view);
    if (place == nullptr) return {nullptr, {isa::ProgramCode::protection}};
    return {place};
}

const uint8_t* Cpu::readable_slow(uint32_t a, unsigned n) {
    if ((a & (kBlock - 1)) + n > kBlock) return nullptr;
    return resolved(a, false, operands_);
}

uint8_t* Cpu::writable_slow(uint32_t a, unsigned n) {
    if ((a & (kBlock - 1)) + n > kBlock) return nullptr;
    return resolved(a, true, operands_);
}

void Cpu::code_stored(const uint8_t* p, unsigned n) {
    in_.storage.stored(static_cast<uint32_t>(p - base_), n);
}

uint64_t Cpu::load_crossing(uint32_t a, unsigned n) {
    uint8_t bytes[8];
    fetch(a, bytes, n);
    uint64_t v = 0;
    for (unsigned i = 0; i < n; ++i) v = v << 8 | bytes[i];
    return v;
}

void Cpu::store_crossing(uint32_t a, uint64_t v, unsigned n) {
    uint8_t bytes[8];
    for (unsigned i = 0; i < n; ++i) bytes[i] = static_cast<uint8_t>(v >> (8 * (n - 1 - i)));
    store(a, bytes, n);
}

namespace {
/// Bytes of an operand that lie in its first block; operands are at most 256 bytes, so there are at most two
/// parts.
unsigned first_part(uint32_t a, unsigned length) { return std::min(length, kBlock - (a & (kBlock - 1))); }

/// Copies n bytes by two words of this type: at least one, at most two of them.
template <class Word>
void copy_ends(uint8_t* to, const uint8_t* from, unsigned n) {
    Word first, last;
    std::memcpy(&first, from, sizeof first);
    std::memcpy(&last, from + n - sizeof last, sizeof last);
    std::memcpy(to, &first, sizeof first);
    std::memcpy(to + n - sizeof last, &last, sizeof last);
}

/// Copies 1 to 256 bytes. Long ones with memmove: compilers make of memcpy with such bounds a string
/// instruction of the host, which takes long to begin.
void copy(uint8_t* to, const uint8_t* from, unsigned n) {
    if (n > 16) {
        std::memmove(to, from, n);
    } else if (n >= 8) {
        copy_ends<uint64_t>(to, from, n);
    } else if (n >= 4) {
        copy_ends<uint32_t>(to, from, n);
    } else if (n >= 2) {
        copy_ends<uint16_t>(to, from, n);
    } else {
        *to = *from;
    }
}
}  // namespace

void Cpu::fetch(uint32_t a, uint8_t* out, unsigned length, const View& view) {
    if (first_part(a, length) != length) [[unlikely]]
        return fetch_parts(a, out, length, view);
    copy(out, readable_in(a, view), length);
}

void Cpu::fetch_parts(uint32_t a, uint8_t* out, unsigned length, const View& view) {
    const unsigned first = first_part(a, length);
    copy(out, readable_in(a, view), first);
    copy(out + first, readable_in((a + first) & isa::kAddressMask, view), length - first);
}

void Cpu::store(uint32_t a, const uint8_t* in, unsigned length, const View& view) {
    if (first_part(a, length) != length) [[unlikely]]
        return store_parts(a, in, length, view);
    uint8_t* const p = writable_in(a, view);
    copy(p, in, length);
    in_.storage.stored(static_cast<uint32_t>(p - base_), length);
}

void Cpu::store_parts(uint32_t a, const uint8_t* in, unsigned length, const View& view) {
    const unsigned first = first_part(a, length);
    probe_store(a, length, view);  // a refused store leaves both change bits alone
    uint8_t* const p = writable_in(a, view);
    uint8_t* const q = writable_in((a + first) & isa::kAddressMask, view);
    copy(p, in, first);
    in_.storage.stored(static_cast<uint32_t>(p - base_), first);
    copy(q, in + first, length - first);
    in_.storage.stored(static_cast<uint32_t>(q - base_), length - first);
}

void Cpu::probe_fetch(uint32_t a, unsigned length) {
    readable<1>(a);
    const unsigned first = first_part(a, length);
    if (first != length) readable<1>((a + first) & isa::kAddressMask);
}

// A probe must not set the change bit, so it goes around the access cache on a miss.
std::optional<isa::ProgramCheck> Cpu::store_refused(uint32_t a, const View& view) {
    const Checked<uint32_t> real = translate(a, view);
    if (real.refused()) return real.check;
    if (!in_.storage.valid(real.value)) return isa::ProgramCheck{isa::ProgramCode::addressing};
    const uint8_t key = in_.storage.key(real.value);
    const bool low = state_.cr[0] & isa::kCr0LowAddressProtection && a < 512;
    if (low || (view.key() != 0 && view.key() != key >> 4))
        return isa::ProgramCheck{isa::ProgramCode::protection};
    return std::nullopt;
}

void Cpu::probe_store(uint32_t a, unsigned length, const View& view) {
    const unsigned first = first_part(a, length);
    if (!is_writable(a, view)) probe_store_slow(a, view);
    if (first == length) return;
    const uint32_t second = (a + first) & isa::kAddressMask;
    if (!is_writable(second, view)) probe_store_slow(second, view);
}

void Cpu::probe_store_slow(uint32_t a, const View& view) {
    if (const auto check = store_refused(a, view)) raise(*check);
}

void Cpu::move(uint32_t to, uint32_t from, unsigned length) {
    const bool one_block = to % kBlock + length <= kBlock && from % kBlock + length <= kBlock;
    const bool destructive = ((to - from) & isa::kAddressMask) - 1 < length - 1;
    if (one_block && !destructive) {
        const uint8_t* q = readable<1>(from);
        uint8_t* p = writable<1>(to);
        copy(p, q, length);
        in_.storage.stored(static_cast<uint32_t>(p - base_), length);
        return;
    }
    const uint32_t shift = (to - from) & isa::kAddressMask;
    if (one_block && shift == 1 && is_cached(from, 1, false) && is_cached(to, length, true)) {
        uint8_t* p = writable<1>(to);
        std::memset(p, p[-1], length);
        in_.storage.stored(static_cast<uint32_t>(p - base_), length);
        return;
    }
    std::array<uint8_t, 256> bytes;
    probe_store(to, length);
    fetch(from, bytes.data(), length);
    if (destructive) {
        if (shift == 1)  // one byte all over a field: the usual case
            std::memset(&bytes[1], bytes[0], length - 1);
        else
            for (unsigned i = shift; i < length; ++i) bytes[i] = bytes[i - shift];
    }
    store(to, bytes.data(), length);
}

void Cpu::charge_units(uint32_t units) {
    counters_.units += units;
    time_ += in_.model.prices[static_cast<unsigned>(isa::CostClass::move_long)].per_unit *
             static_cast<SimTime>(units);
}

// ---- Interruptions ----

uint64_t Cpu::encoded_psw(uint16_t bc_code, unsigned bc_ilc) const {
    return isa::encode(state_.psw, bc_code, bc_ilc);
}

std::optional<isa::ProgramInterruption> Cpu::psw_error() const {
    if (!isa::has_format_error(state_.psw, facilities())) return std::nullopt;
    isa::ProgramInterruption i;
    i.code = isa::ProgramCode::specification;
    i.ilc = state_.early_ilc;
    return i;
}

std::optional<isa::ExternalInterruption> Cpu::external_pending(const isa::CpuState& state,
                                                               uint64_t epoch) const {
    if (!state.psw.external_mask) return std::nullopt;
    return isa::highest_external(state, {.comparator = in_.tod.read(time_) + epoch > state.clocks.comparator,
                                         .timer = is_cpu_timer_negative(state.clocks, time_)});
}

std::optional<isa::ExternalInterruption> Cpu::external_pending() const {
    return external_pending(state_, epoch_);
}

bool Cpu::something_pending() const {
    return external_pending() || in_.channels.has_pending() || (guest_ != nullptr && guest_->awaits_masks());
}

bool Cpu::host_external_pending() const { return external_pending(machine_state(), 0).has_value(); }

SimTime Cpu::next_timer_event(const isa::Clocks& clocks, uint64_t epoch) const {
    const SimTime comparator = in_.tod.exceeds(clocks.comparator, time_, epoch);
    const SimTime timer = cpu_timer_becomes_negative(clocks, time_);
    // What is pending already is no future event: it is recognised as soon as it is enabled.
    return std::min(comparator > time_ ? comparator : kNever, timer > time_ ? timer : kNever);
}

SimTime Cpu::next_timer_event() const {
    SimTime next = next_timer_event(state_.clocks, epoch_);
    for (unsigned host = 0; host < level(); ++host)
        next = std::min(
            next, next_timer_event(std::as_const(*guest_).state_of(host).clocks, guest_->epoch_of(host)));
    return next;
}

void Cpu::count_interval_timer(int64_t ticks) {
    const auto count = [&](uint32_t at, isa::ExternalConditions& conditions) {
        in_.storage.put32(at,
                          IntervalTimer::count_down(in_.storage.get32(at), ticks, conditions.interval_timer));
    };
    count(place(isa::Assigned::interval_timer), external());
    for (unsigned level = 1; level <= this->level(); ++level) {
        if (!guest_->interval_timer_runs(level)) continue;
        isa::CpuState& guest = guest_->state_of(level);
        const auto own = guest_->way_of(level, prefixed(isa::Assigned::interval_timer, guest.prefix));
        if (own.leads_there()) count(place(own.real), guest.external);
    }
}

}  // namespace simulation
