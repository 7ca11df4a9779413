// A check that runs a scenario and looks whether its guests do what it expects of them.
#include <fmt/format.h>

#include <chrono>
#include <memory>

#include "vmcp/experiment/expectation.hpp"
#include "vmcp/experiment/native_runs.hpp"
#include "vmcp/experiment/run.hpp"
#include "vmcp/lab/check.hpp"
#include "vmcp/lab/lab_scenario.hpp"
#include "vmcp/lab/run_notes.hpp"

namespace vmcp::lab {
namespace {

using experiment::Judgement;

std::vector<Judgement> judge_natively(const experiment::Scenario& scenario, const Deadline& deadline) {
    return experiment::judge(scenario,
                             experiment::run_natively(scenario, [&deadline] { return deadline.over(); }));
}

std::vector<Judgement> judge_as_guests(const experiment::Scenario& scenario, const Deadline& deadline,
                                       RunNotes& notes) {
    experiment::RunHooks hooks;
    hooks.observers = {&notes};
    hooks.interrupted = [&deadline] { return deadline.over(); };
    return experiment::judge(scenario, experiment::run_on_copies(scenario, hooks));
}

/// "sums up: register R3" is about "sums up".
std::string table_of(const Judgement& one) {
    const size_t colon = one.name.find(": ");
    return colon == std::string::npos ? one.name : one.name.substr(0, colon);
}

/// "register R3" of it.
std::string subject_of(const Judgement& one) {
    const size_t colon = one.name.find(": ");
    return colon == std::string::npos ? one.name : one.name.substr(colon + 2);
}

/// What one wants to know even where it is well: how good it is.
bool is_comparison(const Judgement& one) { return subject_of(one).find(" against ") != std::string::npos; }

Reason reason_of(const Check& check, const Workbench& bench, const Judgement& one, const RunNotes& notes,
                 Language language) {
    const std::string found = bench.without_folder(one.found);
    return {said_of(check, table_of(one), found, language, notes.lines()),
            words(language, "{}: expected {}, found {}", "{}: 期待 {}、実際 {}", subject_of(one),
                  one.expected, found)};
}

}  // namespace

Finding check_scenario(const Check& check, const Workbench& bench, Language language) {
    std::optional<experiment::Scenario> scenario;
    if (Finding finding = read_lab_scenario(check, bench, language, scenario);
        finding.outcome != Outcome::passed)
        return finding;
    const Deadline deadline(check.seconds);
    RunNotes notes;
    Finding finding;
    for (const Judgement& one :
         check.native ? judge_natively(*scenario, deadline) : judge_as_guests(*scenario, deadline, notes)) {
        if (one.met && is_comparison(one))
            add_reason(finding.reasons, {"", words(language, "measured: {}: {}", "測定値: {}: {}",
                                                   subject_of(one), one.found)});
        if (one.met) continue;
        finding.outcome = Outcome::not_yet;
        add_reason(finding.reasons, reason_of(check, bench, one, notes, language));
    }
    if (deadline.over()) finding = deadline.told(language);
    finding.notes = notes.lines();
    return finding;
}

}  // namespace vmcp::lab
