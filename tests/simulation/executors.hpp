// All executors, for tests that try each of them.
#pragma once

#include <doctest/doctest.h>

#include <string>

#include "simulation/executor/translator/executor_choice.hpp"

namespace simulation::test {

inline constexpr ExecutorKind kExecutors[] = {ExecutorKind::interpreter, ExecutorKind::translator,
                                              ExecutorKind::automatic};

/// While it lives, machines that are made get this executor.
class ChosenExecutor {
  public:
    explicit ChosenExecutor(ExecutorKind kind) { choose_executor(kind); }
    ~ChosenExecutor() { choose_executor(before_); }
    ChosenExecutor(const ChosenExecutor&) = delete;
    ChosenExecutor& operator=(const ChosenExecutor&) = delete;

  private:
    const ExecutorKind before_ = chosen_executor();
};

/// What `make` makes, a machine or what contains one, with this executor.
template <class Make>
auto on_executor(ExecutorKind kind, Make make) {
    const ChosenExecutor chosen(kind);
    return make();
}

/// Does it for each executor in turn: machines that `body` makes get that.
template <class Body>
void on_each_executor(Body body) {
    for (const ExecutorKind kind : kExecutors) {
        const ChosenExecutor chosen(kind);
        const std::string executor(name_of(kind));
        CAPTURE(executor);
        body();
    }
}

}  // namespace simulation::test
