// When a string of interruptions has no end.
#pragma once

#include <cstdint>

namespace simulation {

/// Notices a CPU that is interrupted again and again without completing an instruction: a new PSW that itself
/// is in error, or an interruption that its own new PSW enables again. A real CPU would go on so until the
/// operator stopped it; here it counts as a check-stop.
class InterruptionString {
  public:
    static constexpr unsigned kEndless = 1000;
    /// To be told of every interruption; true when the string is endless.
    bool add(uint64_t completed_instructions) {
        length_ = completed_instructions == completed_ ? length_ + 1 : 0;
        completed_ = completed_instructions;
        return length_ >= kEndless;
    }

  private:
    uint64_t completed_ = ~uint64_t{0};
    unsigned length_ = 0;
};

}  // namespace simulation
