#include "vmcp/cli/log_options.hpp"

#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <memory>

#include "isa/ebcdic.hpp"
#include "simulation/model/log.hpp"
#include "vmcp/cli/output_files.hpp"

namespace vmcp::cli {
namespace {

struct LogOptions {
    std::string level = "off", file;
};

void start_log(const LogOptions& options) {
    // A file without a level is for everything that a user may want to know.
    const bool by_file = options.level == "off" && !options.file.empty();
    const auto level = by_file ? spdlog::level::info : spdlog::level::from_str(options.level);
    if (level == spdlog::level::off) return;
    spdlog::logger& log = simulation::log();
    if (options.file.empty()) {
        log.sinks().push_back(std::make_shared<spdlog::sinks::stderr_sink_st>());
        log.set_pattern("vmcp: %l: %v");
    } else {
        experiment::check_writable(options.file);
        log.sinks().push_back(std::make_shared<spdlog::sinks::basic_file_sink_st>(options.file, true));
        log.set_pattern("%Y-%m-%dT%H:%M:%S.%e %l %v");
    }
    log.set_level(level);
    log.flush_on(level);
}

}  // namespace

void add_log_options(CLI::App& app) {
    auto options = std::make_shared<LogOptions>();
    app.add_option("--log-level", options->level, "Tell on standard error what is being done")
        ->type_name("LEVEL")
        ->check(CLI::IsMember({"off", "error", "warn", "info", "debug", "trace"}));
    app.add_option("--log-file", options->file, "Write that to a file (level info, if none is said)")
        ->type_name("FILE");
    app.parse_complete_callback([options] { start_log(*options); });
}

void add_code_page_option(CLI::App& app) {
    app.add_option_function<std::string>(
           "--code-page",
           [](const std::string& page) {
               if (page == "1047") isa::text_code_page = isa::CodePage::cp1047;
           },
           "EBCDIC of consoles, displays, printers and cards in text (default 037; 1047 has the brackets at "
           "AD and BD)")
        ->type_name("PAGE")
        ->check(CLI::IsMember({"037", "1047"}));
}

}  // namespace vmcp::cli
