// What passes between a CPU and whoever executes its instructions.
#pragma once

#include <cstdint>

#include "simulation/cpu/exit.hpp"
#include "simulation/model/time.hpp"

namespace simulation {

class CpuOwner;

/// What code that an executor has made at run time keeps in memory: it reaches all of it from the CPU.
struct TranslatedCode {
    SimTime limit = 0;  // no block is begun that would not have ended before
    // The condition code as what set it: how it is found, and from what.
    uint8_t condition = 0;
    uint32_t first_operand = 0, second_operand = 0;
};

/// What an executor and the CPU tell one another while instructions are executed.
struct Execution {
    SimTime until = 0;     // when the executor wants to look up; interruptible instructions make way then
    bool leaving = false;  // the executor is to return behind the instruction under way: `exit` says why
    uint8_t ilc = 0;       // of the instruction that ends the present block, in halfwords
    const void* place =
        nullptr;  // the executor's name of the instruction under way; null while one is fetched
    Exit exit;
    CpuOwner* owner = nullptr;  // who is asked before an executor returns; null: nobody
    TranslatedCode translated;
};

}  // namespace simulation
