#include "vmcp/cli/standard_streams.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>

namespace vmcp::cli {
namespace {

int output_reason = 0, error_reason = 0;  // errno of the first failure

int& reason_of(std::FILE* stream) { return stream == stderr ? error_reason : output_reason; }

}  // namespace

void guard_standard_streams() {
    // Each open takes the lowest number that is free. What is written there fails: it is open for reading.
    for (int stream = STDIN_FILENO; stream <= STDERR_FILENO; ++stream)
        while (fcntl(stream, F_GETFD) < 0 && open("/dev/null", O_RDONLY) >= 0) {
        }
    std::signal(SIGPIPE, SIG_IGN);
}

void put(std::FILE* stream, std::string_view text) {
    int& reason = reason_of(stream);
    if (reason == 0 && std::fwrite(text.data(), 1, text.size(), stream) != text.size()) reason = errno;
}

void flush(std::FILE* stream) {
    int& reason = reason_of(stream);
    if (reason == 0 && std::fflush(stream) != 0) reason = errno;
}

bool standard_output_failed() { return output_reason != 0; }

int finish_standard_streams(int code) {
    flush(stdout);
    const bool told = code == 1 || code == 2;
    if (output_reason != 0 && !told)
        print_error("vmcp: error: standard output: cannot be written: {}\n", std::strerror(output_reason));
    flush(stderr);
    return (output_reason != 0 || error_reason != 0) && !told ? 1 : code;
}

}  // namespace vmcp::cli
