// An operator who does what a script says: looks at the console and the displays now and then, and acts.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "simulation/channel/channel_subsystem.hpp"
#include "vmcp/experiment/action.hpp"
#include "vmcp/experiment/console_typist.hpp"

namespace vmcp::experiment {

class ScriptedOperator {
  public:
    /// How often he looks, in simulated time.
    static constexpr SimTime kLook = ConsoleTypist::kLook;
    /// A text that he waits for is found if it has at most so many bytes: of what he has looked through, he
    /// looks only at so much again.
    static constexpr size_t kLongestText = 1024;

    /// All must outlive it. `act` does to the machine what a step says.
    ScriptedOperator(const OperatorScript& script, const simulation::ChannelSubsystem& channels,
                     std::function<void(const Action&)> act)
        : script_(script), channels_(channels), act_(std::move(act)) {}

    /// The machine has been started.
    void begin(SimTime now) { step_began_ = pause_began_ = now; }
    /// The program has typed something on the console.
    void hear(std::string_view text) { heard_ += text; }

    /// Does what the script says for now. `still`: nothing goes on any more, so it is no use to pause. Throws
    /// OperatorError, also where the machine cannot do what a step says, or images::ImageError.
    void look(SimTime now, bool still);
    bool has_ended() const { return step_ == script_.size(); }
    /// How many bytes of the console's text he has looked at, those at which he looked again included.
    uint64_t looked_through() const { return looked_through_; }
    /// Number of the step that he is at, from 0.
    size_t step() const { return step_; }
    /// When the present step must be done. The pause does not count.
    SimTime deadline() const {
        const OperatorStep& s = script_[step_];
        return (s.wait && !matched_ ? step_began_ : pause_began_ + s.pause) + s.limit;
    }
    /// Throws OperatorError: the present step, why it cannot be done, and what was expected.
    [[noreturn]] void give_up(std::string_view why) const;
    /// Gives up if the step has taken too long.
    void check_deadline(SimTime now) const;

  private:
    bool has_come(const OperatorStep& step);
    void do_step(const OperatorStep& step);
    void act(const OperatorStep& step);

    const OperatorScript& script_;
    const simulation::ChannelSubsystem& channels_;
    std::function<void(const Action&)> act_;
    std::string heard_;     // typed by the program since the step before, or the last part of it
    size_t looked_at_ = 0;  // how much of it matched nothing
    uint64_t looked_through_ = 0;
    size_t step_ = 0;
    bool matched_ = false;     // the text that the step waits for has come
    SimTime step_began_ = 0;   // when the step before was done
    SimTime pause_began_ = 0;  // the same, or when the text had come
};

}  // namespace vmcp::experiment
