// CP commands: what a virtual machine's user, or a guest through DIAGNOSE X'08', asks of the control program.
#pragma once

#include <string>
#include <string_view>

#include "vmcp/dispatch/machine_states.hpp"

namespace vmcp {

/// Executes a command for a virtual machine; answers go to its console. Returns CP's return code: 0 done,
/// otherwise the number of the message (1: unknown command, and so on).
/// `work`: what it is done under.
uint32_t execute_cp_command(Nucleus& nucleus, MachineStates& states, Work& work, VirtualMachine& vm,
                            std::string_view command);

/// The calendar that simulated time stands for: it begins at 00:00:00 on 1 January 1979 (assumed).
struct CalendarTime {
    std::string date;  // "01/01/79"
    std::string time;  // "00:00:12"
};
CalendarTime calendar_time(simulation::SimTime now);

}  // namespace vmcp
