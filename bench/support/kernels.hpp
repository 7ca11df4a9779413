// The kernels of bench/kernels: programs for the bare machine, each of another kind, that go COUNT rounds and
// check their own results. Every round executes the same number of instructions.
#pragma once

#include <span>
#include <string_view>

namespace bench {

struct Kernel {
    std::string_view name;
    std::string_view what;  // one line
    bool in_c = false;      // NAME.c; else NAME.asm
};

std::span<const Kernel> kernels();

}  // namespace bench
