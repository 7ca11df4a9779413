// Whoever sits before a debugged run: a screen, a prompt, or gdb at the other end of a line.
//
// Going back is done by another process, which was left behind as a checkpoint and takes over
// (vmcp/debug/checkpoints.hpp). So when stopped() answers, it may be that this process ends and that another
// one, which is a copy of an earlier state of this one, calls stopped() next, after restore() of what save()
// gave. Files and sockets that were open when the run began stay open in all of them. Nothing but what save()
// answers survives.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "vmcp/debug/position.hpp"
#include "vmcp/debug/stop.hpp"

namespace vmcp::debug {

class Session;

/// How the run shall go on.
struct Resume {
    enum class Kind : uint8_t {
        moment,        // to the next thing that happens, steps of the control program among them
        instruction,   // of `machine`: to the next instruction that it is in front of
        over,          // the same, behind a call (BAL, BALR, SVC ...): where that returns
        line,          // to another line of the source
        trap,          // to the next trap of a virtual machine
        interruption,  // to the next interruption that `machine` takes or is given
        change_over,   // to the next dispatch of another virtual machine
        stop,          // to the next stop, or the end
        position,      // to `position`, before or behind
        leave,         // the debugger ends, and the run with it
    };
    Kind kind = Kind::stop;
    bool backward = false;
    MachineNumber machine = kRealMachine;
    Position position = {};
};

/// Why it has stopped.
struct Stopped {
    enum class Why : uint8_t {
        begin,        // in front of the first instruction
        arrived,      // where `Resume` said
        stop,         // `stop` is met
        no_history,   // going back: nothing before this
        interrupted,  // the front end asked for it
        ended,        // the run has ended: the only way is back
    };
    Why why = Why::begin;
    std::optional<Stop> stop = {};
    std::string text = {};  // one line for people, without its end
};

class Frontend {
  public:
    virtual ~Frontend() = default;
    /// The run stands still. The answer says how it goes on.
    virtual Resume stopped(Session& session, const Stopped& why) = 0;
    /// Asked now and then while it runs: whether somebody wants it to stop (Ctrl-C).
    virtual bool wants_to_stop() { return false; }
    virtual nlohmann::json save() const = 0;
    virtual void restore(const nlohmann::json& json) = 0;
};

}  // namespace vmcp::debug
