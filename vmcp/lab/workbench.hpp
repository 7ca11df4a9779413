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

/// What is wrong with what was handed in.
struct HandedInError {
    Text text;
};

class Workbench {
  public:
    /// With the starter: what a student has who has done nothing yet. `lab` must outlive it.
    explicit Workbench(const Lab& lab);
    /// Throws HandedInError where a file is missing or is none that can be judged.
    Workbench(const Lab& lab, const std::filesystem::path& submission);

    const Lab& lab() const { return lab_; }
    const std::filesystem::path& path() const { return folder_.path(); }
    std::filesystem::path operator/(const std::string& file) const { return path() / file; }
    /// A message without the folder, of which a student knows nothing: "TEMP/checks/../hello.asm:3" is
    /// "hello.asm:3".
    std::string without_folder(std::string message) const;

  private:
    const Lab& lab_;
    simulation::TemporaryDirectory folder_{"vmcp-lab"};
};

/// A file that is handed in. Throws HandedInError where it is missing or none that can be judged.
std::string read_handed_in(const std::filesystem::path& path);

/// Makes the folders above it. Throws std::runtime_error.
void write_lab_file(const std::filesystem::path& path, std::string_view text);

}  // namespace vmcp::lab
