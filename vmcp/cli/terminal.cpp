#include "vmcp/cli/terminal.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>

#include "vmcp/cli/standard_streams.hpp"
#include "vmcp/experiment/text_figures.hpp"

namespace vmcp::cli {
namespace {

double host_seconds() {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace

bool is_terminal(std::FILE* stream) { return isatty(fileno(stream)) == 1; }

bool wants_colour(std::FILE* stream) {
    const char* no_colour = std::getenv("NO_COLOR");
    return is_terminal(stream) && (no_colour == nullptr || *no_colour == '\0');
}

ConsoleLabels::ConsoleLabels(std::vector<std::string> names)
    : names_(std::move(names)), colour_(wants_colour(stdout)) {
    for (const std::string& name : names_) width_ = std::max(width_, name.size());
}

std::string ConsoleLabels::label(size_t vm) const {
    static constexpr int kColours[] = {36, 33, 32, 35, 34, 31, 96, 93, 92, 95};  // ANSI foreground colours
    std::string name = fmt::format("{:<{}} |", names_[vm], width_);
    if (!colour_) return name;
    return fmt::format("\x1b[{}m{}\x1b[0m", kColours[vm % std::size(kColours)], name);
}

void ConsoleLabels::line(size_t vm, std::string_view text) const {
    print("{}{}{}\n", label(vm), text.empty() ? "" : " ", text);
}

void ConsoleLabels::prompt(size_t vm, std::string_view text) const {
    print("{} {}", label(vm), text);
    flush(stdout);
}

ProgressBar::ProgressBar(simulation::SimTime end)
    : end_(end), wanted_(is_terminal(stderr)), begun_(host_seconds()) {}

ProgressBar::~ProgressBar() { clear(); }

void ProgressBar::show(simulation::SimTime now) {
    const double host = host_seconds();
    if (!wanted_ || host - begun_ < 0.5 || host - last_ < 0.1) return;
    last_ = host;
    shown_ = true;
    flush(stdout);
    if (end_ == simulation::kNever)
        print_error("\r\x1b[K{} simulated", experiment::duration_text(now));
    else
        print_error("\r\x1b[K{:<40}| {} of {}",
                    experiment::bar(static_cast<double>(now), static_cast<double>(end_), 40),
                    experiment::duration_text(now), experiment::duration_text(end_));
}

void ProgressBar::clear() {
    if (!shown_) return;
    print_error("\r\x1b[K");
    shown_ = false;
}

}  // namespace vmcp::cli
