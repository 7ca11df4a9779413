// A text file that was built into the program (see cmake/embed_text.cmake).
#pragma once

#include <string_view>

namespace simulation {

struct EmbeddedText {
    std::string_view name;  // file name without folder and ending
    std::string_view path;  // relative to the repository, for messages
    std::string_view text;
};

}  // namespace simulation
