// Files that a user names as input: whatever they are, no more than some bytes are read of them.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

namespace simulation {

/// The bytes of the file, at most so many of the first ones: who asks for one more than is allowed sees that
/// the file is too long, also where it is a device that never ends. Empty: it cannot be read (errno says
/// why).
std::optional<std::string> read_input_file(const std::string& path, size_t most);

}  // namespace simulation
