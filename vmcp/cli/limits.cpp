#include "vmcp/cli/limits.hpp"

#include <fmt/format.h>

#include "vmcp/cli/commands.hpp"
#include "vmcp/cli/numbers.hpp"
#include "vmcp/experiment/text_figures.hpp"

namespace vmcp::cli {

using simulation::SimTime;

simulation::SimTime parse_duration(const std::string& text, const std::string& what) {
    const auto time = experiment::parse_duration(text);
    if (!time)
        throw InputError(fmt::format(
            "{} '{}': expected simulated time, such as 200ms, 1.5s, 10min or 2h, up to eleven days", what,
            text));
    return *time;
}

void LimitOptions::add_to(CLI::App& sub) {
    sub.add_option("--max-instructions", instructions, "End a program that has executed so many instructions")
        ->check(whole_number(0, ~uint64_t{0}))
        ->type_name("N");
    sub.add_option("--max-time", time, "End the run at this simulated time, such as 200ms, 10s or 1h")
        ->type_name("TIME");
    sub.add_option("--max-output", output,
                   "End a program that has put out so much on console, printers and punches (default 64M)")
        ->type_name("SIZE");
}

std::optional<SimTime> LimitOptions::max_time() const {
    if (time.empty()) return std::nullopt;
    return parse_duration(time, "--max-time");
}

void LimitOptions::apply(experiment::VmDescription& vm) const {
    if (instructions) vm.most_instructions = *instructions;
    if (!output.empty()) vm.most_output = parse_size(output, uint64_t{1} << 32, "--max-output");
}

void LimitOptions::apply(experiment::Scenario& scenario) const {
    if (const auto most = max_time()) scenario.time_limit = *most;
}

}  // namespace vmcp::cli
