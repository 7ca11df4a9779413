// vmcp sweep: a scenario with one thing changed from run to run; a table, a CSV file and a drawing.
#include "vmcp/experiment/sweep.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <memory>

#include "vmcp/cli/commands.hpp"
#include "vmcp/cli/output_files.hpp"
#include "vmcp/cli/scenario_options.hpp"
#include "vmcp/cli/terminal.hpp"
#include "vmcp/conformance/child_process.hpp"

namespace vmcp::cli {
namespace {

struct SweepOptions {
    ScenarioOptions scenario;
    std::string parameter = "overcommit", output = "sweep";
    double from = 0.5, to = 4;
    unsigned steps = 8;
    std::vector<double> values;
    bool no_plot = false;
};

void draw(const std::string& commands, const std::string& csv, const std::string& svg) {
    std::error_code ignored;
    std::filesystem::remove(svg, ignored);
    constexpr double kSeconds = 60;
    {
        conformance::ChildProcess gnuplot("gnuplot", {"-"}, std::filesystem::current_path());
        gnuplot.write(commands + "exit\n");
        std::string line;
        while (gnuplot.read_line(line, kSeconds) == conformance::ChildProcess::Read::line) {
        }
    }
    if (!std::filesystem::exists(svg, ignored) || std::filesystem::file_size(svg, ignored) == 0)
        throw InputError(
            fmt::format("gnuplot did not draw {}: is it installed? The figures are in {}", svg, csv));
}

void show_bar(size_t done, size_t all) {
    constexpr size_t kWidth = 40;
    const size_t filled = done * kWidth / all;
    fmt::print(stderr, "\r\x1b[K[{:#<{}}{:.<{}}] {} of {} runs", "", filled, "", kWidth - filled, done, all);
}

void run_sweep(const SweepOptions& options) {
    const auto parameter = experiment::sweep_parameter(options.parameter);
    const std::string csv = options.output + ".csv", svg = options.output + ".svg";
    check_writable(csv);
    if (!options.no_plot) check_writable(svg);
    std::vector<double> values = options.values;
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
    for (auto& vm : scenario.vms) vm.output_files.clear();  // many runs cannot write one file
    const bool show = is_terminal(stderr);
    if (show) show_bar(0, values.size());
    const auto points = experiment::sweep(scenario, parameter, values, [&](size_t done) {
        if (show) show_bar(done, values.size());
    });
    if (show) fmt::print(stderr, "\r\x1b[K");
    write_file(csv, experiment::sweep_csv(parameter, points));
    fmt::print("{}", experiment::sweep_table(scenario, parameter, points));
    if (options.no_plot) {
        fmt::print("\nWritten: {}\n", csv);
        return;
    }
    std::fflush(stdout);
    draw(experiment::sweep_plot(scenario, parameter, csv, svg), csv, svg);
    fmt::print("\nWritten: {} and {}\n", csv, svg);
}

}  // namespace

void add_sweep(CLI::App& app) {
    auto options = std::make_shared<SweepOptions>();
    CLI::App* sub =
        app.add_subcommand("sweep", "Run a scenario with one thing changed from run to run; draw the result");
    options->scenario.add_to(*sub);
    sub->add_option("--over", options->parameter,
                    "What is changed: overcommit, slice-ms, cp-scale or shadow-sets")
        ->check(CLI::IsMember(experiment::sweep_parameter_names()).description(""))
        ->type_name("WHAT")
        ->capture_default_str();
    sub->add_option("--from", options->from, "First value")->type_name("X")->capture_default_str();
    sub->add_option("--to", options->to, "Last value")->type_name("X")->capture_default_str();
    sub->add_option("--steps", options->steps, "Number of values")
        ->check(CLI::Range(2, 1000).description(""))
        ->type_name("N")
        ->capture_default_str();
    sub->add_option("--values", options->values,
                    "The values themselves, in place of --from, --to and --steps")
        ->delimiter(',')
        ->type_name("X,X,...");
    sub->add_option("-o,--output", options->output, "Writes NAME.csv and NAME.svg")
        ->type_name("NAME")
        ->capture_default_str();
    sub->add_flag("--no-plot", options->no_plot, "CSV only; gnuplot is not needed");
    sub->footer(
        "Examples:\n"
        "  vmcp sweep overcommit.toml --from 0.5 --to 5 --steps 10 -o overcommit\n"
        "  vmcp sweep timesharing.toml --over slice-ms --values 1,5,20,100");
    sub->callback([options] { run_sweep(*options); });
}

}  // namespace vmcp::cli
