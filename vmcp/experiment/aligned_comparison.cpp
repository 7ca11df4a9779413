#include "vmcp/experiment/aligned_comparison.hpp"

#include <fmt/format.h>

#include "vmcp/experiment/aligned_machine.hpp"
#include "vmcp/experiment/interruption_text.hpp"

namespace vmcp::experiment {
namespace {

constexpr size_t kShown = 8;  // steps around a difference

class Aligned {
  public:
    Aligned(NativeMachine& bare, TimedSteps& guest) : bare_(bare), guest_(guest) { result_.aligned = true; }

    StreamComparison run(uint64_t most, const std::function<bool()>& interrupted) {
        bare_.start();
        uint64_t turns = 0;
        while (!ended_) {
            if (result_.instructions >= most)
                end(ComparisonEnd::limit);
            else if (++turns % 65536 == 0 && interrupted && interrupted())
                end(ComparisonEnd::interrupted);
            else
                step();
        }
        return std::move(result_);
    }

  private:
    void step() {
        const TimedStep* const guest = guest_.peek();
        if (guest == nullptr) return end_of_guest();
        if (bare_.steps().empty()) {
            bare_.follow(*guest);
            if (is_overdue(*guest)) return;
            if (!do_same(*guest)) return;
        }
        if (agrees(*guest)) pass(guest->step);
    }

    /// The bare machine does what the guest did, if it can.
    bool do_same(const TimedStep& guest) {
        if (is_asynchronous(guest.step)) {
            if (const auto why = bare_.present(guest.step.interruption)) {
                differ(fmt::format("the guest gets an interruption, {}: {}",
                                   interruption_text(guest.step.interruption), *why));
                return false;
            }
        } else {
            bare_.execute(guest, guest_.peek(1));
        }
        if (const auto& moved = bare_.moved()) note(*moved, guest);
        if (bare_.refused()) differ(*bare_.refused());
        if (!ended_ && bare_.steps().empty()) differ("the bare machine waits, and the guest goes on");
        return !ended_;
    }

    bool agrees(const TimedStep& guest) {
        const TraceStep &x = bare_.steps().front(), &y = guest.step;
        const bool interruption = x.is(TraceStep::Kind::interruption);
        if (!same_place(x, y) || (interruption && x.address != y.address)) {
            differ("the two go different ways");
            return false;
        }
        if (!(x.cpu == y.cpu))
            for (unsigned place = 0; place < kPlaces; ++place)
                if (const uint64_t a = value_at(x.cpu, place), b = value_at(y.cpu, place); a != b) {
                    differ(fmt::format("{} differs, {:X} natively and {:X} as a guest", name_of_place(place),
                                       a, b));
                    return false;
                }
        if (!interruption) return true;
        const auto* a = std::get_if<isa::IoInterruption>(&x.interruption);
        const auto* b = std::get_if<isa::IoInterruption>(&y.interruption);
        if (a == nullptr || b == nullptr || a->csw == b->csw) return true;
        differ(fmt::format("{}: CSW {:016X} natively and {:016X} as a guest",
                           interruption_text(x.interruption), a->csw, b->csw));
        return false;
    }

    void pass(const TraceStep& step) {
        ++(step.is(TraceStep::Kind::interruption) ? result_.interruptions : result_.instructions);
        before_.push_back(step);
        if (before_.size() > kShown) before_.pop_front();
        bare_.steps().pop_front();
        guest_.advance();
    }

    /// Something is due on the bare machine for so long that it is no more a matter of time.
    bool is_overdue(const TimedStep& guest) {
        const auto due = bare_.due();
        if (!due) {
            due_ = 0;
            return false;
        }
        if (due_ == 0) due_since_ = guest.time;
        if (++due_ <= kAlignedDue || guest.time <= due_since_ + kAlignedDelay) return false;
        differ(fmt::format("natively an interruption is due for {} steps, {}, which the guest does not get",
                           due_, *due));
        return true;
    }

    void end_of_guest() {
        if (guest_.ended_by_program() && !bare_.in_disabled_wait())
            return differ("the program has ended as a guest and goes on natively");
        if (guest_.is_idle() && bare_.waits())
            if (const auto due = bare_.due_within(10 * kAlignedDelay))
                return differ(fmt::format(
                    "the guest waits for ever, and natively there comes an interruption, {}", *due));
        end(guest_.ended_by_program() ? ComparisonEnd::agreed : ComparisonEnd::one_ended);
    }

    void note(const Moved& moved, const TimedStep& guest) {
        CauseCount& counted = result_.causes[static_cast<unsigned>(moved.cause)];
        ++counted.values;
        if (!counted.first) counted.first = result_.instructions;
        if (result_.first) return;
        result_.first = describe(moved.cause, moved.what);
        // What the bare machine has done is what it was led to.
        if (!is_asynchronous(guest.step)) result_.first->around.native = result_.first->around.guest;
    }

    void differ(const std::string& what) {
        result_.last = describe(TimeCause::none, what);
        end(ComparisonEnd::difference);
    }

    void end(ComparisonEnd how) {
        result_.end = how;
        ended_ = true;
    }

    StreamComparison::Difference describe(TimeCause cause, const std::string& what) {
        StreamComparison::Difference found{cause, what, result_.instructions, {}};
        found.around.before.assign(before_.begin(), before_.end());
        for (const TraceStep& step : bare_.steps()) found.around.native.push_back(step);
        if (const auto next = bare_.next_instruction(); next && !bare_.waits())
            found.around.native.push_back(*next);
        for (size_t i = 0; i < kShown; ++i)
            if (const TimedStep* const step = guest_.peek(i)) found.around.guest.push_back(step->step);
        return found;
    }

    AlignedMachine bare_;
    TimedSteps& guest_;
    StreamComparison result_;
    std::deque<TraceStep> before_;  // the last steps that agreed
    uint64_t due_ = 0;              // steps since an interruption is due natively
    SimTime due_since_ = 0;
    bool ended_ = false;
};

}  // namespace

StreamComparison compare_aligned(NativeMachine& bare, TimedSteps& guest, uint64_t instructions,
                                 const std::function<bool()>& interrupted) {
    return Aligned(bare, guest).run(instructions, interrupted);
}

}  // namespace vmcp::experiment
