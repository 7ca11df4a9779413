// Tables of reports for people. A table takes the width that it is given without losing anything: columns
// stand closer, names with blanks go on on a second line, and where that does not suffice the columns are
// told in blocks one below the other, each beside the names.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace vmcp::experiment {

class TextTable {
  public:
    enum class Align { left, right };
    struct Column {
        std::string heading;  // '\n' between its lines
        Align align = Align::right;
        bool apart = false;  // rather here than elsewhere a block may begin
    };
    /// Draws the bar of a row (counted from 0) in at most `width` characters.
    using Bar = std::function<std::string(size_t row, size_t width)>;

    /// `names`: the column that tells the rows apart.
    TextTable(Column names, std::vector<Column> columns);

    /// `cells` are as many as the columns.
    void row(std::string name, std::vector<std::string> cells);
    /// Behind each row a bar in what is left of the line; none where that is little.
    void bars(Bar bar) { bar_ = std::move(bar); }

    /// Lines of at most `width` characters, if no single name, heading or cell is wider; each ends in '\n'.
    std::string text(size_t width) const;

  private:
    struct Row {
        std::string name;
        std::vector<std::string> cells;
    };
    /// How much a block takes: columns `first` to `last` - 1.
    size_t width_of(size_t first, size_t last, size_t gap) const;
    void block(std::string& text, size_t first, size_t last, size_t names, size_t gap, size_t bar) const;
    /// Where the blocks begin that go on lines with so much behind the names.
    std::vector<size_t> split(size_t room) const;

    Column names_;
    std::vector<Column> columns_;
    std::vector<size_t> widths_;  // of the columns
    std::vector<Row> rows_;
    Bar bar_;
};

}  // namespace vmcp::experiment
