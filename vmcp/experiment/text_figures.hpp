// Figures as people read them: durations, counts, shares, bars. Each fits the width it names.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "simulation/model/time.hpp"

namespace vmcp::experiment {

/// Four significant digits and a unit, at most 8 characters: "0 ns", "4.600 us", "12.35 ms", "1234 s".
std::string duration_text(simulation::SimTime t);

/// With thousands separated: "12,345,678".
std::string count_text(uint64_t n);

/// "1 exit", "12,345 exits", "2 switches": the number, and its word in the singular or plural.
std::string counted(uint64_t n, std::string_view word);

/// At most 7 characters: "12,345", then "1234 k", "12.3 M".
std::string short_count_text(uint64_t n);

/// "34.5 %", "100 %", "<0.1 %"; "-" where there is no whole.
std::string share_text(double part, double whole);

/// A bar of at most `width` characters for part / whole, in eighths of a character.
std::string bar(double part, double whole, unsigned width);

/// Cut to `width` characters (code points), with an ellipsis if something was cut.
std::string cut(const std::string& text, unsigned width);

/// Names for a column of `width` characters. A longer one loses its middle, for names of a kind often differ
/// in their ends; where two would then look alike, both stay whole.
std::vector<std::string> column_names(const std::vector<std::string>& names, size_t width);

/// A row of a table: the name, and the rest from column `width` + 1 on. A name that is longer has a line of
/// its own.
std::string table_row(const std::string& name, size_t width, const std::string& rest);

/// Words in lines of at most `width` bytes, each of which begins with `indent` blanks.
std::vector<std::string> wrap(std::string_view text, size_t width, size_t indent = 0);

}  // namespace vmcp::experiment
