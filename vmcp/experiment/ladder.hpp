// The same guests, unchanged, on every rung of the ladder: each alone under the control program, beside what
// it takes on the bare machine.
#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "vmcp/experiment/result.hpp"
#include "vmcp/experiment/rung.hpp"
#include "vmcp/experiment/text_page.hpp"

namespace vmcp::experiment {

/// One rung: every guest alone.
struct RungRuns {
    const Rung* rung = nullptr;
    Scenario scenario;              // as it is there
    std::vector<RunResult> guests;  // in the order of Ladder::guests
    std::vector<bool> same_output;  // as natively

    SimTime guest_time() const;
    SimTime control_program_time() const;
    uint64_t exits() const;
    /// What the control program worked for, over the guests.
    LedgerEntry of(Cause cause) const;
    /// Of all that was asked of assists, and what of it they did.
    AssistCount asked() const;
    /// Of all control-program time of the runs, what was charged at assumed prices, and what in steps that
    /// the control-program assist covers: 0 to 1.
    double assumed_share() const;
    double covered_share() const;
    bool all_ended() const;
};

struct Ladder {
    std::vector<std::string> guests;  // names; several machines that are the same are one
    std::vector<NativeResult> native;
    std::vector<bool> with_devices;  // of the real machine
    std::vector<RungRuns> rungs;
    size_t planned = 0;  // rungs that were to be climbed
    bool interrupted = false;

    SimTime native_time() const;
    /// CPU time on the rung, guest and control program, to that natively.
    double overhead(const RungRuns& rung) const;
    /// The same of one guest.
    double overhead(const RungRuns& rung, size_t guest) const;
    const RungRuns* find(std::string_view rung) const;
    /// Whether there is a guest that such a figure is told of.
    bool has_guests_of(const Published& published) const;
};

struct LadderHooks {
    std::function<void(size_t done, size_t all, const std::string& what)> progress;
    std::function<bool()> interrupted;
};

/// Throws what running the scenario throws.
Ladder climb(const Scenario& scenario, const std::vector<const Rung*>& rungs, const LadderHooks& hooks = {});

/// What a published figure says of this rung: "inside 35 % to 40 %: ...". Empty where there is none, or the
/// rung that it is told by was not climbed.
struct Verdict {
    double ours = 0;
    bool inside = false;
    const Published* published = nullptr;
};
std::optional<Verdict> verdict(const Ladder& ladder, const RungRuns& rung);

/// The same ladder at other prices of the control program.
struct ScaledLadder {
    double scale = 1;
    Ladder ladder;
};
/// Each rung's CPU time at every scale, and which conclusions hold at all of them. They have the same rungs.
std::string band_report(const std::vector<ScaledLadder>& ladders, size_t width = kUsualWidth);

/// `scale`, and CPU time to native by rung.
nlohmann::ordered_json band_to_json(const std::vector<ScaledLadder>& ladders);

/// The tables for people, on a page of so many columns (from 60). `heading`: what a rung is called, "Rung" or
/// "Variant".
std::string report(const Scenario& scenario, const Ladder& ladder, size_t width = kUsualWidth,
                   const std::string& heading = "Rung");
/// `command`: that made it.
nlohmann::ordered_json to_json(const Scenario& scenario, const Ladder& ladder,
                               std::string_view command = "ladder");
/// A line a rung and guest.
std::string to_csv(const Ladder& ladder);

}  // namespace vmcp::experiment
