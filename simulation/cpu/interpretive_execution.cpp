#include "simulation/cpu/interpretive_execution.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "simulation/cpu/cpu.hpp"
#include "simulation/cpu/guest_event.hpp"

namespace simulation {

using Format = StateDescriptionFormat;

// ---- Instructions ----

void InterpretiveExecution::obey(isa::InterpretiveOrder order, const isa::Operands& o) {
    const uint32_t operand = cpu_.address(o.b2, o.d2);
    switch (order) {
        case isa::InterpretiveOrder::start: return start(operand);
        case isa::InterpretiveOrder::load: {
            const bool valid = (cpu_.in_.storage.at(description_at(operand))[0] & Format::kValid) != 0;
            if (valid) current_ = operand;
            return cpu_.set_condition_code(valid ? 0 : 3);
        }
        case isa::InterpretiveOrder::store_address: return cpu_.store32(operand, current_);
        case isa::InterpretiveOrder::clear: {
            const uint32_t at = description_to_change(operand);
            cpu_.in_.storage.clear(at, Format::kBytes);
            cpu_.in_.storage.put32(at, uint32_t{Format::kValid} << 24);
            const auto cr = isa::initial_control_registers();
            for (uint32_t r = 0; r < cr.size(); ++r)
                cpu_.in_.storage.put32(at + Format::kControlRegisters + 4 * r, cr[r]);
            if (current_ == operand) current_ = kNone;
            return;
        }
        case isa::InterpretiveOrder::read_field: return read_field(o);
        case isa::InterpretiveOrder::write_field: return write_field(o);
        case isa::InterpretiveOrder::call_host:
            if (depth_ == 0) cpu_.program_check(isa::ProgramCode::operation);
            return leave(Reason::call, 4, static_cast<uint16_t>(operand), operand);
        case isa::InterpretiveOrder::query: return query(operand);
        case isa::InterpretiveOrder::query_assists: return cpu_.set_gpr(o.r1, assists());
        case isa::InterpretiveOrder::purge: return cpu_.purge_tlb();
    }
}

uint32_t InterpretiveExecution::description_at(uint32_t real) const {
    if (real % Format::kBytes != 0) cpu_.program_check(isa::ProgramCode::specification);
    const uint32_t at = cpu_.absolute(real);
    if (!cpu_.in_.storage.valid(at)) cpu_.program_check(isa::ProgramCode::addressing);
    cpu_.in_.storage.mark_used(at, kKeyReferenced);
    return at;
}

uint32_t InterpretiveExecution::description_to_change(uint32_t real) {
    const uint32_t at = description_at(real);
    cpu_.in_.storage.mark_used(at, kKeyReferenced | kKeyChanged);
    return at;
}

void InterpretiveExecution::read_field(const isa::Operands& o) {
    const uint32_t field = cpu_.gpr(o.r2);
    const bool assigned = field < Format::kBytes && field % 4 == 0;
    if (current_ == kNone || !assigned) return cpu_.set_condition_code(current_ == kNone ? 3 : 1);
    cpu_.set_gpr(o.r1, cpu_.in_.storage.get32(description_at(current_) + field));
    cpu_.set_condition_code(0);
}

void InterpretiveExecution::write_field(const isa::Operands& o) {
    const uint32_t field = cpu_.gpr(o.r2);
    const bool told_by_machine =
        field == Format::kReason || field == Format::kParameter || field == Format::kOperands;
    const bool assigned = field < Format::kBytes && field % 4 == 0 && !told_by_machine;
    if (current_ == kNone || !assigned) return cpu_.set_condition_code(current_ == kNone ? 3 : 1);
    cpu_.in_.storage.put32(description_to_change(current_) + field, cpu_.gpr(o.r1));
    cpu_.set_condition_code(0);
}

void InterpretiveExecution::query(uint32_t address) {
    const isa::FacilitySet& facilities = cpu_.facilities();
    std::array<uint8_t, 16> answer{};
    answer[0] = 1;  // the version of all this
    answer[2] = Format::kBytes >> 8;
    answer[3] = Format::kBytes & 0xFF;
    answer[4] = Format::kIntervalTimer;
    if (facilities.has(isa::Facility::nested_translation)) answer[4] |= Format::kNested;
    if (facilities.has(isa::Facility::preferred_machine)) answer[4] |= Format::kPreferred;
    if (may_nest() && depth_ + 1 < kMostLevels) answer[4] |= Format::kMayHost;
    answer[5] = InterceptSet::kBits;
    answer[6] = static_cast<uint8_t>(Reason::loop);
    answer[7] = static_cast<uint8_t>(Format::Event::restart);
    cpu_.store(address, answer.data(), answer.size());
}

uint32_t InterpretiveExecution::assists() const {
    using isa::Facility;
    constexpr Facility kInOrder[] = {Facility::virtual_machine_assist, Facility::expanded_assist,
                                     Facility::interval_timer_assist,  Facility::control_program_assist,
                                     Facility::preferred_machine,      Facility::interpretive_execution,
                                     Facility::nested_translation};
    uint32_t bits = 0, bit = 0x80000000;
    for (const Facility one : kInOrder) {
        if (cpu_.facilities().has(one)) bits |= bit;
        bit >>= 1;
    }
    if (!cpu_.facilities().has(Facility::untagged_tlb)) bits |= bit;
    return may_nest() ? bits | bit >> 1 : bits;
}

bool InterpretiveExecution::may_nest() const {
    return cpu_.facilities().has(isa::Facility::nested_interpretive_execution);
}

// ---- Entry ----

void InterpretiveExecution::start(uint32_t address) {
    const uint32_t real = address != 0 ? address : current_;
    if (real == kNone) return cpu_.set_condition_code(3);
    const uint32_t at = description_at(real);
    current_ = real;
    if (!is_valid(at)) return cpu_.set_condition_code(3);
    enter(at);
}

bool InterpretiveExecution::is_valid(uint32_t at) const {
    const RealStorage& storage = cpu_.in_.storage;
    const isa::FacilitySet& facilities = cpu_.facilities();
    const uint8_t validity = *storage.at(at + Format::kValidity), mode = *storage.at(at + Format::kMode);
    if ((validity & Format::kValid) == 0 || (validity & Format::kInUse) != 0) return false;
    const bool nested = (mode & Format::kNested) != 0, preferred = (mode & Format::kPreferred) != 0;
    const uint32_t extent = storage.get32(at + Format::kExtent), prefix = storage.get32(at + Format::kPrefix);
    const uint32_t page_zero = storage.get32(at + Format::kHostTable);
    const uint32_t bytes_of_host = depth_ == 0 ? storage.size() : this->extent();
    if (nested == preferred) return false;
    if (nested && !facilities.has(isa::Facility::nested_translation)) return false;
    if (preferred && (!facilities.has(isa::Facility::preferred_machine) || extent > bytes_of_host ||
                      page_zero % 4096 != 0 || page_zero >= bytes_of_host))
        return false;
    if ((mode & Format::kMayHost) != 0 && !may_nest()) return false;
    return extent != 0 && extent % 4096 == 0 && extent <= 16 * kMebibyte && prefix % 4096 == 0 &&
           prefix < extent;
}

void InterpretiveExecution::enter(uint32_t at) {
    Level& level = levels_[depth_];
    level.at = at;
    level.host = cpu_.state_;
    level.host_assist = std::exchange(cpu_.assist_, this);
    level.host_current = current_;
    cpu_.in_.storage.at(at)[Format::kValidity] |= Format::kInUse;
    cpu_.in_.storage.mark_used(at, kKeyChanged);
    read_description(level);
    ++depth_;
    load_guest(at);
    cpu_.guest_ = this;
    cpu_.epoch_ = level.epoch;
    cpu_.level_changed();
    cpu_.spend(cpu_.in_.model.interpretive.entry_ns.value);
    cpu_.ask_owner();
}

void InterpretiveExecution::read_description(Level& level) {
    const RealStorage& storage = cpu_.in_.storage;
    const uint32_t at = level.at;
    const uint8_t requests = *storage.at(at + Format::kRequests), mode = *storage.at(at + Format::kMode);
    level.io_pending = (requests & Format::kIoPending) != 0;
    level.external_pending = (requests & Format::kExternalPending) != 0;
    level.interval_timer_runs = (mode & Format::kIntervalTimer) != 0;
    level.preferred = (mode & Format::kPreferred) != 0;
    level.may_host = (mode & Format::kMayHost) != 0 && depth_ + 1 < kMostLevels;
    level.intercepts = level.effective = InterceptSet::of(*storage.at(at + Format::kIntercepts));
    // A key is that of a frame, which is all hosts'; the rest is the guest's own state.
    if (depth_ != 0 && inside().effective.has(Intercept::keys)) level.effective.add(Intercept::keys);
    level.host_table = storage.get32(at + Format::kHostTable);
    level.extent = storage.get32(at + Format::kExtent);
    level.cpu_id = storage.get64(at + Format::kCpuId);
    level.cpu_address = storage.get16(at + Format::kCpuAddress);
    level.epoch = epoch_of(depth_) + storage.get64(at + Format::kEpoch);
    level.event = read_guest_event(storage, at);
    level.lineage = lineage_of(level);
}

void InterpretiveExecution::load_guest(uint32_t at) {
    const RealStorage& storage = cpu_.in_.storage;
    const uint32_t current = storage.get32(at + Format::kCurrent);
    const bool has_current = inside().may_host && (current & Format::kIsCurrent) != 0;
    current_ = has_current ? current & isa::kAddressMask & ~Format::kIsCurrent : kNone;
    isa::CpuState& guest = cpu_.state_;
    guest.psw = isa::decode_psw(storage.get64(at + Format::kPsw));
    guest.prefix = storage.get32(at + Format::kPrefix);
    guest.external = {};
    guest.early_ilc = 0;
    guest.clocks.comparator = storage.get64(at + Format::kComparator);
    set_cpu_timer(guest.clocks, storage.get64(at + Format::kCpuTimer), cpu_.time_);
    for (uint32_t r = 0; r < 16; ++r) {
        guest.gpr[r] = storage.get32(at + Format::kRegisters + 4 * r);
        guest.cr[r] = storage.get32(at + Format::kControlRegisters + 4 * r);
    }
    for (uint32_t r = 0; r < 4; ++r) guest.fpr[r] = storage.get64(at + Format::kFloatingPoint + 8 * r);
}

// ---- Exit ----

void InterpretiveExecution::leave(Reason why, unsigned length, uint16_t code, uint32_t parameter) {
    RealStorage& storage = cpu_.in_.storage;
    const uint32_t at = inside().at;
    storage.put32(at + Format::kReason, Format::reason_word(why, length, code));
    storage.put32(at + Format::kParameter, parameter);
    come_up();
    const bool for_host = why == Reason::host_interruption;
    cpu_.set_condition_code(for_host ? 1 : why == Reason::host_translation ? 2 : 0);
}

/// The guest's state is stored, and its host's is in the CPU: behind the instruction by which it has entered.
void InterpretiveExecution::come_up() {
    store_guest();
    cpu_.in_.storage.at(inside().at)[Format::kValidity] &= static_cast<uint8_t>(~Format::kInUse);
    restore_host();
    cpu_.spend(cpu_.in_.model.interpretive.exit_ns.value);
    cpu_.ask_owner();
}

void InterpretiveExecution::restore_host() {
    const Level& level = inside();
    cpu_.state_ = level.host;
    cpu_.assist_ = level.host_assist;
    current_ = level.host_current;
    --depth_;
    cpu_.epoch_ = epoch_of(depth_);
    cpu_.guest_ = depth_ == 0 ? nullptr : this;
    cpu_.level_changed();
}

void InterpretiveExecution::put(const Outermost& guest) {
    Level& level = levels_[0] = Level{};
    level.at = kNone;
    level.host = cpu_.state_;
    level.host_assist = std::exchange(cpu_.assist_, this);
    level.host_current = std::exchange(current_, guest.current);
    level.host_table = guest.host_table;
    level.extent = guest.extent;
    level.may_host = true;
    level.lineage = lineage_of(level);
    depth_ = 1;
    cpu_.state_ = guest.state;
    cpu_.guest_ = this;
    cpu_.level_changed();
}

void InterpretiveExecution::take_back(Outermost& guest) {
    back_to_outermost();
    guest.state = cpu_.state_;
    guest.current = current_;
    restore_host();
}

/// The guest at this level is the one inside. Those that it was executing have come out without an end of
/// theirs: their hosts are in front of the instruction.
void InterpretiveExecution::back_to(unsigned level) {
    constexpr uint32_t kLength = 4;  // of START INTERPRETIVE EXECUTION, and of EXECUTE
    while (depth_ > level) {
        come_up();
        cpu_.branch((cpu_.next_address() - kLength) & isa::kAddressMask);
        cpu_.does_not_complete();
    }
}

void InterpretiveExecution::end() {
    if (depth_ == 0) return;
    back_to(1);
    leave(Reason::host_interruption);
}

void InterpretiveExecution::lacks(unsigned level, uint16_t code, uint32_t address) {
    back_to(level);
    if (inside().at == kNone) return;  // put(): who did looks what is lacking
    leave(Reason::host_translation, 0, code, address);
}

void InterpretiveExecution::store_guest() {
    RealStorage& storage = cpu_.in_.storage;
    const Level& level = inside();
    const uint32_t at = level.at;
    const isa::CpuState& guest = cpu_.state_;
    storage.put64(at + Format::kPsw, isa::encode(guest.psw));
    storage.put32(at + Format::kPrefix, guest.prefix);
    storage.put64(at + Format::kComparator, guest.clocks.comparator);
    storage.put64(at + Format::kCpuTimer, cpu_.cpu_timer());
    for (uint32_t r = 0; r < 16; ++r) {
        storage.put32(at + Format::kRegisters + 4 * r, guest.gpr[r]);
        storage.put32(at + Format::kControlRegisters + 4 * r, guest.cr[r]);
    }
    for (uint32_t r = 0; r < 4; ++r) storage.put64(at + Format::kFloatingPoint + 8 * r, guest.fpr[r]);
    write_guest_event(storage, at, level.event);
    if (level.may_host)
        storage.put32(at + Format::kCurrent, current_ != kNone ? current_ | Format::kIsCurrent : 0);
}

unsigned InterpretiveExecution::level_that_intercepts(isa::Op op) const {
    const Interpreted& what = kInterpreted[static_cast<unsigned>(op)];
    unsigned level = depth_;
    if (what.comes_out(inside().intercepts, inside().may_host)) return level;
    while (level > 1 && !what.comes_out(levels_[level - 1].intercepts, true)) --level;
    return level;
}

bool InterpretiveExecution::execute(Cpu& cpu, const isa::Decoded& instruction) {
    if (cpu.psw().problem_state) return false;  // an exception of the guest's own
    const isa::Operands& o = instruction.operands;
    const isa::Row& row = instruction.row();
    const bool by_first = row.format == isa::Format::SI || row.format == isa::Format::SI_S;
    const bool in_storage = by_first || row.format == isa::Format::S || row.format == isa::Format::RS;
    const uint32_t operand = !in_storage ? 0 : by_first ? cpu.address(o.b1, o.d1) : cpu.address(o.b2, o.d2);
    const uint32_t second_byte = (by_first ? o.imm : o.r1 << 4 | o.r2) & 0xFFu;
    const unsigned length = 2u * cpu.execution().ilc;
    const unsigned level = level_that_intercepts(instruction.op), deeper = depth_ - level;
    cpu.does_not_complete();
    back_to(level);
    cpu.in_.storage.put32(inside().at + Format::kOperands, second_byte << 24 | deeper << 16);
    leave(Reason::instruction, length, row.opcode, operand);
    return true;
}

bool InterpretiveExecution::supervisor_call(Cpu& cpu, uint8_t number) {
    if (!inside().intercepts.has(Intercept::svc)) return false;
    leave(Reason::supervisor_call, 2u * cpu.execution().ilc, number);
    return true;
}

// ---- Between instructions ----

bool InterpretiveExecution::Level::window_is_open(const isa::CpuState& guest) const {
    return (io_pending && isa::enabled_channels(guest) != 0) || (external_pending && guest.psw.external_mask);
}

bool InterpretiveExecution::comes_out_for(bool machine_is_interrupted) {
    if (machine_is_interrupted) {
        end();
        return true;
    }
    // Whoever is nearer to the machine goes first.
    for (unsigned level = 1; level <= depth_; ++level) {
        const isa::CpuState& guest = state_of(level);
        if (levels_[level - 1].window_is_open(guest)) {
            back_to(level);
            leave(Reason::window);
            return true;
        }
        if (level != depth_ && cpu_.external_pending(guest, epoch_of(level))) {
            back_to(level + 1);
            leave(Reason::host_interruption);
            return true;
        }
    }
    return false;
}

std::optional<isa::Interruption> InterpretiveExecution::take_event() {
    return std::exchange(inside().event, std::nullopt);
}

bool InterpretiveExecution::can_take(const isa::Interruption& interruption) {
    const Way way = way_of(cpu_.state_.prefix);
    if (way.leads_there()) return true;
    inside().event = interruption;
    lacks(way.level != 0 ? way.level : depth_, static_cast<uint16_t>(way.problem),
          way.level != 0 ? way.address : cpu_.state_.prefix);
    return false;
}

const isa::CpuState& InterpretiveExecution::state_of(unsigned level) const {
    return level == depth_ ? cpu_.state_ : levels_[level].host;
}
isa::CpuState& InterpretiveExecution::state_of(unsigned level) {
    return const_cast<isa::CpuState&>(std::as_const(*this).state_of(level));
}

}  // namespace simulation
