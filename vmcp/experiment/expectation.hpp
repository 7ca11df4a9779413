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

/// A table of expectations: each key that is there is one.
struct Expectation {
    std::string name;  // of the table, for who reads the verdict; may be empty
    std::optional<std::string> console, console_not, printer;  // parts of a line
    std::optional<std::string> ending;  // "well", "badly", a kind, or "disabled-wait 000BAD"
    std::map<unsigned, uint32_t> registers;
    std::vector<StorageBytes> storage;
    std::optional<uint64_t> most_instructions, most_exits;

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
