#include "simulation/executor/translator/executor_choice.hpp"

#include "simulation/executor/interpreter.hpp"

namespace simulation {
namespace {

constexpr std::string_view kNames[] = {"interpreter", "translator", "auto"};

ExecutorKind chosen = ExecutorKind::automatic;

}  // namespace

std::optional<ExecutorKind> executor_kind(std::string_view name) {
    for (unsigned i = 0; i < std::size(kNames); ++i)
        if (kNames[i] == name) return static_cast<ExecutorKind>(i);
    return std::nullopt;
}

std::string_view name_of(ExecutorKind kind) { return kNames[static_cast<unsigned>(kind)]; }

bool can_translate() { return false; }

void choose_executor(ExecutorKind kind) { chosen = kind; }

ExecutorKind chosen_executor() { return chosen; }

std::unique_ptr<Executor> make_executor(ExecutorKind /*kind*/, RealStorage& storage,
                                        const MachineModel& model, uint64_t& epoch) {
    return std::make_unique<Interpreter>(storage, model, epoch);
}

}  // namespace simulation
