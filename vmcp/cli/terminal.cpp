#include "vmcp/cli/terminal.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <chrono>
#include <cstdlib>
#include <iterator>
#include <utility>

#include "vmcp/cli/standard_streams.hpp"
#include "vmcp/experiment/text_figures.hpp"

namespace vmcp::cli {
namespace {

/// A terminal that only prints what it gets.
bool is_dumb() {
    const char* terminal = std::getenv("TERM");
    return terminal == nullptr || *terminal == '\0' || std::string_view(terminal) == "dumb";
}

constexpr unsigned kNarrow = 60;  // columns: a bar, and a text behind it

double host_seconds() {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace

bool is_terminal(std::FILE* stream) { return isatty(fileno(stream)) == 1; }

bool wants_colour(std::FILE* stream) {
    const char* no_colour = std::getenv("NO_COLOR");
    return is_terminal(stream) && !is_dumb() && (no_colour == nullptr || *no_colour == '\0');
}

std::string for_locale(const std::string& report) {
    const char* locale = nullptr;  // the first that is set decides
    for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"})
        if (const char* value = std::getenv(name); locale == nullptr && value != nullptr && *value != '\0')
            locale = value;
    std::string charset = locale == nullptr ? "utf8" : locale;
    std::erase(charset, '-');
    std::transform(charset.begin(), charset.end(), charset.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    if (charset.find("utf8") != std::string::npos) return report;
    // Each stands in one column, and so does what it becomes.
    constexpr std::pair<std::string_view, char> kPlain[] = {
        {"█", '#'}, {"▉", '#'}, {"▊", '#'}, {"▋", '#'}, {"▌", '#'}, {"▍", ' '}, {"▎", ' '},
        {"▏", ' '}, {"▓", '='}, {"▒", '-'}, {"░", ':'}, {"·", '.'}, {"…", '~'}};
    std::string text;
    for (std::string_view rest = report; !rest.empty();) {
        const auto* const plain = std::find_if(std::begin(kPlain), std::end(kPlain),
                                               [rest](const auto& p) { return rest.starts_with(p.first); });
        const bool found = plain != std::end(kPlain);
        text += found ? plain->second : rest.front();
        rest.remove_prefix(found ? plain->first.size() : 1);
    }
    return text;
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

bool progress_wanted() {
    winsize size{};
    const bool narrow =
        ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col != 0 && size.ws_col < kNarrow;
    return is_terminal(stderr) && !is_dumb() && !narrow;
}

void show_progress(const std::string& text) {
    flush(stdout);
    print_error("\r\x1b[K{}", experiment::cut(text, kNarrow - 1));
    flush(stderr);
}

void show_progress(double part, const std::string& text) {
    constexpr int kWidth = 24;
    const int filled = std::clamp(static_cast<int>(part * kWidth), 0, kWidth);
    show_progress(fmt::format("[{:#<{}}{:.<{}}] {}", "", filled, "", kWidth - filled, text));
}

void clear_progress() { print_error("\r\x1b[K"); }

ProgressBar::ProgressBar(simulation::SimTime end)
    : end_(end), wanted_(progress_wanted()), begun_(host_seconds()) {}

ProgressBar::~ProgressBar() { clear(); }

void ProgressBar::show(simulation::SimTime now) {
    const double host = host_seconds();
    if (!wanted_ || host - begun_ < 0.5 || host - last_ < 0.1) return;
    last_ = host;
    shown_ = true;
    if (end_ == simulation::kNever)
        show_progress(fmt::format("{} simulated", experiment::duration_text(now)));
    else
        show_progress(
            static_cast<double>(now) / static_cast<double>(end_),
            fmt::format("{} of {}", experiment::duration_text(now), experiment::duration_text(end_)));
}

void ProgressBar::clear() {
    if (!shown_) return;
    clear_progress();
    shown_ = false;
}

}  // namespace vmcp::cli
