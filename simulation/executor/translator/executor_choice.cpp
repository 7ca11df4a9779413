#include "simulation/executor/translator/executor_choice.hpp"

#include <cstdlib>
#include <iterator>
#include <stdexcept>
#include <string>

#include "simulation/executor/interpreter.hpp"
#ifdef VMCP_TRANSLATES
#include "simulation/executor/translator/translator.hpp"
#endif

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

std::optional<ExecutorKind> executor_of_environment() {
    const char* const name = std::getenv(kExecutorVariable);
    if (name == nullptr || *name == '\0') return std::nullopt;
    const auto kind = executor_kind(name);
    if (!kind)
        throw std::invalid_argument(std::string(kExecutorVariable) + ": '" + name +
                                    "': " + std::string(kExpectedExecutor));
    return kind;
}

std::string_view name_of(ExecutorKind kind) { return kNames[static_cast<unsigned>(kind)]; }

#ifdef VMCP_TRANSLATES
bool can_translate() { return true; }
#else
bool can_translate() { return false; }
#endif

void choose_executor(ExecutorKind kind) { chosen = kind; }

ExecutorKind chosen_executor() { return chosen; }

std::unique_ptr<Executor> make_executor(ExecutorKind kind, RealStorage& storage, const MachineModel& model,
                                        uint64_t& epoch) {
    auto executor = std::make_unique<Interpreter>(storage, model, epoch);
#ifdef VMCP_TRANSLATES
    constexpr uint32_t kOften = 1000, kTwice = 2;
    if (kind != ExecutorKind::interpreter) {
        const bool all = kind == ExecutorKind::translator;
        executor->translate_by([&](UnderWay& under_way, BlockSource& source) {
            return std::make_unique<Translator>(all ? kTwice : kOften, !all, under_way, source, model, epoch);
        });
    }
#else
    static_cast<void>(kind);
#endif
    return executor;
}

}  // namespace simulation
