// --explain of `run` and `native`: which traps or interruptions are told.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "vmcp/experiment/event_choice.hpp"

namespace vmcp::cli {

/// Throws InputError for what cannot be understood.
std::vector<experiment::EventChoice> chosen_events(const std::vector<std::string>& options,
                                                   const experiment::EventNames& names);

/// Says of each choice that nothing was met by that there was no such `event`.
void tell_unmet(const experiment::EventSelection& selection, std::string_view event);

}  // namespace vmcp::cli
