// Debian's hercules in S/370 mode as an independent second implementation: one child process a run.
//
// The child runs headless (its "external GUI" mode, which takes commands from standard input), in a directory
// of its own that is removed afterwards, with no network port, no console and no device but an empty card
// reader (hercules refuses a configuration without devices). A start costs about 10 ms of host time.
//
// Host time. `Outcome::host_seconds` is the wall-clock time from giving the restart command to reading the
// message that tells of the end; it has about a millisecond of noise and suffers from whatever else the host
// does. `Outcome::cpu_seconds` is the CPU time that the child consumed in between, on all of its threads: the
// CPU thread does nearly all of it, since the timer thread is slowed down to once a second. That is the
// fairer figure on a shared host. For a rate, use time_per_iteration of benchmark_time.hpp, or any difference
// of two loop counts, which cancels the constant part.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "vmcp/conformance/outcome.hpp"

namespace vmcp::conformance {

class Hercules final : public Implementation {
  public:
    /// The program: that of the environment variable VMCP_HERCULES, else `hercules` of PATH; nothing if there
    /// is none.
    static std::optional<std::filesystem::path> find();

    /// One line that says how to get it, for skipped tests and refused commands.
    static std::string missing_message();

    explicit Hercules(std::filesystem::path program);

    /// For example "Hercules Version 3.13"; asks the program at the first call.
    std::string name() const override;

    /// Throws std::runtime_error where the child cannot be started, ends by itself or answers nonsense; the
    /// message then holds the last lines that it printed.
    Outcome run(const RunRequest& request) override;

  private:
    std::filesystem::path program_;
    mutable std::string name_;
};

}  // namespace vmcp::conformance
