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
            if (cpu_.guest_ == nullptr) cpu_.program_check(isa::ProgramCode::operation);
            return leave(Reason::call, 4, static_cast<uint16_t>(operand), operand);
        case isa::InterpretiveOrder::query: return query(operand);
        case isa::InterpretiveOrder::query_assists: return cpu_.set_gpr(o.r1, assists());
        case isa::InterpretiveOrder::purge: return cpu_.purge_tlb();
    }
}

uint32_t InterpretiveExecution::description_at(uint32_t real) const {
    if (real % Format::kBytes != 0) cpu_.program_check(isa::ProgramCode::specification);
    const uint32_t at = cpu_.place(real);
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
    return cpu_.facilities().has(Facility::untagged_tlb) ? bits : bits | bit;
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
    if (nested == preferred) return false;
    if (nested && !facilities.has(isa::Facility::nested_translation)) return false;
    if (preferred && (!facilities.has(isa::Facility::preferred_machine) || extent > storage.size() ||
                      page_zero % 4096 != 0 || !storage.valid(page_zero)))
        return false;
    return extent != 0 && extent % 4096 == 0 && extent <= 16 * kMebibyte && prefix % 4096 == 0 &&
           prefix < extent;
}

void InterpretiveExecution::enter(uint32_t at) {
    at_ = at;
    host_ = cpu_.state_;
    host_assist_ = std::exchange(cpu_.assist_, this);
    cpu_.in_.storage.at(at)[Format::kValidity] |= Format::kInUse;
    cpu_.in_.storage.mark_used(at, kKeyChanged);
    load_guest(at);
    cpu_.guest_ = this;
    cpu_.level_changed();
    cpu_.spend(cpu_.in_.model.interpretive.entry_ns.value);
    cpu_.ask_owner();
}

void InterpretiveExecution::load_guest(uint32_t at) {
    const RealStorage& storage = cpu_.in_.storage;
    const uint8_t requests = *storage.at(at + Format::kRequests), mode = *storage.at(at + Format::kMode);
    io_pending_ = (requests & Format::kIoPending) != 0;
    external_pending_ = (requests & Format::kExternalPending) != 0;
    interval_timer_runs_ = (mode & Format::kIntervalTimer) != 0;
    intercepts_ = InterceptSet::of(*storage.at(at + Format::kIntercepts));
    extent_ = storage.get32(at + Format::kExtent);
    cpu_id_ = storage.get64(at + Format::kCpuId);
    cpu_address_ = storage.get16(at + Format::kCpuAddress);
    event_ = read_guest_event(storage, at);

    const uint32_t tables = storage.get32(at + Format::kHostTable);
    const bool nested = (mode & Format::kNested) != 0;
    cpu_.host_table_ = nested ? tables : 0;
    cpu_.preferred_ = nested ? Cpu::Preferred{} : Cpu::Preferred{extent_, tables};
    cpu_.epoch_ = storage.get64(at + Format::kEpoch);

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
    store_guest();
    storage.put32(at_ + Format::kReason, Format::reason_word(why, length, code));
    storage.put32(at_ + Format::kParameter, parameter);
    storage.at(at_)[Format::kValidity] &= static_cast<uint8_t>(~Format::kInUse);

    cpu_.state_ = host_;
    cpu_.assist_ = host_assist_;
    cpu_.host_table_ = 0;
    cpu_.preferred_ = {};
    cpu_.epoch_ = 0;
    cpu_.guest_ = nullptr;
    cpu_.level_changed();
    const bool for_host = why == Reason::host_interruption;
    cpu_.set_condition_code(for_host ? 1 : why == Reason::host_translation ? 2 : 0);
    cpu_.spend(cpu_.in_.model.interpretive.exit_ns.value);
    cpu_.ask_owner();
}

void InterpretiveExecution::store_guest() {
    RealStorage& storage = cpu_.in_.storage;
    const isa::CpuState& guest = cpu_.state_;
    storage.put64(at_ + Format::kPsw, isa::encode(guest.psw));
    storage.put32(at_ + Format::kPrefix, guest.prefix);
    storage.put64(at_ + Format::kComparator, guest.clocks.comparator);
    storage.put64(at_ + Format::kCpuTimer, cpu_.cpu_timer());
    for (uint32_t r = 0; r < 16; ++r) {
        storage.put32(at_ + Format::kRegisters + 4 * r, guest.gpr[r]);
        storage.put32(at_ + Format::kControlRegisters + 4 * r, guest.cr[r]);
    }
    for (uint32_t r = 0; r < 4; ++r) storage.put64(at_ + Format::kFloatingPoint + 8 * r, guest.fpr[r]);
    write_guest_event(storage, at_, event_);
}

bool InterpretiveExecution::execute(Cpu& cpu, const isa::Decoded& instruction) {
    if (cpu.psw().problem_state) return false;  // an exception of the guest's own
    const isa::Operands& o = instruction.operands;
    const isa::Row& row = instruction.row();
    const bool by_first = row.format == isa::Format::SI || row.format == isa::Format::SI_S;
    const bool in_storage = by_first || row.format == isa::Format::S || row.format == isa::Format::RS;
    const uint32_t operand = !in_storage ? 0 : by_first ? cpu.address(o.b1, o.d1) : cpu.address(o.b2, o.d2);
    const auto second_byte = static_cast<uint8_t>(by_first ? o.imm : o.r1 << 4 | o.r2);
    cpu.does_not_complete();
    leave(Reason::instruction, 2u * cpu.execution().ilc, row.opcode, operand);
    cpu.in_.storage.put32(at_ + Format::kOperands, uint32_t{second_byte} << 24);
    return true;
}

bool InterpretiveExecution::supervisor_call(Cpu& cpu, uint8_t number) {
    if (!intercepts_.has(Intercept::svc)) return false;
    leave(Reason::supervisor_call, 2u * cpu.execution().ilc, number);
    return true;
}

bool InterpretiveExecution::comes_out_for(bool host_is_interrupted) {
    if (host_is_interrupted) {
        leave(Reason::host_interruption);
        return true;
    }
    const isa::CpuState& guest = cpu_.state();
    const bool window =
        (io_pending_ && isa::enabled_channels(guest) != 0) || (external_pending_ && guest.psw.external_mask);
    if (window) leave(Reason::window);
    return window;
}

std::optional<isa::Interruption> InterpretiveExecution::take_event() {
    return std::exchange(event_, std::nullopt);
}

bool InterpretiveExecution::can_take(const isa::Interruption& interruption) {
    const auto area = cpu_.place_of_guest(cpu_.state_.prefix);
    if (!area.refused()) return true;
    event_ = interruption;
    leave(Reason::host_translation, 0, static_cast<uint16_t>(area.check.code),
          area.check.translation_address);
    return false;
}

}  // namespace simulation
