#include "simulation/cpu/program_check_exit.hpp"

namespace simulation {

const isa::ProgramCheck* ProgramCheckExit::attempt(void (*body)(void*), void* data) const {
    struct Outer {  // also where an observer throws an exception of its own
        const ProgramCheckExit& exit;
        std::jmp_buf* const place;
        ~Outer() { exit.innermost_ = place; }
    };
    const Outer outer{*this, innermost_};
    std::jmp_buf here;
    innermost_ = &here;
    if (setjmp(here) != 0) return &check_;
    body(data);
    return nullptr;
}

void ProgramCheckExit::raise(const isa::ProgramCheck& check) const {
    if (innermost_ == nullptr) throw check;
    check_ = check;
    std::longjmp(*innermost_, 1);
}

}  // namespace simulation
