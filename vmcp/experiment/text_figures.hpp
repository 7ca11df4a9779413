// Figures as people read them: durations, counts, shares, bars. Each fits the width it names.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "simulation/model/time.hpp"

namespace vmcp::experiment {

/// Four significant digits and a unit, at most 8 characters: "0 ns", "4.600 us", "12.35 ms", "1234 s".
std::string duration_text(simulation::SimTime t);

/// "200ms", "1.5s", "10min", "2h": at least a nanosecond, at most eleven days. Empty: it is none of them.
std::optional<simulation::SimTime> parse_duration(std::string_view text);

/// With thousands separated: "12,345,678".
std::string count_text(uint64_t n);

/// "1 exit", "12,345 exits", "2 switches": the number, and its word in the singular or plural. `plural`: of
/// words whose plural is no matter of s or es at the end.
std::string counted(uint64_t n, std::string_view word, std::string_view plural = "");

/// At most 7 characters: "12,345", then "1234 k", "12.3 M".
std::string short_count_text(uint64_t n);

/// "34.5 %", "100 %", "<0.1 %"; "-" where there is no whole.
std::string share_text(double part, double whole);

/// A ratio: "2.34x", "123x"; "-" where it is 0.
std::string factor_text(double factor);

/// A bar of at most `width` characters for part / whole, in eighths of a character.
std::string bar(double part, double whole, unsigned width);

/// Cut to `width` characters (code points), with an ellipsis if something was cut.
std::string cut(const std::string& text, unsigned width);

/// How many characters (code points of UTF-8) a text has.
size_t characters(std::string_view text);

/// Words in lines of at most `width` characters, of which the first begins with `indent` blanks and each
/// further one with `hang`. A number stays with its unit ("12.35 ms"); a longer word has a line of its own.
std::vector<std::string> wrap(std::string_view text, size_t width, size_t indent, size_t hang);

/// The same with all lines indented alike.
inline std::vector<std::string> wrap(std::string_view text, size_t width, size_t indent = 0) {
    return wrap(text, width, indent, indent);
}

}  // namespace vmcp::experiment
