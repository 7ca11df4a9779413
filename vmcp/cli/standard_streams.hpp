// Standard output and standard error. What cannot be written to them never ends the program in the middle:
// it is noted, long runs look now and then, and in the end it is an error as that of any other file.
#pragma once

#include <fmt/format.h>

#include <cstdio>
#include <string_view>
#include <utility>

namespace vmcp::cli {

/// Where one of the three standard streams is closed, no file must take its place; and a pipe that nobody
/// reads is an error, not a signal. First of all.
void guard_standard_streams();

/// Writes to `stdout` or `stderr`, and notes what fails.
void put(std::FILE* stream, std::string_view text);
void flush(std::FILE* stream);

/// To standard output.
template <class... Arguments>
void print(fmt::format_string<Arguments...> format, Arguments&&... arguments) {
    put(stdout, fmt::format(format, std::forward<Arguments>(arguments)...));
}

/// To standard error.
template <class... Arguments>
void print_error(fmt::format_string<Arguments...> format, Arguments&&... arguments) {
    put(stderr, fmt::format(format, std::forward<Arguments>(arguments)...));
}

/// Whether something could not be written to standard output.
bool standard_output_failed();

/// Writes what is still to be written. Answers the exit code: `code`, but 1 where a stream failed, which is
/// then told on standard error unless `code` says that something else has been.
int finish_standard_streams(int code);

}  // namespace vmcp::cli
