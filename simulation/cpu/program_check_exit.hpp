// How a program check leaves an instruction that is half done.
//
// Everything below the CPU's own access functions tells by value what refuses an access. An instruction body,
// though, is a straight line of accesses and must stop in the middle of it, without a test behind each. So
// the CPU raises the check, and whoever executes instructions has asked for it: the bodies between the two
// own nothing (no object with a destructor), so that a jump over them is all it takes. A C++ exception did
// the same at more than ten times the price (docs/decisions/0002-faults-as-exceptions.md), and page faults of
// guests are frequent.
#pragma once

#include <csetjmp>

#include "isa/interruption.hpp"

namespace simulation {

class ProgramCheckExit {
  public:
    /// Lets `body` run. What it raised, until the next attempt; null if it came to its end. May be nested.
    /// Nothing that `body` calls on the way to raise() may need its destructor.
    template <class Body>
    const isa::ProgramCheck* attempt(Body&& body) const {
        return attempt([](void* b) { (*static_cast<std::remove_reference_t<Body>*>(b))(); }, &body);
    }

    /// Leaves the innermost attempt. Without one it throws the check, for those who use a CPU by themselves.
    [[noreturn]] void raise(const isa::ProgramCheck& check) const;

  private:
    const isa::ProgramCheck* attempt(void (*body)(void*), void* data) const;

    mutable std::jmp_buf* innermost_ = nullptr;
    mutable isa::ProgramCheck check_{};
};

}  // namespace simulation
