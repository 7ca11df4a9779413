// How long and how deeply nested a TOML file may be. The parser goes down into itself for every level, and
// what it makes is freed in the same way, so that a short file could take more of the stack than there is.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace simulation {

inline constexpr size_t kLongestToml = 4 << 20;  // bytes
inline constexpr unsigned kMostTomlParts = 32;   // of a dotted key
inline constexpr unsigned kMostTomlDepth = 32;   // of arrays and inline tables

struct TomlExcess {
    size_t line = 1, column = 1;
    std::string what;  // "expected ..."
};

/// Where the text first has more parts or more depth than that; empty: nowhere. Takes one pass over the text
/// and needs no stack; it does not ask whether the text is TOML.
std::optional<TomlExcess> toml_excess(std::string_view text);

}  // namespace simulation
