// One virtual machine of a session, with what it has written and who operates it; and what came of it.
#pragma once

#include <optional>
#include <vector>

#include "vmcp/experiment/console_typist.hpp"
#include "vmcp/experiment/device_outputs.hpp"
#include "vmcp/experiment/result.hpp"
#include "vmcp/experiment/scripted_operator.hpp"
#include "vmcp/experiment/vm_description.hpp"
#include "vmcp/machine/virtual_machine.hpp"

namespace vmcp::experiment {

struct Seat {
    explicit Seat(const VmDescription& what) : description(what), outputs(what, 2) {}

    const VmDescription description;
    DeviceOutputs outputs;
    VirtualMachine* vm = nullptr;        // null: it has been logged off
    VmResult left;                       // what it was then
    std::vector<uint16_t> real_devices;  // that are there for it alone
    std::optional<ScriptedOperator> scripted;
    std::optional<ConsoleTypist> typist;  // ends before its machine
    SimTime waited = 0;                   // when somebody looked at its console last
    bool started = false;
};

/// Where the session stands when somebody asks.
struct SeatMoment {
    SimTime now, end;  // end: where the time limit is
    bool interrupted;
    SimTime time_limit;
    const simulation::MachineModel& model;  // of the real machine
};

/// What came of the machine by then; of one that was logged off, what did until that.
VmResult result_of(Seat& seat, const SeatMoment& at);

}  // namespace vmcp::experiment
