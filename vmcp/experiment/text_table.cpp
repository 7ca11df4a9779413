#include "vmcp/experiment/text_table.hpp"

#include <algorithm>
#include <utility>

#include "vmcp/experiment/text_figures.hpp"

namespace vmcp::experiment {
namespace {

constexpr size_t kShortestBar = 8;
constexpr size_t kWideGap = 2;  // between columns, where there is room

std::vector<std::string> lines_of(std::string_view text) {
    std::vector<std::string> lines;
    for (size_t end = 0; end != std::string_view::npos; text.remove_prefix(end + 1)) {
        end = text.find('\n');
        lines.emplace_back(text.substr(0, end));
        if (end == std::string_view::npos) break;
    }
    return lines;
}

size_t widest(const std::vector<std::string>& lines) {
    size_t width = 0;
    for (const std::string& line : lines) width = std::max(width, characters(line));
    return width;
}

size_t longest_word(std::string_view text) {
    size_t longest = 0;
    for (size_t begin = 0; begin <= text.size();) {
        const size_t end = std::min(text.find(' ', begin), text.size());
        longest = std::max(longest, characters(text.substr(begin, end - begin)));
        begin = end + 1;
    }
    return longest;
}

std::string aligned(const std::string& text, size_t width, TextTable::Align align) {
    const std::string blanks(width - std::min(width, characters(text)), ' ');
    return align == TextTable::Align::left ? text + blanks : blanks + text;
}

void end_line(std::string& text) {
    text.erase(text.find_last_not_of(' ') + 1);
    text += '\n';
}

}  // namespace

TextTable::TextTable(Column names, std::vector<Column> columns)
    : names_(std::move(names)), columns_(std::move(columns)) {
    for (const Column& column : columns_) widths_.push_back(widest(lines_of(column.heading)));
}

void TextTable::row(std::string name, std::vector<std::string> cells) {
    cells.resize(columns_.size());
    for (size_t i = 0; i < cells.size(); ++i) widths_[i] = std::max(widths_[i], characters(cells[i]));
    rows_.push_back({std::move(name), std::move(cells)});
}

size_t TextTable::width_of(size_t first, size_t last, size_t gap) const {
    size_t width = 0;
    for (size_t i = first; i < last; ++i) width += gap + widths_[i];
    return width;
}

std::string TextTable::text(size_t width) const {
    size_t names = widest(lines_of(names_.heading)), least = names;
    for (const Row& row : rows_) {
        names = std::max(names, characters(row.name));
        least = std::max(least, longest_word(row.name) + (row.name.find(' ') == std::string::npos ? 0 : 2));
    }
    const size_t all = columns_.size();
    std::string text;
    for (const size_t gap : {kWideGap, size_t{1}}) {
        const size_t figures = width_of(0, all, gap);
        if (gap != 1 && names + figures > width) continue;
        if (least + figures > width) break;
        names = std::min(names, width - figures);
        const size_t used = names + figures + kWideGap;
        block(text, 0, all, names, gap, bar_ && used + kShortestBar <= width ? width - used : 0);
        return text;
    }
    names = std::min(names, std::max(least, width / 2));
    const std::vector<size_t> begins = split(width - std::min(width, names));
    for (size_t i = 0; i < begins.size(); ++i) {
        if (i != 0) text += '\n';
        const bool last = i + 1 == begins.size();
        const size_t end = last ? all : begins[i + 1];
        const size_t used = names + width_of(begins[i], end, 1) + kWideGap;
        block(text, begins[i], end, names, 1,
              last && bar_ && used + kShortestBar <= width ? width - used : 0);
    }
    return text;
}

std::vector<size_t> TextTable::split(size_t room) const {
    // What belongs together as a whole, and column by column what no line takes.
    std::vector<size_t> begins{0};
    for (size_t i = 1; i < columns_.size(); ++i) {
        size_t together = i + 1;
        if (columns_[i].apart)
            while (together < columns_.size() && !columns_[together].apart) ++together;
        const bool fits = width_of(begins.back(), i + 1, 1) <= room;
        const bool all_fit = width_of(begins.back(), together, 1) <= room;
        if (!fits || (columns_[i].apart && !all_fit)) begins.push_back(i);
    }
    return begins;
}

void TextTable::block(std::string& text, size_t first, size_t last, size_t names, size_t gap,
                      size_t bar) const {
    const std::string between(gap, ' ');
    std::vector<std::vector<std::string>> headings{lines_of(names_.heading)};
    for (size_t i = first; i < last; ++i) headings.push_back(lines_of(columns_[i].heading));
    size_t lines = 0;
    for (const auto& heading : headings) lines = std::max(lines, heading.size());
    for (size_t at = 0; at < lines; ++at) {
        const auto part = [&](size_t column) {
            const auto& heading = headings[column];
            return at + heading.size() < lines ? std::string() : heading[at + heading.size() - lines];
        };
        text += aligned(part(0), names, names_.align);
        for (size_t i = first; i < last; ++i)
            text += between + aligned(part(i - first + 1), widths_[i], columns_[i].align);
        end_line(text);
    }
    for (size_t r = 0; r < rows_.size(); ++r) {
        const std::vector<std::string> name = wrap(rows_[r].name, names, 0, 2);
        text += aligned(name.front(), names, names_.align);
        for (size_t i = first; i < last; ++i)
            text += between + aligned(rows_[r].cells[i], widths_[i], columns_[i].align);
        if (bar != 0) text += std::string(kWideGap, ' ') + bar_(r, bar);
        end_line(text);
        for (size_t i = 1; i < name.size(); ++i) text += name[i] + '\n';
    }
}

}  // namespace vmcp::experiment
