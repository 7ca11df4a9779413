// A report as it grows: lines of prose and tables for a page of so many columns.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "vmcp/experiment/text_table.hpp"

namespace vmcp::experiment {

/// Where nobody says how wide: what every terminal has.
inline constexpr size_t kUsualWidth = 80;

class TextPage {
  public:
    explicit TextPage(size_t width) : width_(width) {}

    size_t width() const { return width_; }
    /// Prose; where it is too long it goes on below, indented as it began and by `hang` more.
    void line(std::string_view text, size_t hang = 0);
    void blank() { text_ += '\n'; }
    void table(const TextTable& table) { text_ += table.text(width_); }
    /// What is laid out already: whole lines.
    void add(std::string_view text) { text_ += text; }
    /// `items` behind `text`, with two blanks between them; none is broken.
    void items(std::string text, const std::vector<std::string>& items);

    std::string take() { return std::move(text_); }

  private:
    size_t width_;
    std::string text_;
};

}  // namespace vmcp::experiment
