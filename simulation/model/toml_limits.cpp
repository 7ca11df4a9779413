#include "simulation/model/toml_limits.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace simulation {

namespace {

/// Where the string that begins at `at` ends: behind its last quotation mark, or at the end of the text, or
/// of the line where it may not go on.
size_t end_of_string(std::string_view text, size_t at) {
    const char mark = text[at];
    const bool escapes = mark == '"';
    const std::string three(3, mark);
    const bool several_lines = text.substr(at).starts_with(three);
    for (size_t i = at + (several_lines ? 3 : 1); i < text.size(); ++i) {
        if (escapes && text[i] == '\\')
            ++i;
        else if (several_lines ? text.substr(i).starts_with(three) : text[i] == mark || text[i] == '\n')
            return i + (several_lines ? 3 : text[i] == mark ? 1 : 0);
    }
    return text.size();
}

}  // namespace

std::optional<TomlExcess> toml_excess(std::string_view text) {
    size_t line = 1, line_begins = 0;
    unsigned depth = 0, parts = 1;
    const auto excess = [&](size_t at, std::string what) {
        return TomlExcess{line, at - line_begins + 1, std::move(what)};
    };
    for (size_t i = 0; i < text.size();) {
        const char c = text[i];
        switch (c) {
            case '#': i = std::min(text.find('\n', i), text.size()); continue;
            case '"':
            case '\'': {
                const size_t end = end_of_string(text, i);
                for (; i < end; ++i)
                    if (text[i] == '\n') {
                        ++line;
                        line_begins = i + 1;
                    }
                continue;
            }
            case '.':
                if (++parts > kMostTomlParts)
                    return excess(i, fmt::format("expected a key of at most {} parts", kMostTomlParts));
                break;
            case '\n':
                ++line;
                line_begins = i + 1;
                parts = 1;
                break;
            case '=':
            case ',': parts = 1; break;
            case '[':
            case '{':
                parts = 1;
                if (++depth > kMostTomlDepth)
                    return excess(
                        i, fmt::format("expected arrays and inline tables at most {} deep", kMostTomlDepth));
                break;
            case ']':
            case '}':
                parts = 1;
                if (depth > 0) --depth;
                break;
            default: break;
        }
        ++i;
    }
    return std::nullopt;
}

}  // namespace simulation
