#include "vmcp/experiment/time_values.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace vmcp::experiment {
namespace {

using isa::Op;

constexpr StorageRange kIntervalTimer{isa::Assigned::interval_timer, 4}, kCsw{isa::Assigned::csw, 8},
    kChannelId{isa::Assigned::channel_id, 4};

struct Words {
    std::string_view word, text;
};
constexpr Words kWords[kTimeCauses] = {
    {"none", "nothing is known that would explain it"},
    {"clock", "the time-of-day clock was read (STCK)"},
    {"cpu-timer", "the CPU timer was read (STPT)"},
    {"interval-timer", "the interval timer was read (location X'50')"},
    {"identity", "the machine was asked who it is (STIDP, STIDC)"},
    {"device-state", "a device or channel was at another point (SIO, TIO, TCH, ...)"},
    {"io-status", "an I/O interruption told another status (CSW)"},
    {"io-arrival", "an I/O interruption came at another instruction"},
    {"external-arrival", "an external interruption came at another instruction"},
    {"polling", "a loop that waits went round another number of times"},
    {"diagnose", "DIAGNOSE, which every machine has its own of"},
};

bool overlap(StorageRange a, StorageRange b) {
    return a.length != 0 && (a.address & isa::kAddressMask) < b.address + b.length &&
           (a.address & isa::kAddressMask) + a.length > b.address;
}

}  // namespace

std::string_view word_of(TimeCause cause) { return kWords[static_cast<unsigned>(cause)].word; }
std::string_view text_of(TimeCause cause) { return kWords[static_cast<unsigned>(cause)].text; }

std::string name_of_place(unsigned place) {
    if (place < 16) return fmt::format("R{}", place);
    if (place < 20) return fmt::format("F{}", 2 * (place - 16));
    if (place < 36) return fmt::format("C{}", place - 20);
    return place == kConditionPlace ? "CC" : "PSW";
}

uint64_t value_at(const CpuPicture& cpu, unsigned place) {
    if (place < 16) return cpu.gpr[place];
    if (place < 20) return cpu.fpr[place - 16];
    if (place < 36) return cpu.cr[place - 20];
    isa::Psw psw = isa::decode_psw(cpu.psw);
    if (place == kConditionPlace) return psw.condition_code;
    psw.condition_code = 0;
    psw.address = 0;
    return isa::encode(psw);
}

TimeCause TimeValues::in(StorageRange range) const {
    for (uint32_t i = 0; i < range.length; ++i)
        if (const TimeCause cause = storage_[(range.address + i) & isa::kAddressMask];
            cause != TimeCause::none)
            return cause;
    return TimeCause::none;
}

void TimeValues::set(StorageRange range, TimeCause cause) {
    for (uint32_t i = 0; i < range.length; ++i) storage_[(range.address + i) & isa::kAddressMask] = cause;
}

TimeCause own_reason(const TraceStep& step) {
    if (!step.is(TraceStep::Kind::instruction) || step.subject.op == Op::invalid) return TimeCause::none;
    switch (step.subject.op) {
        case Op::op_STCK: return TimeCause::clock;
        case Op::op_STPT: return TimeCause::cpu_timer;
        case Op::op_STIDP:
        case Op::op_STIDC: return TimeCause::identity;
        case Op::op_DIAG: return TimeCause::diagnose;
        default: break;
    }
    if (step.subject.row().cost == isa::CostClass::io) return TimeCause::device_state;
    const OperandFlow flow = flow_of(step);
    for (const auto& range : {flow.first, flow.second})
        if (range && overlap(*range, kIntervalTimer)) return TimeCause::interval_timer;
    return TimeCause::none;
}

TimeCause TimeValues::reason(const TraceStep& step) const {
    if (step.is(TraceStep::Kind::interruption)) {
        // The new PSW, which may have been stored from such a value.
        static constexpr uint32_t kNew[] = {
            isa::Assigned::program_new, isa::Assigned::supervisor_call_new, isa::Assigned::external_new,
            isa::Assigned::io_new,      isa::Assigned::machine_check_new,   isa::Assigned::restart_new};
        return in({kNew[step.interruption.index()], 8});
    }
    if (const TimeCause own = own_reason(step); own != TimeCause::none) return own;
    const OperandFlow flow = flow_of(step);
    for (unsigned r = 0; r < 16; ++r)
        if (flow.registers >> r & 1 && registers_[r] != TimeCause::none) return registers_[r];
    if (flow.condition && registers_[kConditionPlace] != TimeCause::none) return registers_[kConditionPlace];
    for (const auto& range : {flow.first, flow.second}) {
        if (!range) continue;
        if (const TimeCause cause = in(*range); cause != TimeCause::none) return cause;
    }
    if (step.subject.op != Op::invalid && step.subject.row().cost >= isa::CostClass::float_load &&
        step.subject.row().cost <= isa::CostClass::float_extended)
        for (unsigned f = 16; f < 20; ++f)
            if (registers_[f] != TimeCause::none) return registers_[f];
    return TimeCause::none;
}

void TimeValues::executed(const TraceStep& step) {
    if (!step.is(TraceStep::Kind::instruction) || step.subject.op == Op::invalid) return;
    if (step.subject.row().cost == isa::CostClass::io) {
        if (step.subject.op == Op::op_STIDC)
            set(kChannelId, TimeCause::identity);
        else
            set(kCsw, TimeCause::device_state);
        return;
    }
    const OperandFlow flow = flow_of(step);
    if (!flow.stored) return;
    if (step.subject.op == Op::op_STM) {  // a word a register
        const unsigned first = step.subject.operands.r1;
        const TimeCause base = registers_[step.subject.operands.b2];
        for (unsigned i = 0; i < flow.stored->length / 4; ++i) {
            const TimeCause own = registers_[(first + i) & 15];
            set({flow.stored->address + 4 * i, 4}, own != TimeCause::none ? own : base);
        }
        return;
    }
    if (step.subject.op == Op::op_STCTL) {
        const unsigned first = step.subject.operands.r1;
        for (unsigned i = 0; i < flow.stored->length / 4; ++i)
            set({flow.stored->address + 4 * i, 4}, registers_[20 + ((first + i) & 15)]);
        return;
    }
    TimeCause cause = reason(step);
    if (flow.stored_register) {
        // The register beside it is not stored.
        cause = registers_[*flow.stored_register];
        const isa::Operands& o = step.subject.operands;
        for (const unsigned r : {unsigned{o.b2}, unsigned{o.r2}})
            if (cause == TimeCause::none && r != 0) cause = registers_[r];
    }
    set(*flow.stored, cause);
}

void TimeValues::skipped(const TraceStep& step, TimeCause cause) {
    if (step.is(TraceStep::Kind::interruption)) {
        static constexpr uint32_t kOld[] = {
            isa::Assigned::program_old, isa::Assigned::supervisor_call_old, isa::Assigned::external_old,
            isa::Assigned::io_old,      isa::Assigned::machine_check_old,   isa::Assigned::restart_old};
        set({kOld[step.interruption.index()], 8}, cause);
        if (isa::class_of(step.interruption) == isa::InterruptionClass::io) set(kCsw, cause);
        return;
    }
    if (!step.is(TraceStep::Kind::instruction)) return;
    if (const OperandFlow flow = flow_of(step); flow.stored) set(*flow.stored, cause);
}

}  // namespace vmcp::experiment
