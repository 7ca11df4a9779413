// What a debugged run stops at.
#pragma once

#include <cstdint>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "simulation/model/time.hpp"

namespace vmcp::debug {

/// A machine as the debugger numbers them: 0 is the real one; then come the virtual machines in the order of
/// the scenario, whether they are logged on or not.
using MachineNumber = unsigned;
inline constexpr MachineNumber kRealMachine = 0;

struct Stop {
    enum class Kind : uint8_t {
        address,          // in front of the instruction there
        change,           // of storage: in front of what changes it when going back, behind it when going on
        supervisor_call,  // SVC of this number
        program_check,    // with this code
        interruption,     // any that the machine takes, or is given
        cause,            // an exit of a virtual machine, by the ledger's name of its cause
        console,          // a line of the console that has this text in it
        time,             // simulated time is this, or a little more
    };
    unsigned id = 0;  // from 1 on, in the order in which they were set
    Kind kind = Kind::address;
    MachineNumber machine = kRealMachine;
    uint32_t address = 0;          // logical; of `change`, the first byte: real for the real machine, the
                                   // virtual machine's own real for a virtual one
    uint32_t length = 4;           // bytes, of `change`
    int number = -1;               // of an SVC or a program interruption; -1: any
    std::string text;              // of a cause or the console; of an address, the symbol it was given as
    simulation::SimTime time = 0;  // ns
    bool once = false;             // it goes away when the run stops, wherever

    bool operator==(const Stop&) const = default;
};

/// "ADDRESS 000420 of GUEST1": for people.
std::string text_of(const Stop& stop);

void to_json(nlohmann::json& json, const Stop& stop);
void from_json(const nlohmann::json& json, Stop& stop);

}  // namespace vmcp::debug
