// Files that the program writes for its user.
#pragma once

#include <string>
#include <string_view>

#include "vmcp/experiment/result.hpp"

namespace vmcp::cli {

/// Replaces the file; "-" is standard output. Throws InputError.
void write_file(const std::string& path, std::string_view bytes);

/// Fails early where the file could not be written at the end of a long run. Throws InputError.
void check_writable(const std::string& path);

/// Writes DIRECTORY/NAME.console.txt, .printer.txt and .punch.deck (of further devices .printer-CUU.txt
/// and .punch-CUU.deck), each where there is something to write. Makes the directory. Throws InputError.
void write_guest_output(const std::string& directory, const std::string& name,
                        const experiment::GuestOutput& output);

}  // namespace vmcp::cli
