// gdb before a debugged run: its remote serial protocol, of one machine.
//
// gdb goes back by `bs` and `bc`, and is told with "replaylog" where there is nothing further back, and where
// the run has ended: from there it can go back. Whoever goes on behind the end is told that the program has
// exited, and the line is closed.
//
// Breakpoints are stops at addresses, write watchpoints stops on changes. Stops that nobody set in gdb
// (monitor.hpp) are told as a trap, and by a line of text.
#pragma once

#include <string>
#include <string_view>

#include "vmcp/debug/frontend.hpp"
#include "vmcp/debug/session.hpp"
#include "vmcp/gdb/connection.hpp"

namespace vmcp::gdb {

class GdbFrontend final : public debug::Frontend {
  public:
    /// `machine` is found in the session by its name when the run begins; empty: the real machine. The
    /// connection must outlive it.
    GdbFrontend(Connection& connection, std::string machine);

    debug::Resume stopped(debug::Session& session, const debug::Stopped& why) override;
    bool wants_to_stop() override { return !detached_ && line_.wants_to_stop(); }
    nlohmann::json save() const override;
    void restore(const nlohmann::json& json) override;

  private:
    class Requests;

    Connection& line_;
    std::string name_;
    debug::MachineNumber machine_ = debug::kRealMachine;
    bool asked_ = false;              // gdb waits for a stop reply
    bool detached_ = false;           // gdb has gone, and the run goes on
    bool told_end_ = false;           // gdb knows that the run has ended
    bool knows_breakpoints_ = false;  // gdb understands "swbreak"
    std::string why_;                 // the last stop reply
};

}  // namespace vmcp::gdb
