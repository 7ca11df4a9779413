#include "vmcp/cli/explain_option.hpp"

#include <fmt/format.h>

#include "vmcp/cli/commands.hpp"
#include "vmcp/cli/standard_streams.hpp"

namespace vmcp::cli {

std::vector<experiment::EventChoice> chosen_events(const std::vector<std::string>& options,
                                                   const experiment::EventNames& names) {
    std::vector<experiment::EventChoice> choices;
    for (const std::string& option : options) {
        try {
            choices.push_back(parse_event_choice(option, names));
        } catch (const experiment::ChoiceError& error) {
            throw InputError(fmt::format("--explain {}", error.what()));
        }
    }
    return choices;
}

void tell_unmet(const experiment::EventSelection& selection, std::string_view event) {
    for (const std::string& text : selection.unmet())
        print_error("vmcp: --explain {}: there was no such {}\n", text, event);
}

}  // namespace vmcp::cli
