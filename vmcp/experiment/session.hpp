// A scenario, or one machine of it, while it runs: started, let go on piece by piece, and acted on in
// between. Stopping to look changes nothing of what is simulated.
#pragma once

#include <string_view>

#include "vmcp/experiment/action.hpp"

namespace vmcp::experiment {

/// Why a session has come back.
enum class Progress : uint8_t {
    time,   // simulated time is what was asked for, or a little more; the rest can go on
    idle,   // nothing will happen before somebody acts
    ended,  // every machine has, or the time limit is reached
};

class Session {
  public:
    virtual ~Session() = default;
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    /// Starts what the scenario has. Once, before anything else. Throws std::runtime_error where something
    /// cannot be loaded.
    virtual void start() = 0;
    /// Goes on until simulated time `until`, ns. Throws OperatorError where an operator's script does not go
    /// as written.
    virtual Progress advance(simulation::SimTime until) = 0;
    /// `machine`: the name in the scenario. Throws ActionError, or what a file that the action names is not
    /// fit for.
    virtual void act(std::string_view machine, const Action& action) = 0;
    virtual simulation::SimTime now() const = 0;
    /// Ends all output files; what was written up to now is whole. Throws std::runtime_error where it is not.
    /// What goes out of scope without it does the same, but cannot say so.
    virtual void finish() = 0;

  protected:
    Session() = default;
};

}  // namespace vmcp::experiment
