// Which executor machines get. That is a matter of the host alone: no simulated result depends on it, so it
// is said once for the whole program, and is no part of a machine model or a scenario.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "simulation/executor/executor.hpp"

namespace simulation {

enum class ExecutorKind : uint8_t {
    interpreter,
    translator,  // translates whatever is executed for the second time
    automatic,   // translates what is executed often and is faster then
};

/// "interpreter", "translator", "auto"
std::optional<ExecutorKind> executor_kind(std::string_view name);
std::string_view name_of(ExecutorKind kind);

/// What the environment variable VMCP_EXECUTOR names, by which whole test suites are run on one executor;
/// nothing where it is not set, or empty. Throws std::invalid_argument, with kExpectedExecutor, if it names
/// none.
std::optional<ExecutorKind> executor_of_environment();
inline constexpr const char* kExecutorVariable = "VMCP_EXECUTOR";
inline constexpr std::string_view kExpectedExecutor = "expected interpreter, translator or auto";

/// Whether this host can be translated for. If not, the interpreter stands in for the translator.
bool can_translate();

/// What machines that are made from now on get. Not to be called while another thread makes machines.
void choose_executor(ExecutorKind kind);
ExecutorKind chosen_executor();

/// `epoch`: what the CPUs change too (CpuSurroundings::code_epoch).
std::unique_ptr<Executor> make_executor(ExecutorKind kind, RealStorage& storage, const MachineModel& model,
                                        uint64_t& epoch);

}  // namespace simulation
