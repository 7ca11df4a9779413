// The debugger at a prompt, or with commands from a file.
#pragma once

#include <functional>
#include <string>

#include "vmcp/debug/commands.hpp"

namespace vmcp::debug {

class Prompt final : public Frontend {
  public:
    /// `shown`: a person types; else a command that cannot be done ends it all, with its line.
    /// `wants_to_stop`: whether Ctrl-C was pressed, once.
    Prompt(bool shown, std::function<bool()> wants_to_stop)
        : shown_(shown), wants_to_stop_(std::move(wants_to_stop)) {}

    Resume stopped(Session& session, const Stopped& why) override;
    bool wants_to_stop() override { return wants_to_stop_(); }
    nlohmann::json save() const override;
    void restore(const nlohmann::json& json) override;

    /// The machine that commands are about at first.
    void set_focus(MachineNumber machine) { commands_.set_focus(machine); }
    /// How the debugger ends: 1 where a command could not be done.
    static constexpr int kFailed = 1;
    std::function<void(int status)> on_failure;

  private:
    Commands commands_;
    bool shown_;
    std::function<bool()> wants_to_stop_;
    size_t line_ = 0;
};

}  // namespace vmcp::debug
