#include "simulation/model/figure.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace simulation {

std::string read_source(TomlReader& table) {
    auto source = table.text("source");
    if (source.find_first_not_of(' ') == std::string::npos) {
        table.fail("source", "\"source\" is empty: expected a document, or \"assumed\"");
    }
    return source;
}

Figure read_figure(TomlReader& table, std::string_view key, int64_t min, int64_t max) {
    if (table.has(key) && !table.is_table(key)) {
        table.fail(key, fmt::format("\"{}\" has no source: expected {} = {{ value = ..., source = \"...\" }}",
                                    key, key));
    }
    auto inner = table.table(key);
    Figure figure;
    figure.value = inner.integer("value", min, max);
    figure.source = read_source(inner);
    inner.finish();
    return figure;
}

int64_t scaled_ns(int64_t ns, double factor) {
    if (ns == 0) return 0;
    return std::max<int64_t>(1, std::llround(static_cast<double>(ns) * factor));
}

std::string scale_name(double factor) {
    if (!(factor >= 0.001 && factor <= 1000)) {
        throw std::invalid_argument(
            fmt::format("scale factor {}: expected a number from 0.001 to 1000", factor));
    }
    return fmt::format("x{}", factor);
}

}  // namespace simulation
