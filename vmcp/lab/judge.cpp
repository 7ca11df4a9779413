#include "vmcp/lab/judge.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "vmcp/lab/check.hpp"

namespace vmcp::lab {
namespace {

Finding find(const Check& check, const Workbench& bench, Language language) {
    switch (check.kind) {
        case CheckKind::scenario: return check_scenario(check, bench, language);
        case CheckKind::answers: return check_answers(check, bench, language);
        case CheckKind::command: return check_command(check, bench, language);
    }
    return {};
}

bool passed(const std::vector<CheckVerdict>& checks, const std::string& name) {
    return std::any_of(checks.begin(), checks.end(), [&name](const CheckVerdict& one) {
        return one.name == name && one.outcome == Outcome::passed;
    });
}

}  // namespace

std::string said_of(const Check& check, std::string_view of, std::string_view found, Language language,
                    const std::vector<std::string>& notes) {
    const auto noted = [&notes](const std::string& what) {
        return std::any_of(notes.begin(), notes.end(),
                           [&what](const std::string& note) { return note.find(what) != std::string::npos; });
    };
    const auto fits = [&](const Say& say) {
        return (say.of == of || (say.of.empty() && of != kSource)) &&
               found.find(say.found) != std::string_view::npos && (say.saw.empty() || noted(say.saw)) &&
               (say.unseen.empty() || !noted(say.unseen));
    };
    for (const Say& say : check.says)
        if (fits(say)) return say.text.in(language);
    return "";
}

void add_reason(std::vector<Reason>& reasons, Reason reason) {
    const auto same = std::find_if(reasons.begin(), reasons.end(), [&reason](const Reason& one) {
        return one.words == reason.words && !reason.words.empty();
    });
    if (same == reasons.end())
        reasons.push_back(std::move(reason));
    else if (same->detail.find(reason.detail) == std::string::npos)
        same->detail += '\n' + reason.detail;
}

Verdict judge(const Lab& lab, const std::filesystem::path& submission, Language language) {
    Verdict verdict{lab.number, lab.title.in(language), {}};
    std::optional<Workbench> bench;
    std::string refused;
    try {
        bench.emplace(lab, submission);
    } catch (const HandedInError& error) {
        refused = error.text.in(language);
    }
    for (const Check& check : lab.checks) {
        CheckVerdict one{check.name, check.title.in(language), Outcome::not_tried, 0, check.points, {}};
        if (!bench) {
            if (verdict.checks.empty())
                one = {one.name, one.title, Outcome::not_yet, 0, one.of, {{refused, ""}}};
        } else if (check.after.empty() || passed(verdict.checks, check.after)) {
            Finding finding = find(check, *bench, language);
            one.outcome = finding.outcome;
            one.reasons = std::move(finding.reasons);
            one.notes = std::move(finding.notes);
            if (one.outcome == Outcome::passed) one.points = one.of;
        }
        verdict.checks.push_back(std::move(one));
    }
    return verdict;
}

}  // namespace vmcp::lab
