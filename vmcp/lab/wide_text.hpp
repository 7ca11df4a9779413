// Text in lines for a page on which some characters are two columns wide: Japanese ones. They may be broken
// anywhere, but a full stop or a closing bracket never begins a line.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace vmcp::lab {

/// Columns that a text (UTF-8) takes.
size_t columns_of(std::string_view text);

/// Lines of at most `width` columns; a longer word has a line of its own. Line ends in the text stay.
std::vector<std::string> wrap_wide(std::string_view text, size_t width);

/// Filled up with blanks behind.
std::string padded(std::string text, size_t columns);

}  // namespace vmcp::lab
