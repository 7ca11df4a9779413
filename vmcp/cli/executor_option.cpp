#include "vmcp/cli/executor_option.hpp"

#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

#include "simulation/executor/translator/executor_choice.hpp"
#include "vmcp/cli/standard_streams.hpp"

namespace vmcp::cli {
namespace {

using simulation::ExecutorKind;

ExecutorKind usual_executor() {
    try {
        return simulation::executor_of_environment().value_or(ExecutorKind::automatic);
    } catch (const std::invalid_argument& error) {
        throw CLI::ValidationError(error.what());
    }
}

/// `named`: by the option; empty where it was not given.
void choose_executor_for(const std::string& named) {
    ExecutorKind kind = named.empty() ? usual_executor() : simulation::executor_kind(named).value();
    if (kind == ExecutorKind::translator && !simulation::can_translate()) {
        print_error("vmcp: this host cannot be translated for: the interpreter serves instead\n");
        kind = ExecutorKind::interpreter;
    }
    simulation::choose_executor(kind);
}

}  // namespace

void set_machine_command(CLI::App& sub, std::function<void()> command) {
    const auto named = std::make_shared<std::string>();
    sub.add_option("--executor", *named,
                   "What executes programs: an interpreter, a translator to instructions of the host, or "
                   "what is faster (auto, unless VMCP_EXECUTOR says otherwise). No result depends on it")
        ->check(CLI::Validator(
            [](const std::string& name) {
                return simulation::executor_kind(name)
                           ? std::string()
                           : fmt::format("'{}': {}", name, simulation::kExpectedExecutor);
            },
            ""))
        ->type_name("NAME:{interpreter,translator,auto}");
    sub.callback([named, command = std::move(command)] {
        choose_executor_for(*named);
        command();
    });
}

}  // namespace vmcp::cli
