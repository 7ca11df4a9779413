#include "vmcp/lab/verdict.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "vmcp/experiment/json_report.hpp"
#include "vmcp/lab/wide_text.hpp"

namespace vmcp::lab {
namespace {

constexpr Outcome kOutcomes[] = {Outcome::passed, Outcome::not_yet, Outcome::not_tried,
                                 Outcome::cannot_judge};

/// A wall of reasons helps nobody: the first ones are mostly the cause of the others.
constexpr size_t kMostReasons = 4;

std::string_view heading(Outcome outcome, Language language) {
    const bool english = language == Language::english;
    switch (outcome) {
        case Outcome::passed: return english ? "ok       " : "合格     ";
        case Outcome::not_yet: return english ? "not yet  " : "未達     ";
        case Outcome::not_tried: return english ? "later    " : "保留     ";
        case Outcome::cannot_judge: return english ? "cannot   " : "判定不能 ";
    }
    return "";
}

constexpr size_t kIndent = 9;

void tell(std::string& text, const std::string& words, size_t width, size_t indent) {
    for (const std::string& line : wrap_wide(words, width - indent))
        text += std::string(indent, ' ') + line + '\n';
}

std::string ending(const Verdict& verdict, Language language) {
    const bool passed = verdict.outcome() == Outcome::passed;
    return words(language, "{} of {} checks, {} of {} points{}", "チェック {}/{}、得点 {}/{}{}",
                 verdict.passed(), verdict.checks.size(), verdict.points(), verdict.of(),
                 passed ? words(language, ": the lab is done", "。この課題は完了です") : "");
}

}  // namespace

std::string_view name_of(Outcome outcome) {
    switch (outcome) {
        case Outcome::passed: return "passed";
        case Outcome::not_yet: return "not-yet";
        case Outcome::not_tried: return "not-tried";
        case Outcome::cannot_judge: return "cannot-judge";
    }
    return "";
}

Outcome Verdict::outcome() const {
    const auto any = [this](Outcome outcome) {
        return std::any_of(checks.begin(), checks.end(),
                           [outcome](const CheckVerdict& one) { return one.outcome == outcome; });
    };
    if (any(Outcome::cannot_judge)) return Outcome::cannot_judge;
    return any(Outcome::not_yet) || any(Outcome::not_tried) ? Outcome::not_yet : Outcome::passed;
}

unsigned Verdict::points() const {
    unsigned sum = 0;
    for (const CheckVerdict& one : checks) sum += one.points;
    return sum;
}

unsigned Verdict::of() const {
    unsigned sum = 0;
    for (const CheckVerdict& one : checks) sum += one.of;
    return sum;
}

unsigned Verdict::passed() const {
    return static_cast<unsigned>(std::count_if(checks.begin(), checks.end(), [](const CheckVerdict& one) {
        return one.outcome == Outcome::passed;
    }));
}

std::string report(const Verdict& verdict, Language language, size_t width) {
    std::string text = words(language, "Lab {}: {}\n", "課題 {}: {}\n", verdict.lab, verdict.title);
    for (const CheckVerdict& one : verdict.checks) {
        const auto lines = wrap_wide(one.title, width - kIndent);
        for (size_t i = 0; i < lines.size(); ++i)
            text += (i == 0 ? std::string(heading(one.outcome, language)) : std::string(kIndent, ' ')) +
                    lines[i] + '\n';
        for (size_t i = 0; i < std::min(one.reasons.size(), kMostReasons); ++i) {
            tell(text, one.reasons[i].words, width, kIndent + 2);
            tell(text, one.reasons[i].detail, width, kIndent + 4);
        }
    }
    return text + ending(verdict, language) + '\n';
}

nlohmann::ordered_json to_json(const Verdict& verdict, bool notes) {
    nlohmann::ordered_json checks = nlohmann::ordered_json::array();
    for (const CheckVerdict& one : verdict.checks) {
        nlohmann::ordered_json reasons = nlohmann::ordered_json::array();
        for (const Reason& reason : one.reasons)
            reasons.push_back({{"words", reason.words}, {"detail", reason.detail}});
        checks.push_back({{"name", one.name},
                          {"title", one.title},
                          {"outcome", name_of(one.outcome)},
                          {"points", one.points},
                          {"of", one.of},
                          {"reasons", std::move(reasons)}});
        if (notes) checks.back()["notes"] = one.notes;
    }
    return {{"vmcp", experiment::maker_to_json("lab")},
            {"lab", verdict.lab},
            {"title", verdict.title},
            {"outcome", name_of(verdict.outcome())},
            {"points", verdict.points()},
            {"of", verdict.of()},
            {"checks", std::move(checks)}};
}

Verdict verdict_of(const nlohmann::ordered_json& json) {
    Verdict verdict{json.at("lab").get<unsigned>(), json.at("title").get<std::string>(), {}};
    for (const auto& check : json.at("checks")) {
        CheckVerdict one{
            check.at("name").get<std::string>(), check.at("title").get<std::string>(), {}, 0, 0, {}};
        const std::string outcome = check.at("outcome").get<std::string>();
        for (const Outcome known : kOutcomes)
            if (name_of(known) == outcome) one.outcome = known;
        one.points = check.at("points").get<unsigned>();
        one.of = check.at("of").get<unsigned>();
        for (const auto& reason : check.at("reasons"))
            one.reasons.push_back(
                {reason.at("words").get<std::string>(), reason.at("detail").get<std::string>()});
        verdict.checks.push_back(std::move(one));
    }
    return verdict;
}

}  // namespace vmcp::lab
