// The same input and output in every way: runs the loads of io_way.hpp, and what each request took. A load is
// run twice, with N and with 2 N requests; what one request costs is the difference, so that bringing devices
// up, connecting, ending and first touches of pages are in none of the figures. Times are those of the longer
// run.
#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "vmcp/experiment/io_footprint.hpp"
#include "vmcp/experiment/io_way.hpp"
#include "vmcp/experiment/text_page.hpp"

namespace vmcp::experiment {

/// What the guests told, and what was counted for each request. Times of a request: ns, simulated.
struct IoFigures {
    uint64_t requests = 0;  // of the longer run
    uint32_t checksum = 0;  // that the guest came to
    SimTime in_all = 0;     // from the first request's start to the last one's end
    double mean = 0;        // from a request's start to its end
    SimTime worst = 0;
    double guest = 0;                     // CPU time of who asks
    double other = 0;                     // of the machine that serves it, or that it talks with
    double cp = 0;                        // control program, for all of them
    double cp_for_other = 0;              // of that, on the other machine's account
    double exits = 0, interruptions = 0;  // of all machines; presented to them
    double copied = 0;                    // bytes
    double assumed = 0;                   // of the control program's time, at prices without a source: 0 to 1
    std::vector<std::string> lines;       // that were typed, but for the guests' results

    double cpu() const { return guest + other + cp; }
    /// In a second of simulated time.
    double per_second() const;
    /// Of the time that passed, what the other machine took, with what was done for it: 0 to 1.
    double other_share() const;
};

struct IoRun {
    const IoWay* way = nullptr;
    bool done = false;  // false: it cannot be done here (IoWay::missing)
    bool same = true;   // checksum and lines are those of the first way of the load
    Scenario scenario;  // as it was run
    IoFigures figures;
};

struct IoLoadRuns {
    const IoLoad* load = nullptr;
    std::vector<IoRun> ways;

    const IoRun* find(std::string_view way) const;
    const IoRun* native() const;  // null: was not run, or cannot be
    /// The plainest way of this server; null: none was run.
    const IoRun* of(IoServer server) const;
};

struct IoLadder {
    unsigned requests = 0;  // asked for
    Scenario models;        // whose machine and control program it is
    std::vector<IoLoadRuns> loads;
    std::vector<Footprint> footprints;
    std::string footprint_model;  // of the machine that they are told of
    bool interrupted = false;

    bool all_same() const;
};

/// The same at other prices of the control program.
struct ScaledIoLadder {
    double scale = 1;
    IoLadder ladder;
};

struct IoLadderHooks {
    std::function<Scenario(const std::string& file)> read;  // of examples/scenarios
    std::function<void(size_t done, size_t all, const std::string& what)> progress;
    std::function<bool()> interrupted;
};

/// `scale`: of the control program's prices. Throws what reading and running the scenarios throw, and
/// std::runtime_error where a guest does not end well.
IoLadder climb_io(const std::vector<const IoLoad*>& loads, const std::vector<const IoWay*>& ways,
                  unsigned requests, double scale, const IoLadderHooks& hooks);

/// A table for each load, who can harm whom, the order of the servers, footprints.
std::string report(const IoLadder& ladder, size_t width = kUsualWidth);
/// CPU time of a request at every scale, and which order holds at all of them.
std::string io_band_report(const std::vector<ScaledIoLadder>& ladders, size_t width = kUsualWidth);
nlohmann::ordered_json to_json(const IoLadder& ladder);
nlohmann::ordered_json io_band_to_json(const std::vector<ScaledIoLadder>& ladders);
/// A line a load and way; empty fields where it cannot be done.
std::string to_csv(const IoLadder& ladder);

}  // namespace vmcp::experiment
