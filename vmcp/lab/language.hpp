// What is told to students is told in their language.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "simulation/model/toml_reader.hpp"

namespace vmcp::lab {

enum class Language : uint8_t { english, japanese };

/// A message in the language, with its arguments: the same ones in both.
template <class... Arguments>
std::string words(Language language, std::string_view en, std::string_view ja,
                  const Arguments&... arguments) {
    return fmt::vformat(language == Language::japanese ? ja : en, fmt::make_format_args(arguments...));
}

/// A text in both; where there is no Japanese one, the English one stands for it.
struct Text {
    std::string en, ja;

    const std::string& in(Language language) const {
        return language == Language::japanese && !ja.empty() ? ja : en;
    }
    bool empty() const { return en.empty(); }
    bool operator==(const Text&) const = default;
};

/// Keys `en` and `ja` of a table, of which the second one may be missing.
Text read_text(simulation::TomlReader& table);

}  // namespace vmcp::lab
