#include "vmcp/experiment/text_figures.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <cstdlib>
#include <iterator>

namespace vmcp::experiment {

using simulation::SimTime;

std::string duration_text(simulation::SimTime t) {
    if (t < 0) return "-" + duration_text(-t);
    if (t < 1000) return fmt::format("{} ns", t);
    static constexpr const char* kUnits[] = {"us", "ms", "s"};
    double value = static_cast<double>(t) / 1000;
    unsigned unit = 0;
    while (unit < 2 && value >= 999.95) {
        value /= 1000;
        ++unit;
    }
    const int decimals = value < 9.9995 ? 3 : value < 99.995 ? 2 : value < 999.95 ? 1 : 0;
    return fmt::format("{:.{}f} {}", value, decimals, kUnits[unit]);
}

std::optional<SimTime> parse_duration(std::string_view text) {
    constexpr double kMost = 1e15;  // ns
    // Not std::from_chars: the library of the page in a browser has none for numbers with a point.
    const std::string digits(text.substr(0, text.find_first_not_of("0123456789.")));
    if (digits.empty()) return std::nullopt;
    char* end = nullptr;
    const double value = std::strtod(digits.c_str(), &end);
    const std::string_view unit = text.substr(static_cast<size_t>(end - digits.c_str()));
    const SimTime factor = unit == "us"    ? simulation::kMicrosecond
                           : unit == "ms"  ? simulation::kMillisecond
                           : unit == "s"   ? simulation::kSecond
                           : unit == "min" ? 60 * simulation::kSecond
                           : unit == "h"   ? 3600 * simulation::kSecond
                                           : 0;
    const double ns = value * static_cast<double>(factor);
    if (!(ns >= 1) || ns > kMost) return std::nullopt;
    return static_cast<SimTime>(std::llround(ns));
}

std::string count_text(uint64_t n) {
    std::string digits = std::to_string(n);
    for (size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, ",");
    return digits;
}

std::string counted(uint64_t n, std::string_view word, std::string_view plural) {
    if (n != 1 && !plural.empty()) return fmt::format("{} {}", count_text(n), plural);
    return fmt::format("{} {}{}", count_text(n), word, n == 1 ? "" : word.ends_with("ch") ? "es" : "s");
}

std::string short_count_text(uint64_t n) {
    if (n < 1'000'000) return count_text(n);
    static constexpr const char* kUnits[] = {"M", "G", "T", "P", "E"};
    double value = static_cast<double>(n) / 1e6;
    unsigned unit = 0;
    while (unit < 4 && value >= 999.95) {
        value /= 1000;
        ++unit;
    }
    return fmt::format("{:.1f} {}", value, kUnits[unit]);
}

std::string share_text(double part, double whole) {
    if (whole <= 0) return "-";
    const double percent = 100 * part / whole;
    if (percent > 0 && percent < 0.05) return "<0.1 %";
    return fmt::format("{:.1f} %", percent);
}

std::string factor_text(double factor) {
    if (factor == 0) return "-";
    return fmt::format("{:.{}f}x", factor, factor < 99.95 ? 2 : 0);
}

std::string bar(double part, double whole, unsigned width) {
    static constexpr std::array<const char*, 8> kEighths = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
    if (whole <= 0 || part <= 0) return "";
    const auto eighths = std::min<long>(std::lround(part / whole * 8 * width), 8L * width);
    std::string text;
    for (long i = 0; i < eighths / 8; ++i) text += "█";
    text += kEighths[static_cast<size_t>(eighths % 8)];
    return text.empty() ? kEighths[1] : text;
}

std::string cut(const std::string& text, unsigned width) {
    unsigned characters = 0;
    size_t last = 0;  // where the last character that may stay ends, one place kept for the ellipsis
    for (size_t i = 0; i < text.size(); ++i) {
        if ((static_cast<unsigned char>(text[i]) & 0xC0) == 0x80) continue;
        if (++characters == width) last = i;
        if (characters > width) return text.substr(0, last) + "…";
    }
    return text;
}

size_t characters(std::string_view text) {
    return static_cast<size_t>(
        std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

std::vector<std::string> wrap(std::string_view text, size_t width, size_t indent, size_t hang) {
    static constexpr std::string_view kUnits[] = {"ns", "us", "ms", "s", "%"};
    std::vector<std::string> lines{std::string(indent, ' ')};
    bool begun = false;  // the last line has a word
    while (!text.empty()) {
        size_t end = std::min(text.find(' '), text.size());
        if (end != 0 && end < text.size() && std::isdigit(static_cast<unsigned char>(text[end - 1])) != 0) {
            const size_t after = std::min(text.find(' ', end + 1), text.size());
            std::string_view unit = text.substr(end + 1, after - end - 1);
            while (!unit.empty() && std::string_view(",;.)").find(unit.back()) != std::string_view::npos)
                unit.remove_suffix(1);
            if (std::find(std::begin(kUnits), std::end(kUnits), unit) != std::end(kUnits)) end = after;
        }
        const std::string_view word = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (begun && characters(lines.back()) + 1 + characters(word) > width) {
            lines.back().erase(lines.back().find_last_not_of(' ') + 1);
            lines.emplace_back(hang, ' ');
            begun = false;
        }
        if (!begun && lines.size() > 1 && word.empty()) continue;  // blanks at which a line was broken
        if (begun) lines.back() += ' ';
        lines.back() += word;
        begun = true;
    }
    return lines;
}

}  // namespace vmcp::experiment
