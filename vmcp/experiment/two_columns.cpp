#include "vmcp/experiment/two_columns.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace vmcp::experiment {

TwoColumns::TwoColumns(size_t width) : width_(width), column_((std::max(width, kUsualWidth) - 4) / 2) {}

void TwoColumns::row(std::string_view left, std::string_view right) {
    std::string line;
    if (side_by_side())
        line = fmt::format("{:<{}} │ {}", left, column_ + 1, right);
    else if (right.empty())
        line = left;
    else
        line = fmt::format("{}{}    │ {}", left, left.empty() ? "" : "\n", right);
    while (line.ends_with(' ')) line.pop_back();
    text_ += line + '\n';
}

void TwoColumns::both(const std::vector<std::string>& left, const std::vector<std::string>& right) {
    if (!side_by_side()) {
        for (const std::string& line : left) row(line, "");
        for (const std::string& line : right) row("", line);
        return;
    }
    for (size_t i = 0; i < std::max(left.size(), right.size()); ++i)
        row(i < left.size() ? left[i] : "", i < right.size() ? right[i] : "");
}

void TwoColumns::rule(std::string_view middle) {
    const size_t left = column_ + 2;
    for (size_t i = 0; i < std::min(width_, left + 1 + column_ + 1); ++i)
        text_ += i == left && side_by_side() ? middle : "─";
    text_ += '\n';
}

void TwoColumns::title(std::string_view words) {
    text_ += fmt::format("{:─^{}}\n", fmt::format(" {} ", words), width_);
}

void TwoColumns::prose(std::string_view text) {
    TextPage page(width_);
    page.line(text);
    text_ += page.take();
}

std::string TwoColumns::take() { return std::exchange(text_, {}); }

void append(std::vector<std::string>& lines, std::vector<std::string> more) {
    lines.insert(lines.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

}  // namespace vmcp::experiment
