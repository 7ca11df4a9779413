#include "vmcp/cli/numbers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <numeric>

#include "vmcp/cli/commands.hpp"

namespace vmcp::cli {
namespace {

template <class T>
bool read_all(const std::string& text, T& value) {
    const char* const end = text.data() + text.size();
    const auto [at, error] = std::from_chars(text.data(), end, value);
    return error == std::errc() && at == end;
}

/// How many letters must be changed, put in, taken out or swapped with the next to make one word of the
/// other.
size_t distance(const std::string& a, const std::string& b) {
    std::vector<std::vector<size_t>> d(a.size() + 1, std::vector<size_t>(b.size() + 1));
    for (size_t i = 0; i <= a.size(); ++i)
        for (size_t j = 0; j <= b.size(); ++j) {
            if (i == 0 || j == 0) {
                d[i][j] = i + j;
                continue;
            }
            d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + (a[i - 1] != b[j - 1])});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
        }
    return d[a.size()][b.size()];
}

}  // namespace

CLI::Validator whole_number(uint64_t least, uint64_t most) {
    const auto check = [least, most](const std::string& text) -> std::string {
        uint64_t value = 0;
        if (read_all(text, value) && value >= least && value <= most) return {};
        // The bound that is there only because numbers end somewhere says nothing.
        const std::string range =
            most == std::numeric_limits<uint64_t>::max() || most == std::numeric_limits<int64_t>::max()
                ? fmt::format("of at least {}", least)
                : fmt::format("from {} to {}", least, most);
        return fmt::format("'{}': expected a whole number {}", text, range);
    };
    return CLI::Validator(check, "");
}

CLI::Validator number(double least, double most) {
    const auto check = [least, most](const std::string& text) -> std::string {
        double value = 0;
        if (read_all(text, value) && std::isfinite(value) && value >= least && value <= most) return {};
        return fmt::format("'{}': expected a number from {} to {}", text, least, most);
    };
    return CLI::Validator(check, "");
}

uint64_t parse_size(const std::string& text, uint64_t most, const std::string& what) {
    uint64_t value = 0;
    const char* const end = text.data() + text.size();
    const auto [at, error] = std::from_chars(text.data(), end, value);
    const std::string unit(at, end);
    const unsigned shift = unit == "K" ? 10 : unit == "M" ? 20 : unit == "G" ? 30 : 0;
    if (error != std::errc{} || (shift == 0 && !unit.empty()) || value == 0 || value > most >> shift) {
        const bool whole_g = most % (uint64_t{1} << 30) == 0;
        throw InputError(
            fmt::format("{} '{}': expected a number, perhaps with K, M or G, up to {}", what, text,
                        whole_g ? fmt::format("{}G", most >> 30) : fmt::format("{}M", most >> 20)));
    }
    return value << shift;
}

std::string nearest(const std::string& typed, const std::vector<std::string>& known) {
    std::string best;
    size_t least = std::max<size_t>(2, typed.size() / 3) + 1;
    for (const std::string& word : known)
        if (const size_t d = distance(typed, word); d < least) best = word, least = d;
    return best;
}

}  // namespace vmcp::cli
