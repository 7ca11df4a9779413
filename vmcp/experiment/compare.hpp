// What the control program costs each guest: natively on the bare machine, alone under the control program,
// and with all others of the scenario.
#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "vmcp/experiment/result.hpp"
#include "vmcp/experiment/text_page.hpp"

namespace vmcp::experiment {

/// Of guest and control program together.
inline SimTime cpu_time(const Account& account) { return account.guest + account.control_program; }

/// What a machine does alone hangs on nothing else.
VmDescription without_name_and_start(VmDescription vm);
/// Whether two runs of a guest have put out the same, at whatever times.
bool same_output(const GuestOutput& a, const GuestOutput& b);

/// Guests that are the same in everything but their name and start are run alone once.
struct GuestComparison {
    std::vector<size_t> machines;  // of the scenario, by index
    NativeResult native;
    RunResult alone;  // of the first of them

    /// Whether the guest came to its end both natively and alone.
    bool ended() const;
    /// CPU time alone (guest and control program) as a multiple of the native one; for a guest that did not
    /// come to its end, both per instruction. 0 where there is nothing to divide.
    double overhead() const;
    /// Whether the guest wrote the same natively and alone under the control program.
    bool same_output() const;
};

struct Comparison {
    std::vector<GuestComparison> guests;
    std::vector<size_t> guest_of;  // for each virtual machine: its entry in `guests`
    RunResult together;            // of no machine, if the comparison was interrupted before
    bool interrupted = false;
};

/// `progress`: told what is run next. `interrupted`: asked now and then; with the answer yes it ends, and
/// holds the guests that were run natively and alone by then.
Comparison compare(const Scenario& scenario,
                   const std::function<void(const std::string& what)>& progress = nullptr,
                   const std::function<bool()>& interrupted = nullptr);

/// The tables for people, on a page of so many columns (from 60).
std::string report(const Scenario& scenario, const Comparison& comparison, size_t width = kUsualWidth);
/// `scenario`, `models`, `guests` (list: `names`, `native`, `alone`, `cpu_overhead`, `elapsed_ratio`, ...),
/// `together`, `host`.
nlohmann::ordered_json to_json(const Scenario& scenario, const Comparison& comparison);
/// A line a virtual machine.
std::string to_csv(const Scenario& scenario, const Comparison& comparison);

}  // namespace vmcp::experiment
