// A story in two columns side by side; on a page of less than 80, the lines of the right side below those of
// the left one, behind a stroke.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "vmcp/experiment/text_page.hpp"

namespace vmcp::experiment {

class TwoColumns {
  public:
    /// `width`: columns of the page, from 60.
    explicit TwoColumns(size_t width);

    /// Of what stands on one side.
    size_t column() const { return column_; }
    bool side_by_side() const { return width_ >= kUsualWidth; }

    void row(std::string_view left, std::string_view right);
    void both(const std::vector<std::string>& left, const std::vector<std::string>& right);
    /// A line across, which the one between the sides meets with `middle`.
    void rule(std::string_view middle);
    /// A line across with words in it.
    void title(std::string_view words);
    void prose(std::string_view text);
    void blank() { text_ += '\n'; }

    /// What has been written since the last time.
    std::string take();

  private:
    size_t width_, column_;
    std::string text_;
};

/// Adds lines to those of a side.
void append(std::vector<std::string>& lines, std::vector<std::string> more);

}  // namespace vmcp::experiment
