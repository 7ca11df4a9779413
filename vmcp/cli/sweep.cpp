// vmcp sweep: a scenario with one thing changed from run to run; a table, a CSV file and a drawing.
#include "vmcp/experiment/sweep.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <memory>

#include "simulation/model/temporary_directory.hpp"
#include "vmcp/cli/commands.hpp"
#include "vmcp/cli/core_image.hpp"
#include "vmcp/cli/executor_option.hpp"
#include "vmcp/cli/numbers.hpp"
#include "vmcp/cli/output_files.hpp"
#include "vmcp/cli/scenario_options.hpp"
#include "vmcp/cli/standard_streams.hpp"
#include "vmcp/cli/terminal.hpp"
#include "vmcp/conformance/child_process.hpp"
#include "vmcp/experiment/ending.hpp"
#include "vmcp/experiment/text_figures.hpp"

namespace vmcp::cli {
namespace {

struct SweepOptions {
    ScenarioOptions scenario;
    std::string parameter = "overcommit", output = "sweep";
    double from = 0.5, to = 4;
    unsigned steps = 8;
    std::vector<std::string> values;
    bool no_plot = false;
};

/// gnuplot draws into a folder of its own, for what it writes on a full disk is not a drawing, and nobody is
/// told.
void draw(const std::function<std::string(const std::string& csv, const std::string& svg)>& commands,
          const std::string& csv, const std::string& table, const std::string& svg) {
    const simulation::TemporaryDirectory folder("vmcp-sweep");
    const std::string figures = (folder.path() / "figures.csv").string();
    const std::string drawing = (folder.path() / "drawing.svg").string();
    write_file(figures, table);
    constexpr double kSeconds = 60;
    {
        conformance::ChildProcess gnuplot("gnuplot", {"-"}, folder.path());
        gnuplot.write(commands(figures, drawing) + "exit\n");
        std::string line;
        while (gnuplot.read_line(line, kSeconds) == conformance::ChildProcess::Read::line) {
        }
    }
    std::string bytes;
    if (std::error_code none; std::filesystem::exists(drawing, none)) {
        const std::vector<uint8_t> read = read_file(drawing);
        bytes.assign(read.begin(), read.end());
    }
    if (bytes.find("</svg>") == std::string::npos)
        throw InputError(
            fmt::format("gnuplot did not draw {}: is it installed? The figures are in {}", svg, csv));
    write_file(svg, bytes);
}

void show_runs(size_t done, size_t all) {
    show_progress(static_cast<double>(done) / static_cast<double>(all),
                  fmt::format("{} of {}", done, experiment::counted(all, "run")));
}

void run_sweep(const SweepOptions& options) {
    const auto parameter = experiment::sweep_parameter(options.parameter);
    const bool to_stdout = options.output == "-";  // the CSV, and it alone
    const bool plot = !options.no_plot && !to_stdout;
    const std::string csv = to_stdout ? "-" : options.output + ".csv", svg = options.output + ".svg";
    std::vector<Output> outputs = {{"--output", csv}, {"--output", plot ? svg : ""}};
    std::vector<std::string> inputs = options.scenario.files();
    check_outputs(outputs, inputs);
    std::vector<double> values;
    for (const std::string& value : options.values) values.push_back(std::stod(value));
    if (values.empty()) {
        if (options.to <= options.from) throw InputError("--to: expected more than --from");
        values = experiment::even_steps(options.from, options.to, options.steps);
    }
    for (const double value : values) {
        const bool sets = parameter == experiment::SweepParameter::shadow_sets;
        if (!(value > 0) || value > 1e6 || (sets && (value < 1 || value > 16)))
            throw InputError(fmt::format("{} cannot be {}: expected {}", options.parameter, value,
                                         sets ? "1 to 16" : "more than 0"));
    }
    experiment::Scenario scenario = options.scenario.read();
    prepare_for_many_runs(scenario, outputs, inputs);
    const EndingSignals signals;
    const bool show = progress_wanted();
    if (show) show_runs(0, values.size());
    const auto points = experiment::sweep(
        scenario, parameter, values,
        [&](size_t done) {
            if (show) show_runs(done, values.size());
        },
        &EndingSignals::asked);
    const bool interrupted = points.size() < values.size();
    const bool well = std::all_of(points.begin(), points.end(),
                                  [](const experiment::SweepPoint& p) { return ended_well(p.result); });
    if (show) clear_progress();
    write_file(csv, experiment::sweep_csv(scenario, parameter, points));
    if (to_stdout) return conclude(interrupted, well);
    print("{}", experiment::sweep_table(scenario, parameter, points, report_width(stdout)));
    if (interrupted)
        print("\nInterrupted: {} of {} done.\n", points.size(),
              experiment::counted(values.size(), "run was", "runs were"));
    if (!plot || interrupted) {
        print("\nWritten: {}\n", csv);
        return conclude(interrupted, well);
    }
    flush(stdout);
    const auto commands = [&](const std::string& figures, const std::string& drawing) {
        return experiment::sweep_plot(scenario, parameter, points, figures, drawing);
    };
    draw(commands, csv, experiment::sweep_csv(scenario, parameter, points), svg);
    print("\nWritten: {} and {}\n", csv, svg);
    conclude(false, well);
}

}  // namespace

void add_sweep(CLI::App& app) {
    auto options = std::make_shared<SweepOptions>();
    CLI::App* sub =
        app.add_subcommand("sweep", "Run a scenario with one thing changed from run to run; draw the result");
    options->scenario.add_to(*sub);
    sub->add_option("--over", options->parameter,
                    "What is changed: overcommit, slice-ms, cp-scale, shadow-sets or exit-cycles")
        ->check(CLI::IsMember(experiment::sweep_parameter_names()).description(""))
        ->type_name("WHAT")
        ->capture_default_str();
    const CLI::Validator value = number(0, 1e6);
    auto* from = sub->add_option("--from", options->from, "First value")
                     ->check(value)
                     ->type_name("X")
                     ->capture_default_str();
    auto* to = sub->add_option("--to", options->to, "Last value")
                   ->check(value)
                   ->type_name("X")
                   ->capture_default_str();
    auto* steps = sub->add_option("--steps", options->steps, "Number of values");
    steps->check(whole_number(2, 1000))->type_name("N")->capture_default_str();
    sub->add_option("--values", options->values,
                    "The values themselves, in place of --from, --to and --steps")
        ->delimiter(',')
        ->check(value)
        ->excludes(from)
        ->excludes(to)
        ->excludes(steps)
        ->type_name("X,X,...");
    sub->add_option("-o,--output", options->output,
                    "Writes NAME.csv and NAME.svg; - writes the CSV to standard output, and nothing else")
        ->type_name("NAME")
        ->capture_default_str();
    sub->add_flag("--no-plot", options->no_plot, "CSV only; gnuplot is not needed");
    sub->footer(
        "Examples:\n"
        "  vmcp sweep overcommit.toml --from 0.5 --to 5 --steps 10 -o overcommit\n"
        "  vmcp sweep timesharing.toml --over slice-ms --values 1,5,20,100");
    set_machine_command(*sub, [options] { run_sweep(*options); });
}

}  // namespace vmcp::cli
