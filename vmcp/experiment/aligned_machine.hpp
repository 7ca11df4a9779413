// A bare machine that somebody else leads: step by step, with interruptions and answers of clocks and devices
// when and as he says.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>

#include "vmcp/experiment/native.hpp"
#include "vmcp/experiment/step_recorder.hpp"
#include "vmcp/experiment/time_values.hpp"
#include "vmcp/experiment/timed_steps.hpp"

namespace vmcp::experiment {

/// What was not as the guest has it; `what`: a sentence.
struct Moved {
    TimeCause cause{};
    std::string what;
};

class AlignedMachine {
  public:
    /// `bare` must outlive it, and has not been started.
    explicit AlignedMachine(NativeMachine& bare);
    void start();

    /// Time goes on to that of the guest.
    void follow(const TimedStep& guest);
    /// Does what comes next: one instruction, which may take an interruption with it, or the interruption
    /// that forbids one. `guest`: what the guest did, `next` what then, if anything. What was decided by time
    /// is in moved(). Nothing is added to steps() where the machine waits.
    void execute(const TimedStep& guest, const TimedStep* next);
    /// Takes the interruption, which the guest has got, if it is due and enabled. Else: what it is not.
    std::optional<std::string> present(const isa::Interruption& interruption);
    /// An interruption that is due and enabled, in words.
    std::optional<std::string> due();
    /// The same, as long as nothing but devices goes on, by `time` at most.
    std::optional<std::string> due_within(SimTime time);

    /// What it has done and nobody has taken away yet.
    std::deque<TraceStep>& steps() { return steps_; }
    /// What time decided in the latest step.
    const std::optional<Moved>& moved() const { return moved_; }
    /// Whether something in the latest step is beyond what time explains, in words.
    const std::optional<std::string>& refused() const { return refused_; }
    /// The instruction that is next, if it can be seen.
    std::optional<TraceStep> next_instruction() const;
    bool waits() const { return cpu().psw().wait; }
    bool in_disabled_wait() const { return isa::is_disabled_wait(cpu().state()); }

  private:
    simulation::Cpu& cpu() const { return machine_.cpu(); }
    void take(const isa::Interruption& interruption);
    void run_one(const TimedStep& guest, const TimedStep* next);
    void set_interval_timer(uint32_t word);
    void ask_channel(const TimedStep& guest, const TimedStep* next);
    void answer_busy(const TimedStep& guest, const TraceStep& own, unsigned condition);
    void bring_device(const TimedStep& guest, unsigned condition);
    void give_answer(const TimedStep& guest, uint64_t clock);
    void compare_csw(const TimedStep& guest);
    /// Lets devices go on, and then the operator, or he first if it is his console, until it is so. False: it
    /// will not be that soon.
    template <class Reached>
    bool wait_for(uint16_t device, Reached reached);
    /// Lets the next thing happen that devices do. False: there is nothing that soon.
    bool advance_devices(SimTime most);
    std::optional<std::string> make_due(const isa::IoInterruption& interruption);
    std::optional<std::string> make_due(const isa::ExternalInterruption& interruption);

    NativeMachine& bare_;
    simulation::Machine& machine_;
    const uint16_t console_;
    std::deque<TraceStep> steps_;
    std::optional<Moved> moved_;
    std::optional<std::string> refused_;
    std::map<uint16_t, SimTime> busy_since_;  // devices that are further on than the guest's: since when
    NativeStepRecorder recorder_;
};

}  // namespace vmcp::experiment
