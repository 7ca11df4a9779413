#include "vmcp/experiment/interruption_text.hpp"

#include <fmt/format.h>

#include "simulation/model/overloaded.hpp"

namespace vmcp::experiment {
namespace {

using isa::Assigned;

}  // namespace

std::string_view name_of(isa::ExternalCode code) {
    switch (code) {
        case isa::ExternalCode::interval_timer: return "interval timer";
        case isa::ExternalCode::interrupt_key: return "interrupt key";
        case isa::ExternalCode::timer_and_key: return "interval timer and interrupt key";
        case isa::ExternalCode::malfunction_alert: return "malfunction alert";
        case isa::ExternalCode::emergency_signal: return "emergency signal";
        case isa::ExternalCode::external_call: return "external call";
        case isa::ExternalCode::tod_clock_sync: return "TOD-clock sync check";
        case isa::ExternalCode::clock_comparator: return "clock comparator";
        case isa::ExternalCode::cpu_timer: return "CPU timer";
    }
    return "external signal";
}

std::string interruption_name(const isa::Interruption& interruption) {
    return std::visit(
        simulation::Overloaded{
            [](const isa::ProgramInterruption& i) {
                return i.only_per ? std::string("PER event")
                                  : std::string(isa::name_of(i.code)) + (i.per ? " and PER event" : "");
            },
            [](const isa::SupervisorCallInterruption& i) { return fmt::format("SVC {}", i.number); },
            [](const isa::ExternalInterruption& i) { return std::string(name_of(i.code)); },
            [](const isa::IoInterruption& i) { return fmt::format("I/O {:03X}", i.device); },
            [](const isa::MachineCheckInterruption&) { return std::string("machine check"); },
            [](const isa::RestartInterruption&) { return std::string("restart"); },
        },
        interruption);
}

std::string interruption_text(const isa::Interruption& interruption) {
    return std::visit(
        simulation::Overloaded{
            [&](const isa::ProgramInterruption& i) {
                const unsigned code =
                    (i.only_per ? 0U : static_cast<unsigned>(i.code)) | (i.per ? 0x80U : 0U);
                return fmt::format("program interruption, code {:04X}: {}", code,
                                   interruption_name(interruption));
            },
            [](const isa::SupervisorCallInterruption& i) {
                return fmt::format("supervisor-call interruption, number {}", i.number);
            },
            [](const isa::ExternalInterruption& i) {
                return fmt::format("external interruption, code {:04X}: {}", static_cast<unsigned>(i.code),
                                   name_of(i.code));
            },
            [](const isa::IoInterruption& i) {
                return fmt::format("I/O interruption from device {:03X}", i.device);
            },
            [](const isa::MachineCheckInterruption&) { return std::string("machine-check interruption"); },
            [](const isa::RestartInterruption&) { return std::string("restart interruption"); },
        },
        interruption);
}

PswPlaces psw_places(const isa::Interruption& interruption) {
    static constexpr PswPlaces kPlaces[] = {{Assigned::program_old, Assigned::program_new},
                                            {Assigned::supervisor_call_old, Assigned::supervisor_call_new},
                                            {Assigned::external_old, Assigned::external_new},
                                            {Assigned::io_old, Assigned::io_new},
                                            {Assigned::machine_check_old, Assigned::machine_check_new},
                                            {Assigned::restart_old, Assigned::restart_new}};
    return kPlaces[interruption.index()];
}

std::string psw_meaning(const isa::Psw& psw) {
    std::string text = psw.problem_state ? "problem state" : "supervisor state";
    text += psw.ec_mode ? ", EC mode" : ", BC mode";
    if (psw.wait) text += ", waiting";
    if (psw.dat) text += ", DAT on";
    text += fmt::format(", key={:X}, CC={}", psw.key, psw.condition_code);
    const bool io = psw.ec_mode ? psw.io_mask : psw.bc_channel_masks != 0;
    if (io && psw.external_mask)
        text += ", enabled for I/O and external";
    else if (io)
        text += ", enabled for I/O";
    else if (psw.external_mask)
        text += ", enabled for external";
    else
        text += ", disabled";
    return text;
}

}  // namespace vmcp::experiment
