// What came of checking a submission, and how it is told.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "vmcp/lab/lab.hpp"

namespace vmcp::lab {

enum class Outcome : uint8_t {
    passed,
    not_yet,
    not_tried,     // an earlier check, which it hangs on, was not passed
    cannot_judge,  // the fault is not the student's: something is missing here
};
/// "passed", "not-yet", "not-tried", "cannot-judge".
std::string_view name_of(Outcome outcome);

/// Why a check was not passed: words of the lab, and what they are about. Either may be empty.
struct Reason {
    std::string words;
    std::string detail;
    bool operator==(const Reason&) const = default;
};

struct CheckVerdict {
    std::string name, title;
    Outcome outcome = Outcome::passed;
    unsigned points = 0, of = 0;
    std::vector<Reason> reasons;
    std::vector<std::string> notes = {};  // of the run: for who makes a lab
};

struct Verdict {
    unsigned lab = 0;
    std::string title;
    std::vector<CheckVerdict> checks;

    /// passed where all are; cannot_judge where any could not be judged.
    Outcome outcome() const;
    unsigned points() const;
    unsigned of() const;
    unsigned passed() const;  // checks
};

/// For people: a line for each check, and below it what is wrong.
std::string report(const Verdict& verdict, Language language, size_t width);
/// `notes`: with those of the runs.
nlohmann::ordered_json to_json(const Verdict& verdict, bool notes = false);
Verdict verdict_of(const nlohmann::ordered_json& json);

}  // namespace vmcp::lab
