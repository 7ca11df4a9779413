#include "vmcp/experiment/ending.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace vmcp::experiment {

bool says_well(const isa::Psw& psw) {
    return psw.address == 0 || fmt::format("{:06X}", psw.address).find("600D") != std::string::npos;
}

bool ended_well(const NativeResult& result) {
    switch (result.stop) {
        case simulation::Stop::disabled_wait: return says_well(result.cpu.psw);
        case simulation::Stop::check_stop:
        case simulation::Stop::limit: return false;
        default: return true;
    }
}

bool ended_well(const VmResult& vm) {
    switch (vm.stop) {
        case StopReason::disabled_wait: return says_well(vm.cpu.psw);
        case StopReason::check_stop:
        case StopReason::output_full:
        case StopReason::instruction_limit:
        case StopReason::storage_exhausted:
        case StopReason::load_failed:
        case StopReason::control_program_failed: return false;
        default: return true;
    }
}

bool ended_well(const RunResult& result) {
    const auto well = [&](const VmResult& vm) {
        return ended_well(vm) && (!result.time_limit_reached || vm.state == VmState::stopped);
    };
    return std::all_of(result.vms.begin(), result.vms.end(), well);
}

bool ended_well(const Comparison& comparison) {
    return ended_well(comparison.together) &&
           std::all_of(comparison.guests.begin(), comparison.guests.end(), [](const GuestComparison& guest) {
               return ended_well(guest.native) && ended_well(guest.alone);
           });
}

}  // namespace vmcp::experiment
