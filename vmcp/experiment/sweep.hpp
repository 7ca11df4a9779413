// A sweep: one scenario run again and again with one thing changed, and what came of it as a table, as CSV
// and as a drawing.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "vmcp/experiment/run.hpp"
#include "vmcp/experiment/text_page.hpp"

namespace vmcp::experiment {

/// What is changed from run to run.
enum class SweepParameter : uint8_t {
    overcommit,   // storage of the V=V machines : real storage that is left for them
    slice_ms,     // time slice, simulated milliseconds
    cp_scale,     // all prices of control-program work times this
    shadow_sets,  // address spaces that shadow tables are kept for, of every machine
    exit_cycles,  // entry into interpretive execution and exit together, cycles of the machine
};
/// "overcommit", "slice-ms", "cp-scale", "shadow-sets", "exit-cycles"
std::string_view name_of(SweepParameter parameter);
std::vector<std::string> sweep_parameter_names();
/// Throws std::invalid_argument for an unknown name.
SweepParameter sweep_parameter(std::string_view name);

struct SweepPoint {
    double value = 0;
    RunResult result;

    /// Pages in and out a simulated second.
    double page_rate() const;
    /// Guest and control-program time to guest time; 0 where no guest ran.
    double tv_ratio() const;
    /// Simulated time until the last machine ended, or of the run if one did not end.
    SimTime elapsed() const;
};

/// The scenario with the parameter set. Throws std::runtime_error with one line where the machine model does
/// not allow it.
Scenario with(Scenario scenario, SweepParameter parameter, double value);

/// `steps` values from `from` to `to`, evenly distributed; both ends included. `steps` at least 2.
std::vector<double> even_steps(double from, double to, unsigned steps);

/// Runs the scenario for every value, several at a time; the order of the points is that of the values.
/// `progress` is called with the number of points that are done, from any thread, one at a time.
/// `interrupted`: asked now and then, from any thread; with the answer yes there are only the points that
/// were done by then.
std::vector<SweepPoint> sweep(const Scenario& scenario, SweepParameter parameter,
                              const std::vector<double>& values,
                              const std::function<void(size_t done)>& progress = {},
                              const std::function<bool()>& interrupted = {});

/// For a page of so many columns (from 60).
std::string sweep_table(const Scenario& scenario, SweepParameter parameter,
                        const std::vector<SweepPoint>& points, size_t width = kUsualWidth);
/// Its last columns are the settings of the scenario; `parameter` is one of its own.
std::string sweep_csv(const Scenario& scenario, SweepParameter parameter,
                      const std::vector<SweepPoint>& points);
/// Commands for gnuplot that draw the CSV file as the SVG file: T/V ratio over the parameter, and the page
/// rate where there is one.
std::string sweep_plot(const Scenario& scenario, SweepParameter parameter,
                       const std::vector<SweepPoint>& points, const std::string& csv_file,
                       const std::string& svg_file);

}  // namespace vmcp::experiment
