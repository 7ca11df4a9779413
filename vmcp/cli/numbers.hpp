// Numbers on the command line: the whole word is one, and in range.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <string>

namespace vmcp::cli {

/// Checks of options. What is wrong is told as "expected a whole number from 1 to 16".
CLI::Validator whole_number(uint64_t least, uint64_t most);
CLI::Validator number(double least, double most);

/// "64K", "100M", "2G", "4096": bytes, at least 1 and at most `most`. Throws InputError; `what` names the
/// option.
uint64_t parse_size(const std::string& text, uint64_t most, const std::string& what);

/// The one of `known` that is nearest to what was typed, if one is near; empty if none is.
std::string nearest(const std::string& typed, const std::vector<std::string>& known);

}  // namespace vmcp::cli
