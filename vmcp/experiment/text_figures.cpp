#include "vmcp/experiment/text_figures.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>

namespace vmcp::experiment {

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

std::string count_text(uint64_t n) {
    std::string digits = std::to_string(n);
    for (size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, ",");
    return digits;
}

std::string counted(uint64_t n, std::string_view word) {
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

std::vector<std::string> column_names(const std::vector<std::string>& names, size_t width) {
    const auto shortened = [&](const std::string& name) {
        const size_t kept = width - 1;
        return name.size() <= width
                   ? name
                   : name.substr(0, (kept + 1) / 2) + "…" + name.substr(name.size() - kept / 2);
    };
    std::map<std::string, std::set<std::string>> alike;
    for (const std::string& name : names) alike[shortened(name)].insert(name);
    std::vector<std::string> result;
    for (const std::string& name : names) {
        std::string one = shortened(name);
        result.push_back(alike[one].size() == 1 ? std::move(one) : name);
    }
    return result;
}

std::string table_row(const std::string& name, size_t width, const std::string& rest) {
    const auto characters = static_cast<size_t>(
        std::count_if(name.begin(), name.end(), [](char c) { return (c & 0xC0) != 0x80; }));
    if (characters > width) return name + '\n' + std::string(width + 1, ' ') + rest;
    return name + std::string(width + 1 - characters, ' ') + rest;
}

std::vector<std::string> wrap(std::string_view text, size_t width, size_t indent) {
    std::vector<std::string> lines{std::string(indent, ' ')};
    bool begun = false;  // the last line has a word
    while (!text.empty()) {
        const size_t end = std::min(text.find(' '), text.size());
        const std::string_view word = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (begun && lines.back().size() + 1 + word.size() > width) {
            lines.emplace_back(indent, ' ');
            begun = false;
        }
        if (begun) lines.back() += ' ';
        lines.back() += word;
        begun = true;
    }
    return lines;
}

}  // namespace vmcp::experiment
