#include "simulation/cpu/program_check_exit.hpp"

namespace simulation {

#ifdef __wasm__

namespace {

/// WebAssembly has no jumps over frames; its own exceptions are the next best.
struct Raised {};

}  // namespace

const isa::ProgramCheck* ProgramCheckExit::attempt(void (*body)(void*), void* data) const {
    Landing landing(*this);
    try {
        body(data);
    } catch (const Raised&) {
        return &check_;
    }
    return nullptr;
}

void ProgramCheckExit::raise(const isa::ProgramCheck& check) const {
    if (innermost_ == nullptr) throw check;
    check_ = check;
    throw Raised{};
}

#else

const isa::ProgramCheck* ProgramCheckExit::attempt(void (*body)(void*), void* data) const {
    Landing landing(*this);
    if (__builtin_setjmp(landing.place) != 0) return &check_;
    body(data);
    return nullptr;
}

void ProgramCheckExit::raise(const isa::ProgramCheck& check) const {
    if (innermost_ == nullptr) throw check;
    check_ = check;
    __builtin_longjmp(innermost_->place, 1);
}

#endif

}  // namespace simulation
