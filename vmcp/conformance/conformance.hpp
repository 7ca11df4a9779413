// The conformance run: generates cases, has two implementations run them, compares, and counts.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "vmcp/conformance/accepted.hpp"
#include "vmcp/conformance/outcome.hpp"

namespace vmcp::conformance {

struct ConformanceOptions {
    uint64_t cases = 50'000;
    uint64_t seed = 1;
    std::string group;           // only this group; empty: all
    std::string instruction;     // only this instruction; empty: all
    std::filesystem::path keep;  // a folder for the core images and dumps of runs that differ; empty: none
    size_t most_examples = 5;    // how many kinds of differences come with an example
    /// Told how many cases are done, for a progress bar.
    std::function<void(uint64_t done)> progress;
    /// Asked now and then; the run ends in order when the answer is yes.
    std::function<bool()> interrupted;
};

struct InstructionCount {
    uint64_t cases = 0;
    uint64_t exceptions = 0;  // of these, how many ended in a program interruption at the judge
    uint64_t accepted = 0;    // differed as an accepted difference allows
    uint64_t different = 0;   // differed otherwise
};

/// Differences of one kind: the same instruction, fields and interruption codes.
struct DifferenceKind {
    std::string what;  // one line
    uint64_t cases = 0;
    std::string example;  // the first of them, described
};

struct ConformanceReport {
    std::string ours, judge;
    ConformanceOptions options;
    uint64_t cases = 0, images = 0;
    double seconds_ours = 0, seconds_judge = 0;            // host time of execution alone
    std::map<std::string, InstructionCount> instructions;  // by mnemonic
    std::vector<DifferenceKind> differences;               // in order of appearance
    uint64_t different = 0;
    std::vector<std::string> stale;                      // accepted differences that did not occur
    std::vector<std::string> uncovered;                  // rows without a case and without a reason
    std::map<std::string, std::string> not_judged;       // mnemonic: reason
    std::map<std::string, std::string> exceptions_only;  // mnemonic: reason
    AcceptedDifferences accepted;
    bool interrupted = false;  // stale and uncovered are not known

    bool good() const { return different == 0 && stale.empty() && uncovered.empty(); }
    /// The summary that a person reads, 80 columns.
    std::string text() const;
    std::string json() const;
};

/// How many cases of an instruction there are, rounded down, in a run of all instructions of so many cases.
uint64_t planned_cases(isa::Op op, uint64_t cases);

/// Throws std::runtime_error where an implementation fails or an option names nothing that exists.
ConformanceReport run_conformance(const ConformanceOptions& options, Implementation& ours,
                                  Implementation& judge, AcceptedDifferences accepted);

}  // namespace vmcp::conformance
