// Something that happens in a run, as the debugger counts and tells it.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "isa/interruption.hpp"
#include "vmcp/debug/position.hpp"
#include "vmcp/debug/stop.hpp"
#include "vmcp/ledger/cause.hpp"

namespace vmcp::debug {

struct Moment {
    enum class Kind : uint8_t {
        instruction,   // `machine`, or the real machine for it, is in front of an instruction
        interruption,  // the real machine takes one, or the virtual machine is given one
        trap,          // the real machine takes one from a virtual machine's program
        step,          // the control program has begun a step
        resumed,       // it is about to let the virtual machine go on
        other,         // which is only told
        console,       // a line on a console is complete
        ended,         // the run has
    };
    Kind kind = Kind::other;
    MachineNumber machine = kRealMachine;  // whose: of a trap, the one that was trapped
    simulation::SimTime time = 0;
    const isa::Interruption* interruption = nullptr;
    std::optional<Cause> cause = {};         // of a step
    bool changes_over = false;               // of `resumed`: another one went on before
    bool has_moved = false;                  // of `resumed`: it does not go on where it was trapped
    std::string_view line = {};              // of a console
    std::function<std::string()> text = {};  // for the log; empty: it is not logged
    Position position = {};
};

}  // namespace vmcp::debug
