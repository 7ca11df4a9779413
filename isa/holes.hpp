// Holes: instructions that System/370 makes privileged and that a machine lets the problem state execute all
// the same, as other architectures did. A machine without holes is a System/370.
#pragma once

#include <algorithm>
#include <array>

#include "isa/instruction.hpp"

namespace isa {

/// What becomes of a privileged or semi-privileged instruction in the problem state.
enum class Hole : uint8_t {
    none,          // it is refused, or executed as far as an authority goes: as the row says
    unprivileged,  // it is executed as in the supervisor state
    ignored,       // it is executed, but what only the supervisor state may change stays as it is
};

class Holes {
  public:
    Hole of(Op op) const { return op == Op::invalid ? Hole::none : kinds_[static_cast<unsigned>(op)]; }
    /// Nothing but privileged and semi-privileged instructions may get one.
    void set(Op op, Hole hole) { kinds_[static_cast<unsigned>(op)] = hole; }
    bool any() const {
        return std::any_of(kinds_.begin(), kinds_.end(), [](Hole hole) { return hole != Hole::none; });
    }
    bool operator==(const Holes&) const = default;

  private:
    std::array<Hole, kRowCount> kinds_{};
};

}  // namespace isa
