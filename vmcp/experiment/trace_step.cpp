#include "vmcp/experiment/trace_step.hpp"

#include "simulation/model/overloaded.hpp"

namespace vmcp::experiment {
namespace {

/// A word for an operation and its operands.
uint64_t text_of(const isa::Decoded& d) {
    const isa::Operands& o = d.operands;
    return uint64_t{static_cast<uint16_t>(d.op)} << 48 ^ uint64_t { o.r1 } << 44 ^ uint64_t { o.r2 } << 40 ^
           uint64_t { o.b1 } << 36 ^ uint64_t { o.b2 } << 32 ^ uint64_t { o.d1 } << 20 ^
           uint64_t { o.d2 } << 8 ^ static_cast<uint32_t>(o.imm);
}

/// A word for what an interruption is about.
uint64_t identity_of(const isa::Interruption& interruption) {
    const uint64_t what = std::visit(
        simulation::Overloaded{
            [](const isa::ProgramInterruption& i) {
                // Only some are given an address (chapter 6); what else is there is nobody's business.
                const auto code = static_cast<uint16_t>(i.code);
                const bool shows_address = code == 0x10 || code == 0x11 || code == 0x14 || code == 0x1C ||
                                           (code >= 0x20 && code <= 0x25);
                const unsigned per = (i.per ? 1U : 0U) | (i.only_per ? 2U : 0U);
                return uint64_t{code} << 32 ^ (shows_address ? i.translation_address : 0) ^
                       static_cast<uint64_t>(per) << 56 ^ static_cast<uint64_t>(i.monitor_class) << 48;
            },
            [](const isa::SupervisorCallInterruption& i) { return uint64_t{i.number}; },
            [](const isa::ExternalInterruption& i) { return uint64_t{static_cast<uint16_t>(i.code)}; },
            [](const isa::IoInterruption& i) { return uint64_t{i.device}; },
            [](const isa::MachineCheckInterruption& i) { return i.code; },
            [](const isa::RestartInterruption&) { return uint64_t{}; },
        },
        interruption);
    return what << 3 | interruption.index();
}

}  // namespace

bool same_place(const TraceStep& a, const TraceStep& b) {
    if (a.kind != b.kind) return false;
    switch (a.kind) {
        case TraceStep::Kind::instruction:
            return a.address == b.address && text_of(a.instruction) == text_of(b.instruction) &&
                   text_of(a.subject) == text_of(b.subject);
        case TraceStep::Kind::interruption: return identity_of(a.interruption) == identity_of(b.interruption);
        case TraceStep::Kind::loop: return a.period == b.period && a.times == b.times;
    }
    return false;
}

uint64_t place_hash(const TraceStep& step) {
    constexpr uint64_t kMix = 0x9E3779B97F4A7C15;
    if (step.is(TraceStep::Kind::interruption)) return identity_of(step.interruption) * kMix + 1;
    return ((text_of(step.instruction) * kMix) ^ step.address ^ (text_of(step.subject) << 7)) * kMix;
}

}  // namespace vmcp::experiment
