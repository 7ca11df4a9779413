// vmcp report: the result of a run, drawn as a page for a browser.
#include <fmt/format.h>

#include <memory>

#include "vmcp/cli/commands.hpp"
#include "vmcp/cli/core_image.hpp"
#include "vmcp/cli/output_files.hpp"
#include "vmcp/experiment/run_html.hpp"

namespace vmcp::cli {
namespace {

struct ReportOptions {
    std::string result, output;
};

void write_report(const ReportOptions& options) {
    check_outputs({{"--output", options.output}}, {options.result});
    const std::vector<uint8_t> bytes = read_file(options.result);
    try {
        write_file(options.output, experiment::run_html(experiment::read_result(
                                       {reinterpret_cast<const char*>(bytes.data()), bytes.size()})));
    } catch (const experiment::ResultError& error) {
        throw InputError(fmt::format("{}: {}", options.result, error.what()));
    }
}

}  // namespace

void add_report(CLI::App& app) {
    auto options = std::make_shared<ReportOptions>();
    CLI::App* sub = app.add_subcommand("report", "Draw the result of a run as a page for a browser");
    sub->add_option("result", options->result, "What vmcp run --json has written")
        ->required()
        ->type_name("RESULT.json");
    sub->add_option("-o,--output", options->output,
                    "The page: one file, which needs no network; - for standard output")
        ->required()
        ->type_name("FILE.html");
    sub->footer(
        "Examples:\n"
        "  vmcp run timesharing.toml --json result.json\n"
        "  vmcp report result.json -o report.html");
    sub->callback([options] { write_report(*options); });
}

}  // namespace vmcp::cli
