// Guests for tests of the spool, made of steps, and runs of scenarios of them.
#pragma once

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <string>
#include <vector>

#include "tests/file_contents.hpp"
#include "tests/temporary_folder.hpp"
#include "vmcp/experiment/virtual_session.hpp"

namespace vmcp::test {

/// Assembler source of a guest that does one step after the other and ends in order.
class SpoolGuest {
  public:
    /// A CP command by DIAGNOSE X'08'.
    SpoolGuest& cp(const std::string& text) {
        const unsigned n = next_++;
        code_ += fmt::format("         LA    2,T{0}\n         LA    3,L'T{0}\n         DIAG  2,3,X'08'\n", n);
        texts_ += fmt::format("T{} DC C'{}'\n", n, text);
        return *this;
    }
    /// One command to a device, with this text; waits for its end. Unit check ends the guest at X'BAD', or,
    /// where it `waits`, is waited for until the device is ready.
    SpoolGuest& io(const char* device, const char* command, const std::string& text, bool waits = false) {
        const unsigned n = next_++;
        code_ += fmt::format(
            "S{0}      MVC   X'48'(4),=A(C{0})\n"
            "         SIO   X'{1}'\n"
            "         BC    8,Q{0}\n"
            "         BC    3,S{0}\n"
            "         TM    X'44',X'02'\n"
            "         BO    {2}\n"
            "         TM    X'44',X'08'\n"
            "         BO    D{0}\n"
            "         B     S{0}\n"
            "W{0}      LA    1,S{0}\n"
            "         ST    1,X'7C'\n"
            "         LPSW  IDLE\n"
            "Q{0}      TIO   X'{1}'\n"
            "         BC    2,Q{0}\n"
            "         BC    8,D{0}\n"
            "         TM    X'44',X'02'\n"
            "         BO    BAD\n"
            "         B     Q{0}\n"
            "D{0}      DS    0H\n",
            n, device, waits ? fmt::format("W{}", n) : "BAD");
        ccws_ += fmt::format("C{0} CCW X'{1}',X{0},X'20',L'X{0}\n", n, command);
        texts_ += fmt::format("X{} DC C'{}'\n", n, text.empty() ? " " : text);
        return *this;
    }
    SpoolGuest& print(const std::string& text, bool waits = false) { return io("00E", "09", text, waits); }
    SpoolGuest& punch(const std::string& text, bool waits = false) { return io("00D", "01", text, waits); }
    SpoolGuest& type(const std::string& text) { return io("009", "09", text); }
    /// Reads cards of the reader until the end of file, waiting for them, and types the first 40 columns.
    SpoolGuest& read() {
        const unsigned n = next_++;
        code_ += fmt::format(
            "S{0}      MVC   X'48'(4),=A(RCCW)\n"
            "         SIO   X'00C'\n"
            "         BC    8,Q{0}\n"
            "         BC    3,S{0}\n"
            "         TM    X'44',X'02'\n"
            "         BZ    S{0}\n"
            "         LA    1,S{0}\n"
            "         ST    1,X'7C'\n"
            "         LPSW  IDLE\n"
            "Q{0}      TIO   X'00C'\n"
            "         BC    2,Q{0}\n"
            "         BC    8,S{0}\n"
            "         TM    X'44',X'01'\n"
            "         BO    D{0}\n"
            "         TM    X'44',X'02'\n"
            "         BO    BAD\n"
            "P{0}      MVC   X'48'(4),=A(TCCW)\n"
            "         SIO   X'009'\n"
            "         BC    7,P{0}\n"
            "R{0}      TIO   X'009'\n"
            "         BC    7,R{0}\n"
            "         B     S{0}\n"
            "D{0}      DS    0H\n",
            n);
        return *this;
    }
    /// An enabled wait for so long: nothing.
    SpoolGuest& sleep(unsigned seconds) { return cp(fmt::format("SLEEP {} SEC", seconds)); }

    /// It does not end, but waits for ever.
    SpoolGuest& stays() {
        code_ += "STAY     LA    1,STAY\n         ST    1,X'7C'\n         LPSW  IDLE\n";
        return *this;
    }

    std::string source() const {
        return "G        START 0\n"
               "         DC    A(0,BEGIN)\n"
               "         ORG   G+X'78'\n"
               "         DC    A(0,0)\n"
               "         ORG   G+X'200'\n"
               "BEGIN    BALR  12,0\n"
               "         USING *,12,11,10\n"
               "HERE     LA    11,4095(,12)\n"
               "         LA    11,1(,11)\n"
               "         LA    10,4095(,11)\n"
               "         LA    10,1(,10)\n" +
               code_ +
               "         LPSW  DONE\n"
               "BAD      LPSW  LOST\n"
               "IDLE     DC    0D'0',X'8002000000000000'\n"
               "DONE     DC    0D'0',X'0002000000000000'\n"
               "LOST     DC    0D'0',X'0002000000000BAD'\n"
               "RCCW     CCW   X'02',CARD,X'20',80\n"
               "TCCW     CCW   X'09',CARD,X'20',40\n" +
               ccws_ + "CARD DS CL132\n" + texts_ +
               "         LTORG\n"
               "         END   BEGIN\n";
    }

  private:
    std::string code_, ccws_, texts_;
    unsigned next_ = 0;
};

/// A scenario of such guests in a folder of its own.
class SpoolScenario {
  public:
    std::string tables = "[spool]\n";  // between the control program and the machines

    /// `more`: further keys of the machine.
    void add(const std::string& name, const SpoolGuest& guest, const std::string& more = "") {
        tests::put(folder / (name + ".asm"), guest.source());
        vms_ +=
            fmt::format("[[vm]]\nname = \"{0}\"\nstorage = \"64K\"\nguest = \"{0}.asm\"\n{1}\n", name, more);
    }
    experiment::Scenario read() const {
        tests::put(folder / "s.toml",
                   "[machine]\nmodel = \"s370-158\"\n[control_program]\nmodel = \"vm370\"\n" + tables + vms_);
        return experiment::read_scenario(folder / "s.toml");
    }
    experiment::RunResult run() const { return experiment::run(read()); }

    tests::TemporaryFolder folder;

  private:
    std::string vms_;
};

inline const experiment::VmResult& machine(const experiment::RunResult& result, std::string_view name) {
    for (const experiment::VmResult& vm : result.vms)
        if (vm.name == name) return vm;
    FAIL("no such machine");
    return result.vms.front();
}

/// What stands on a machine's console, a line each.
inline std::string console(const experiment::RunResult& result, std::string_view name) {
    std::string text;
    for (const auto& line : machine(result, name).output.console) text += line.text + "\n";
    return text;
}

inline bool ended_well(const experiment::RunResult& result, std::string_view name) {
    const experiment::VmResult& vm = machine(result, name);
    return vm.stop == StopReason::disabled_wait && vm.cpu.psw.address == 0;
}

/// How often a step was done in the run.
inline uint64_t count(const experiment::RunResult& result, Step step) {
    return result.steps.steps[static_cast<unsigned>(step)].count;
}

}  // namespace vmcp::test
