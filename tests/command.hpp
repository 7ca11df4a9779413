// Other programs that tests run, and what they print.
#pragma once

#include <sys/wait.h>

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>

namespace tests {

/// Whether the shell finds the program.
inline bool installed(const std::string& program) {
    return std::system(("command -v " + program + " >/dev/null 2>&1").c_str()) == 0;
}

struct CommandResult {
    int code;            // as the shell ended
    std::string output;  // standard output; of standard error what the command says
};

/// Runs a line of the shell to its end.
inline CommandResult run_command(const std::string& line) {
    FILE* pipe = popen(line.c_str(), "r");
    if (pipe == nullptr) throw std::runtime_error("cannot start: " + line);
    std::string text;
    char buffer[4096];
    while (const std::size_t n = fread(buffer, 1, sizeof buffer, pipe)) text.append(buffer, n);
    const int status = pclose(pipe);
    if (!WIFEXITED(status)) throw std::runtime_error("ended by a signal: " + line);
    return {WEXITSTATUS(status), text};
}

}  // namespace tests
