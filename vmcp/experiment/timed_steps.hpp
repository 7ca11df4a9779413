// The steps of a guest, each with what time has decided about it: AlignedComparison lets a bare machine do
// the same with the same answers.
#pragma once

#include <deque>

#include "vmcp/experiment/traced_guest.hpp"

namespace vmcp::experiment {

struct TimedStep {
    TraceStep step;
    SimTime time = 0;    // simulated: when it began
    uint32_t timer = 0;  // the word at location X'50' then
    /// What an instruction that asks a clock or timer has stored; of an I/O instruction the CSW behind it, of
    /// STIDC the word at location X'A8'.
    uint64_t answer = 0;
};

/// Of an instruction: whether it asks for a time or for who the machine is, and stores eight bytes of answer.
bool asks(const TraceStep& step);
/// Whether a channel answers it.
bool is_io(const TraceStep& step);

class TimedSteps {
  public:
    virtual ~TimedSteps() = default;
    /// The step so many behind the next one. Null: there is none. Holds until advance().
    virtual const TimedStep* peek(size_t ahead = 0) = 0;
    /// Precondition: peek() is not null.
    virtual void advance() = 0;
    /// Behind the last one: whether the program has brought itself to its end, or nothing will ever happen to
    /// it.
    virtual bool ended_by_program() const = 0;
    virtual bool is_idle() const = 0;
};

/// Of a guest of a scenario.
class GuestSteps final : public TimedSteps {
  public:
    GuestSteps(const Scenario& scenario, size_t vm)
        : guest_(scenario, vm, [this](const TraceStep& step) { add(step); }) {}

    const TimedStep* peek(size_t ahead) override;
    void advance() override { steps_.pop_front(); }
    bool ended_by_program() const override { return guest_.ended_by_program(); }
    bool is_idle() const override { return guest_.is_idle(); }

  private:
    void add(const TraceStep& step);

    std::deque<TimedStep> steps_;
    // When the step before was told, which is when the next one begins.
    SimTime time_ = 0;
    uint32_t timer_ = 0;
    bool ended_ = false;
    TracedGuest guest_;
};

}  // namespace vmcp::experiment
