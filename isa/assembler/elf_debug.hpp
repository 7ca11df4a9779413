// The DWARF sections of an ELF file (elf_file.hpp).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "isa/assembler/assembler.hpp"

namespace isa::assembler {

struct DebugSections {
    std::vector<uint8_t> info, abbrev, line, frame;
};

DebugSections make_debug_sections(const Result& result, const std::string& source,
                                  const std::string& directory);

}  // namespace isa::assembler
