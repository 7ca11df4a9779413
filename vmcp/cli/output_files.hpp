// Files that the program writes for its user.
#pragma once

#include <string>
#include <string_view>

#include "vmcp/experiment/result.hpp"

namespace vmcp::cli {

/// Replaces the file; "-" is standard output. The bytes are written beside the place and renamed when all of
/// them are there: a failure leaves what was there before. (Devices and pipes are written as they are.)
/// Throws InputError.
void write_file(const std::string& path, std::string_view bytes);

/// Whether two names are those of one file, which may not exist yet; other spellings, symbolic and hard links
/// count. Devices and pipes can be shared.
bool same_file(const std::string& a, const std::string& b);

/// Fails early where the file could not be written at the end of a long run. Throws InputError.
void check_writable(const std::string& path);

/// Writes DIRECTORY/NAME.console.txt, .printer.txt and .punch.deck (of further devices .printer-CUU.txt
/// and .punch-CUU.deck), each where there is something to write. Makes the directory. Throws InputError.
void write_guest_output(const std::string& directory, const std::string& name,
                        const experiment::GuestOutput& output);

}  // namespace vmcp::cli
