// A child process that can harm nobody: it is ended when it takes too long, cannot fill memory or disk, says
// only so much, and, where the kernel can restrict that (Landlock), reaches no files but those that it is
// given.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace vmcp::lab {

struct ProcessLimits {
    double seconds = 20;                      // of host time, and of its CPU time
    uint64_t memory = 0;                      // address space of each process, bytes; 0: as ours
    uint64_t file_size = uint64_t{32} << 20;  // of each file that it writes, bytes
    size_t output = 64 << 10;                 // what is kept of its output, bytes
};

/// What it may open, with all that is below; and what every program needs (/usr, /lib, /etc, ...).
struct Reach {
    std::vector<std::filesystem::path> read, write;
};

struct ProcessResult {
    enum class How : uint8_t { ended, killed, out_of_time, out_of_output };
    How how = How::ended;
    int code = 0;  // exit code, or the signal
    std::string output;
};

struct Process {
    std::string program;
    std::vector<std::string> arguments;
    std::filesystem::path directory;
    std::vector<std::string> environment;  // all of it: NAME=VALUE
    ProcessLimits limits;
    std::optional<Reach> reach;  // nothing: as ours
    bool errors_too = true;      // what is written to standard error is output as well; else nobody sees it
};

/// Runs it to its end. Its standard input is empty; whatever it has started goes with it. Throws
/// std::runtime_error where it cannot be started.
ProcessResult run_limited(const Process& process);

/// Whether this kernel can restrict what a process opens.
bool can_restrict_files();

/// While it lives, what children leave behind in sessions of their own becomes ours; in the end all of it is
/// ended. Nobody else in this program may have children then.
class Stragglers {
  public:
    Stragglers();
    ~Stragglers();
    Stragglers(const Stragglers&) = delete;
    Stragglers& operator=(const Stragglers&) = delete;
};

/// Our own program, for a child that is the same.
std::string own_program();
/// A variable of the environment by which its machines get the executor that ours get.
std::string same_executor();

}  // namespace vmcp::lab
