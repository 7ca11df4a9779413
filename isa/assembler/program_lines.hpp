// Which line of the source each instruction of an image comes from, by ascending address.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "isa/assembler/assembler.hpp"

namespace isa::assembler {

/// Instructions side by side that come from one line.
struct ProgramLine {
    uint32_t address = 0, end = 0;
    std::shared_ptr<const std::string> file;
    unsigned line = 0;
};

/// Where statements lie over others (ORG), the last counts, as in the image.
std::vector<ProgramLine> program_lines(const Result& result);

}  // namespace isa::assembler
