// One guest of a scenario under the control program, whose steps are told as it goes on.
#pragma once

#include <optional>

#include "vmcp/experiment/private_media.hpp"
#include "vmcp/experiment/step_recorder.hpp"
#include "vmcp/experiment/virtual_session.hpp"

namespace vmcp::experiment {

/// Lets a session go on by a piece of simulated time, which is fitted to how much comes in it.
class Pieces {
  public:
    SimTime next(SimTime now) const { return now + piece_; }
    void came(size_t steps);

  private:
    SimTime piece_ = 100'000;
};

class TracedGuest {
  public:
    /// `vm`: its index in the scenario. It gets copies of its disks and tapes.
    TracedGuest(const Scenario& scenario, size_t vm, StepOutput output);

    /// Goes on for a while, and tells what comes in it. False: there will be no more.
    bool go_on();
    /// Whether it is the program that has brought itself to its end.
    bool ended_by_program() const { return by_program_; }
    /// Nothing will ever happen to it.
    bool is_idle() const { return idle_; }
    SimTime now() const { return session_->now(); }
    /// Null until it has begun.
    const VirtualMachine* machine() const { return recorder_.machine(); }

  private:
    PrivateMedia media_;
    Scenario scenario_;  // the session looks at it
    size_t vm_;
    size_t came_ = 0;
    GuestStepRecorder recorder_;
    std::optional<VirtualSession> session_;
    Pieces pieces_;
    bool started_ = false, stopped_ = false, by_program_ = false, idle_ = false;
};

}  // namespace vmcp::experiment
