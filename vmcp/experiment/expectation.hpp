// What a scenario expects of a machine's guest ([[vm.expect]]), and whether it came so.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "vmcp/experiment/guest_image.hpp"
#include "vmcp/experiment/scenario_key.hpp"

namespace vmcp::experiment {

struct Scenario;
struct VmDescription;

/// Of lines on the console that have `text`: so many come, at even distances.
struct Pace {
    std::string text;
    uint64_t times = 2;
    double ms = 0, within_ms = 0;  // simulated time from one to the next, and how far it may be off

    bool operator==(const Pace&) const = default;
};

/// Words of storage in which the guest says how many microseconds went by.
struct ToldTimes {
    std::optional<uint32_t> guest, elapsed;  // where: CPU time of its own; from its start to its end
    double within_percent = 1;

    bool operator==(const ToldTimes&) const = default;
};

/// Another machine of the scenario, which this one is compared with.
struct Against {
    std::string machine;
    std::optional<double> exits, control_program;  // at most this part of what the other one took
    bool same_console = false;

    bool operator==(const Against&) const = default;
};

/// A table of expectations: each key that is there is one.
struct Expectation {
    std::string name;  // of the table, for who reads the verdict; may be empty
    std::optional<std::string> console, console_not, printer;  // parts of a line
    std::optional<std::string> ending;  // "well", "badly", a kind, or "disabled-wait 000BAD"
    std::map<unsigned, uint32_t> registers;
    std::vector<StorageBytes> storage;
    std::optional<uint64_t> most_instructions, most_exits;
    std::optional<std::vector<std::string>> console_lines;  // all of them
    std::map<std::string, uint64_t> at_least, at_most;      // of the control program's work, by causes
    std::optional<Pace> pace;
    std::optional<ToldTimes> told;
    std::optional<Against> against;

    /// The stretches of storage that it looks at.
    std::vector<StorageBytes> looks_at() const;

    bool operator==(const Expectation&) const = default;
};

/// The keys of [[vm.expect]]. Where they are read, the machine's storage is known.
const std::vector<ScenarioKey<Expectation, const VmDescription>>& expectation_keys();

struct RunResult;
struct NativeResult;

/// What came of one expectation.
struct Judgement {
    std::string machine;
    std::string name;      // "sums up: register R3"
    std::string expected;  // "0000002A"
    std::string found;
    bool met = false;
};

/// In the order of the scenario. A machine of which no expectation names its ending is expected to end well,
/// if anything is expected of it. `natively`: each guest alone on the bare machine, in the scenario's order;
/// empty: `result` counts.
std::vector<Judgement> judge(const Scenario& scenario, const RunResult& result);
std::vector<Judgement> judge(const Scenario& scenario, const std::vector<NativeResult>& natively);

bool all_met(const std::vector<Judgement>& verdicts);

/// A line each, and what was found where one is not met.
std::string report(const std::vector<Judgement>& verdicts, size_t width);
/// For test runners: a test suite with a test case each.
std::string to_junit(const std::string& suite, const std::vector<Judgement>& verdicts);

}  // namespace vmcp::experiment
