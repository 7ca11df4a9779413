// What is typed in a debugger: words in the manner of CP's console functions (GC20-1820) and of the panel.
// Letters that HELP shows in capitals suffice. Numbers are hexadecimal, counts decimal; where an address is
// expected, a symbol of the program will do. BACK before a word that lets the run go on goes back.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "vmcp/debug/session.hpp"
#include "vmcp/panel/command_word.hpp"

namespace vmcp::debug {

class Commands {
  public:
    /// What a command has done: text for its reader, whole lines; and how the run goes on, if it does.
    struct Answer {
        std::string text = {};
        std::optional<Resume> resume = {};
    };

    /// Throws DebugError or panel::PanelError: what was expected. Nothing has changed.
    Answer command(Session& session, std::string_view line);
    /// Where the run has stopped, and why: one line or several. Empty answers: a repeated step is not over,
    /// and `resume` says how it goes on.
    Answer stopped(Session& session, const Stopped& why);

    /// The machine that commands are about.
    MachineNumber focus() const { return focus_; }
    void set_focus(MachineNumber machine) { focus_ = machine; }

    nlohmann::json save() const;
    void restore(const nlohmann::json& json);

  private:
    using Arguments = std::span<const std::string>;
    struct Command : panel::CommandWord {
        Answer (Commands::*act)(Session&, Arguments);
    };
    static const std::vector<Command>& commands();

    Answer help(Session&, Arguments);
    Answer back(Session&, Arguments);
    Answer step(Session&, Arguments);
    Answer over(Session&, Arguments);
    Answer source_line(Session&, Arguments);
    Answer moment(Session&, Arguments);
    Answer trap(Session&, Arguments);
    Answer interruption(Session&, Arguments);
    Answer change_over(Session&, Arguments);
    Answer go(Session&, Arguments);
    Answer go_to(Session&, Arguments);
    Answer until(Session&, Arguments);
    Answer stop(Session&, Arguments);
    Answer ad_stop(Session&, Arguments);
    Answer who(Session&, Arguments);
    Answer machine(Session&, Arguments);
    Answer where(Session&, Arguments);
    Answer display(Session&, Arguments);
    Answer store(Session&, Arguments);
    Answer list(Session&, Arguments);
    Answer log(Session&, Arguments);
    Answer console(Session&, Arguments);
    Answer query(Session&, Arguments);
    Answer attention(Session&, Arguments);
    Answer external(Session&, Arguments);
    Answer quit(Session&, Arguments);

    Answer resume(Resume::Kind kind, Arguments arguments);
    std::string display_instructions(Session& session, std::string_view operand) const;
    std::string display_storage(Session& session, std::string_view operand) const;
    /// A hexadecimal address, or a symbol with "+OFFSET" perhaps.
    uint32_t address(Session& session, std::string_view text) const;

    MachineNumber focus_ = kRealMachine;
    bool backward_ = false;
    std::optional<Resume> repeated_;
    uint64_t left_ = 0;  // of it
};

/// "@1200.3"
std::string position_text(Position position);
/// "000204  D20302000210  prog.asm:4  LOOP  MVC  A(4),B": the instruction there, and its source; "brief":
/// "000204    4 LOOP MVC A(4),B".
std::string instruction_line(const Session& session, MachineNumber machine, uint32_t address,
                             bool brief = false);
/// How long it is; 0: it cannot be seen.
uint32_t instruction_length(const Session& session, MachineNumber machine, uint32_t address);
/// Where a list of instructions goes on behind this one: data that the source has there is one item. Empty:
/// nothing can be seen there.
std::optional<uint32_t> place_behind(const Session& session, MachineNumber machine, uint32_t address);

}  // namespace vmcp::debug
