// The operator's panel of a native machine, as commands: display and alter registers, PSW and storage, stop
// at instructions and addresses, trace instructions, interruptions and channel programs, press the keys.
// Commands are words in the manner of CP's console functions (GC20-1820): DISPLAY, STORE, BEGIN, ADSTOP,
// ATTN, TRACE. Letters that HELP shows in capitals suffice. Numbers are hexadecimal, counts decimal. Where an
// address is expected, a symbol of the program will do, if that was assembled here: "LOOP", "TABLE+1C".
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "vmcp/experiment/native.hpp"
#include "vmcp/panel/command_word.hpp"
#include "vmcp/panel/operands.hpp"

namespace vmcp::panel {

class Panel {
  public:
    using Output = std::function<void(std::string_view text)>;

    /// What the owner is to do after a command: ask for the next one; let the machine run within limits() and
    /// tell of its end with stopped(); leave.
    enum class Next : uint8_t { ask, run, leave };

    /// The machine has been started. Both must outlive the panel's use.
    Panel(experiment::NativeMachine& native, Output output);
    ~Panel();

    /// Does a command. Throws PanelError, images::ImageError, or std::runtime_error where a load fails.
    Next command(std::string_view line);
    /// For the run that the last command asked for.
    const simulation::RunLimits& limits() const { return limits_; }
    /// Says why the machine has stopped, and where.
    void stopped(simulation::Stop stop);
    /// The operator stopped it.
    void stopped_by_operator();

    /// Something is about to be shown that happens now: what the trace has of the time before comes first.
    void flush_trace();

    /// The words that a command may begin with, in capitals.
    static std::vector<std::string> words();

  private:
    using Arguments = std::span<const std::string>;
    struct Command : CommandWord {
        Next (Panel::*act)(Arguments);
    };
    static const std::vector<Command>& commands();

    Next help(Arguments);
    Next begin(Arguments);
    Next step(Arguments);
    Next display(Arguments);
    Next store(Arguments);
    Next stop_at(Arguments);
    Next trace(Arguments);
    Next load(Arguments);
    Next restart(Arguments);
    Next attention(Arguments);
    Next external(Arguments);
    Next mount(Arguments);
    Next query(Arguments);
    Next quit(Arguments);

    std::optional<uint32_t> symbol(std::string_view text) const;
    uint32_t address(std::string_view text, uint32_t most = 0x3FFFFFF) const;
    char kind_of(std::string_view what) const;
    void display_storage(std::string_view operand, bool logical);
    void display_instructions(std::string_view operand, Arguments more);
    void show_place();
    void observe();
    void act(const experiment::Action& action) { native_.act(native_.description().options.name, action); }
    simulation::Machine& machine() { return native_.machine(); }
    simulation::Cpu& cpu() { return native_.machine().cpu(); }

    experiment::NativeMachine& native_;
    Output output_;
    simulation::RunLimits limits_;
    std::set<uint32_t> stops_;
    struct Traces;
    std::unique_ptr<Traces> traces_;
};

}  // namespace vmcp::panel
