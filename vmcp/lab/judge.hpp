// Goes through the checks of a lab with what a student hands in.
#pragma once

#include <filesystem>

#include "vmcp/lab/verdict.hpp"

namespace vmcp::lab {

/// `submission`: the folder of the files. Never throws for what is in them; it does (std::exception) where
/// the lab itself or this computer is at fault.
Verdict judge(const Lab& lab, const std::filesystem::path& submission, Language language);

}  // namespace vmcp::lab
