// Where a submission is judged: a temporary folder with copies of what was handed in and of the lab's own
// files, which lie there as a student has them. The submission itself is only read.
#pragma once

#include <filesystem>
#include <string>

#include "simulation/model/temporary_directory.hpp"
#include "vmcp/lab/lab.hpp"

namespace vmcp::lab {

/// Of a file that is handed in, bytes: no lab wants a longer one.
inline constexpr size_t kLongestHandedIn = 256 << 10;

class Workbench {
  public:
    /// Throws HandedInError where a file is missing or is none that can be judged.
    Workbench(const Lab& lab, const std::filesystem::path& submission);

    const std::filesystem::path& path() const { return folder_.path(); }
    std::filesystem::path operator/(const std::string& file) const { return path() / file; }
    /// A message without the folder, of which a student knows nothing: "TEMP/checks/../hello.asm:3" is
    /// "hello.asm:3".
    std::string without_folder(std::string message) const;

  private:
    simulation::TemporaryDirectory folder_{"vmcp-lab"};
};

/// What is wrong with what was handed in.
struct HandedInError {
    Text text;
};

/// Makes the folders above it. Throws std::runtime_error.
void write_lab_file(const std::filesystem::path& path, std::string_view text);

}  // namespace vmcp::lab
