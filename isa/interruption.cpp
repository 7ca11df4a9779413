#include "isa/interruption.hpp"

namespace isa {

bool nullifies(ProgramCode code) {
    switch (code) {
        case ProgramCode::segment_translation:
        case ProgramCode::page_translation:
        case ProgramCode::pseudo_page_fault:
        case ProgramCode::afx_translation:
        case ProgramCode::asx_translation:
        case ProgramCode::lx_translation:
        case ProgramCode::ex_translation:
        case ProgramCode::primary_authority:
        case ProgramCode::secondary_authority: return true;
        default: return false;
    }
}

bool completes(ProgramCode code) {
    switch (code) {
        case ProgramCode::fixed_point_overflow:
        case ProgramCode::decimal_overflow:
        case ProgramCode::exponent_overflow:
        case ProgramCode::exponent_underflow:
        case ProgramCode::significance:
        case ProgramCode::space_switch_event:
        case ProgramCode::monitor_call: return true;
        default: return false;
    }
}

void accept(ExternalConditions& pending, const ExternalInterruption& taken) {
    const auto others = static_cast<uint16_t>(~(1u << taken.cpu_address));
    switch (taken.code) {
        case ExternalCode::interval_timer: pending.interval_timer = false; break;
        case ExternalCode::interrupt_key: pending.interrupt_key = false; break;
        case ExternalCode::timer_and_key: pending.interval_timer = pending.interrupt_key = false; break;
        case ExternalCode::malfunction_alert: pending.malfunction_alerts &= others; break;
        case ExternalCode::emergency_signal: pending.emergency_signals &= others; break;
        case ExternalCode::external_call: pending.external_calls &= others; break;
        case ExternalCode::tod_clock_sync:
        case ExternalCode::clock_comparator:
        case ExternalCode::cpu_timer: break;
    }
}

std::optional<ExternalInterruption> highest_external(const CpuState& state, ClockRequests clocks) {
    if (!state.psw.external_mask) return std::nullopt;
    const ExternalConditions& pending = state.external;
    const uint32_t masks = state.cr[0];
    const auto from = [](ExternalCode code, uint16_t set) {
        return ExternalInterruption{code, static_cast<uint16_t>(__builtin_ctz(set))};
    };
    // Chapter 6, "External Interruption": the order of priority.
    const bool timer = pending.interval_timer && masks & kCr0IntervalTimerMask;
    const bool key = pending.interrupt_key && masks & kCr0InterruptKeyMask;
    if (timer || key)
        return ExternalInterruption{timer && key ? ExternalCode::timer_and_key
                                    : timer      ? ExternalCode::interval_timer
                                                 : ExternalCode::interrupt_key};
    if (pending.malfunction_alerts != 0 && masks & kCr0MalfunctionAlertMask)
        return from(ExternalCode::malfunction_alert, pending.malfunction_alerts);
    if (pending.emergency_signals != 0 && masks & kCr0EmergencySignalMask)
        return from(ExternalCode::emergency_signal, pending.emergency_signals);
    if (pending.external_calls != 0 && masks & kCr0ExternalCallMask)
        return from(ExternalCode::external_call, pending.external_calls);
    if (clocks.comparator && masks & kCr0ClockComparatorMask)
        return ExternalInterruption{ExternalCode::clock_comparator};
    if (clocks.timer && masks & kCr0CpuTimerMask) return ExternalInterruption{ExternalCode::cpu_timer};
    return std::nullopt;
}

std::string_view name_of(ProgramCode code) {
    switch (code) {
        case ProgramCode::operation: return "operation";
        case ProgramCode::privileged_operation: return "privileged operation";
        case ProgramCode::execute: return "execute";
        case ProgramCode::protection: return "protection";
        case ProgramCode::addressing: return "addressing";
        case ProgramCode::specification: return "specification";
        case ProgramCode::data: return "data";
        case ProgramCode::fixed_point_overflow: return "fixed-point overflow";
        case ProgramCode::fixed_point_divide: return "fixed-point divide";
        case ProgramCode::decimal_overflow: return "decimal overflow";
        case ProgramCode::decimal_divide: return "decimal divide";
        case ProgramCode::exponent_overflow: return "exponent overflow";
        case ProgramCode::exponent_underflow: return "exponent underflow";
        case ProgramCode::significance: return "significance";
        case ProgramCode::floating_point_divide: return "floating-point divide";
        case ProgramCode::segment_translation: return "segment translation";
        case ProgramCode::page_translation: return "page translation";
        case ProgramCode::translation_specification: return "translation specification";
        case ProgramCode::special_operation: return "special operation";
        case ProgramCode::pseudo_page_fault: return "pseudo page fault";
        case ProgramCode::asn_translation_specification: return "ASN-translation specification";
        case ProgramCode::space_switch_event: return "space-switch event";
        case ProgramCode::pc_translation_specification: return "PC-translation specification";
        case ProgramCode::afx_translation: return "AFX translation";
        case ProgramCode::asx_translation: return "ASX translation";
        case ProgramCode::lx_translation: return "LX translation";
        case ProgramCode::ex_translation: return "EX translation";
        case ProgramCode::primary_authority: return "primary authority";
        case ProgramCode::secondary_authority: return "secondary authority";
        case ProgramCode::monitor_call: return "monitor call";
        case ProgramCode::per_event: return "PER event";
    }
    return "unknown";
}

std::string_view name_of(InterruptionClass c) {
    static constexpr std::string_view names[] = {"program", "supervisor call", "external",
                                                 "I/O",     "machine check",   "restart"};
    return names[static_cast<unsigned>(c)];
}

}  // namespace isa
