// A number of a model and where it comes from. Models hold no number without its source.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "simulation/model/toml_reader.hpp"

namespace simulation {

/// What a source says where no document was found.
inline constexpr std::string_view kAssumed = "assumed";

struct Figure {
    int64_t value = 0;
    std::string source;  // a document, a derivation from one, or "assumed" (perhaps with the reason)

    /// Whether the source begins with "assumed".
    bool assumed() const { return std::string_view(source).starts_with(kAssumed); }
};

/// Reads `key = { value = NUMBER, source = "..." }`. Throws TomlError, also for a number without a source.
Figure read_figure(TomlReader& table, std::string_view key, int64_t min, int64_t max);

/// Reads the `source` of a table of figures; an empty one is an error.
std::string read_source(TomlReader& table);

/// A number of nanoseconds times a factor, rounded to the nearest; never below 1 unless it was zero.
int64_t scaled_ns(int64_t ns, double factor);

/// "x0.5": how a scaled model names its factor. Throws std::invalid_argument unless 0.001 <= factor <= 1000.
std::string scale_name(double factor);

}  // namespace simulation
