// The trace of one side, read in order with a bounded look ahead. Loops in which nothing changes are folded:
// where steps come again with equal registers, once or more, one step of Kind::loop stands for all of that.
//
//     TIO, BC, TIO, BC, TIO, BC, LA    is read as    TIO, BC, loop (of 2 steps, 2 times more), LA
#pragma once

#include <cstddef>
#include <deque>

#include "vmcp/experiment/trace_step.hpp"

namespace vmcp::experiment {

/// Where a stream's steps come from.
class StepSource {
  public:
    virtual ~StepSource() = default;
    /// Goes on for a while and hands what has come, which may be nothing, to StepStream::add. False: there
    /// will be no more.
    virtual bool go_on() = 0;
    /// Whether it is the program that has brought itself to its end (a disabled wait), and nobody else.
    virtual bool ended_by_program() const { return true; }
};

class StepStream {
  public:
    static constexpr unsigned kLongestLoop = 16;  // steps
    static constexpr size_t kKept = 64;           // steps that stay behind where the reader is

    explicit StepStream(StepSource& source) : source_(source) {}

    /// For the source.
    void add(const TraceStep& step);

    /// The step so many behind the next one. Null: the stream ends before.
    const TraceStep* peek(size_t ahead = 0);
    /// The step so many before the next one, from 1. Null: there is none, or it was more than kKept ago.
    const TraceStep* behind(size_t back) const;
    /// Reads the next one. Precondition: peek() is not null.
    void advance();

    bool ended_by_program() const { return source_.ended_by_program(); }

    /// What has been read, loops at their full length.
    uint64_t instructions() const { return instructions_; }
    uint64_t interruptions() const { return interruptions_; }

  private:
    void end_loop();

    StepSource& source_;
    std::deque<TraceStep> steps_;
    size_t next_ = 0;  // index of the next one
    bool ended_ = false;
    // Folding. hashes_ is a ring of what came last; run_[p]: so many of the latest equal those p before.
    static constexpr unsigned kRing = 2 * kLongestLoop;
    std::array<uint64_t, kRing> hashes_{};
    std::array<unsigned, kLongestLoop + 1> run_{};
    uint64_t came_ = 0;
    unsigned period_ = 0;   // of the loop that goes on; 0: none
    unsigned pending_ = 0;  // steps of its next turn
    uint64_t instructions_ = 0, interruptions_ = 0;
};

}  // namespace vmcp::experiment
