// Text in capitals, for names and commands that may be written in any case.
#pragma once

#include <cctype>
#include <string>
#include <string_view>

namespace simulation {

inline std::string capitals(std::string_view text) {
    std::string upper(text);
    for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    return upper;
}

}  // namespace simulation
