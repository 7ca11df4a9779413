// Grades a class: each submission is judged by a process of its own, which has little time, memory and disk,
// and where the kernel can do that reaches no other submission and no file but its own (limited_process.hpp).
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "vmcp/lab/limited_process.hpp"
#include "vmcp/lab/verdict.hpp"

namespace vmcp::lab {

struct Grade {
    std::string submission;  // name of its folder or file, fit to be shown
    Outcome outcome = Outcome::not_yet;
    unsigned points = 0, of = 0;  // of()
    unsigned passed = 0, checks = 0;
    std::string reason;  // the first one; empty: there is none
};

struct GradingOptions {
    std::string labs;  // a folder of labs; empty: those that are built in
    Language language = Language::english;
    ProcessLimits limits;
    unsigned at_once = 1;
    /// Called with each that is done, from one thread at a time.
    std::function<void(size_t done, size_t all)> progress;
};

/// Of each folder and file in `submissions` whose name does not begin with a point, in the order of the
/// names: a folder of what is handed in, or, where that is one file, that file. Throws std::runtime_error
/// where the lab cannot be judged here at all: it is tried with its starter first.
std::vector<Grade> grade(const Lab& lab, const std::filesystem::path& submissions,
                         const GradingOptions& options);

/// A table for spreadsheets: nothing in it is taken for a formula.
std::string to_csv(const std::vector<Grade>& grades);

}  // namespace vmcp::lab
