// Which labs there are: those that are built into the program, or those of a folder.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "vmcp/lab/lab.hpp"

namespace vmcp::lab {

/// All labs in the order of their numbers: of the folder, each a folder in it with a lab.toml; of an empty
/// name, those that are built in. Throws simulation::TomlError.
std::vector<Lab> labs_in(const std::string& folder = {});

/// The files of a tool that labs may ask for, by their places below its folder; none: there is no such tool.
LabFiles tool_files(std::string_view tool);

}  // namespace vmcp::lab
