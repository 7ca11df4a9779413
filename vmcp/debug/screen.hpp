// The debugger on a terminal's screen, by ncurses. Bold and reverse are all that it needs: no colours.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "vmcp/debug/commands.hpp"
#include "vmcp/debug/screen_text.hpp"

namespace vmcp::debug {

class Screen final : public Frontend {
  public:
    /// Takes the terminal. `wants_to_stop`: whether Ctrl-C was pressed, once.
    explicit Screen(std::function<bool()> wants_to_stop);
    /// Gives it back.
    ~Screen() override;
    Screen(const Screen&) = delete;
    Screen& operator=(const Screen&) = delete;

    Resume stopped(Session& session, const Stopped& why) override;
    bool wants_to_stop() override { return wants_to_stop_(); }
    nlohmann::json save() const override;
    void restore(const nlohmann::json& json) override;

    void set_focus(MachineNumber machine);

  private:
    void draw(const Session& session);
    /// What a key asks for; empty: nothing more.
    std::optional<Resume> key(Session& session, int code);
    std::optional<Resume> type(Session& session, int code);
    std::optional<Resume> execute(Session& session, const std::string& line);
    void next_machine(const Session& session);

    std::function<bool()> wants_to_stop_;
    Commands commands_;
    ScreenState state_;
    std::vector<std::string> history_;  // of commands
    size_t recalled_ = 0;               // of that, from its end
};

}  // namespace vmcp::debug
