#include "vmcp/cli/terminal.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <iterator>
#include <optional>
#include <utility>

#include "vmcp/cli/standard_streams.hpp"
#include "vmcp/experiment/text_figures.hpp"
#include "vmcp/experiment/text_page.hpp"

namespace vmcp::cli {
namespace {

/// A terminal that only prints what it gets.
bool is_dumb() {
    const char* terminal = std::getenv("TERM");
    return terminal == nullptr || *terminal == '\0' || std::string_view(terminal) == "dumb";
}

constexpr size_t kNarrow = 40;  // columns: too few for a bar and a text behind it

/// Of a terminal that says it.
std::optional<size_t> columns_of(std::FILE* stream) {
    winsize size{};
    if (ioctl(fileno(stream), TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return std::nullopt;
    return size.ws_col;
}

/// Whether the user's locale has the characters that bars and rules are made of.
bool locale_is_utf8() {
    const char* locale = nullptr;  // the first that is set decides
    for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"})
        if (const char* value = std::getenv(name); locale == nullptr && value != nullptr && *value != '\0')
            locale = value;
    std::string charset = locale == nullptr ? "utf8" : locale;
    std::erase(charset, '-');
    std::transform(charset.begin(), charset.end(), charset.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return charset.find("utf8") != std::string::npos;
}

double host_seconds() {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace

bool is_terminal(std::FILE* stream) { return isatty(fileno(stream)) == 1; }

bool wants_colour(std::FILE* stream) {
    const char* no_colour = std::getenv("NO_COLOR");
    return is_terminal(stream) && !is_dumb() && (no_colour == nullptr || *no_colour == '\0');
}

size_t report_width(std::FILE* stream) {
    constexpr size_t kLeast = 60, kMost = 200;
    size_t width = columns_of(stream).value_or(experiment::kUsualWidth);
    if (const char* columns = std::getenv("COLUMNS")) {
        const std::string_view text(columns);
        size_t asked = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), asked);
        if (error == std::errc() && end == text.data() + text.size() && asked != 0) width = asked;
    }
    return std::clamp(width, kLeast, kMost);
}

std::string for_reader(std::FILE* stream, std::string_view report) {
    if (locale_is_utf8() && !(is_terminal(stream) && is_dumb())) return std::string(report);
    // Each stands in one column, and so does what it becomes.
    constexpr std::pair<std::string_view, char> kPlain[] = {
        {"█", '#'}, {"▉", '#'}, {"▊", '#'}, {"▋", '#'}, {"▌", '#'}, {"▍", ' '},
        {"▎", ' '}, {"▏", ' '}, {"▓", '='}, {"▒", '-'}, {"░", ':'}, {"·", '.'},
        {"…", '~'}, {"─", '-'}, {"│", '|'}, {"┬", '+'}, {"┼", '+'}, {"┴", '+'}};
    std::string text;
    while (!report.empty()) {
        const auto* const plain = std::find_if(std::begin(kPlain), std::end(kPlain), [report](const auto& p) {
            return report.starts_with(p.first);
        });
        const bool found = plain != std::end(kPlain);
        text += found ? plain->second : report.front();
        report.remove_prefix(found ? plain->first.size() : 1);
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
    return is_terminal(stderr) && !is_dumb() &&
           columns_of(stderr).value_or(experiment::kUsualWidth) >= kNarrow;
}

void show_progress(const std::string& text) {
    const size_t room = columns_of(stderr).value_or(experiment::kUsualWidth) - 1;
    flush(stdout);
    print_error("\r\x1b[K{}", for_reader(stderr, experiment::cut(text, static_cast<unsigned>(room))));
    flush(stderr);
}

void show_progress(double part, const std::string& text) {
    constexpr size_t kLongest = 40;
    const size_t room = columns_of(stderr).value_or(experiment::kUsualWidth) - 1;
    const size_t beside = text.size() + 3;  // the text, a blank and the bar's ends
    const auto width = std::clamp<size_t>(room - std::min(room, beside), 8, kLongest);
    const auto filled = static_cast<size_t>(std::clamp(part, 0.0, 1.0) * static_cast<double>(width));
    show_progress(fmt::format("[{:#<{}}{:.<{}}] {}", "", filled, "", width - filled, text));
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
