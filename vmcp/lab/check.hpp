// The kinds of checks, each on a workbench that has the files.
#pragma once

#include "vmcp/lab/verdict.hpp"
#include "vmcp/lab/workbench.hpp"

namespace vmcp::lab {

/// What a check finds: nothing where all is well.
struct Finding {
    Outcome outcome = Outcome::passed;
    std::vector<Reason> reasons;
    std::vector<std::string> notes = {};  // of the run

    static Finding not_yet(std::vector<Reason> reasons) { return {Outcome::not_yet, std::move(reasons)}; }
};

Finding check_scenario(const Check& check, const Workbench& bench, Language language);
Finding check_answers(const Check& check, const Workbench& bench, Language language);
Finding check_command(const Check& check, const Workbench& bench, Language language);

/// What a `say` is about that is about a source which does not assemble; others are not said of it.
inline constexpr std::string_view kSource = "source";

/// The lab's words for what was found of an expectation or question; empty where it has none. `notes`: of the
/// run.
std::string said_of(const Check& check, std::string_view of, std::string_view found, Language language,
                    const std::vector<std::string>& notes = {});

/// Where the same words are there already, they get one more detail.
void add_reason(std::vector<Reason>& reasons, Reason reason);

}  // namespace vmcp::lab
