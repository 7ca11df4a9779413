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
