// How a program check leaves an instruction that is half done.
//
// Everything below the CPU's own access functions tells by value what refuses an access. An instruction body,
// though, is a straight line of accesses and must stop in the middle of it, without a test behind each. So
// the CPU raises the check, and whoever executes instructions has asked for it: the bodies between the two
// own nothing (no object with a destructor), so that a jump over them is all it takes. A C++ exception did
// the same at more than ten times the price, and page faults of guests are frequent
// (docs/decisions/0002-faults-by-value-and-one-landing.md).
#pragma once

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

    /// The same taken apart, for the executor's inmost way: a landing is the innermost one while it lives,
    /// and what is raised comes back out of __builtin_setjmp(landing.place) with 1. (That is the compiler's
    /// own form of setjmp: it saves three words, not the whole state of the host's CPU.)
    class Landing {
      public:
        explicit Landing(const ProgramCheckExit& exit) : exit_(exit), outer_(exit.innermost_) {
            exit_.innermost_ = this;
        }
        ~Landing() { exit_.innermost_ = outer_; }
        Landing(const Landing&) = delete;
        Landing& operator=(const Landing&) = delete;
        const isa::ProgramCheck& check() const { return exit_.check_; }

        void* place[5];

      private:
        const ProgramCheckExit& exit_;
        Landing* const outer_;
    };

    /// Leaves the innermost attempt. Without one it throws the check, for those who use a CPU by themselves.
    [[noreturn]] void raise(const isa::ProgramCheck& check) const;

  private:
    const isa::ProgramCheck* attempt(void (*body)(void*), void* data) const;

    mutable Landing* innermost_ = nullptr;
    mutable isa::ProgramCheck check_{};
};

}  // namespace simulation
