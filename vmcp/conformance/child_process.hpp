// A child process that is talked to line by line: what one writes to it are commands, what it prints on
// standard output are answers; its standard error is discarded.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

namespace vmcp::conformance {

class ChildProcess {
  public:
    enum class Read { line, end, timeout };

    /// Starts `program` (found on PATH where it has no slash) in `directory`. `environment` adds NAME=VALUE
    /// settings to ours. Throws std::runtime_error. The child dies with us.
    ChildProcess(const std::string& program, const std::vector<std::string>& arguments,
                 const std::filesystem::path& directory, const std::vector<std::string>& environment = {});
    /// Ends the child, if it still runs.
    ~ChildProcess();
    ChildProcess(const ChildProcess&) = delete;
    ChildProcess& operator=(const ChildProcess&) = delete;

    /// Writes text to the child's standard input; a child that has ended ignores it.
    void write(const std::string& text);

    /// Reads the next line into `line`, without its end, waiting at most `seconds` of host time.
    Read read_line(std::string& line, double seconds);

    /// Host CPU time, in seconds, that the child has consumed on all of its threads so far; 0 if it has
    /// ended.
    double cpu_seconds() const;

  private:
    pid_t pid_ = -1;
    int input_ = -1;   // we write
    int output_ = -1;  // we read
    std::string pending_;
};

/// Seconds of a clock that only goes forward.
double host_seconds_now();

}  // namespace vmcp::conformance
