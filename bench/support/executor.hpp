// Which executor a program that is measured from outside runs on: VMCP_EXECUTOR, or the interpreter.
#pragma once

#include <cstdlib>
#include <stdexcept>
#include <string>

#include "simulation/executor/translator/executor_choice.hpp"

namespace bench {

/// Throws std::runtime_error if the variable names none.
inline void choose_executor() {
    const char* const name = std::getenv("VMCP_EXECUTOR");
    const auto kind = simulation::executor_kind(name != nullptr ? name : "interpreter");
    if (!kind)
        throw std::runtime_error(std::string("VMCP_EXECUTOR: '") + name +
                                 "': expected interpreter, translator or auto");
    simulation::choose_executor(*kind);
}

}  // namespace bench
